/* SPDX-License-Identifier: Apache-2.0 */
/* Parties: their applications, and the passes under which they read. */
#include "appliance/keeper/state/reduce_kinds.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

/* --- applications ---------------------------------------------------------------------------------- */

static void application_key(const struct sr_event *event, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, SR_STATE_APPLICATION "%.200s", sr_event_text(event, "application"));
}

enum sr_status sr_reduce_application_filed(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];

	application_key(event, key);
	SR_TRY(sr_record_look(event->txn, SR_DB_PEOPLE, key, &known, err));
	if (known)
		return sr_fail(err, SR_DENIED, "the application %s is there already",
		               sr_event_text(event, "application"));
	SR_TRY(SR_JSON_PACK(&record, err, "{s:n}", "request"));
	return sr_record_put(event->txn, SR_DB_PEOPLE, key, record, err);
}

/* A request that was filed for an application: the latest one says how far it is. */
enum sr_status sr_reduce_application_taken(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];

	if (!sr_event_text(event, "application"))
		return SR_OK;
	application_key(event, key);
	SR_TRY(sr_record_look(event->txn, SR_DB_PEOPLE, key, &record, err));
	if (!record)
		return SR_OK; /* one on paper, with a number of its own */
	SR_TRY(sr_json_set(record, "request", json_string(sr_event_text(event, "request")), err));
	return sr_record_put(event->txn, SR_DB_PEOPLE, key, record, err);
}

/* --- passes ---------------------------------------------------------------------------------------- */

static void pass_key(const struct sr_event *event, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, SR_STATE_PASS "%.200s", sr_event_text(event, "pass"));
}

static enum sr_status check_grant(const struct sr_event *event, struct sr_err *err)
{
	const char *id = sr_event_text(event, "grant");
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;

	SR_TRY(sr_state_grant(event->txn, id, &grant, err));
	const char *state = sr_json_text(grant, "state");
	if (sr_json_text(grant, "reader"))
		return sr_fail(err, SR_DENIED, "the grant %s is a user's", id);
	if (!state || strcmp(state, "live") != 0)
		return sr_fail(err, SR_DENIED, "the grant %s is %s", id, state ? state : "damaged");
	return SR_OK;
}

enum sr_status sr_reduce_pass_issued(const struct sr_event *event, struct sr_err *err)
{
	const char *by = sr_event_user(event);
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];

	SR_TRY(sr_state_require_role(event->txn, by ? by : "", "archivist", err));
	SR_TRY(check_grant(event, err));
	pass_key(event, key);
	SR_TRY(sr_record_look(event->txn, SR_DB_PEOPLE, key, &known, err));
	if (known)
		return sr_fail(err, SR_DENIED, "the pass %s is there already", sr_event_text(event, "pass"));
	SR_TRY(SR_JSON_PACK(&record, err, "{s:s,s:b}", "grant", sr_event_text(event, "grant"), "used", 0));
	return sr_record_put(event->txn, SR_DB_PEOPLE, key, record, err);
}

/* A pass opens one session. */
enum sr_status sr_reduce_pass_used(const struct sr_event *event, struct sr_err *err)
{
	const char *id = sr_event_text(event, "pass");
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];

	SR_TRY(check_grant(event, err));
	pass_key(event, key);
	SR_TRY(sr_record_get(event->txn, SR_DB_PEOPLE, key, "pass", &record, err));
	const char *grant = sr_json_text(record, "grant");
	if (!grant || strcmp(grant, sr_event_text(event, "grant")) != 0)
		return sr_fail(err, SR_DENIED, "the pass %s is of another grant", id);
	if (json_is_true(json_object_get(record, "used")))
		return sr_fail(err, SR_DENIED, "the pass %s was used already", id);
	SR_TRY(sr_json_set(record, "used", json_true(), err));
	return sr_record_put(event->txn, SR_DB_PEOPLE, key, record, err);
}
