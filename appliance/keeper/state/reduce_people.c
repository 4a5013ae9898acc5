/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/reduce_kinds.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/person.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

static const char *const person_keys[] = { "full_name", "role", "organ", "clearances", "login", NULL };

/* --- organs and the log itself --------------------------------------------------------------------- */

static enum sr_status put_organ(const struct sr_event *event, const char *code, const json_t *record,
                                struct sr_err *err)
{
	return sr_record_put(event->txn, SR_DB_ORGANS, code, record, err);
}

enum sr_status sr_reduce_ledger_opened(const struct sr_event *event, struct sr_err *err)
{
	const json_t *organ = json_object_get(event->entry->root, "organ");
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	const char *code;

	SR_TRY(sr_json_need_text(organ, "code", &code, err));
	SR_TRY(sr_record_look(event->txn, SR_DB_ORGANS, code, &known, err));
	if (!known) {
		SR_TRY(SR_JSON_PACK(&record, err, "{s:s,s:s?,s:s?,s:n}", "organ", code, "name",
		                    sr_json_text(organ, "name"), "level", sr_json_text(organ, "level"),
		                    "parent"));
		SR_TRY(put_organ(event, code, record, err));
	}
	if (json_object_get(event->entry->root, "previous_size"))
		return sr_state_end_all_grants(event->txn, err);
	return SR_OK;
}

enum sr_status sr_reduce_organ_added(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "organ", "name", "level", "parent", NULL };
	const char *code = sr_event_text(event, "organ");
	const char *parent = sr_event_text(event, "parent");
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *above = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_object();

	SR_TRY(sr_record_look(event->txn, SR_DB_ORGANS, code, &known, err));
	if (known)
		return sr_fail(err, SR_DENIED, "the organ %s is there already", code);
	if (parent)
		SR_TRY(sr_record_get(event->txn, SR_DB_ORGANS, parent, "organ", &above, err));
	SR_TRY(sr_event_copy(event, keys, record, err));
	return put_organ(event, code, record, err);
}

/* --- proposals ------------------------------------------------------------------------------------- */

static void proposal_key(const char *id, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "p/%.200s", id);
}

/* Whose it is: the pending proposals of one user are found without reading all. */
static void waiting_key(const char *user, const char *id, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, SR_STATE_WAITING "%.100s/%.100s", user, id);
}

static enum sr_status count_pending(const struct sr_event *event, int change, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	uint64_t count;

	SR_TRY(sr_state_pending(event->txn, &count, err));
	SR_TRY(SR_JSON_PACK(&record, err, "{s:I}", "count", (json_int_t)count + change));
	return sr_record_put(event->txn, SR_DB_PEOPLE, SR_STATE_PENDING, record, err);
}

static enum sr_status put_proposal(const struct sr_event *event, const char *key, const json_t *record,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *mark = json_true();
	char waiting[SR_RECORD_KEY];

	waiting_key(sr_json_text(record, "user"), key + 2, waiting);
	SR_TRY(sr_record_put(event->txn, SR_DB_PEOPLE, key, record, err));
	SR_TRY(sr_record_put(event->txn, SR_DB_PEOPLE, waiting, mark, err));
	return count_pending(event, 1, err);
}

static enum sr_status drop_proposal(const struct sr_event *event, const char *id, const char *user,
                                    struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	proposal_key(id, key);
	SR_TRY(sr_record_drop(event->txn, SR_DB_PEOPLE, key, err));
	waiting_key(user, id, key);
	SR_TRY(sr_record_drop(event->txn, SR_DB_PEOPLE, key, err));
	return count_pending(event, -1, err);
}

/* Only what a user can do without may be taken away. */
static enum sr_status check_removed(const struct sr_event *event, struct sr_err *err)
{
	size_t index;
	json_t *name;

	json_array_foreach(json_object_get(event->entry->root, "removed"), index, name)
		if (strcmp(json_string_value(name), "login") != 0 &&
		    strcmp(json_string_value(name), "clearances") != 0)
			return sr_fail(err, SR_DENIED, "a user cannot be without %s",
			               json_string_value(name));
	return SR_OK;
}

/* What a proposal speaks of must fit: a new name for `add`, an active user for everything else. */
static enum sr_status check_proposal(const struct sr_event *event, struct sr_err *err)
{
	const char *action = sr_event_text(event, "action");
	const char *user = sr_event_text(event, "user");
	const char *organ = sr_event_text(event, "organ");
	const char *role = sr_event_text(event, "role");
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;

	if (!sr_person_name_is_valid(user))
		return sr_fail(err, SR_DENIED, "%.80s cannot be the name of a user", user);
	if (role && sr_person_check_role(role, err) != SR_OK)
		return SR_DENIED;
	if (organ)
		SR_TRY(sr_record_get(event->txn, SR_DB_ORGANS, organ, "organ", &known, err));
	SR_TRY(check_removed(event, err));
	if (strcmp(action, "add") != 0)
		return sr_state_active_user(event->txn, user, &person, err);
	SR_TRY(sr_state_user(event->txn, user, &person, err));
	if (person)
		return sr_fail(err, SR_DENIED, "the user %s is there already", user);
	if (!organ || !role || !sr_event_text(event, "full_name"))
		return sr_fail(err, SR_DENIED, "a new user needs role, organ and full name");
	return SR_OK;
}

enum sr_status sr_reduce_user_proposed(const struct sr_event *event, struct sr_err *err)
{
	static const char *const keys[] = { "proposal",   "action", "user",    "full_name", "role",   "organ",
		                            "clearances", "login",  "removed", "roster",    "reason", NULL };
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_object();
	const char *by = sr_event_user(event);
	char key[SR_RECORD_KEY];

	proposal_key(sr_event_text(event, "proposal"), key);
	SR_TRY(sr_record_look(event->txn, SR_DB_PEOPLE, key, &known, err));
	if (known)
		return sr_fail(err, SR_DENIED, "the proposal %s is there already", key + 2);
	if (by)
		SR_TRY(sr_state_require_role(event->txn, by, "admin", err));
	SR_TRY(check_proposal(event, err));
	SR_TRY(sr_event_copy(event, keys, record, err));
	SR_TRY(sr_json_set(record, "by", by ? json_string(by) : json_null(), err));
	return put_proposal(event, key, record, err);
}

/* The fields of a confirmed proposal into the person's record. */
static enum sr_status take_fields(const json_t *proposal, json_t *person, struct sr_err *err)
{
	const json_t *removed = json_object_get(proposal, "removed");
	size_t index;
	json_t *name;

	for (size_t i = 0; person_keys[i]; i++) {
		json_t *value = json_object_get(proposal, person_keys[i]);

		if (value && json_object_set(person, person_keys[i], value) < 0)
			return sr_fail(err, SR_NO_MEMORY, "no memory for a user");
	}
	json_array_foreach(removed, index, name)
		json_object_del(person, json_string_value(name));
	return SR_OK;
}

static enum sr_status gather_id(void *context, const char *key, json_t *record, struct sr_err *err)
{
	(void)record;
	return sr_json_append(context, json_string(strrchr(key, '/') + 1), err);
}

/* What was proposed for a user who is disabled now can no longer be confirmed. */
static enum sr_status disable(const struct sr_event *event, const char *user, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *ids = json_array();
	char prefix[SR_RECORD_KEY];
	size_t index;
	json_t *id;

	waiting_key(user, "", prefix);
	SR_TRY(sr_record_each(event->txn, SR_DB_PEOPLE, prefix, gather_id, ids, err));
	json_array_foreach(ids, index, id)
		SR_TRY(drop_proposal(event, json_string_value(id), user, err));
	return sr_state_disable(event->txn, user, err);
}

static enum sr_status apply_proposal(const struct sr_event *event, const json_t *proposal, struct sr_err *err)
{
	const char *user = sr_json_text(proposal, "user");
	const char *action = sr_json_text(proposal, "action");
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	SR_TRY(sr_state_user(event->txn, user, &person, err));
	if ((strcmp(action, "add") == 0) != (person == NULL))
		return sr_fail(err, SR_DENIED, "the proposal no longer fits the user %s", user);
	if (strcmp(action, "disable") == 0)
		return disable(event, user, err);
	if (!person)
		SR_TRY(SR_JSON_PACK(&person, err, "{s:s,s:b}", "user", user, "disabled", 0));
	SR_TRY(take_fields(proposal, person, err));
	/* Whoever else chose the password knows it: the page asks for another at the next signing in. */
	if (strcmp(action, "add") == 0 || strcmp(action, "reset-password") == 0)
		SR_TRY(sr_json_set(person, "initial", json_true(), err));
	return sr_state_put_user(event->txn, user, person, err);
}

/* The proposal that the entry names; SR_DENIED when it is about another user than the entry says. */
static enum sr_status find_proposal(const struct sr_event *event, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *proposal = NULL;
	const char *id = sr_event_text(event, "proposal");
	const char *user = sr_event_text(event, "user");
	char key[SR_RECORD_KEY];

	proposal_key(id, key);
	SR_TRY(sr_record_get(event->txn, SR_DB_PEOPLE, key, "proposal", &proposal, err));
	if (strcmp(sr_json_text(proposal, "user"), user) != 0)
		return sr_fail(err, SR_DENIED, "the proposal %s is about another user than %s", id, user);
	*out = SR_MOVE(proposal);
	return SR_OK;
}

enum sr_status sr_reduce_user_confirmed(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *proposal = NULL;
	const char *by = sr_event_user(event);
	const char *user = sr_event_text(event, "user");

	SR_TRY(find_proposal(event, &proposal, err));
	const char *proposer = sr_json_text(proposal, "by");
	if ((by == NULL) != (proposer == NULL))
		return sr_fail(err, SR_DENIED, "only what the appliance itself proposed it confirms itself");
	if (by && strcmp(by, proposer) == 0)
		return sr_fail(err, SR_DENIED, "%s confirms a proposal of their own", by);
	if (by) {
		SR_TRY(sr_state_require_role(event->txn, by, "security-admin", err));
		SR_TRY(sr_state_require_role(event->txn, proposer, "admin", err));
	}
	SR_TRY(drop_proposal(event, sr_event_text(event, "proposal"), user, err));
	return apply_proposal(event, proposal, err);
}

/* Taken back by an administrator, or refused by a security administrator. */
enum sr_status sr_reduce_user_dropped(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *proposal = NULL;
	const char *by = sr_event_user(event);
	const char *user = sr_event_text(event, "user");

	SR_TRY(find_proposal(event, &proposal, err));
	if (by && sr_state_require_role(event->txn, by, "admin", err) != SR_OK)
		SR_TRY(sr_state_require_role(event->txn, by, "security-admin", err));
	return drop_proposal(event, sr_event_text(event, "proposal"), user, err);
}

enum sr_status sr_reduce_user_changed(const struct sr_event *event, struct sr_err *err)
{
	const char *user = sr_event_text(event, "user");
	const json_t *uid = json_object_get(event->entry->root, "uid");
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	SR_TRY(sr_state_active_user(event->txn, user, &person, err));
	if (!uid) { /* a password of their own: not in the log */
		if (!json_object_get(person, "initial"))
			return SR_OK;
		(void)json_object_del(person, "initial");
		return sr_state_put_user(event->txn, user, person, err);
	}
	SR_TRY(sr_json_set(json_object_get(person, "login"), "uid", json_integer(json_integer_value(uid)),
	                   err));
	return sr_state_put_user(event->txn, user, person, err);
}

enum sr_status sr_reduce_user_disabled(const struct sr_event *event, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	const char *user = sr_event_text(event, "user");
	const char *by = sr_event_user(event);

	if (by)
		SR_TRY(sr_state_require_role(event->txn, by, "security-admin", err));
	SR_TRY(sr_state_user(event->txn, user, &person, err));
	if (!person)
		return sr_fail(err, SR_DENIED, "no user %s", user);
	return disable(event, user, err);
}
