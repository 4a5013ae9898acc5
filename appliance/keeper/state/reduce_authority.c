/* SPDX-License-Identifier: Apache-2.0 */
/* Deputies of officials, and the approval table. */
#include "appliance/keeper/state/reduce_kinds.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/state/approval.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/role.h"
#include "appliance/keeper/state/state.h"

/* --- deputies -------------------------------------------------------------------------------------- */

/* Those who see no case decide about none. */
static bool may_be_deputy(const char *word)
{
	enum sr_role role;

	return word && sr_role_parse(word, &role) && (SR_BY_READERS & (1u << role)) != 0;
}

enum sr_status sr_reduce_delegated(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "delegation", "official", "deputy", "from", "until", NULL };
	const char *official = sr_event_text(event, "official");
	const char *deputy = sr_event_text(event, "deputy");
	const char *by = sr_event_user(event);
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_object();

	if (!by || strcmp(by, official) != 0)
		return sr_fail(err, SR_DENIED, "only %s can name a deputy of theirs", official);
	if (strcmp(official, deputy) == 0)
		return sr_fail(err, SR_DENIED, "%s cannot be their own deputy", official);
	SR_TRY(sr_state_require_role(event->txn, official, "official", err));
	SR_TRY(sr_state_active_user(event->txn, deputy, &person, err));
	if (!may_be_deputy(sr_json_text(person, "role")))
		return sr_fail(err, SR_DENIED, "an administrator or auditor decides no requests: %s", deputy);
	if (strcmp(sr_event_text(event, "from"), sr_event_text(event, "until")) > 0)
		return sr_fail(err, SR_DENIED, "the delegation ends before it begins");
	SR_TRY(sr_event_copy(event, keys, record, err));
	return sr_record_put(event->txn, SR_DB_DELEGATES, sr_event_text(event, "delegation"), record, err);
}

enum sr_status sr_reduce_delegation_ended(const struct sr_event *event, struct sr_err *err)
{
	const char *id = sr_event_text(event, "delegation");
	const char *by = sr_event_user(event);
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

	SR_TRY(sr_record_get(event->txn, SR_DB_DELEGATES, id, "delegation", &record, err));
	if (by && strcmp(by, sr_json_text(record, "official")) != 0)
		SR_TRY(sr_state_require_role(event->txn, by, "security-admin", err));
	return sr_record_drop(event->txn, SR_DB_DELEGATES, id, err);
}

/* --- approval table -------------------------------------------------------------------------------- */

/* The digest names exactly this table, in the compact form. */
static enum sr_status check_table_digest(const json_t *table, const char *digest, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_digest real;
	char hex[SR_DIGEST_HEX];

	SR_TRY(sr_json_write(table, &text, err));
	SR_TRY(sr_digest_of(text.data, text.size, &real, err));
	sr_digest_to_hex(&real, hex);
	if (strcmp(hex, digest) != 0)
		return sr_fail(err, SR_DENIED, "the approval table has another digest than %s", digest);
	return SR_OK;
}

enum sr_status sr_reduce_policy_proposed(const struct sr_event *event, struct sr_err *err)
{
	const char *digest = sr_event_text(event, "policy");
	const char *by = sr_event_user(event);
	json_t *table = json_object_get(event->entry->root, "table");
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	char key[SR_RECORD_KEY];

	if (by)
		SR_TRY(sr_state_require_role(event->txn, by, "admin", err));
	SR_TRY(check_table_digest(table, digest, err));
	SR_TRY(sr_approval_check_table(table, err));
	SR_TRY(SR_JSON_PACK(&record, err, "{s:s,s:s?,s:s?,s:O}", "policy", digest, "by", by, "previous",
	                    sr_event_text(event, "previous"), "table", table));
	snprintf(key, sizeof(key), SR_STATE_PROPOSED "%.64s", digest);
	return sr_record_put(event->txn, SR_DB_POLICY, key, record, err);
}

/* A proposal is about the table that held when it was made. */
static enum sr_status check_previous(const struct sr_event *event, const json_t *proposed, struct sr_err *err)
{
	const char *previous = sr_json_text(proposed, "previous");
	SR_CLEANUP(sr_json_decrefp) json_t *current = NULL;

	SR_TRY(sr_record_look(event->txn, SR_DB_POLICY, SR_STATE_POLICY, &current, err));
	const char *holds = sr_json_text(current, "policy");
	if (previous && (!holds || strcmp(holds, previous) != 0))
		return sr_fail(err, SR_DENIED, "the approval table was proposed in place of another one");
	return SR_OK;
}

enum sr_status sr_reduce_policy_changed(const struct sr_event *event, struct sr_err *err)
{
	const char *by = sr_event_user(event);
	SR_CLEANUP(sr_json_decrefp) json_t *proposed = NULL;
	char key[SR_RECORD_KEY];

	snprintf(key, sizeof(key), SR_STATE_PROPOSED "%.64s", sr_event_text(event, "policy"));
	SR_TRY(sr_record_get(event->txn, SR_DB_POLICY, key, "approval table", &proposed, err));
	const char *proposer = sr_json_text(proposed, "by");
	if ((by == NULL) != (proposer == NULL) || (by && strcmp(by, proposer) == 0))
		return sr_fail(err, SR_DENIED,
		               "an approval table is confirmed by somebody else than its proposer");
	if (by) {
		SR_TRY(sr_state_require_role(event->txn, by, "official", err));
		SR_TRY(sr_state_require_role(event->txn, proposer, "admin", err));
	}
	SR_TRY(check_previous(event, proposed, err));
	SR_TRY(sr_record_put(event->txn, SR_DB_POLICY, SR_STATE_POLICY, proposed, err));
	return sr_record_drop_below(event->txn, SR_DB_POLICY, SR_STATE_PROPOSED, err);
}
