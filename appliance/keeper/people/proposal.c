/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/people/proposal.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/people.h"
#include "appliance/keeper/state/classes.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/person.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"

/* --- what is given --------------------------------------------------------------------------------- */

static enum sr_status copy_text(const json_t *given, const char *key, json_t *fields, struct sr_err *err)
{
	const char *value = sr_json_text(given, key);

	return value ? sr_json_set(fields, key, json_string(value), err) : SR_OK;
}

static enum sr_status take_clearances(const json_t *given, json_t *fields, struct sr_err *err)
{
	const json_t *list = json_object_get(given, "clearances");
	json_t *words = NULL;
	size_t index;
	json_t *word;

	if (!list)
		return SR_OK;
	SR_TRY(sr_classes_to_json(sr_classes_of(list), false, &words, err));
	SR_TRY(sr_json_set(fields, "clearances", words, err));
	json_array_foreach(list, index, word)
		if (!sr_scope_lists(words, json_string_value(word)))
			return sr_fail(
				err, SR_INVALID,
				"%.40s is no clearance; there are privacy, commercial and state-secret",
				json_string_value(word));
	return SR_OK;
}

static enum sr_status take_login(const json_t *given, json_t *fields, struct sr_err *err)
{
	const char *login = sr_json_text(given, "login");
	json_t *bound = NULL;

	if (!login)
		return SR_OK;
	SR_TRY(sr_person_login(login, &bound, err));
	return sr_json_set(fields, "login", bound, err);
}

static enum sr_status take_removed(const json_t *given, json_t *fields, struct sr_err *err)
{
	const json_t *list = json_object_get(given, "removed");
	json_t *copy = json_array();
	size_t index;
	json_t *name;

	SR_TRY(sr_json_set(fields, "removed", copy, err));
	json_array_foreach(list, index, name) {
		const char *text = json_string_value(name);

		if (strcmp(text, "login") != 0 && strcmp(text, "clearances") != 0)
			return sr_fail(err, SR_INVALID, "only login and clearances can be removed, not %.40s",
			               text);
		if (json_object_get(fields, text))
			return sr_fail(err, SR_INVALID, "%s cannot be given and removed at once", text);
		SR_TRY(sr_json_append(copy, json_string(text), err));
	}
	if (json_array_size(copy) == 0)
		json_object_del(fields, "removed");
	return SR_OK;
}

enum sr_status sr_proposal_take_fields(const json_t *given, struct sr_proposal *proposal, struct sr_err *err)
{
	const char *role = sr_json_text(given, "role");
	const char *full_name = sr_json_text(given, "full_name");

	SR_TRY(sr_person_check_name("user", proposal->user, err));
	if (full_name)
		SR_TRY(sr_person_check_full_name(full_name, err));
	if (role)
		SR_TRY(sr_person_check_role(role, err));
	SR_TRY(copy_text(given, "full_name", proposal->fields, err));
	SR_TRY(copy_text(given, "role", proposal->fields, err));
	SR_TRY(copy_text(given, "organ", proposal->fields, err));
	SR_TRY(take_clearances(given, proposal->fields, err));
	SR_TRY(take_login(given, proposal->fields, err));
	return take_removed(given, proposal->fields, err);
}

enum sr_status sr_proposal_take_new(struct sr_keeper *keeper, const json_t *given,
                                    struct sr_proposal *proposal, struct sr_err *err)
{
	const char *organ = sr_config_text(keeper->data->config, "organ.code");

	proposal->action = "add";
	proposal->user = sr_json_text(given, "user");
	proposal->fields = json_object();
	SR_TRY(sr_json_set(proposal->fields, "full_name", json_string(proposal->user), err));
	SR_TRY(sr_json_set(proposal->fields, "organ", json_string(organ[0] ? organ : SR_ORGAN_LOCAL), err));
	return sr_proposal_take_fields(given, proposal, err);
}

/* --- whether it may be ----------------------------------------------------------------------------- */

/* Ids of the proposals that wait for one user. */
struct waiting {
	struct sr_txn *txn;
	json_t *list; /* records */
};

static enum sr_status gather_waiting(void *context, const char *key, json_t *mark, struct sr_err *err)
{
	struct waiting *waiting = context;
	json_t *record = NULL;
	char name[SR_RECORD_KEY];

	(void)mark;
	snprintf(name, sizeof(name), SR_STATE_PROPOSAL "%.200s", strrchr(key, '/') + 1);
	SR_TRY(sr_record_get(waiting->txn, SR_DB_PEOPLE, name, "proposal", &record, err));
	return sr_json_append(waiting->list, record, err);
}

static enum sr_status waiting_for(struct sr_txn *txn, const char *user, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	struct waiting waiting = { .txn = txn, .list = list };
	char prefix[SR_RECORD_KEY];

	snprintf(prefix, sizeof(prefix), SR_STATE_WAITING "%.100s/", user);
	SR_TRY(sr_record_each(txn, SR_DB_PEOPLE, prefix, gather_waiting, &waiting, err));
	*out = SR_MOVE(list);
	return SR_OK;
}

static enum sr_status check_waiting(struct sr_act *act, struct sr_txn *txn,
                                    const struct sr_proposal *proposal, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = NULL;
	uint64_t pending;
	size_t index;
	json_t *other;

	SR_TRY(sr_state_pending(txn, &pending, err));
	if (pending >= SR_PROPOSALS_MAX)
		return sr_act_refuse(act, "Limit", err,
		                     "%u proposals wait already: confirm or drop some of them first",
		                     SR_PROPOSALS_MAX);
	SR_TRY(waiting_for(txn, proposal->user, &list, err));
	json_array_foreach(list, index, other)
		if (strcmp(sr_json_text(other, "action"), proposal->action) == 0)
			return sr_act_refuse(act, "Exists", err,
			                     "the proposal %s (%s) for %s waits already; drop it first",
			                     sr_json_text(other, "proposal"), proposal->action,
			                     proposal->user);
	return SR_OK;
}

/* How many active users of a role there are beside one. */
struct others {
	const char *user, *role;
	unsigned count;
};

static enum sr_status count_other(void *context, const char *key, json_t *person, struct sr_err *err)
{
	struct others *others = context;
	const char *role = sr_json_text(person, "role");

	(void)err;
	if (role && strcmp(role, others->role) == 0 && strcmp(key + 2, others->user) != 0 &&
	    !json_is_true(json_object_get(person, "disabled")))
		others->count++;
	return SR_OK;
}

enum sr_status sr_proposal_check_last(struct sr_act *act, struct sr_txn *txn, const char *user,
                                      const char *role, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;
	struct others others = { .user = user };

	SR_TRY(sr_state_user(txn, user, &person, err));
	const char *now = sr_json_text(person, "role");
	if (!now || (role && strcmp(role, now) == 0) ||
	    (strcmp(now, "admin") != 0 && strcmp(now, "security-admin") != 0))
		return SR_OK;
	others.role = now;
	SR_TRY(sr_record_each(txn, SR_DB_PEOPLE, "u/", count_other, &others, err));
	if (others.count == 0)
		return sr_act_refuse(act, "LastOne", err,
		                     "%s is the last %s: nobody could come in any more; let another one be "
		                     "confirmed first",
		                     user, now);
	return SR_OK;
}

enum sr_status sr_proposal_check_login(struct sr_act *act, struct sr_txn *txn, const char *user,
                                       const json_t *login, struct sr_err *err)
{
	const json_t *uid = json_object_get(login, "uid");
	SR_CLEANUP(sr_shared_record_releasep) struct sr_shared_record *bound = NULL;

	if (!uid)
		return SR_OK;
	SR_TRY(sr_people_of_uid(txn, (uid_t)json_integer_value(uid), &bound, err));
	const char *other = sr_json_text(sr_shared_record_json(bound), "user");
	if (other && strcmp(other, user) != 0)
		return sr_act_refuse(act, "Exists", err, "the Unix login %s is bound to the user %s already",
		                     sr_json_text(login, "name"), other);
	return SR_OK;
}

static enum sr_status check_user(struct sr_act *act, struct sr_txn *txn, const struct sr_proposal *proposal,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *person = NULL;

	SR_TRY(sr_state_user(txn, proposal->user, &person, err));
	if (strcmp(proposal->action, "add") == 0) {
		if (person)
			return sr_act_refuse(act, "Exists", err,
			                     "there is, or was, a user %s; names are given once",
			                     proposal->user);
		return SR_OK;
	}
	if (!person || json_is_true(json_object_get(person, "disabled")))
		return sr_act_refuse(act, "NotFound", err, "there is no active user %s", proposal->user);
	return SR_OK;
}

enum sr_status sr_proposal_check(struct sr_act *act, struct sr_txn *txn, const struct sr_proposal *proposal,
                                 struct sr_err *err)
{
	const char *organ = sr_json_text(proposal->fields, "organ");
	const char *role = sr_json_text(proposal->fields, "role");
	const bool disables = strcmp(proposal->action, "disable") == 0;
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;

	SR_TRY(check_user(act, txn, proposal, err));
	SR_TRY(check_waiting(act, txn, proposal, err));
	if (organ) {
		SR_TRY(sr_record_look(txn, SR_DB_ORGANS, organ, &known, err));
		if (!known)
			return sr_act_refuse(act, "NotFound", err,
			                     "there is no organ %s; add it first (organ add)", organ);
	}
	if (disables || role)
		SR_TRY(sr_proposal_check_last(act, txn, proposal->user, role, err));
	return sr_proposal_check_login(act, txn, proposal->user, json_object_get(proposal->fields, "login"),
	                               err);
}

/* --- putting and finding --------------------------------------------------------------------------- */

static void secret_key(const char *id, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "p/%.200s", id);
}

enum sr_status sr_proposal_put(struct sr_act *act, struct sr_txn *txn, struct sr_proposal *proposal,
                               struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *secret = NULL;
	char key[SR_RECORD_KEY];

	SR_TRY(sr_counter_next(txn, 'P', proposal->id, err));
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:s,s:s}", "proposal", proposal->id, "action",
	                    proposal->action, "user", proposal->user));
	if (json_object_update(fields, proposal->fields) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a proposal");
	SR_TRY(sr_act_record(act, txn, "user.proposed", SR_MOVE(fields), NULL, err));
	if (!proposal->hash[0])
		return SR_OK;
	secret_key(proposal->id, key);
	SR_TRY(SR_JSON_PACK(&secret, err, "{s:s}", "hash", proposal->hash));
	return sr_record_put(txn, SR_DB_SECRETS, key, secret, err);
}

enum sr_status sr_proposal_find(struct sr_act *act, struct sr_txn *txn, const char *user, const char *id,
                                json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = NULL;
	char ids[256] = "";
	size_t index;
	json_t *one;

	if (!sr_person_name_is_valid(user))
		return sr_act_refuse(act, "NotFound", err, "nothing is proposed for %.80s", user);
	SR_TRY(waiting_for(txn, user, &list, err));
	json_array_foreach(list, index, one) {
		const char *name = sr_json_text(one, "proposal");
		size_t used = strlen(ids);

		if (id ? strcmp(name, id) == 0 : json_array_size(list) == 1) {
			*out = json_incref(one);
			return SR_OK;
		}
		snprintf(ids + used, sizeof(ids) - used, "%s%s (%s)", used ? ", " : "", name,
		         sr_json_text(one, "action"));
	}
	if (id || json_array_size(list) == 0)
		return sr_act_refuse(act, "NotFound", err, "no proposal%s%.40s for %s waits", id ? " " : "",
		                     id ? id : "", user);
	return sr_act_refuse(act, "Invalid", err, "several proposals for %s wait; name one of them: %s", user,
	                     ids);
}

enum sr_status sr_proposal_hash(struct sr_txn *txn, const char *id, char out[SR_PASSWORD_HASH_TEXT],
                                struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *secret = NULL;
	char key[SR_RECORD_KEY];

	out[0] = 0;
	secret_key(id, key);
	SR_TRY(sr_record_look(txn, SR_DB_SECRETS, key, &secret, err));
	const char *hash = sr_json_text(secret, "hash");
	if (hash)
		snprintf(out, SR_PASSWORD_HASH_TEXT, "%s", hash);
	return SR_OK;
}

enum sr_status sr_proposal_forget_hash(struct sr_txn *txn, const char *id, struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	secret_key(id, key);
	return sr_record_drop(txn, SR_DB_SECRETS, key, err);
}

enum sr_status sr_proposal_forget_hashes(struct sr_txn *txn, const char *user, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = NULL;
	size_t index;
	json_t *one;

	SR_TRY(waiting_for(txn, user, &list, err));
	json_array_foreach(list, index, one)
		SR_TRY(sr_proposal_forget_hash(txn, sr_json_text(one, "proposal"), err));
	return SR_OK;
}
