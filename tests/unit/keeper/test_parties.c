/* SPDX-License-Identifier: Apache-2.0 */
/* Parties: applications by the public page, passes over the counter. */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/keeper_fixture.h"

#include "appliance/keeper/people/application.h"
#include "appliance/keeper/state/pass.h"
#include "appliance/keeper/core/quota.h"
#include "appliance/ledger/merkle.h"

#define CASE_CITY "01900000-0000-7000-8000-00000000000a"
#define CASE_COUNTY "01900000-0000-7000-8000-00000000000b"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

static struct keeper_room room;

/* --- grants without a reader, by entries ----------------------------------------------------------- */

struct wish {
	const char *request, *grant, *reader, *organ, *case_id, *archivist, *official, *application;
	bool refuse;
};

static enum sr_status tell(struct sr_txn *txn, const char *user, const char *type, json_t *fields,
                           uint64_t *seq, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *actor = user ? json_pack("{s:s}", "user", user) : NULL;

	return sr_keeper_record_as(room.keeper, txn, type, actor, fields, seq, err);
}

static enum sr_status put_case(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct wish *wish = context;

	return tell(txn, wish->archivist, "case.sealed",
	            json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:s,s:s,s:s,s:[]}", "case", wish->case_id,
	                      "part", 1, "number", "样例案号", "organ", wish->organ, "seal", ZERO, "stamp",
	                      ZERO, "stamped_at", "2026-01-01T00:00:00Z", "members", 3, "bytes", 3, "handler",
	                      "handler", "archivist", wish->archivist, "retention", "permanent",
	                      "classification"),
	            NULL, err);
}

static enum sr_status put_request(struct sr_txn *txn, const struct wish *wish, char digest[SR_DIGEST_HEX],
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	struct sr_digest leaf, whole;
	uint64_t seq;
	json_t *fields = json_pack("{s:s,s:s*,s:s,s:s,s:s,s:s,s:i,s:[s],s:[s],s:[s],s:i,s:s*}", "request",
	                           wish->request, "reader", wish->reader, "organ", wish->organ, "class",
	                           wish->reader ? "supervisor" : "party", "purpose", "party", "reason",
	                           "查阅本人案卷", "case_count", 1, "cases", wish->case_id, "volumes", "main",
	                           "channels", "web", "days", 5, "application", wish->application);

	if (!wish->reader) {
		json_object_set_new(fields, "on_behalf",
		                    json_pack("{s:s,s:s}", "kind", "party", "name", "样例某"));
		json_object_set_new(
			fields, "papers",
			json_pack("[{s:s,s:s,s:s}]", "kind", "identity", "name", "id.jpg", "digest", ZERO));
	}
	SR_TRY(tell(txn, wish->reader ? wish->reader : wish->archivist, "request.filed", fields, &seq, err));
	SR_TRY(sr_journal_entry(txn, seq, &bytes, err));
	SR_TRY(sr_merkle_leaf(bytes.data, bytes.size, &leaf, err));
	SR_TRY(sr_digest_of(leaf.bytes, sizeof(leaf.bytes), &whole, err));
	sr_digest_to_hex(&whole, digest);
	return SR_OK;
}

static enum sr_status put_grant(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct wish *wish = context;
	SR_CLEANUP(sr_json_decrefp) json_t *policy = NULL;
	int64_t now_ns = sr_keeper_now_ns(room.keeper);
	char from[SR_TIME_TEXT], until[SR_TIME_TEXT], digest[SR_DIGEST_HEX];

	SR_TRY(put_request(txn, wish, digest, err));
	SR_TRY(sr_record_get(txn, SR_DB_POLICY, "current", "table", &policy, err));
	if (wish->refuse)
		return tell(txn, wish->official, "request.decided",
		            json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "request", wish->request, "digest", digest,
		                      "decision", "refuse", "official", wish->official, "policy",
		                      sr_json_text(policy, "policy"), "reason", "非本人案件"),
		            NULL, err);
	sr_time_format_utc(now_ns, from);
	sr_time_format_utc(now_ns + 3 * 3600 * SR_SECOND_NS, until);
	return tell(txn, wish->official, "request.decided",
	            json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s*,s:s,s:s}", "request", wish->request, "digest",
	                      digest, "decision", "approve", "official", wish->official, "policy",
	                      sr_json_text(policy, "policy"), "grant", wish->grant, "reader", wish->reader,
	                      "from", from, "until", until),
	            NULL, err);
}

static enum sr_status put_end(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct wish *wish = context;

	return tell(
		txn, wish->official, "grant.revoked",
		json_pack("{s:s,s:s,s:s}", "grant", wish->grant, "request", wish->request, "why", "official"),
		NULL, err);
}

static void do_it(enum sr_status (*what)(void *context, struct sr_txn *txn, struct sr_err *err),
                  struct wish wish)
{
	struct sr_err err;

	assert_ok(sr_keeper_write(room.keeper, what, &wish, false, &err));
}

static struct wish city(const char *request, const char *grant)
{
	return (struct wish){ .request = request,
		              .grant = grant,
		              .organ = CITY,
		              .case_id = CASE_CITY,
		              .archivist = "archivist",
		              .official = "official" };
}

static int set_up(void **state)
{
	struct wish county = { .organ = COUNTY, .case_id = CASE_COUNTY, .archivist = "county-archivist" };

	(void)state;
	keeper_room_open(&room);
	do_it(put_case, city(NULL, NULL));
	do_it(put_case, county);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keeper_room_close(&room);
	return 0;
}

/* --- passes ---------------------------------------------------------------------------------------- */

static json_t *issue(const char *grant)
{
	return must_ask(&room, "archivist", "IssuePass",
	                json_pack("{s:s,s:s}", "grant", grant, "identity", "id-card"));
}

static json_t *typed(const char *pass)
{
	return json_pack("{s:s}", "pass", pass);
}

/* As the party whose token this is, through api. */
static enum sr_status as_party(const json_t *session, const char *method)
{
	return keeper_room_call(
		&room, room.api, method,
		json_pack("{s:s,s:s}", "session", sr_json_text(session, "token"), "address", "192.0.2.7"),
		NULL);
}

static void what_was_typed_from_paper_is_the_same_pass(void **state)
{
	struct sr_pass_code a, b;

	(void)state;
	assert_true(sr_pass_parse("A00001-01234-56789-abcde-fghjk-mnpqr", &a));
	assert_string_equal(a.id, "A00001");
	assert_true(sr_pass_parse(" a00001 01234 56789ABCDE-fghjk-mnpqr", &b));
	assert_string_equal(b.id, "A00001");
	assert_memory_equal(&a.hash, &b.hash, sizeof(a.hash));
	assert_true(sr_pass_parse("A123456-01234-56789-01234-56789-01234", &a));
	assert_string_equal(a.id, "A123456");
	assert_false(sr_pass_parse("", &a));
	assert_false(sr_pass_parse("A", &a));
	assert_false(sr_pass_parse("A00001", &a));
	assert_false(sr_pass_parse("B00001-01234-56789-abcde-fghjk-mnpqr", &a));
	assert_false(sr_pass_parse("Axxxxx-01234-56789-abcde-fghjk-mnpqr", &a));
	assert_false(sr_pass_parse("01234-56789-abcde-fghjk-mnpqr", &a));
	char long_one[4097];
	memset(long_one, '1', sizeof(long_one));
	long_one[0] = 'A';
	long_one[sizeof(long_one) - 1] = 0;
	assert_false(sr_pass_parse(long_one, &a));
}

static void a_pass_opens_one_session_and_dies_with_its_grant(void **state)
{
	struct wish wish = city("R00001", "G00001-aaaaaa");

	(void)state;
	do_it(put_grant, wish);
	SR_CLEANUP(sr_json_decrefp) json_t *pass = issue("G00001-aaaaaa");
	SR_CLEANUP(sr_json_decrefp)
	json_t *session = must_ask(&room, NOBODY, "RedeemPass", typed(sr_json_text(pass, "pass")));
	assert_string_equal(sr_json_text(session, "role"), "party");
	assert_string_equal(sr_json_text(session, "user"), sr_json_text(pass, "number"));
	assert_string_equal(sr_json_text(session, "grant"), "G00001-aaaaaa");
	assert_int_equal(as_party(session, "WhoAmI"), SR_OK);
	refused(&room, NOBODY, "RedeemPass", typed(sr_json_text(pass, "pass")), "NotGranted");
	assert_false(keeper_room_log_says(&room, strchr(sr_json_text(pass, "pass"), '-') + 1));
	SR_CLEANUP(sr_json_decrefp) json_t *used = keeper_room_last(&room, "pass.used");
	assert_string_equal(sr_json_text(used, "address"), "192.0.2.7");

	do_it(put_end, wish);
	assert_int_equal(as_party(session, "WhoAmI"), SR_DENIED);
	SR_CLEANUP(sr_json_decrefp) json_t *closed = keeper_room_last(&room, "session.closed");
	assert_string_equal(sr_json_text(closed, "why"), "grant");
	refused(&room, "archivist", "IssuePass",
	        json_pack("{s:s,s:s}", "grant", "G00001-aaaaaa", "identity", "id-card"), "Expired");
}

static void what_a_party_may_not_give_is_refused(void **state)
{
	static const char *const commands[] = { "ListUsers",       "ListOrgans",   "ShowPolicy",
		                                "ListDelegations", "ListSessions", "EndSessions",
		                                "ConfirmPolicy",   "ConfirmClock", "ListApplications" };

	(void)state;
	do_it(put_grant, city("R00002", "G00002-aaaaaa"));
	SR_CLEANUP(sr_json_decrefp) json_t *pass = issue("G00002-aaaaaa");
	SR_CLEANUP(sr_json_decrefp)
	json_t *session = must_ask(&room, NOBODY, "RedeemPass", typed(sr_json_text(pass, "pass")));
	for (size_t i = 0; i < SR_COUNT(commands); i++) {
		assert_int_equal(as_party(session, commands[i]), SR_DENIED);
		assert_string_equal(room.error, "NotYourRole");
	}
	assert_int_equal(as_party(session, "CloseSession"), SR_OK);
	assert_int_equal(as_party(session, "WhoAmI"), SR_DENIED);
}

static void a_new_pass_takes_the_place_of_the_former(void **state)
{
	(void)state;
	do_it(put_grant, city("R00003", "G00003-aaaaaa"));
	SR_CLEANUP(sr_json_decrefp) json_t *lost = issue("G00003-aaaaaa");
	SR_CLEANUP(sr_json_decrefp) json_t *found = issue("G00003-aaaaaa");
	refused(&room, NOBODY, "RedeemPass", typed(sr_json_text(lost, "pass")), "NotGranted");
	/* A code under another number is none. */
	char mixed[SR_PASS_TEXT];
	snprintf(mixed, sizeof(mixed), "%s%s", sr_json_text(lost, "number"),
	         strchr(sr_json_text(found, "pass"), '-'));
	refused(&room, NOBODY, "RedeemPass", typed(mixed), "NotGranted");
	must_do(&room, NOBODY, "RedeemPass", typed(sr_json_text(found, "pass")));
}

static void passes_are_for_parties_of_the_own_organ(void **state)
{
	struct wish county = { .request = "R00004",
		               .grant = "G00004-aaaaaa",
		               .organ = COUNTY,
		               .case_id = CASE_COUNTY,
		               .archivist = "county-archivist",
		               .official = "county-official" };
	struct wish own = city("R00005", "G00005-aaaaaa");

	(void)state;
	own.reader = "supervisor";
	do_it(put_grant, county);
	do_it(put_grant, own);
	refused(&room, "archivist", "IssuePass",
	        json_pack("{s:s,s:s}", "grant", "G00004-aaaaaa", "identity", "id-card"), "NotFound");
	char hidden[sizeof(room.err.text)];
	memcpy(hidden, room.err.text, sizeof(hidden));
	refused(&room, "archivist", "IssuePass",
	        json_pack("{s:s,s:s}", "grant", "G00009-aaaaaa", "identity", "id-card"), "NotFound");
	/* Word for word the same but for the name that was asked for. */
	assert_int_equal(strlen(hidden), strlen(room.err.text));
	refused(&room, "archivist", "IssuePass",
	        json_pack("{s:s,s:s}", "grant", "G00005-aaaaaa", "identity", "id-card"), "Invalid");
	must_do(&room, "county-archivist", "IssuePass",
	        json_pack("{s:s,s:s}", "grant", "G00004-aaaaaa", "identity", "id-card"));
}

/* --- applications ---------------------------------------------------------------------------------- */

static json_t *application(const char *number)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s}", "number", number, "name", "样例某", "identity",
	                 "110101190001010000", "reason", "查阅本人案卷", "contact", "sample@example.invalid");
}

static json_t *stage_of(const char *code)
{
	return must_ask(&room, NOBODY, "FollowApplication", json_pack("{s:s}", "code", code));
}

static json_t *newest_application(void)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = must_ask(&room, "archivist", "ListApplications", NULL);
	json_t *list = json_object_get(reply, "applications");

	return json_incref(json_array_get(list, json_array_size(list) - 1));
}

static void an_application_is_followed_by_its_code(void **state)
{
	(void)state;
	SR_CLEANUP(sr_json_decrefp) json_t *filed = must_ask(&room, NOBODY, "Apply", application("样例案号"));
	const char *code = sr_json_text(filed, "code");
	assert_int_equal(json_object_size(filed), 1);
	SR_CLEANUP(sr_json_decrefp) json_t *at_first = stage_of(code);
	assert_string_equal(sr_json_text(at_first, "stage"), "received");
	/* The log has none of it but the digest. */
	assert_false(keeper_room_log_says(&room, "110101190001010000"));
	assert_false(keeper_room_log_says(&room, "样例某\",\"identity"));
	assert_false(keeper_room_log_says(&room, code));
	SR_CLEANUP(sr_json_decrefp) json_t *row = newest_application();
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "application.filed");
	assert_string_equal(sr_json_text(entry, "application"), sr_json_text(row, "application"));
	assert_null(json_object_get(row, "salt"));

	struct wish wish = city("R00011", "G00011-aaaaaa");
	wish.application = sr_json_text(row, "application");
	wish.refuse = true;
	do_it(put_grant, wish);
	SR_CLEANUP(sr_json_decrefp) json_t *no = stage_of(code);
	assert_string_equal(sr_json_text(no, "stage"), "refused");
	assert_string_equal(sr_json_text(no, "reason"), "非本人案件");
	/* Another request for it is the one that counts now. */
	wish.request = "R00012";
	wish.grant = "G00012-aaaaaa";
	wish.refuse = false;
	do_it(put_grant, wish);
	SR_CLEANUP(sr_json_decrefp) json_t *yes = stage_of(code);
	assert_string_equal(sr_json_text(yes, "stage"), "approved");
	SR_CLEANUP(sr_json_decrefp) json_t *pass = issue("G00012-aaaaaa");
	SR_CLEANUP(sr_json_decrefp) json_t *issued = keeper_room_last(&room, "pass.issued");
	assert_string_equal(sr_json_text(issued, "application"), wish.application);
}

static void a_dropped_application_forgets_who_applied(void **state)
{
	(void)state;
	SR_CLEANUP(sr_json_decrefp) json_t *filed = must_ask(&room, NOBODY, "Apply", application("无此案号"));
	SR_CLEANUP(sr_json_decrefp) json_t *row = newest_application();
	const char *id = sr_json_text(row, "application");
	assert_string_equal(sr_json_text(row, "number"), "无此案号");
	must_do(&room, "archivist", "DropApplication",
	        json_pack("{s:s,s:s}", "application", id, "reason", "案号有误"));
	refused(&room, "archivist", "DropApplication",
	        json_pack("{s:s,s:s}", "application", id, "reason", "案号有误"), "NotFound");
	SR_CLEANUP(sr_json_decrefp) json_t *stage = stage_of(sr_json_text(filed, "code"));
	assert_string_equal(sr_json_text(stage, "stage"), "dropped");
	assert_string_equal(sr_json_text(stage, "reason"), "案号有误");
	SR_CLEANUP(sr_json_decrefp) json_t *left = newest_application();
	assert_string_equal(sr_json_text(left, "application"), id);
	assert_null(json_object_get(left, "name"));
	assert_null(json_object_get(left, "identity"));
	assert_null(json_object_get(left, "contact"));
}

static void five_applications_an_hour_come_from_one_address(void **state)
{
	(void)state;
	/* Two came from there already. */
	for (int i = 0; i < 3; i++)
		must_do(&room, NOBODY, "Apply", application("样例案号"));
	refused(&room, NOBODY, "Apply", application("样例案号"), "Busy");
	json_t *elsewhere = application("样例案号");
	json_object_set_new(elsewhere, "address", json_string("2001:db8::1"));
	assert_int_equal(keeper_room_call(&room, room.api, "Apply", elsewhere, NULL), SR_OK);
	refused(&room, NOBODY, "FollowApplication",
	        json_pack("{s:s}", "code", "00000-00000-00000-00000-00000"), "NotFound");
	refused(&room, NOBODY, "Apply", json_pack("{s:s}", "number", "x"), "Invalid");
}

static void addresses_are_counted_by_the_hour(void **state)
{
	static const struct sr_quota_limits limits = { .of_address = 2, .in_all = 4, .addresses = 3 };
	const int64_t hour_ns = 3600 * SR_SECOND_NS;
	struct sr_quota *quota = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_quota_new(&limits, &quota, &err));
	assert_ok(sr_quota_use(quota, "2001:db8::1", 1, &err));
	assert_ok(sr_quota_use(quota, "2001:db8::ffff:1", 2, &err)); /* the same network */
	assert_int_equal(sr_quota_use(quota, "2001:db8::2", 3, &err), SR_BUSY);
	assert_ok(sr_quota_use(quota, "2001:db8:1::1", 4, &err));
	assert_ok(sr_quota_use(quota, "192.0.2.1", 5, &err));
	assert_int_equal(sr_quota_use(quota, "192.0.2.2", 6, &err), SR_BUSY); /* four in all */
	assert_int_equal(sr_quota_use(quota, "2001:db8::1", hour_ns, &err), SR_BUSY);
	assert_ok(sr_quota_use(quota, "2001:db8::1", hour_ns + 1, &err));
	assert_ok(sr_quota_use(quota, "::ffff:192.0.2.1", hour_ns + 2, &err));
	assert_int_equal(sr_quota_use(quota, "192.0.2.1", hour_ns + 4, &err), SR_BUSY);
	assert_ok(sr_quota_use(quota, "192.0.2.1", hour_ns + 5, &err)); /* its hour is over */
	sr_quota_free(quota);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_typed_from_paper_is_the_same_pass),
		cmocka_unit_test(a_pass_opens_one_session_and_dies_with_its_grant),
		cmocka_unit_test(what_a_party_may_not_give_is_refused),
		cmocka_unit_test(a_new_pass_takes_the_place_of_the_former),
		cmocka_unit_test(passes_are_for_parties_of_the_own_organ),
		cmocka_unit_test(an_application_is_followed_by_its_code),
		cmocka_unit_test(a_dropped_application_forgets_who_applied),
		cmocka_unit_test(five_applications_an_hour_come_from_one_address),
		cmocka_unit_test(addresses_are_counted_by_the_hour),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
