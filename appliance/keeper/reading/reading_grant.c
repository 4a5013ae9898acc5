/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/reading_grant.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"
#include "appliance/keeper/wire/call.h"

#define NUMBER_MATCHES 64 /* organs that may have a case of one number */

void sr_reading_grant_dispose(struct sr_reading_grant *grant)
{
	sr_shared_record_release(grant->grant_record);
	sr_shared_record_release(grant->request_record);
	*grant = (struct sr_reading_grant){ 0 };
}

static enum sr_status refuse_grant(struct sr_act *act, const char *id, struct sr_err *err)
{
	return sr_act_refuse(act, "NotGranted", err, "there is no grant %.80s that you may read under", id);
}

static bool is_own(const struct sr_caller *caller, const char *id, const json_t *grant)
{
	const char *reader = sr_json_text(grant, "reader");

	if (caller->pass)
		return !reader && strcmp(caller->grant, id) == 0;
	return caller->known && reader && strcmp(caller->user, reader) == 0;
}

/* A grant of the caller's: does it live? */
static enum sr_status require_live(struct sr_act *act, const char *id, const json_t *grant,
                                   struct sr_err *err)
{
	const char *state = sr_json_text(grant, "state");
	const char *from = sr_json_text(grant, "from");
	const char *until = sr_json_text(grant, "until");
	int64_t now_ns = sr_keeper_now_ns(act->keeper);
	int64_t from_ns, until_ns;

	if (!state || !from || !until || !sr_time_parse(from, &from_ns) || !sr_time_parse(until, &until_ns))
		return sr_fail(err, SR_CORRUPT, "the record of grant %s does not parse", id);
	if (strcmp(state, "revoked") == 0)
		return sr_act_refuse(act, "Revoked", err, "the grant %s was revoked (已撤销)", id);
	if (strcmp(state, "live") != 0)
		return sr_act_refuse(act, "Expired", err, "the grant %s was ended (%s)", id, state);
	if (now_ns < from_ns)
		return sr_act_refuse(act, "NotGranted", err, "the grant %s begins at %s", id, from);
	if (now_ns >= until_ns)
		return sr_act_refuse(act, "Expired", err,
		                     "the grant %s ended at %s (已到期); file a new request", id, until);
	return SR_OK;
}

/*
 * The sub volume holds what the organ thought among itself: whoever asks for somebody outside never sees it,
 * whatever was requested.
 */
static bool shows_sub(const json_t *grant, const json_t *request)
{
	static const char *const inside[] = { "handler", "archivist", "official", "supervisor" };
	const char *class = sr_json_text(request, "class");
	bool staff = false;

	for (size_t i = 0; class && i < SR_COUNT(inside); i++)
		staff = staff || strcmp(class, inside[i]) == 0;
	return staff && sr_json_text(grant, "reader") && !json_object_get(request, "on_behalf") &&
	       sr_scope_lists(json_object_get(request, "volumes"), "sub");
}

enum sr_status sr_reading_grant_get(struct sr_act *act, struct sr_txn *txn, const char *id,
                                    struct sr_reading_grant *out, struct sr_err *err)
{
	SR_CLEANUP(sr_reading_grant_dispose) struct sr_reading_grant got = { 0 };

	if (!sr_label_is_valid(id))
		return refuse_grant(act, id, err);
	enum sr_status status = sr_state_share_grant(txn, id, &got.grant_record, err);
	got.grant = sr_shared_record_json(got.grant_record);
	if (status == SR_DENIED || (status == SR_OK && !is_own(&act->caller, id, got.grant)))
		return refuse_grant(act, id, err);
	SR_TRY(status);
	SR_TRY(require_live(act, id, got.grant, err));
	const char *request = sr_json_text(got.grant, "request");
	if (!request)
		return sr_fail(err, SR_CORRUPT, "the record of grant %s does not parse", id);
	SR_TRY(sr_record_share(txn, SR_DB_REQUESTS, request, &got.request_record, err));
	if (!got.request_record)
		return sr_fail(err, SR_NOT_FOUND, "no request %s", request);
	got.request = sr_shared_record_json(got.request_record);
	got.sub = shows_sub(got.grant, got.request);
	*out = got;
	/* NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores): SR_CLEANUP reads it */
	got = (struct sr_reading_grant){ 0 };
	return SR_OK;
}

bool sr_reading_grant_shows(const struct sr_act *act, const struct sr_reading_grant *grant,
                            const char *case_id, const struct sr_member_row *row)
{
	const json_int_t number = row->number;

	if (!sr_scope_includes(grant->grant, case_id, number) || (row->sub_volume && !grant->sub))
		return false;
	return !(row->classes & ~act->caller.clearances) ||
	       sr_scope_names(json_object_get(grant->grant, "with"), case_id, number);
}

enum sr_status sr_reading_grant_refuse(struct sr_act *act, const char *id, struct sr_err *err)
{
	return sr_act_refuse(act, "NotGranted", err,
	                     "the grant %s does not open that for you on this channel", id);
}

static enum sr_status case_by_number(struct sr_txn *txn, const json_t *grant, const char *number,
                                     struct sr_case_record *out, bool *found, struct sr_err *err)
{
	struct sr_case_id ids[NUMBER_MATCHES];
	char id[SR_UUID_TEXT];
	size_t count;

	enum sr_status status =
		sr_case_store_by_number(txn, (struct sr_bytes){ (const uint8_t *)number, strlen(number) },
	                                ids, NUMBER_MATCHES, &count, err);
	if (status == SR_INVALID || status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	for (size_t i = 0; i < count && i < NUMBER_MATCHES && !*found; i++) {
		sr_case_id_format(&ids[i], id);
		if (!sr_scope_lists(json_object_get(grant, "cases"), id))
			continue;
		SR_TRY(sr_case_store_get(txn, &ids[i], out, err));
		*found = true;
	}
	return SR_OK;
}

enum sr_status sr_reading_grant_case(struct sr_act *act, struct sr_txn *txn,
                                     const struct sr_reading_grant *grant, const char *reference,
                                     struct sr_case_record *out, struct sr_err *err)
{
	struct sr_case_id id;
	bool found = false;

	if (!sr_case_id_parse(reference, &id)) {
		SR_TRY(case_by_number(txn, grant->grant, reference, out, &found, err));
	} else if (sr_scope_lists(json_object_get(grant->grant, "cases"), reference)) {
		enum sr_status status = sr_case_store_get(txn, &id, out, err);

		if (status != SR_OK && status != SR_NOT_FOUND)
			return status;
		found = status == SR_OK;
	}
	return found ? SR_OK : sr_reading_grant_refuse(act, sr_json_text(grant->grant, "grant"), err);
}

enum sr_status sr_reading_require_clock(struct sr_act *act, struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;

	(void)sr_keeper_now_ns(keeper); /* the clock sees how far it is off */
	pthread_mutex_lock(&keeper->lock);
	bool allowed = sr_ledger_clock_allows_openings(&keeper->clock);
	pthread_mutex_unlock(&keeper->lock);
	if (allowed)
		return SR_OK;
	return sr_act_refuse(
		act, "ClockStopped", err,
		"the machine's clock jumped by more than a day: nothing is opened until administrator "
		"and security administrator confirm it (strongroom clock confirm)");
}

enum sr_status sr_reading_require_escort(struct sr_act *act, const json_t *grant, struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;
	const char *escort = sr_json_text(grant, "escort");
	const char *id = sr_json_text(grant, "grant");

	if (!escort)
		return SR_OK;
	pthread_mutex_lock(&keeper->lock);
	bool there = sr_escorts_may_read(keeper->escorts, id, sr_keeper_boot_ns());
	pthread_mutex_unlock(&keeper->lock);
	if (there)
		return SR_OK;
	return sr_act_refuse(act, "NotEscorted", err,
	                     "the grant %s is read only while %s keeps the escort's page open (陪同查阅)", id,
	                     escort);
}

enum sr_status sr_reading_require_channel(struct sr_act *act, const char *channel, struct sr_err *err)
{
	static const struct {
		enum sr_peer_kind door;
		const char *channel;
	} given[] = {
		{ SR_PEER_CALLER, "fs" }, { SR_PEER_CALLER, "copy" }, { SR_PEER_FS, "fs" },
		{ SR_PEER_API, "web" },   { SR_PEER_API, "copy" },
	};
	const struct sr_peer *peer = sr_call_peer(act->call);

	for (size_t i = 0; i < SR_COUNT(given); i++)
		if (given[i].door == peer->kind && strcmp(given[i].channel, channel) == 0)
			return SR_OK;
	return sr_fail(err, SR_INVALID, "/channel: %.20s is not given out here", channel);
}
