/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/refusal_log.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/uuid.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"

static enum sr_status span(json_t *fields, const struct sr_refusal_entry *entry, struct sr_err *err)
{
	char since[SR_TIME_TEXT], until[SR_TIME_TEXT];

	sr_time_format_utc_us(entry->since_ns, since);
	sr_time_format_utc_us(entry->until_ns, until);
	SR_TRY(sr_json_set(fields, "since", json_string(since), err));
	return sr_json_set(fields, "until", json_string(until), err);
}

static enum sr_status strangers_fields(const struct sr_refusal_entry *entry, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *fields = json_object();

	SR_TRY(sr_json_set(fields, "count", json_integer((json_int_t)entry->count), err));
	if (entry->user[0])
		SR_TRY(sr_json_set(fields, "user", json_string(entry->user), err));
	SR_TRY(sr_json_set(fields, "addresses", json_array(), err));
	for (unsigned i = 0; i < entry->addresses; i++)
		SR_TRY(sr_json_append(json_object_get(fields, "addresses"), json_string(entry->address[i]),
		                      err));
	SR_TRY(span(fields, entry, err));
	*out = SR_MOVE(fields);
	return SR_OK;
}

/* What the caller named, where it is of a form that can stand in the log. */
static enum sr_status attempt_fields(const struct sr_act *act, json_t *fields, struct sr_err *err)
{
	const char *grant = sr_act_text(act, "grant");
	const char *case_id = sr_act_text(act, "case");
	const char *channel = sr_act_text(act, "channel");
	int64_t member = sr_act_count(act, "member", -1);

	if (channel && sr_label_is_valid(channel))
		SR_TRY(sr_json_set(fields, "channel", json_string(channel), err));
	if (grant && sr_label_is_valid(grant))
		SR_TRY(sr_json_set(fields, "grant", json_string(grant), err));
	if (case_id && sr_uuid_is_valid(case_id))
		SR_TRY(sr_json_set(fields, "case", json_string(case_id), err));
	if (member >= 0)
		SR_TRY(sr_json_set(fields, "member", json_integer(member), err));
	if (act->caller.has_uid)
		SR_TRY(sr_json_set(fields, "uid", json_integer(act->caller.uid), err));
	else if (act->caller.address[0])
		SR_TRY(sr_json_set(fields, "address", json_string(act->caller.address), err));
	return SR_OK;
}

static enum sr_status refusal_fields(const struct sr_act *act, const struct sr_refusal_entry *entry,
                                     json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *fields = json_object();

	SR_TRY(sr_json_set(fields, "why", json_string(entry->why), err));
	SR_TRY(sr_json_set(fields, "count", json_integer((json_int_t)entry->count), err));
	if (act && entry->kind == SR_REFUSAL_ONE)
		SR_TRY(attempt_fields(act, fields, err));
	else
		SR_TRY(span(fields, entry, err));
	*out = SR_MOVE(fields);
	return SR_OK;
}

struct refusal {
	struct sr_keeper *keeper;
	const struct sr_act *act; /* NULL: a sum */
	const struct sr_refusal_entry *entry;
};

static enum sr_status actor_of(const struct refusal *refusal, json_t **out, struct sr_err *err)
{
	if (refusal->act && refusal->entry->kind == SR_REFUSAL_ONE)
		return sr_caller_actor(&refusal->act->caller, out, err);
	if (refusal->entry->kind == SR_REFUSAL_SUM)
		return SR_JSON_PACK(out, err, "{s:s}", "user", refusal->entry->user);
	*out = NULL;
	return SR_OK;
}

static enum sr_status put_refusal(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct refusal *refusal = context;
	SR_CLEANUP(sr_json_decrefp) json_t *actor = NULL;
	json_t *fields = NULL;

	if (refusal->entry->kind == SR_REFUSAL_STRANGERS) {
		SR_TRY(strangers_fields(refusal->entry, &fields, err));
		return sr_keeper_record(refusal->keeper, txn, "session.refused", fields, NULL, err);
	}
	SR_TRY(actor_of(refusal, &actor, err));
	SR_TRY(refusal_fields(refusal->act, refusal->entry, &fields, err));
	return sr_keeper_record_as(refusal->keeper, txn, "access.refused", actor, fields, NULL, err);
}

static void write_refusal(struct sr_keeper *keeper, const struct sr_act *act,
                          const struct sr_refusal_entry *entry)
{
	struct refusal refusal = { .keeper = keeper, .act = act, .entry = entry };
	struct sr_err err;

	if (sr_keeper_write(keeper, put_refusal, &refusal, false, &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "a refusal could not be written to the log: %s", err.text);
}

void sr_refusal_log_stranger(struct sr_act *act, const char *known_user, const char *why)
{
	struct sr_keeper *keeper = act->keeper;
	int64_t now_ns = sr_keeper_now_ns(keeper);
	struct sr_refusal_entry entry;

	pthread_mutex_lock(&keeper->lock);
	bool now =
		sr_refusals_stranger(keeper->refusals, act->caller.address, known_user, why, now_ns, &entry);
	pthread_mutex_unlock(&keeper->lock);
	if (now)
		write_refusal(keeper, NULL, &entry);
}

void sr_refusal_log_note(struct sr_act *act, const char *why)
{
	struct sr_keeper *keeper = act->keeper;
	int64_t now_ns = sr_keeper_now_ns(keeper);
	struct sr_refusal_entry entry;

	if (!act->caller.known) {
		sr_refusal_log_stranger(act, NULL, why);
		return;
	}
	pthread_mutex_lock(&keeper->lock);
	bool now = sr_refusals_user(keeper->refusals, act->caller.user, why, now_ns, &entry);
	pthread_mutex_unlock(&keeper->lock);
	if (now)
		write_refusal(keeper, act, &entry);
}

void sr_refusal_log_tick(struct sr_keeper *keeper)
{
	int64_t now_ns = sr_keeper_now_ns(keeper);
	struct sr_refusal_entry entry;
	bool due = true;

	while (due) {
		pthread_mutex_lock(&keeper->lock);
		due = sr_refusals_due(keeper->refusals, now_ns, &entry);
		pthread_mutex_unlock(&keeper->lock);
		if (due)
			write_refusal(keeper, NULL, &entry);
	}
}

void sr_refusal_log_end(struct sr_keeper *keeper)
{
	struct sr_refusal_entry entry;

	while (sr_refusals_flush(keeper->refusals, &entry))
		write_refusal(keeper, NULL, &entry);
}
