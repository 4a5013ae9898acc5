/* SPDX-License-Identifier: Apache-2.0 */
/* Applications of parties: Apply, FollowApplication, ListApplications, DropApplication. */
#include "appliance/keeper/people/methods.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/index/case_store.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/password.h"
#include "appliance/keeper/people/application.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/numbered.h"
#include "appliance/keeper/state/record.h"

#define REASON_BYTES 2048
#define SALT_BYTES 16
#define NUMBER_MATCHES 64

static enum sr_status use_quota(struct sr_act *act, struct sr_quota *quota, struct sr_err *err)
{
	const char *address = act->caller.address[0] ? act->caller.address : "unknown";

	pthread_mutex_lock(&act->keeper->lock);
	enum sr_status status = sr_quota_use(quota, address, sr_keeper_boot_ns(), err);
	pthread_mutex_unlock(&act->keeper->lock);
	return status;
}

/* --- Apply ----------------------------------------------------------------------------------------- */

struct applying {
	json_t *record;
	char id[SR_LABEL_BYTES];
	char code[SR_PASSWORD_RANDOM_BYTES + 1];
};

static void applying_dispose(struct applying *applying)
{
	json_decref(applying->record);
	sr_wipe(applying, sizeof(*applying));
}

static enum sr_status check_lengths(struct sr_act *act, struct sr_err *err)
{
	static const struct {
		const char *key;
		size_t max;
	} keys[] = { { "number", 255 },
		     { "name", 200 },
		     { "identity", 63 },
		     { "reason", REASON_BYTES },
		     { "contact", 255 } };

	for (size_t i = 0; i < SR_COUNT(keys); i++)
		if (strlen(sr_act_text(act, keys[i].key)) > keys[i].max ||
		    sr_text_is_blank(sr_act_text(act, keys[i].key)))
			return sr_fail(err, SR_INVALID, "/%s: must have 1 to %zu bytes, not blank alone",
			               keys[i].key, keys[i].max);
	return SR_OK;
}

static enum sr_status add_salt(json_t *record, struct sr_err *err)
{
	uint8_t salt[SALT_BYTES];
	char hex[2 * SALT_BYTES + 1];

	SR_TRY(sr_random_fill(salt, sizeof(salt), err));
	sr_hex_encode(salt, sizeof(salt), hex);
	return sr_json_set(record, "salt", json_string(hex), err);
}

static enum sr_status compose(struct sr_act *act, struct applying *applying, struct sr_err *err)
{
	static const char *const keys[] = { "number", "name", "identity", "reason", "contact" };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *code = NULL;
	char now[SR_TIME_TEXT];

	applying->record = json_object();
	for (size_t i = 0; i < SR_COUNT(keys); i++)
		SR_TRY(sr_json_set(applying->record, keys[i], json_string(sr_act_text(act, keys[i])), err));
	sr_time_format_utc(sr_keeper_now_ns(act->keeper), now);
	SR_TRY(sr_json_set(applying->record, "filed_at", json_string(now), err));
	SR_TRY(add_salt(applying->record, err));
	SR_TRY(sr_password_make_random(&code, err));
	memcpy(applying->code, code->data, code->size);
	return SR_OK;
}

static enum sr_status put_application(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct applying *applying = act->work;
	const char *address = act->caller.address;
	char digest[SR_DIGEST_HEX];

	SR_TRY(sr_counter_next(txn, 'B', applying->id, err));
	SR_TRY(sr_json_set(applying->record, "application", json_string(applying->id), err));
	SR_TRY(sr_application_digest(applying->record, digest, err));
	SR_TRY(sr_act_record(act, txn, "application.filed",
	                     json_pack("{s:s,s:s,s:s*}", "application", applying->id, "record", digest,
	                               "address", address[0] ? address : NULL),
	                     NULL, err));
	return sr_application_put(txn, applying->record, applying->code, err);
}

/* Whether there is such a case is not looked at: right and wrong numbers get the same answer. */
static enum sr_status apply(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(applying_dispose) struct applying applying = { 0 };

	if (!act->caller.address[0])
		return sr_fail(err, SR_INVALID, "/address: is missing");
	SR_TRY(check_lengths(act, err));
	SR_TRY(use_quota(act, act->keeper->applications, err));
	SR_TRY(compose(act, &applying, err));
	sr_act_set_work(act, &applying);
	SR_TRY(sr_act_write(act, NULL, put_application, err));
	return sr_act_reply(act, err, "{s:s}", "code", applying.code);
}

/* --- FollowApplication ----------------------------------------------------------------------------- */

static enum sr_status due_day(const json_t *record, char out[SR_TIME_TEXT], struct sr_err *err)
{
	const char *filed = sr_json_text(record, "filed_at");
	int64_t filed_ns;

	if (!filed || !sr_time_parse(filed, &filed_ns))
		return sr_fail(err, SR_CORRUPT, "the record of an application does not parse");
	sr_date_format(sr_date_of_time(filed_ns) + SR_APPLICATION_DUE_DAYS, out);
	return SR_OK;
}

static enum sr_status follow_one(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;
	const char *stage, *reason;
	char due[SR_TIME_TEXT];

	SR_TRY(sr_application_of_code(txn, sr_act_text(act, "code"), &record, err));
	if (!record)
		return sr_act_refuse(act, "NotFound", err, "no application has this code (查询码无效)");
	SR_TRY(sr_application_stage(txn, record, &request, &stage, &reason, err));
	SR_TRY(due_day(record, due, err));
	return sr_act_reply(act, err, "{s:s,s:s,s:s?}", "stage", stage, "due", due, "reason", reason);
}

static enum sr_status follow(struct sr_act *act, struct sr_err *err)
{
	SR_TRY(use_quota(act, act->keeper->follow_ups, err));
	return sr_act_read(act, follow_one, err);
}

/* --- the counter ----------------------------------------------------------------------------------- */

/* Another organ's case: its counter answers. */
static enum sr_status is_for_other(struct sr_act *act, struct sr_txn *txn, const char *number, bool *out,
                                   struct sr_err *err)
{
	const struct sr_bytes key = { .data = (const uint8_t *)number, .size = strlen(number) };
	struct sr_case_id ids[NUMBER_MATCHES];
	size_t count;

	SR_TRY(sr_case_store_by_number(txn, key, ids, SR_COUNT(ids), &count, err));
	*out = count > 0;
	for (size_t i = 0; i < count && *out; i++) {
		struct sr_case_record record;

		SR_TRY(sr_case_store_get(txn, &ids[i], &record, err));
		if (record.organ.size == strlen(act->caller.organ) &&
		    memcmp(record.organ.data, act->caller.organ, record.organ.size) == 0)
			*out = false;
	}
	return SR_OK;
}

struct application_list {
	struct sr_act *act;
	struct sr_txn *txn;
	json_t *list;
};

static enum sr_status add_application(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct application_list *all = context;
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;
	const char *number = sr_json_text(record, "number");
	const char *stage, *reason;
	bool other = false;

	(void)key;
	if (number)
		SR_TRY(is_for_other(all->act, all->txn, number, &other, err));
	if (other)
		return SR_OK;
	SR_TRY(sr_application_stage(all->txn, record, &request, &stage, &reason, err));
	SR_TRY(sr_json_set(record, "stage", json_string(stage), err));
	SR_TRY(sr_json_set(record, "request",
	                   request ? json_incref(json_object_get(request, "request")) : json_null(), err));
	json_object_del(record, "salt");
	return sr_json_append(all->list, json_incref(record), err);
}

static enum sr_status read_applications(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct application_list *all = act->work;

	all->txn = txn;
	return sr_record_each(txn, SR_DB_APPLICATIONS, "b/", add_application, all, err);
}

static enum sr_status list_applications(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	struct application_list all = { .act = act, .list = list };

	sr_act_set_work(act, &all);
	SR_TRY(sr_act_read(act, read_applications, err));
	SR_TRY(sr_numbered_sort(list, "application", err));
	return sr_act_reply(act, err, "{s:O}", "applications", list);
}

/* --- DropApplication ------------------------------------------------------------------------------- */

static enum sr_status check_drop(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const char *id = sr_act_text(act, "application");
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	bool other = false;

	if (sr_label_is_valid(id))
		SR_TRY(sr_application_get(txn, id, &record, err));
	const char *number = sr_json_text(record, "number");
	if (number)
		SR_TRY(is_for_other(act, txn, number, &other, err));
	if (!number || other)
		return sr_act_refuse(act, "NotFound", err, "there is no such application");
	return SR_OK;
}

static enum sr_status put_drop(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const char *id = sr_act_text(act, "application");
	const char *reason = sr_act_text(act, "reason");
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

	SR_TRY(sr_application_get(txn, id, &record, err));
	SR_TRY(sr_act_record(act, txn, "application.dropped",
	                     json_pack("{s:s,s:s}", "application", id, "reason", reason), NULL, err));
	return sr_application_forget(txn, record, reason, err);
}

static enum sr_status drop_application(struct sr_act *act, struct sr_err *err)
{
	if (strlen(sr_act_text(act, "reason")) > REASON_BYTES)
		return sr_fail(err, SR_INVALID, "/reason: must have at most %d bytes", REASON_BYTES);
	return sr_act_write(act, check_drop, put_drop, err);
}

static const struct sr_method methods[] = {
	{ "Apply", "number:text name:text identity:text reason:prose contact:text", 0, SR_DOOR_API,
	  SR_METHOD_STRANGERS, apply },
	{ "FollowApplication", "code:text", 0, SR_DOOR_API, SR_METHOD_STRANGERS, follow },
	{ "ListApplications", "", SR_BY(ARCHIVIST), SR_DOOR_PEOPLE, 0, list_applications },
	{ "DropApplication", "application:text reason:prose", SR_BY(ARCHIVIST), SR_DOOR_PEOPLE, 0,
	  drop_application },
};
const struct sr_method_family sr_application_methods = { methods, SR_COUNT(methods) };
