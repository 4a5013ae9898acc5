/* SPDX-License-Identifier: Apache-2.0 */
/* Early warnings that take days to arise: readers out of hours and above their usual, checkpoints outside,
 * findings of reviews that nobody mends. */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/request_room.h"

#define HOUR_NS (3600 * SR_SECOND_NS)

/* --- time -------------------------------------------------------------------------------------------- */

/* On to the next time that the clock in Shanghai shows @hour and a half; sessions end by that. */
static void go_on_to(int hour)
{
	int64_t now_ns = sr_keeper_now_ns(room.keeper);
	int64_t then_ns = sr_time_of_date(sr_date_of_time(now_ns)) + hour * HOUR_NS + HOUR_NS / 2;

	while (then_ns <= now_ns)
		then_ns += SR_DAY_S * SR_SECOND_NS;
	keeper_room_pass_time(&room, then_ns - now_ns);
	for (size_t i = 0; i < SR_COUNT(keeper_people); i++)
		keeper_room_forget(&room, keeper_people[i].user);
}

/* --- openings ---------------------------------------------------------------------------------------- */

struct openings {
	id_text grant, request;
	const char *reader;
	unsigned count;
};

static enum sr_status put_openings(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct openings *openings = context;

	for (unsigned i = 0; i < openings->count; i++) {
		SR_CLEANUP(sr_json_decrefp)
		json_t *actor = json_pack("{s:s,s:s,s:s}", "user", openings->reader, "role", "supervisor",
		                          "organ", CITY);

		SR_TRY(sr_keeper_record_as(room.keeper, txn, "access.opened", actor,
		                           json_pack("{s:s,s:s,s:[s],s:s,s:i,s:i,s:s}", "grant",
		                                     openings->grant, "request", openings->request,
		                                     "approved_by", "official", "case", cases[PLAIN].id,
		                                     "part", 1, "member", 1, "channel", "fs"),
		                           NULL, err));
	}
	return SR_OK;
}

static void open_members(struct openings *openings, unsigned count)
{
	struct sr_err err;

	openings->count = count;
	assert_ok(sr_keeper_write(room.keeper, put_openings, openings, false, &err));
}

static void grant_for(const char *reader, struct openings *out)
{
	out->reader = reader;
	file(reader, with(wish(cases[PLAIN].number), "days", json_integer(30)), out->request);
	take_text(must_ask(&room, "official", "DecideRequest", decision(out->request, "approve")), "grant",
	          out->grant, SR_LABEL_BYTES);
}

/* --- warnings ---------------------------------------------------------------------------------------- */

/* The item of @number (NULL: any) under @code, or NULL; borrowed from *reply. */
static const json_t *warned(const char *user, const char *code, const char *number, json_t **reply)
{
	size_t index, at;
	json_t *warning, *item;

	*reply = must_ask(&room, user, "Warnings", json_object());
	json_array_foreach(json_object_get(*reply, "warnings"), index, warning) {
		if (strcmp(sr_json_text(warning, "code"), code) != 0)
			continue;
		json_array_foreach(json_object_get(warning, "cases"), at, item)
			if (!number || strcmp(sr_json_text(item, "number"), number) == 0)
				return item;
	}
	return NULL;
}

static bool is_warned(const char *user, const char *code)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;

	return warned(user, code, NULL, &reply) != NULL;
}

static json_int_t count_of(const json_t *item)
{
	return json_integer_value(json_object_get(item, "count"));
}

static void reading_at_night_is_told_to_whoever_oversees_the_case(void **state)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct openings openings;

	(void)state;
	grant_for("supervisor", &openings);
	go_on_to(7); /* a half before eight */
	open_members(&openings, 2);
	const json_t *item = warned("official2", "reader_outside_hours", "supervisor", &reply);
	assert_non_null(item);
	assert_int_equal(count_of(item), 2);
	assert_true(is_warned("auditor2", "reader_outside_hours"));
	assert_false(is_warned("handler", "reader_outside_hours"));
	assert_false(is_warned("other-official", "reader_outside_hours"));
}

static void reading_three_times_as_much_as_usual_is_told(void **state)
{
	SR_CLEANUP(sr_json_decrefp) json_t *even = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *more = NULL;
	struct openings openings;

	(void)state;
	grant_for("archivist2", &openings);
	for (int day = 0; day < 5; day++) {
		go_on_to(10);
		open_members(&openings, 4);
	}
	go_on_to(10);
	open_members(&openings, 12); /* three times the median, not more */
	assert_null(warned("official", "reader_above_usual", "archivist2", &even));
	open_members(&openings, 1);
	const json_t *item = warned("official", "reader_above_usual", "archivist2", &more);
	assert_non_null(item);
	assert_int_equal(count_of(item), 13);
	assert_true(json_real_value(json_object_get(item, "usual")) == 4.0);
}

static void who_began_to_read_has_no_usual(void **state)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct openings openings;

	(void)state;
	grant_for("handler", &openings);
	go_on_to(10);
	open_members(&openings, 40);
	assert_null(warned("official", "reader_above_usual", "handler", &reply));
}

/* Until the log is published as far as it goes now. */
static void await_publication(void)
{
	uint64_t size = keeper_room_log_size(&room);

	for (int i = 0; i < 6000 && sr_publisher_size(room.keeper->publisher) < size; i++)
		usleep(10000);
}

static void a_checkpoint_that_comes_back_ends_the_warning(void **state)
{
	(void)state;
	for (int day = 0; day < 9; day++)
		go_on_to(10);
	assert_true(is_warned("official", "checkpoint_outside"));
	assert_true(is_warned("auditor2", "checkpoint_outside"));
	assert_false(is_warned("archivist", "checkpoint_outside"));
	await_publication();
	SR_CLEANUP(sr_json_decrefp)
	json_t *taken = must_ask(&room, "auditor2", "LedgerCheckpoint", json_object());
	const char *note = sr_json_text(taken, "checkpoint");
	must_do(&room, "auditor2", "ProveExtension", json_pack("{s:s}", "checkpoint", note));
	assert_false(is_warned("official", "checkpoint_outside"));
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "checkpoint.witnessed");
	assert_non_null(entry);
	uint64_t size = keeper_room_log_size(&room);
	must_do(&room, "auditor2", "ProveExtension", json_pack("{s:s}", "checkpoint", note));
	assert_int_equal(keeper_room_log_size(&room), size); /* the same again is no news */
	for (int day = 0; day < 9; day++)
		go_on_to(10);
	assert_true(is_warned("official", "checkpoint_outside"));
}

/* --- findings of reviews ------------------------------------------------------------------------------ */

/* A finding of the plain case, by a review of the supervisor's; cases of this room were sealed in 1970. */
static void find_fault(char finding[SR_LABEL_BYTES])
{
	id_text review;

	take_text(must_ask(&room, "supervisor", "DrawReview",
	                   json_pack("{s:i,s:i,s:s}", "year", 1970, "count", 500, "seed", "一")),
	          "review", review, sizeof(review));
	must_do(&room, "supervisor", "RecordReview",
	        json_pack("{s:s,s:{s:s,s:s,s:[{s:s,s:s}]}}", "review", review, "record", "case",
	                  cases[PLAIN].id, "result", "failed", "findings", "code", "IM17", "text",
	                  "缺送达回证"));
	SR_CLEANUP(sr_json_decrefp)
	json_t *shown = must_ask(&room, "supervisor", "ShowReview", json_pack("{s:s}", "review", review));
	const json_t *first = json_array_get(json_object_get(shown, "findings"), 0);
	snprintf(finding, SR_LABEL_BYTES, "%s", sr_json_text(first, "finding"));
}

static json_t *moving(const char *finding)
{
	return json_pack("{s:s,s:s}", "finding", finding, "text", "已补送达回证");
}

static void a_finding_that_nobody_mends_is_told_after_thirty_days(void **state)
{
	static const char *const concerned[] = { "supervisor", "official", "official2", "archivist",
		                                 "handler" };
	static const char *const others[] = { "handler2",       "county-official", "county-supervisor",
		                              "other-official", "other-archivist", "auditor2" };
	SR_CLEANUP(sr_json_decrefp) json_t *early = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *late = NULL;
	char finding[SR_LABEL_BYTES], due[SR_TIME_TEXT];

	(void)state;
	go_on_to(10);
	find_fault(finding);
	sr_date_format(sr_date_of_time(sr_keeper_now_ns(room.keeper)) + 30, due);
	for (int day = 0; day < 30; day++)
		go_on_to(10);
	assert_null(warned("supervisor", "finding_open", finding, &early)); /* the thirtieth day */
	go_on_to(10);
	const json_t *item = warned("supervisor", "finding_open", finding, &late);
	assert_non_null(item);
	assert_string_equal(sr_json_text(item, "case"), cases[PLAIN].id);
	assert_string_equal(sr_json_text(item, "due"), due);
	for (size_t i = 0; i < SR_COUNT(concerned); i++)
		if (!is_warned(concerned[i], "finding_open"))
			fail_msg("%s is not told", concerned[i]);
	for (size_t i = 0; i < SR_COUNT(others); i++)
		if (is_warned(others[i], "finding_open"))
			fail_msg("%s is told", others[i]);
	must_do(&room, "handler", "MendFinding", moving(finding));
	assert_false(is_warned("supervisor", "finding_open"));
	must_do(&room, "supervisor", "ReopenFinding", moving(finding));
	assert_true(is_warned("supervisor", "finding_open"));
	must_do(&room, "handler", "MendFinding", moving(finding));
	must_do(&room, "supervisor", "CloseFinding", moving(finding));
	assert_false(is_warned("supervisor", "finding_open"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_at_night_is_told_to_whoever_oversees_the_case),
		cmocka_unit_test(reading_three_times_as_much_as_usual_is_told),
		cmocka_unit_test(who_began_to_read_has_no_usual),
		cmocka_unit_test(a_checkpoint_that_comes_back_ends_the_warning),
		cmocka_unit_test(a_finding_that_nobody_mends_is_told_after_thirty_days),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
