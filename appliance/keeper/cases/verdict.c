/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/verdict.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"

static enum sr_status set_time(json_t *object, const char *key, int64_t time_ns, struct sr_err *err)
{
	char text[SR_TIME_TEXT];

	if (time_ns == 0)
		return sr_json_set(object, key, json_null(), err);
	sr_time_format_utc(time_ns, text);
	return sr_json_set(object, key, json_string(text), err);
}

static enum sr_status add_damage(json_t *object, const struct sr_verify_report *report, struct sr_err *err)
{
	json_t *list = json_array();

	SR_TRY(sr_json_set(object, "damage", list, err));
	for (size_t i = 0; i < report->damage_count; i++) {
		json_t *one = NULL;

		SR_TRY(SR_JSON_PACK(&one, err, "{s:s,s:s}", "member", report->damage[i].member, "what",
		                    report->damage[i].what));
		SR_TRY(sr_json_append(list, one, err));
	}
	return SR_OK;
}

enum sr_status sr_verdict_to_json(const char *path, const struct sr_verify_report *report, json_t **out,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *object = json_object();
	const struct sr_cover *cover = report->cover_read ? &report->cover : NULL;
	bool named = report->structure_read;
	json_int_t part = named ? strtol(report->name + SR_UUID_TEXT, NULL, 10) : 0;
	char seal[SR_DIGEST_HEX];

	sr_digest_to_hex(&report->seal, seal);
	SR_TRY(sr_json_set(object, "archive", json_string(path), err));
	SR_TRY(sr_json_set(object, "case", named ? json_stringn(report->name, SR_UUID_TEXT - 1) : json_null(),
	                   err));
	SR_TRY(sr_json_set(object, "part", named ? json_integer(part) : json_null(), err));
	SR_TRY(sr_json_set(object, "ok", json_boolean(report->ok), err));
	SR_TRY(sr_json_set(object, "signed_by",
	                   report->signed_by ? json_string(report->signed_by) : json_null(), err));
	SR_TRY(set_time(object, "signed_at", report->signed_at_ns, err));
	SR_TRY(set_time(object, "stamped_at", report->stamped_at_ns, err));
	SR_TRY(sr_json_set(object, "seal", named ? json_string(seal) : json_null(), err));
	SR_TRY(sr_json_set(object, "members", cover ? json_integer((json_int_t)cover->members) : json_null(),
	                   err));
	SR_TRY(sr_json_set(object, "bytes", cover ? json_integer((json_int_t)cover->bytes) : json_null(),
	                   err));
	SR_TRY(add_damage(object, report, err));
	*out = SR_MOVE(object);
	return SR_OK;
}
