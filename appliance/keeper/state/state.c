/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/state.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/record.h"

/* --- people ---------------------------------------------------------------------------------------- */

static void user_key(const char *user, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "u/%.200s", user);
}

enum sr_status sr_state_user(struct sr_txn *txn, const char *user, json_t **out, struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	user_key(user, key);
	return sr_record_look(txn, SR_DB_PEOPLE, key, out, err);
}

enum sr_status sr_state_share_user(struct sr_txn *txn, const char *user, struct sr_shared_record **out,
                                   struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	user_key(user, key);
	return sr_record_share(txn, SR_DB_PEOPLE, key, out, err);
}

static enum sr_status require_active(const json_t *person, const char *user, struct sr_err *err)
{
	if (!person || json_is_true(json_object_get(person, "disabled")))
		return sr_fail(err, SR_DENIED, "no active user %s", user);
	return SR_OK;
}

enum sr_status sr_state_active_user(struct sr_txn *txn, const char *user, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	SR_TRY(sr_state_user(txn, user, &person, err));
	SR_TRY(require_active(person, user, err));
	*out = SR_MOVE(person);
	return SR_OK;
}

enum sr_status sr_state_share_active_user(struct sr_txn *txn, const char *user, struct sr_shared_record **out,
                                          struct sr_err *err)
{
	SR_CLEANUP(sr_shared_record_releasep) struct sr_shared_record *person = NULL;

	SR_TRY(sr_state_share_user(txn, user, &person, err));
	SR_TRY(require_active(sr_shared_record_json(person), user, err));
	*out = SR_MOVE(person);
	return SR_OK;
}

enum sr_status sr_state_require_role(struct sr_txn *txn, const char *user, const char *role,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	SR_TRY(sr_state_active_user(txn, user, &person, err));
	const char *has = sr_json_text(person, "role");
	if (!has || strcmp(has, role) != 0)
		return sr_fail(err, SR_DENIED, "%s is not %s", user, role);
	return SR_OK;
}

enum sr_status sr_state_pending(struct sr_txn *txn, uint64_t *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

	SR_TRY(sr_record_look(txn, SR_DB_PEOPLE, SR_STATE_PENDING, &record, err));
	*out = (uint64_t)json_integer_value(json_object_get(record, "count"));
	return SR_OK;
}

/* "l/UID" of a person's Unix login; false where they have none. */
static bool uid_key(const json_t *person, char out[SR_RECORD_KEY])
{
	const json_t *uid = json_object_get(json_object_get(person, "login"), "uid");

	if (!json_is_integer(uid))
		return false;
	snprintf(out, SR_RECORD_KEY, SR_STATE_UID "%lld", (long long)json_integer_value(uid));
	return true;
}

/* One Unix login belongs to one active user: the one who has it keeps it. */
static enum sr_status bind_uid(struct sr_txn *txn, const char *user, const json_t *person, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *bound = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *mark = NULL;
	char key[SR_RECORD_KEY];

	if (!uid_key(person, key) || json_is_true(json_object_get(person, "disabled")))
		return SR_OK;
	SR_TRY(sr_record_look(txn, SR_DB_PEOPLE, key, &bound, err));
	const char *other = sr_json_text(bound, "user");
	if (other && strcmp(other, user) != 0)
		return sr_fail(err, SR_DENIED, "the Unix login with uid %s is bound to %s already",
		               key + strlen(SR_STATE_UID), other);
	SR_TRY(SR_JSON_PACK(&mark, err, "{s:s}", "user", user));
	return sr_record_put(txn, SR_DB_PEOPLE, key, mark, err);
}

static enum sr_status unbind_uid(struct sr_txn *txn, const char *user, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *before = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *bound = NULL;
	char key[SR_RECORD_KEY];

	SR_TRY(sr_state_user(txn, user, &before, err));
	if (!before || !uid_key(before, key))
		return SR_OK;
	SR_TRY(sr_record_look(txn, SR_DB_PEOPLE, key, &bound, err));
	const char *who = sr_json_text(bound, "user");
	if (!who || strcmp(who, user) != 0)
		return SR_OK;
	return sr_record_drop(txn, SR_DB_PEOPLE, key, err);
}

enum sr_status sr_state_put_user(struct sr_txn *txn, const char *user, const json_t *person,
                                 struct sr_err *err)
{
	const char *role = sr_json_text(person, "role");
	SR_CLEANUP(sr_json_decrefp) json_t *mark = json_object();
	char key[SR_RECORD_KEY];

	SR_TRY(unbind_uid(txn, user, err));
	SR_TRY(bind_uid(txn, user, person, err));
	if (role && strcmp(role, "archivist") == 0)
		SR_TRY(sr_record_put(txn, SR_DB_PEOPLE, SR_STATE_ARCHIVIST, mark, err));
	user_key(user, key);
	return sr_record_put(txn, SR_DB_PEOPLE, key, person, err);
}

static enum sr_status end_grants_of(struct sr_txn *txn, const char *user, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *keys = NULL;
	char prefix[SR_RECORD_KEY];
	size_t index;
	json_t *key;

	snprintf(prefix, sizeof(prefix), "r/%.200s/", user);
	SR_TRY(sr_record_keys(txn, SR_DB_GRANTS, prefix, &keys, err));
	json_array_foreach(keys, index, key)
		SR_TRY(sr_state_set_grant(txn, strrchr(json_string_value(key), '/') + 1, "ended", err));
	return SR_OK;
}

static bool concerns(const json_t *record, const char *user, const char *one, const char *other)
{
	const char *first = sr_json_text(record, one);
	const char *second = sr_json_text(record, other);

	return (first && strcmp(first, user) == 0) || (second && strcmp(second, user) == 0);
}

static enum sr_status end_delegations_of(struct sr_txn *txn, const char *user, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *keys = NULL;
	size_t index;
	json_t *key;

	SR_TRY(sr_record_keys(txn, SR_DB_DELEGATES, "", &keys, err));
	json_array_foreach(keys, index, key) {
		SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

		SR_TRY(sr_record_get(txn, SR_DB_DELEGATES, json_string_value(key), "delegation", &record,
		                     err));
		if (concerns(record, user, "official", "deputy"))
			SR_TRY(sr_record_drop(txn, SR_DB_DELEGATES, json_string_value(key), err));
	}
	return SR_OK;
}

static enum sr_status withdraw_requests_of(struct sr_txn *txn, const char *user, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *keys = NULL;
	size_t index;
	json_t *key;

	SR_TRY(sr_record_keys(txn, SR_DB_REQUESTS, "", &keys, err));
	json_array_foreach(keys, index, key) {
		SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

		SR_TRY(sr_record_get(txn, SR_DB_REQUESTS, json_string_value(key), "request", &record, err));
		const char *state = sr_json_text(record, "state");
		bool open = state && (strcmp(state, "filed") == 0 || strcmp(state, "partly") == 0);
		if (!open || !concerns(record, user, "filed_by", "reader"))
			continue;
		SR_TRY(sr_json_set(record, "state", json_string("withdrawn"), err));
		SR_TRY(sr_record_put(txn, SR_DB_REQUESTS, json_string_value(key), record, err));
	}
	return SR_OK;
}

enum sr_status sr_state_disable(struct sr_txn *txn, const char *user, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	SR_TRY(sr_state_user(txn, user, &person, err));
	if (!person)
		return sr_fail(err, SR_DENIED, "no user %s", user);
	SR_TRY(sr_json_set(person, "disabled", json_true(), err));
	SR_TRY(sr_state_put_user(txn, user, person, err));
	SR_TRY(end_grants_of(txn, user, err));
	SR_TRY(end_delegations_of(txn, user, err));
	return withdraw_requests_of(txn, user, err);
}

/* --- deputies -------------------------------------------------------------------------------------- */

struct search {
	const char *official, *deputy;
	char day[SR_TIME_TEXT];
	bool found;
};

static enum sr_status match_delegation(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct search *search = context;
	const char *official = sr_json_text(record, "official");
	const char *deputy = sr_json_text(record, "deputy");
	const char *from = sr_json_text(record, "from");
	const char *until = sr_json_text(record, "until");

	(void)err;
	(void)key;
	if (official && deputy && from && until && strcmp(official, search->official) == 0 &&
	    strcmp(deputy, search->deputy) == 0 && strcmp(from, search->day) <= 0 &&
	    strcmp(search->day, until) <= 0)
		search->found = true;
	return SR_OK;
}

enum sr_status sr_state_require_deputy(struct sr_txn *txn, const char *official, const char *deputy,
                                       int64_t day, struct sr_err *err)
{
	struct search search = { .official = official, .deputy = deputy };

	sr_date_format(day, search.day);
	SR_TRY(sr_record_each(txn, SR_DB_DELEGATES, "", match_delegation, &search, err));
	if (!search.found)
		return sr_fail(err, SR_DENIED, "%s is not a deputy of %s on %s", deputy, official,
		               search.day);
	return sr_state_require_role(txn, official, "official", err);
}

/* --- grants ---------------------------------------------------------------------------------------- */

static void grant_key(const char *grant, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "g/%.200s", grant);
}

enum sr_status sr_state_grant(struct sr_txn *txn, const char *grant, json_t **out, struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	grant_key(grant, key);
	SR_TRY(sr_record_look(txn, SR_DB_GRANTS, key, out, err));
	if (!*out)
		return sr_fail(err, SR_DENIED, "no grant %s", grant);
	return SR_OK;
}

enum sr_status sr_state_share_grant(struct sr_txn *txn, const char *grant, struct sr_shared_record **out,
                                    struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	grant_key(grant, key);
	SR_TRY(sr_record_share(txn, SR_DB_GRANTS, key, out, err));
	if (!*out)
		return sr_fail(err, SR_DENIED, "no grant %s", grant);
	return SR_OK;
}

enum sr_status sr_state_put_grant(struct sr_txn *txn, const char *grant, const json_t *record,
                                  struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	grant_key(grant, key);
	return sr_record_put(txn, SR_DB_GRANTS, key, record, err);
}

enum sr_status sr_state_set_grant(struct sr_txn *txn, const char *grant, const char *state,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

	SR_TRY(sr_state_grant(txn, grant, &record, err));
	const char *was = sr_json_text(record, "state");
	if (!was || strcmp(was, "live") != 0)
		return SR_OK; /* what has ended stays ended the way it did */
	SR_TRY(sr_json_set(record, "state", json_string(state), err));
	return sr_state_put_grant(txn, grant, record, err);
}

enum sr_status sr_state_end_all_grants(struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *grants = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *open = NULL;
	size_t index;
	json_t *key;

	SR_TRY(sr_record_keys(txn, SR_DB_GRANTS, "g/", &grants, err));
	json_array_foreach(grants, index, key)
		SR_TRY(sr_state_set_grant(txn, json_string_value(key) + 2, "ended", err));
	SR_TRY(sr_record_keys(txn, SR_DB_GRANTS, "a/", &open, err));
	json_array_foreach(open, index, key)
		SR_TRY(sr_record_drop(txn, SR_DB_GRANTS, json_string_value(key), err));
	return SR_OK;
}
