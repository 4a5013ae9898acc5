/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/keeper/events.h"

static int set_up(void **state)
{
	struct log_room *room = calloc(1, sizeof(*room));

	people_open(room);
	*state = room;
	return 0;
}

static int tear_down(void **state)
{
	log_room_close(*state);
	free(*state);
	return 0;
}

/* A refused event names its rule and leaves the log as it was. */
static void refuse(struct log_room *room, const char *type, const char *user, json_t *fields,
                   const char *says)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint64_t before, after;
	struct sr_err err;

	assert_ok(sr_txn_read(room->env, &txn, &err));
	assert_ok(sr_journal_size(txn, &before, &err));
	sr_txn_abort(SR_MOVE(txn));
	enum sr_status status = tell(room, type, user, fields);
	if (status != SR_DENIED || !strstr(room->err.text, says))
		print_message("%s by %s: %s: %s\n", type, user ? user : "nobody", sr_status_name(status),
		              room->err.text);
	assert_int_equal(status, SR_DENIED);
	assert_non_null(strstr(room->err.text, says));
	assert_ok(sr_txn_read(room->env, &txn, &err));
	assert_ok(sr_journal_size(txn, &after, &err));
	assert_int_equal(before, after);
}

static json_t *with_text(json_t *fields, const char *key, const char *value)
{
	json_object_set_new(fields, key, json_string(value));
	return fields;
}

static json_t *proposal(const char *id, const char *action, const char *user)
{
	return json_pack("{s:s,s:s,s:s}", "proposal", id, "action", action, "user", user);
}

static void people_come_in_by_two(void **state)
{
	struct log_room *room = *state;

	refuse(room, "user.proposed", "official", proposal("p", "disable", "reader"), "is not admin");
	refuse(room, "user.proposed", "root", proposal("p", "add", "new"), "needs role");
	refuse(room, "user.proposed", "root", proposal("p", "add", "reader"), "there already");
	refuse(room, "user.proposed", "root", proposal("p", "change", "nobody"), "no active user");
	refuse(room, "user.proposed", "root", with_text(proposal("p", "change", "reader"), "organ", "none"),
	       "no organ");
	must_tell(room, "user.proposed", "root",
	          with_text(proposal("p", "change", "reader"), "role", "official"));
	refuse(room, "user.proposed", "root", proposal("p", "disable", "reader"), "there already");
	refuse(room, "user.confirmed", "root", json_pack("{s:s,s:s}", "proposal", "p", "user", "reader"),
	       "proposal of their own");
	refuse(room, "user.confirmed", "official", json_pack("{s:s,s:s}", "proposal", "p", "user", "reader"),
	       "is not security-admin");
	refuse(room, "user.confirmed", "security",
	       json_pack("{s:s,s:s}", "proposal", "p", "user", "stranger"), "another user");
	refuse(room, "user.confirmed", NULL, json_pack("{s:s,s:s}", "proposal", "p", "user", "reader"),
	       "confirms itself");
	must_tell(room, "user.confirmed", "security",
	          json_pack("{s:s,s:s}", "proposal", "p", "user", "reader"));
	refuse(room, "user.confirmed", "security", json_pack("{s:s,s:s}", "proposal", "p", "user", "reader"),
	       "no proposal");
}

static void a_request_is_decided_by_somebody_else_as_it_was_shown(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];

	file_request(room, "R1", "web", digest);
	refuse(room, "request.decided", "reader", approval(room, "R1", digest, "reader", "G1"),
	       "of their own");
	refuse(room, "request.decided", "deputy", approval(room, "R1", digest, "official", "G1"),
	       "in the name");
	refuse(room, "request.decided", "stranger", approval(room, "R1", digest, "stranger", "G1"),
	       "is not official");
	refuse(room, "request.decided", "other-organ", approval(room, "R1", digest, "other-organ", "G1"),
	       "another organ");
	refuse(room, "request.decided", "official", approval(room, "R1", DIGEST_0, "official", "G1"),
	       "another request");
	refuse(room, "request.decided", "official",
	       with_text(approval(room, "R1", digest, "official", "G1"), "policy", DIGEST_0),
	       "another approval table");
	refuse(room, "request.decided", "official",
	       with_text(approval(room, "R1", digest, "official", "G1"), "until", "2027-12-31T00:00:00Z"),
	       "longer than");
	refuse(room, "request.decided", "official",
	       with_text(approval(room, "R1", digest, "official", "G1"), "decision", "maybe"), "no decision");
	refuse(room, "request.decided", "official", approval(room, "R2", digest, "official", "G1"),
	       "no request");
	must_tell(room, "request.decided", "official", approval(room, "R1", digest, "official", "G1"));
	refuse(room, "request.decided", "second", approval(room, "R1", digest, "second", "G2"),
	       "approved already");
	refuse(room, "request.withdrawn", "reader", json_pack("{s:s}", "request", "R1"), "approved already");
}

static void copying_out_takes_two_officials(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];

	file_request(room, "R1", "copy", digest);
	refuse(room, "request.decided", "official", approval(room, "R1", digest, "official", "G1"),
	       "the table asks for 2");
	must_tell(room, "request.decided", "official", approval(room, "R1", digest, "official", NULL));
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "fs"), "no grant");
	refuse(room, "request.decided", "official", approval(room, "R1", digest, "official", "G1"),
	       "decided this request already");
	must_tell(room, "request.decided", "second", approval(room, "R1", digest, "second", "G1"));
}

static void what_two_officials_allow_is_what_both_allow(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];
	json_t *fields;

	file_request(room, "R1", "copy", digest);
	fields = approval(room, "R1", digest, "official", NULL);
	json_object_set_new(fields, "cases", json_pack("[s]", CASE_A));
	must_tell(room, "request.decided", "official", fields);
	fields = approval(room, "R1", digest, "second", "G1");
	json_object_set_new(fields, "cases", json_pack("[s]", CASE_C));
	refuse(room, "request.decided", "second", fields, "adds");
	fields = approval(room, "R1", digest, "second", "G1");
	json_object_set_new(fields, "cases", json_pack("[s]", CASE_B));
	refuse(room, "request.decided", "second", fields, "in common");
	fields = approval(room, "R1", digest, "second", "G1");
	json_object_set_new(fields, "channels", json_pack("[s]", "copy"));
	json_object_set_new(fields, "without", json_pack("[{s:s,s:[i]}]", "case", CASE_A, "members", 3));
	must_tell(room, "request.decided", "second", fields);

	fields = opening("G1", "R1", CASE_A, 1, "copy");
	json_object_set_new(fields, "approved_by", json_pack("[s,s]", "official", "second"));
	must_tell(room, "access.opened", "reader", fields);
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "copy"), "other officials");
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 3, "copy"), "does not cover");
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_B, 1, "copy"), "does not cover");
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "fs"), "does not cover");
}

static void an_access_needs_a_live_grant_that_covers_it(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];
	json_t *fields;

	file_request(room, "R1", "web", digest);
	must_tell(room, "request.decided", "official", approval(room, "R1", digest, "official", "G1"));
	refuse(room, "access.opened", "stranger", opening("G1", "R1", CASE_A, 1, "fs"), "another reader");
	refuse(room, "access.opened", "official", opening("G1", "R1", CASE_A, 1, "fs"), "another reader");
	refuse(room, "access.opened", "reader", opening("G2", "R1", CASE_A, 1, "fs"), "no grant");
	refuse(room, "access.opened", "reader", opening("G1", "R2", CASE_A, 1, "fs"), "another request");
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_C, 1, "fs"), "does not cover");
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "copy"), "does not cover");
	fields = opening("G1", "R1", CASE_A, 1, "fs");
	json_object_set_new(fields, "pass", json_string("P1"));
	refuse(room, "access.opened", NULL, fields, "another reader");
	must_tell(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "fs"));
	must_tell(room, "access.opened", "reader", opening("G1", "R1", CASE_B, 7, "web"));

	int64_t before = room->now_ns;
	room->now_ns += 6 * SR_DAY_S * SR_SECOND_NS;
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "fs"), "ended at");
	room->now_ns = before;
	must_tell(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 2, "fs"));
}

static json_t *closing(uint64_t opened, const char *case_id)
{
	return json_pack("{s:I,s:s,s:s,s:i,s:i,s:i,s:[]}", "opened", (json_int_t)opened, "grant", "G1",
	                 "case", case_id, "part", 1, "member", 1, "bytes", 0, "ranges");
}

static void each_access_is_closed_once(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];
	uint64_t size;
	struct sr_err err;

	file_request(room, "R1", "web", digest);
	must_tell(room, "request.decided", "official", approval(room, "R1", digest, "official", "G1"));
	must_tell(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "fs"));
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	assert_ok(sr_txn_read(room->env, &txn, &err));
	assert_ok(sr_journal_size(txn, &size, &err));
	sr_txn_abort(SR_MOVE(txn));
	refuse(room, "access.closed", NULL, closing(size, CASE_A), "no open access");
	refuse(room, "access.closed", NULL, closing(size - 1, CASE_B), "another case");
	must_tell(room, "access.closed", NULL, closing(size - 1, CASE_A));
	refuse(room, "access.closed", NULL, closing(size - 1, CASE_A), "no open access");
}

static void an_ended_grant_opens_nothing(void **state)
{
	static const struct {
		const char *type, *by, *says;
	} ends[] = {
		{ "grant.revoked", "official", "is revoked" },
		{ "grant.revoked", "security", "is revoked" },
		{ "grant.returned", "reader", "is returned" },
	};
	struct log_room *room = *state;

	for (size_t i = 0; i < SR_COUNT(ends); i++) {
		char request[8], grant[8], digest[SR_DIGEST_HEX];

		snprintf(request, sizeof(request), "R%zu", i);
		snprintf(grant, sizeof(grant), "G%zu", i);
		file_request(room, request, "web", digest);
		must_tell(room, "request.decided", "official",
		          approval(room, request, digest, "official", grant));
		refuse(room, "grant.revoked", "reader",
		       json_pack("{s:s,s:s,s:s}", "grant", grant, "request", request, "why", "x"),
		       "may not revoke");
		refuse(room, "grant.returned", "stranger",
		       json_pack("{s:s,s:s}", "grant", grant, "request", request), "by its reader");
		json_t *fields = json_pack("{s:s,s:s}", "grant", grant, "request", request);
		if (strcmp(ends[i].type, "grant.revoked") == 0)
			json_object_set_new(fields, "why", json_string("official"));
		must_tell(room, ends[i].type, ends[i].by, fields);
		refuse(room, "access.opened", "reader", opening(grant, request, CASE_A, 1, "fs"),
		       ends[i].says);
		refuse(room, "grant.returned", "reader",
		       json_pack("{s:s,s:s}", "grant", grant, "request", request), "ended already");
	}
}

static void disabling_ends_everything_of_a_user(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX], later[SR_DIGEST_HEX];

	file_request(room, "R1", "web", digest);
	must_tell(room, "request.decided", "official", approval(room, "R1", digest, "official", "G1"));
	file_request(room, "R2", "web", later);
	must_tell(room, "user.disabled", "security", json_pack("{s:s}", "user", "reader"));
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "fs"), "no active user");
	refuse(room, "request.decided", "official", approval(room, "R2", later, "official", "G2"),
	       "withdrawn already");
}

static json_t *delegation(const char *official, const char *deputy, const char *until)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s}", "delegation", "D1", "official", official, "deputy", deputy,
	                 "from", "2026-01-01", "until", until);
}

static void a_deputy_decides_for_the_official_who_named_them(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];

	file_request(room, "R1", "web", digest);
	refuse(room, "request.decided", "deputy",
	       with_text(approval(room, "R1", digest, "deputy", "G1"), "deputy_for", "official"),
	       "not a deputy");
	refuse(room, "authority.delegated", "deputy", delegation("official", "deputy", "2027-12-31"),
	       "only official");
	refuse(room, "authority.delegated", "official", delegation("official", "official", "2027-12-31"),
	       "their own deputy");
	refuse(room, "authority.delegated", "official", delegation("official", "deputy", "2025-12-31"),
	       "before it begins");
	must_tell(room, "authority.delegated", "official", delegation("official", "deputy", "2027-12-31"));
	refuse(room, "request.decided", "deputy",
	       with_text(approval(room, "R1", digest, "deputy", "G1"), "deputy_for", "second"),
	       "not a deputy");
	must_tell(room, "request.decided", "deputy",
	          with_text(approval(room, "R1", digest, "deputy", "G1"), "deputy_for", "official"));
}

static void an_escorted_grant_opens_while_the_escort_is_there(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];

	file_request(room, "R1", "web", digest);
	must_tell(room, "request.decided", "official",
	          with_text(approval(room, "R1", digest, "official", "G1"), "escort", "deputy"));
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "fs"), "waits for its escort");
	refuse(room, "escort.began", "reader",
	       json_pack("{s:s,s:s,s:s}", "grant", "G1", "escort", "reader", "session", "1"),
	       "not the escort");
	refuse(room, "escort.began", "stranger",
	       json_pack("{s:s,s:s,s:s}", "grant", "G1", "escort", "deputy", "session", "1"), "in person");
	must_tell(room, "escort.began", "deputy",
	          json_pack("{s:s,s:s,s:s}", "grant", "G1", "escort", "deputy", "session", "1"));
	must_tell(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "fs"));
	must_tell(room, "escort.ended", NULL,
	          json_pack("{s:s,s:s,s:s,s:s}", "grant", "G1", "escort", "deputy", "session", "1", "why",
	                    "absent"));
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "fs"), "waits for its escort");
}

static void an_approval_table_is_changed_by_two(void **state)
{
	struct log_room *room = *state;
	json_t *table = json_pack("{s:[{s:i}]}", "rules", "approvals", 2);
	json_t *bad = json_pack("{s:[{s:i}]}", "rules", "approvals", 9);
	char digest[SR_DIGEST_HEX], bad_digest[SR_DIGEST_HEX];

	digest_of_json(table, digest);
	digest_of_json(bad, bad_digest);
	refuse(room, "policy.proposed", "root", json_pack("{s:s,s:O}", "policy", DIGEST_0, "table", table),
	       "another digest");
	refuse(room, "policy.proposed", "official", json_pack("{s:s,s:O}", "policy", digest, "table", table),
	       "is not admin");
	assert_int_equal(tell(room, "policy.proposed", "root",
	                      json_pack("{s:s,s:o}", "policy", bad_digest, "table", bad)),
	                 SR_INVALID);
	must_tell(room, "policy.proposed", "root", json_pack("{s:s,s:o}", "policy", digest, "table", table));
	refuse(room, "policy.changed", "root", json_pack("{s:s}", "policy", digest), "somebody else");
	must_tell(room, "policy.changed", "official", json_pack("{s:s}", "policy", digest));
}

/* --- rebuilding ------------------------------------------------------------------------------------ */

static enum sr_status dump_record(void *context, const char *key, json_t *record, struct sr_err *err)
{
	return sr_json_append(context, json_pack("[s,O]", key, record), err);
}

static json_t *dump(struct sr_txn *txn)
{
	static const enum sr_db databases[] = { SR_DB_PEOPLE,   SR_DB_ORGANS, SR_DB_DELEGATES, SR_DB_POLICY,
		                                SR_DB_REQUESTS, SR_DB_GRANTS, SR_DB_HOLDS,     SR_DB_FIXITY };
	json_t *all = json_array();
	struct sr_err err;

	for (size_t i = 0; i < SR_COUNT(databases); i++)
		assert_ok(sr_record_each(txn, databases[i], "", dump_record, all, &err));
	return all;
}

static enum sr_status reduce_again(struct sr_txn *txn, struct sr_err *err)
{
	uint64_t size;

	SR_TRY(sr_reduce_reset(txn, err));
	SR_TRY(sr_journal_size(txn, &size, err));
	for (uint64_t seq = 0; seq < size; seq++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
		SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };

		SR_TRY(sr_journal_entry(txn, seq, &bytes, err));
		SR_TRY(sr_entry_decode(sr_buf_bytes(&bytes), &entry, err));
		SR_TRY(sr_reduce(txn, &entry, sr_buf_bytes(&bytes), err));
	}
	return SR_OK;
}

static void the_state_is_what_the_entries_say(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];
	struct sr_err err;

	file_request(room, "R1", "web", digest);
	must_tell(room, "request.decided", "official", approval(room, "R1", digest, "official", "G1"));
	must_tell(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "fs"));
	must_tell(room, "authority.delegated", "official", delegation("official", "deputy", "2027-12-31"));
	must_tell(room, "hold.placed", "official",
	          json_pack("{s:s,s:s,s:s}", "hold", "H1", "case", CASE_A, "reason", "诉讼"));
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	assert_ok(sr_txn_write(room->env, &txn, &err));
	SR_CLEANUP(sr_json_decrefp) json_t *before = dump(txn);
	assert_ok(reduce_again(txn, &err));
	SR_CLEANUP(sr_json_decrefp) json_t *after = dump(txn);
	assert_true(json_array_size(before) > 15);
	assert_true(json_equal(before, after));
}

static void a_new_epoch_ends_every_grant(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];

	file_request(room, "R1", "web", digest);
	must_tell(room, "request.decided", "official", approval(room, "R1", digest, "official", "G1"));
	must_tell(room, "ledger.opened", NULL,
	          json_pack("{s:s,s:i,s:{s:s,s:s,s:s},s:{},s:s,s:i,s:s}", "appliance", "a", "epoch", 2,
	                    "organ", "code", "000000-YB", "name", "样例局", "level", "city", "keys",
	                    "version", "0.1.0", "previous_size", 20, "previous_root", DIGEST_0));
	refuse(room, "access.opened", "reader", opening("G1", "R1", CASE_A, 1, "fs"), "is ended");
}

static json_t *pack(const char *digest, const char *previous)
{
	return json_pack("{s:s,s:s*,s:s*}", "name", "our-city", "digest", digest, "previous", previous);
}

static void a_rulebook_changes_from_what_it_was(void **state)
{
	static const char one[] = "1111111111111111111111111111111111111111111111111111111111111111";
	struct log_room *room = *state;

	refuse(room, "rulebook.changed", "root", pack(DIGEST_0, NULL), "the appliance itself");
	refuse(room, "rulebook.changed", NULL, pack(DIGEST_0, one), "another text");
	refuse(room, "rulebook.changed", NULL, pack(NULL, NULL), "was not there");
	must_tell(room, "rulebook.changed", NULL, pack(DIGEST_0, NULL));
	refuse(room, "rulebook.changed", NULL, pack(one, NULL), "another text");
	refuse(room, "rulebook.changed", NULL, pack(one, one), "another text");
	refuse(room, "rulebook.changed", NULL, pack(NULL, one), "another text");
	must_tell(room, "rulebook.changed", NULL, pack(one, DIGEST_0));
	must_tell(room, "rulebook.changed", NULL, pack(NULL, one));
	refuse(room, "rulebook.changed", NULL, pack(NULL, one), "another text");
	must_tell(room, "rulebook.changed", NULL, pack(DIGEST_0, NULL));
}

static json_t *key(const char *what, const char *digest, const char *previous)
{
	return json_pack("{s:s,s:s,s:s*,s:s}", "what", what, "digest", digest, "previous", previous, "reason",
	                 "found at the start");
}

static void a_key_changes_from_the_one_that_was_recorded(void **state)
{
	static const char one[] = "1111111111111111111111111111111111111111111111111111111111111111";
	struct log_room *room = *state;

	refuse(room, "key.changed", "root", key("seal", one, NULL), "the appliance itself");
	must_tell(room, "key.changed", NULL, key("seal", one, DIGEST_0)); /* the first is of ledger.opened */
	must_tell(room, "key.changed", NULL, key("stamp", one, NULL));
	refuse(room, "key.changed", NULL, key("seal", DIGEST_0, DIGEST_0), "another key");
	refuse(room, "key.changed", NULL, key("seal", DIGEST_0, NULL), "another key");
	must_tell(room, "key.changed", NULL, key("seal", DIGEST_0, one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_key_changes_from_the_one_that_was_recorded, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(a_rulebook_changes_from_what_it_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(people_come_in_by_two, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_request_is_decided_by_somebody_else_as_it_was_shown, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(copying_out_takes_two_officials, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_two_officials_allow_is_what_both_allow, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(an_access_needs_a_live_grant_that_covers_it, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(each_access_is_closed_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_ended_grant_opens_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(disabling_ends_everything_of_a_user, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_deputy_decides_for_the_official_who_named_them, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(an_escorted_grant_opens_while_the_escort_is_there, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(an_approval_table_is_changed_by_two, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_state_is_what_the_entries_say, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_new_epoch_ends_every_grant, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
