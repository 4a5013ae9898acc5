/* SPDX-License-Identifier: Apache-2.0 */
/* Grants after their making, and the readings under them. */
#include "appliance/keeper/state/reduce_kinds.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/gate.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

#define RANGES_MAX 64

static bool is(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* The grant that an event ends: it is the named request's, and nothing ended it before. */
static enum sr_status live_grant(const struct sr_event *event, json_t **out, struct sr_err *err)
{
	const char *id = sr_event_text(event, "grant");
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;
	int64_t until_ns;

	SR_TRY(sr_state_grant(event->txn, id, &grant, err));
	if (!is(sr_json_text(grant, "request"), sr_event_text(event, "request")))
		return sr_fail(err, SR_DENIED, "the grant %s is another request's", id);
	const char *until = sr_json_text(grant, "until");
	if (!is(sr_json_text(grant, "state"), "live") || !until || !sr_time_parse(until, &until_ns) ||
	    until_ns <= event->entry->time_ns)
		return sr_fail(err, SR_DENIED, "the grant %s has ended already", id);
	*out = SR_MOVE(grant);
	return SR_OK;
}

/* By an official of the organ, or the security administrator. */
enum sr_status sr_reduce_grant_revoked(const struct sr_event *event, struct sr_err *err)
{
	const char *id = sr_event_text(event, "grant");
	const char *by = sr_event_user(event);
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	SR_TRY(live_grant(event, &grant, err));
	if (!by)
		return sr_fail(err, SR_DENIED, "the grant %s is revoked by nobody", id);
	SR_TRY(sr_state_active_user(event->txn, by, &person, err));
	bool official = is(sr_json_text(person, "role"), "official");
	if (!official && !is(sr_json_text(person, "role"), "security-admin"))
		return sr_fail(err, SR_DENIED, "%s may not revoke grants", by);
	if (official && !is(sr_json_text(person, "organ"), sr_json_text(grant, "organ")))
		return sr_fail(err, SR_DENIED, "%s is an official of another organ", by);
	return sr_state_set_grant(event->txn, id, "revoked", err);
}

enum sr_status sr_reduce_grant_returned(const struct sr_event *event, struct sr_err *err)
{
	const char *id = sr_event_text(event, "grant");
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;

	SR_TRY(live_grant(event, &grant, err));
	const char *reader = sr_json_text(grant, "reader");
	if (reader ? !is(reader, sr_event_user(event)) : !sr_json_text(event->entry->actor, "pass"))
		return sr_fail(err, SR_DENIED, "a grant is returned by its reader");
	return sr_state_set_grant(event->txn, id, "returned", err);
}

/* --- escorts (陪同查阅) --------------------------------------------------------------------------- */

static enum sr_status escorted_grant(const struct sr_event *event, json_t **out, struct sr_err *err)
{
	const char *escort = sr_event_text(event, "escort");
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;

	SR_TRY(sr_state_grant(event->txn, sr_event_text(event, "grant"), &grant, err));
	const char *named = sr_json_text(grant, "escort");
	const char *reader = sr_json_text(grant, "reader");
	if (!named || strcmp(named, escort) != 0)
		return sr_fail(err, SR_DENIED, "%s is not the escort of this grant", escort);
	if (reader && strcmp(reader, escort) == 0)
		return sr_fail(err, SR_DENIED, "%s cannot escort themselves", escort);
	*out = SR_MOVE(grant);
	return SR_OK;
}

enum sr_status sr_reduce_escort_began(const struct sr_event *event, struct sr_err *err)
{
	const char *by = sr_event_user(event);
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;

	SR_TRY(escorted_grant(event, &grant, err));
	if (!by || strcmp(by, sr_event_text(event, "escort")) != 0)
		return sr_fail(err, SR_DENIED, "an escort begins in person");
	SR_TRY(sr_json_set(grant, "escorted", json_string(sr_event_text(event, "session")), err));
	return sr_state_put_grant(event->txn, sr_event_text(event, "grant"), grant, err);
}

enum sr_status sr_reduce_escort_ended(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;

	SR_TRY(escorted_grant(event, &grant, err));
	if (json_object_del(grant, "escorted") < 0)
		return sr_fail(err, SR_DENIED, "no escort is there");
	return sr_state_put_grant(event->txn, sr_event_text(event, "grant"), grant, err);
}

/* --- readings -------------------------------------------------------------------------------------- */

static void access_key(uint64_t opened, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "a/%020" PRIu64, opened);
}

enum sr_status sr_reduce_access_opened(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "grant", "case", "part", "member", "channel", NULL };
	const json_t *root = event->entry->root;
	SR_CLEANUP(sr_shared_record_releasep) struct sr_shared_record *shared = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_object();
	char key[SR_RECORD_KEY];
	const struct sr_gate_question question = {
		.grant = sr_event_text(event, "grant"),
		.reader = sr_event_user(event),
		.pass = sr_event_text(event, "pass"),
		.case_id = sr_event_text(event, "case"),
		.member = (uint64_t)json_integer_value(json_object_get(root, "member")),
		.channel = sr_event_text(event, "channel"),
		.now_ns = event->entry->time_ns,
	};

	SR_TRY(sr_gate_ask(event->txn, &question, &shared, err));
	const json_t *grant = sr_shared_record_json(shared);
	if (strcmp(sr_json_text(grant, "request"), sr_event_text(event, "request")) != 0)
		return sr_fail(err, SR_DENIED, "the access names another request than its grant's");
	if (!json_equal(json_object_get(grant, "approved_by"), json_object_get(root, "approved_by")))
		return sr_fail(err, SR_DENIED, "the access names other officials than those who approved");
	SR_TRY(sr_event_copy(event, keys, record, err));
	access_key(event->entry->seq, key);
	return sr_record_put(event->txn, SR_DB_GRANTS, key, record, err);
}

enum sr_status sr_reduce_access_closed(const struct sr_event *event, struct sr_err *err)
{
	const json_t *root = event->entry->root;
	static const char *const same[] = { "grant", "case", "member" };
	SR_CLEANUP(sr_json_decrefp) json_t *opened = NULL;
	char key[SR_RECORD_KEY];

	access_key((uint64_t)json_integer_value(json_object_get(root, "opened")), key);
	SR_TRY(sr_record_get(event->txn, SR_DB_GRANTS, key, "open access", &opened, err));
	for (size_t i = 0; i < SR_COUNT(same); i++)
		if (!json_equal(json_object_get(opened, same[i]), json_object_get(root, same[i])))
			return sr_fail(err, SR_DENIED, "the access that is closed had another %s", same[i]);
	if (json_array_size(json_object_get(root, "ranges")) > RANGES_MAX)
		return sr_fail(err, SR_DENIED, "more than %d ranges", RANGES_MAX);
	return sr_record_drop(event->txn, SR_DB_GRANTS, key, err);
}
