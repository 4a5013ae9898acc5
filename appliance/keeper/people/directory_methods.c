/* SPDX-License-Identifier: Apache-2.0 */
/* Who and what is there: ListUsers, ListColleagues, AddOrgan, ListOrgans. */
#include "appliance/keeper/people/methods.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/people.h"
#include "appliance/keeper/state/person.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

#define USERS_MAX 10000

/* --- users ----------------------------------------------------------------------------------------- */

struct user_list {
	struct sr_txn *txn;
	const char *after; /* NULL: from the beginning */
	size_t limit;
	json_t *users, *proposals;
	bool more;
};

static enum sr_status add_user(void *context, const char *key, json_t *person, struct sr_err *err)
{
	struct user_list *list = context;
	const char *user = key + strlen("u/");
	char hash[SR_PASSWORD_HASH_TEXT];
	json_t *row = NULL;

	if (list->after && strcmp(user, list->after) <= 0)
		return SR_OK;
	if (json_array_size(list->users) == list->limit) {
		list->more = true;
		return SR_OK;
	}
	SR_TRY(sr_people_hash(list->txn, user, hash, err));
	SR_TRY(SR_JSON_PACK(&row, err, "{s:s,s:O?,s:O?,s:O?,s:o,s:O?,s:O?,s:b}", "user", user, "role",
	                    json_object_get(person, "role"), "organ", json_object_get(person, "organ"),
	                    "full_name", json_object_get(person, "full_name"), "clearances",
	                    json_object_get(person, "clearances")
	                            ? json_incref(json_object_get(person, "clearances"))
	                            : json_array(),
	                    "login", json_object_get(person, "login"), "disabled",
	                    json_object_get(person, "disabled"), "password", hash[0] != 0));
	sr_wipe(hash, sizeof(hash));
	return sr_json_append(list->users, row, err);
}

static enum sr_status add_proposal(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct user_list *list = context;

	(void)key;
	return sr_json_append(list->proposals, json_incref(record), err);
}

static enum sr_status read_users(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct user_list *list = act->work;

	list->txn = txn;
	SR_TRY(sr_record_each(txn, SR_DB_PEOPLE, "u/", add_user, list, err));
	return sr_record_each(txn, SR_DB_PEOPLE, SR_STATE_PROPOSAL, add_proposal, list, err);
}

static enum sr_status list_users(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *users = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *proposals = json_array();
	int64_t limit = sr_act_count(act, "limit", USERS_MAX);
	struct user_list list = { .after = sr_act_text(act, "after"),
		                  .users = users,
		                  .proposals = proposals };

	if (limit < 1 || limit > USERS_MAX)
		return sr_fail(err, SR_INVALID, "/limit: must be 1 to %d", USERS_MAX);
	list.limit = (size_t)limit;
	sr_act_set_work(act, &list);
	SR_TRY(sr_act_read(act, read_users, err));
	const json_t *last = json_array_get(users, json_array_size(users) - 1);
	return sr_act_reply(act, err, "{s:O,s:O,s:s?}", "users", users, "proposals", proposals, "next",
	                    list.more ? sr_json_text(last, "user") : NULL);
}

/* --- colleagues: those of one's organ by name, for choices and for what names them ------------------ */

struct colleagues {
	const char *organ; /* NULL: of every organ */
	json_t *people;
};

static enum sr_status add_colleague(void *context, const char *key, json_t *person, struct sr_err *err)
{
	const struct colleagues *colleagues = context;
	const char *user = key + strlen("u/"), *organ = sr_json_text(person, "organ");
	const char *name = sr_json_text(person, "full_name");
	json_t *row = NULL;

	if (colleagues->organ && (!organ || strcmp(organ, colleagues->organ) != 0))
		return SR_OK;
	SR_TRY(SR_JSON_PACK(&row, err, "{s:s,s:s,s:O?,s:s?,s:b}", "user", user, "full_name",
	                    name ? name : user, "role", json_object_get(person, "role"), "organ", organ,
	                    "disabled", json_is_true(json_object_get(person, "disabled"))));
	return sr_json_append(colleagues->people, row, err);
}

static enum sr_status read_colleagues(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	return sr_record_each(txn, SR_DB_PEOPLE, "u/", add_colleague, act->work, err);
}

static enum sr_status list_colleagues(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *people = json_array();
	const bool whole = sr_act_is(act, SR_BY(AUDITOR) | SR_BY(SECURITY_ADMIN) | SR_BY(ADMIN));
	struct colleagues colleagues = { .organ = whole ? NULL : act->caller.organ, .people = people };

	sr_act_set_work(act, &colleagues);
	SR_TRY(sr_act_read(act, read_colleagues, err));
	return sr_act_reply(act, err, "{s:O}", "people", people);
}

/* --- organs ---------------------------------------------------------------------------------------- */

/* 0 for the highest; -1 for what is none. */
static int rank_of(const char *level)
{
	static const char *const levels[] = { "province", "city", "county" };

	for (int i = 0; level && i < (int)SR_COUNT(levels); i++)
		if (strcmp(levels[i], level) == 0)
			return i;
	return -1;
}

static enum sr_status check_organ(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const char *code = sr_act_text(act, "organ");
	const char *parent = sr_act_text(act, "parent");
	SR_CLEANUP(sr_json_decrefp) json_t *known = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *above = NULL;

	SR_TRY(sr_record_look(txn, SR_DB_ORGANS, code, &known, err));
	if (known)
		return sr_act_refuse(act, "Exists", err, "the organ %s is there already", code);
	if (!parent)
		return SR_OK;
	if (sr_person_name_is_valid(parent))
		SR_TRY(sr_record_look(txn, SR_DB_ORGANS, parent, &above, err));
	if (!above)
		return sr_act_refuse(act, "NotFound", err, "there is no organ %.80s to be above %s", parent,
		                     code);
	if (rank_of(sr_act_text(act, "level")) < rank_of(sr_json_text(above, "level")))
		return sr_act_refuse(act, "Invalid", err,
		                     "an organ of the level %s cannot stand below one of %s",
		                     sr_act_text(act, "level"), sr_json_text(above, "level"));
	return SR_OK;
}

static enum sr_status put_organ(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	return sr_act_record(act, txn, "organ.added",
	                     json_pack("{s:s,s:s,s:s,s:s*}", "organ", sr_act_text(act, "organ"), "name",
	                               sr_act_text(act, "name"), "level", sr_act_text(act, "level"), "parent",
	                               sr_act_text(act, "parent")),
	                     NULL, err);
}

static enum sr_status add_organ(struct sr_act *act, struct sr_err *err)
{
	SR_TRY(sr_person_check_name("organ", sr_act_text(act, "organ"), err));
	SR_TRY(sr_person_check_full_name(sr_act_text(act, "name"), err));
	if (rank_of(sr_act_text(act, "level")) < 0)
		return sr_fail(err, SR_INVALID, "the level of an organ is province, city or county");
	SR_TRY(sr_act_write(act, check_organ, put_organ, err));
	return sr_act_reply(act, err, "{s:s}", "organ", sr_act_text(act, "organ"));
}

static enum sr_status gather_organ(void *context, const char *key, json_t *record, struct sr_err *err)
{
	(void)key;
	return sr_json_append(context, json_incref(record), err);
}

static enum sr_status read_organs(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	return sr_record_each(txn, SR_DB_ORGANS, "", gather_organ, act->work, err);
}

static enum sr_status list_organs(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *organs = json_array();

	sr_act_set_work(act, organs);
	SR_TRY(sr_act_read(act, read_organs, err));
	return sr_act_reply(act, err, "{s:O}", "organs", organs);
}

static const struct sr_method methods[] = {
	{ "ListUsers", "limit:count? after:text?", SR_BY(ADMIN) | SR_BY(SECURITY_ADMIN) | SR_BY(AUDITOR),
	  SR_DOOR_PEOPLE, 0, list_users },
	{ "ListColleagues", "", SR_BY_STAFF, SR_DOOR_PEOPLE, 0, list_colleagues },
	{ "AddOrgan", "organ:text name:text level:text parent:text?", SR_BY(ADMIN), SR_DOOR_PEOPLE, 0,
	  add_organ },
	{ "ListOrgans", "", SR_BY_STAFF, SR_DOOR_PEOPLE, 0, list_organs },
};
const struct sr_method_family sr_directory_methods = { methods, SR_COUNT(methods) };
