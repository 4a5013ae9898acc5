/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/seal_record.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/classes.h"
#include "appliance/keeper/state/record.h"

#define ID_BYTES (SR_UUID_TEXT - 1)

/* --- the record ------------------------------------------------------------------------------------ */

enum sr_status sr_sealing_put(struct sr_txn *txn, const struct sr_sealing_record *record, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *value = NULL;

	SR_TRY(SR_JSON_PACK(&value, err, "{s:s,s:s,s:s,s:s,s:s?,s:i,s:i}", "number", record->number, "organ",
	                    record->organ, "handler", record->handler, "archivist", record->archivist,
	                    "draft", record->draft, "first_number", (int)record->first_number, "classes",
	                    (int)record->case_classes));
	return sr_record_put(txn, SR_DB_SEALING, record->name, value, err);
}

enum sr_status sr_sealing_decode(const char *name, const json_t *record, struct sr_sealing_record *out,
                                 struct sr_err *err)
{
	struct sr_sealing_record read = { .name = name, .draft = sr_json_text(record, "draft") };
	uint64_t first, classes;

	if (!sr_store_name_is_valid(name))
		return sr_fail(err, SR_CORRUPT, "a sealing has no archive's name");
	SR_TRY(sr_json_need_text(record, "number", &read.number, err));
	SR_TRY(sr_json_need_text(record, "organ", &read.organ, err));
	SR_TRY(sr_json_need_text(record, "handler", &read.handler, err));
	SR_TRY(sr_json_need_text(record, "archivist", &read.archivist, err));
	SR_TRY(sr_json_need_u64(record, "first_number", (uint64_t)SR_LIMIT_PARTS * SR_LIMIT_MEMBERS, &first,
	                        err));
	SR_TRY(sr_json_need_u64(record, "classes", SR_CLASS_ALL, &classes, err));
	read.first_number = (unsigned)first;
	read.case_classes = (uint8_t)classes;
	*out = read;
	return SR_OK;
}

struct twin_search {
	const struct sr_sealing_record *wanted;
	bool found;
};

static enum sr_status match_twin(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct twin_search *search = context;
	const struct sr_sealing_record *wanted = search->wanted;
	struct sr_sealing_record other;

	SR_TRY(sr_sealing_decode(key, record, &other, err));
	if (strncmp(key, wanted->name, ID_BYTES) == 0 ||
	    (strcmp(other.organ, wanted->organ) == 0 && strcmp(other.number, wanted->number) == 0))
		search->found = true;
	return SR_OK;
}

enum sr_status sr_sealing_refuse_twin(struct sr_act *act, struct sr_txn *txn,
                                      const struct sr_sealing_record *record, struct sr_err *err)
{
	struct twin_search search = { .wanted = record };

	SR_TRY(sr_record_each(txn, SR_DB_SEALING, "", match_twin, &search, err));
	if (search.found)
		return sr_act_refuse(act, "Busy", err, "case number %s is being sealed at this moment",
		                     record->number);
	return SR_OK;
}

/* --- the entry ------------------------------------------------------------------------------------- */

static enum sr_status set_digest(json_t *fields, const char *key, const struct sr_digest *digest,
                                 struct sr_err *err)
{
	char hex[SR_DIGEST_HEX];

	sr_digest_to_hex(digest, hex);
	return sr_json_set(fields, key, json_string(hex), err);
}

static enum sr_status set_head(json_t *fields, const struct sr_sealed_part *part, struct sr_err *err)
{
	const struct sr_cover *cover = part->cover;
	char stamped_at[SR_TIME_TEXT];

	sr_time_format_utc(part->stamped_at_ns, stamped_at);
	SR_TRY(sr_json_set(fields, "case", json_string(cover->case_id), err));
	SR_TRY(sr_json_set(fields, "part", json_integer((json_int_t)cover->part), err));
	SR_TRY(sr_json_set(fields, "number", json_string(part->record->number), err));
	SR_TRY(sr_json_set(fields, "organ", json_string(part->record->organ), err));
	SR_TRY(set_digest(fields, "seal", part->seal, err));
	SR_TRY(set_digest(fields, "stamp", part->stamp, err));
	SR_TRY(sr_json_set(fields, "stamped_at", json_string(stamped_at), err));
	SR_TRY(sr_json_set(fields, "members", json_integer((json_int_t)cover->members), err));
	return sr_json_set(fields, "bytes", json_integer((json_int_t)cover->bytes), err);
}

static enum sr_status set_keeping(json_t *fields, const struct sr_sealed_part *part, struct sr_err *err)
{
	const char *retention = sr_json_text(part->description, "retention");
	json_t *classes = NULL;
	char until[SR_TIME_TEXT];
	unsigned years;
	int64_t end_day;

	SR_TRY(sr_json_set(fields, "retention", json_string(retention ? retention : "permanent"), err));
	if (sr_filer_retention(part->description, part->cover->sealed_at_ns, &years, &end_day)) {
		sr_date_format(end_day, until);
		SR_TRY(sr_json_set(fields, "retained_until", json_string(until), err));
	}
	SR_TRY(sr_classes_to_json(sr_classes_of(json_object_get(part->description, "classification")), true,
	                          &classes, err));
	return sr_json_set(fields, "classification", classes, err);
}

enum sr_status sr_sealed_fields(const struct sr_sealed_part *part, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *fields = json_object();

	SR_TRY(set_head(fields, part, err));
	if (!part->from)
		SR_TRY(sr_json_set(fields, "handler", json_string(part->record->handler), err));
	SR_TRY(sr_json_set(fields, "archivist", json_string(part->record->archivist), err));
	if (part->from)
		SR_TRY(sr_json_set(fields, "from", json_string(part->from), err));
	SR_TRY(set_keeping(fields, part, err));
	if (part->record->draft && !part->from)
		SR_TRY(sr_json_set(fields, "draft", json_string(part->record->draft), err));
	if (part->cover->has_previous)
		SR_TRY(set_digest(fields, "previous", &part->cover->previous, err));
	if (part->recovered)
		SR_TRY(sr_json_set(fields, "recovered", json_true(), err));
	*out = SR_MOVE(fields);
	return SR_OK;
}
