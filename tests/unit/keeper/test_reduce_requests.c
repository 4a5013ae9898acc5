/* SPDX-License-Identifier: Apache-2.0 */
/* What the log refuses of requests, decisions and holds, whatever the commands let through. */
#include "tests/unit/keeper/events.h"

#define CASE_SECRET "01900000-0000-7000-8000-00000000000d"
#define CASE_OVER "01900000-0000-7000-8000-00000000000e"
#define CASE_COUNTY "01900000-0000-7000-8000-00000000000f"

static int set_up(void **state)
{
	struct log_room *room = calloc(1, sizeof(*room));

	people_open(room);
	seal_case(room, CASE_SECRET, "000000-YB", json_pack("[s]", "state-secret"), NULL);
	seal_case(room, CASE_OVER, "000000-YB", json_array(), "2025-12-31");
	seal_case(room, CASE_COUNTY, "000001-YB", json_array(), NULL);
	*state = room;
	return 0;
}

static int tear_down(void **state)
{
	log_room_close(*state);
	free(*state);
	return 0;
}

static void refuse(struct log_room *room, const char *type, const char *user, json_t *fields,
                   const char *says)
{
	enum sr_status status = tell(room, type, user, fields);

	if (status != SR_DENIED || !strstr(room->err.text, says))
		fail_msg("%s: %s: %s, not %s", type, sr_status_name(status), room->err.text, says);
}

/* A request of reader's for case A, with what @change replaces. */
static json_t *request(const char *id, json_t *change)
{
	json_t *fields = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:[s],s:[s],s:[s],s:i}", "request", id,
	                           "reader", "reader", "organ", "000000-YB", "class", "supervisor", "purpose",
	                           "supervision", "reason", "检查", "case_count", 1, "cases", CASE_A,
	                           "volumes", "main", "channels", "web", "days", 10);

	json_object_update(fields, change);
	json_decref(change);
	return fields;
}

static void a_request_that_breaks_a_rule_is_refused(void **state)
{
	static const struct {
		const char *change, *by, *says;
	} broken[] = {
		{ "{\"days\":31}", "reader", "31 days" },
		{ "{\"days\":0}", "reader", "0 days" },
		{ "{\"channels\":[]}", "reader", "without channels" },
		{ "{\"channels\":[\"usb\"]}", "reader", "usb" },
		{ "{\"volumes\":[]}", "reader", "without volumes" },
		{ "{\"class\":\"official\"}", "reader", "own class" },
		{ "{\"class\":\"party\"}", "reader", "own class" },
		{ "{}", "stranger", "asks for the reading" },
		{ "{\"case_count\":2}", "reader", "other cases" },
		{ "{\"cases\":[\"" CASE_C "\"]}", "reader", "knows no case" },
		{ "{\"cases\":[\"" CASE_COUNTY "\"]}", "reader", "another organ" },
		{ "{\"cases\":[\"" CASE_A "\",\"" CASE_A "\"],\"case_count\":2}", "reader", "twice" },
		{ "{\"population\":\"" DIGEST_0 "\"}", "reader", "population" },
		{ "{\"on_behalf\":{\"kind\":\"party\",\"name\":\"张\"},\"class\":\"party\"}", "reader",
		  "not archivist" },
		{ "{\"reader\":\"deputy\",\"on_behalf\":{\"kind\":\"party\",\"name\":\"张\"},\"class\":"
		  "\"court\"}",
		  "deputy", "of the class" },
		{ "{\"reader\":\"deputy\",\"on_behalf\":{\"kind\":\"party\",\"name\":\"张\"},\"class\":"
		  "\"party\","
		  "\"volumes\":[\"sub\"]}",
		  "deputy", "sub volume" },
	};
	struct log_room *room = *state;

	for (size_t i = 0; i < SR_COUNT(broken); i++)
		refuse(room, "request.filed", broken[i].by,
		       request("R1", json_loads(broken[i].change, 0, NULL)), broken[i].says);
	must_tell(room, "request.filed", "reader", request("R1", json_object()));
	refuse(room, "request.filed", "reader", request("R1", json_object()), "there already");
}

static void a_secret_case_takes_two_officials_whatever_the_request_says(void **state)
{
	SR_CLEANUP(sr_json_decrefp)
	json_t *table =
		json_loads("{\"rules\":[{\"classification\":[\"state-secret\"],\"approvals\":2}]}", 0, NULL);
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];

	digest_of_json(table, room->policy);
	must_tell(room, "policy.proposed", "root",
	          json_pack("{s:s,s:O}", "policy", room->policy, "table", table));
	must_tell(room, "policy.changed", "official", json_pack("{s:s}", "policy", room->policy));
	must_tell(room, "request.filed", "reader", request("R1", json_pack("{s:[s]}", "cases", CASE_SECRET)));
	request_digest_of_last(room, digest);
	refuse(room, "request.decided", "official", approval(room, "R1", digest, "official", "G1"),
	       "asks for 2");
	must_tell(room, "request.decided", "official", approval(room, "R1", digest, "official", NULL));
	refuse(room, "request.decided", "second", approval(room, "R1", digest, "second", NULL), "asks for 2");
	must_tell(room, "request.decided", "second", approval(room, "R1", digest, "second", "G1"));
	/* one official is enough for another case, but not where a secret member is named */
	must_tell(room, "request.filed", "reader", request("R2", json_object()));
	request_digest_of_last(room, digest);
	json_t *fields = approval(room, "R2", digest, "official", "G2");
	json_object_set_new(fields, "classification", json_pack("[s]", "state-secret"));
	refuse(room, "request.decided", "official", fields, "asks for 2");
	refuse(room, "request.decided", "official", approval(room, "R2", digest, "official", NULL),
	       "asks for 1");
	must_tell(room, "request.decided", "official", approval(room, "R2", digest, "official", "G2"));
}

static void a_grant_needs_the_papers_that_the_table_asks_for(void **state)
{
	SR_CLEANUP(sr_json_decrefp)
	json_t *table = json_loads(
		"{\"rules\":[{\"class\":[\"party\"],\"approvals\":1,\"papers\":[\"identity\"]}]}", 0, NULL);
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];
	json_t *party = json_pack("{s:s,s:{s:s,s:s},s:s}", "reader", "deputy", "on_behalf", "kind", "party",
	                          "name", "张", "class", "party");

	digest_of_json(table, room->policy);
	must_tell(room, "policy.proposed", "root",
	          json_pack("{s:s,s:O}", "policy", room->policy, "table", table));
	must_tell(room, "policy.changed", "official", json_pack("{s:s}", "policy", room->policy));
	must_tell(room, "request.filed", "deputy", request("R1", json_deep_copy(party)));
	request_digest_of_last(room, digest);
	json_t *fields = approval(room, "R1", digest, "official", "G1");
	json_object_set_new(fields, "reader", json_string("deputy"));
	refuse(room, "request.decided", "official", fields, "lacks a paper");
	json_object_set_new(
		party, "papers",
		json_pack("[{s:s,s:s,s:s}]", "kind", "identity", "name", "a", "digest", DIGEST_0));
	must_tell(room, "request.filed", "deputy", request("R2", party));
	request_digest_of_last(room, digest);
	refuse(room, "request.decided", "official", approval(room, "R2", digest, "official", "G2"),
	       "another reader");
	fields = approval(room, "R2", digest, "official", "G2");
	json_object_set_new(fields, "reader", json_string("deputy"));
	must_tell(room, "request.decided", "official", fields);
}

static void a_grant_begins_when_it_is_made_and_lasts_no_longer_than_any_official_said(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX], early[SR_TIME_TEXT], late[SR_TIME_TEXT];
	json_t *fields;

	sr_time_format_utc(room->now_ns - 3600 * SR_SECOND_NS, early);
	sr_time_format_utc(room->now_ns + 3600 * SR_SECOND_NS, late);
	must_tell(room, "request.filed", "reader", request("R1", json_object()));
	request_digest_of_last(room, digest);
	fields = approval(room, "R1", digest, "official", "G1");
	json_object_set_new(fields, "from", json_string(early));
	refuse(room, "request.decided", "official", fields, "begins when it is made");
	fields = approval(room, "R1", digest, "official", "G1");
	json_object_set_new(fields, "from", json_string(late));
	refuse(room, "request.decided", "official", fields, "begins when it is made");
	fields = approval(room, "R1", digest, "official", "G1"); /* 5 days */
	json_object_set_new(fields, "days", json_integer(4));
	refuse(room, "request.decided", "official", fields, "longer than");
	must_tell(room, "request.decided", "official", approval(room, "R1", digest, "official", "G1"));
}

static void a_refusal_has_a_reason(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];
	json_t *fields;

	must_tell(room, "request.filed", "reader", request("R1", json_object()));
	request_digest_of_last(room, digest);
	fields = json_pack("{s:s,s:s,s:s,s:s,s:s}", "request", "R1", "digest", digest, "decision", "refuse",
	                   "official", "official", "policy", room->policy);
	refuse(room, "request.decided", "official", json_incref(fields), "without a reason");
	json_object_set_new(fields, "reason", json_string("理由不足"));
	must_tell(room, "request.decided", "official", fields);
}

static void a_grant_is_ended_by_those_who_may(void **state)
{
	struct log_room *room = *state;
	char digest[SR_DIGEST_HEX];

	file_request(room, "R1", "web", digest);
	must_tell(room, "request.decided", "official", approval(room, "R1", digest, "official", "G1"));
	refuse(room, "grant.revoked", "other-organ",
	       json_pack("{s:s,s:s,s:s}", "grant", "G1", "request", "R1", "why", "official"),
	       "another organ");
	refuse(room, "grant.revoked", NULL,
	       json_pack("{s:s,s:s,s:s}", "grant", "G1", "request", "R1", "why", "official"), "by nobody");
	refuse(room, "grant.revoked", "official",
	       json_pack("{s:s,s:s,s:s}", "grant", "G1", "request", "R2", "why", "official"),
	       "another request");
	room->now_ns += 5 * SR_DAY_S * SR_SECOND_NS;
	refuse(room, "grant.returned", "reader", json_pack("{s:s,s:s}", "grant", "G1", "request", "R1"),
	       "ended already");
}

static json_t *disposal(const char *id, const char *case_id)
{
	return json_pack("{s:s,s:[s],s:s,s:s}", "disposal", id, "cases", case_id, "list", DIGEST_0, "reason",
	                 "期满");
}

static void disposals_are_of_cases_that_are_over_and_free(void **state)
{
	struct log_room *room = *state;
	json_t *hold = json_pack("{s:s,s:s,s:s}", "hold", "H1", "case", CASE_OVER, "reason", "诉讼");

	refuse(room, "hold.placed", "other-organ", json_incref(hold), "another organ");
	refuse(room, "hold.placed", "reader", json_incref(hold), "not official");
	must_tell(room, "hold.placed", "official", json_incref(hold));
	refuse(room, "disposal.proposed", "deputy", disposal("X1", CASE_OVER), "is held");
	must_tell(room, "hold.released", "official", hold);
	refuse(room, "disposal.proposed", "official", disposal("X1", CASE_OVER), "not archivist");
	refuse(room, "disposal.proposed", "deputy", disposal("X1", CASE_A), "has not ended");
	must_tell(room, "disposal.proposed", "deputy", disposal("X1", CASE_OVER));
	refuse(room, "disposal.proposed", "deputy", disposal("X2", CASE_OVER), "already");
	refuse(room, "disposal.approved", "official",
	       json_pack("{s:s,s:s}", "disposal", "X1", "list", room->policy), "another list");
	refuse(room, "disposal.approved", "deputy",
	       json_pack("{s:s,s:s}", "disposal", "X1", "list", DIGEST_0), "not official");
	must_tell(room, "disposal.approved", "official",
	          json_pack("{s:s,s:s}", "disposal", "X1", "list", DIGEST_0));
}

/* A later part is classified higher, and makes the case kept for good. */
static void a_case_is_what_all_its_parts_are(void **state)
{
	struct log_room *room = *state;

	seal_case(room, CASE_OVER, "000000-YB", json_pack("[s]", "privacy"), NULL);
	refuse(room, "disposal.proposed", "deputy", disposal("X1", CASE_OVER), "has not ended");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_request_that_breaks_a_rule_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_secret_case_takes_two_officials_whatever_the_request_says,
		                                set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_grant_needs_the_papers_that_the_table_asks_for, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(
			a_grant_begins_when_it_is_made_and_lasts_no_longer_than_any_official_said, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_refusal_has_a_reason, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_grant_is_ended_by_those_who_may, set_up, tear_down),
		cmocka_unit_test_setup_teardown(disposals_are_of_cases_that_are_over_and_free, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(a_case_is_what_all_its_parts_are, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
