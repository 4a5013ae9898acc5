/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/casefile/timeline.h"
#include "tests/unit/casefile/cases.h"

#define ACT(from, to, rest)                                                                                  \
	"\"acts\":[{\"id\":\"a1\",\"from\":\"2025-03-" from "+08:00\",\"to\":\"2025-03-" to                  \
	"+08:00\",\"recordings\":[\"a.mp4\",\"b.mp4\"]" rest "}],"
#define CLIP(name, from, to)                                                                                 \
	"{\"path\":\"" name "\",\"class\":\"medium\",\"recorded_from\":\"2025-03-" from                      \
	"\",\"recorded_to\":\"2025-03-" to "\"}"
#define TWO(a_from, a_to, b_from, b_to)                                                                      \
	"\"members\":[" CLIP("a.mp4", a_from "+08:00", a_to "+08:00") "," CLIP("b.mp4", b_from "+08:00",     \
	                                                                       b_to "+08:00") "]"
#define TEN ACT("02T10:00:00", "02T11:00:00", "")
#define GAP(from, to, rest)                                                                                  \
	",\"gaps\":[{\"from\":\"2025-03-" from "+08:00\",\"to\":\"2025-03-" to "+08:00\"" rest "}]"
#define SPOKEN ",\"reason\":\"battery\",\"spoken_in\":\"b.mp4\",\"spoken_at\":\"00:00:05\""

/* Acts of one hour unless said otherwise; the gaps that must be found, tolerance 60 s. */
static const struct {
	const char *why, *text;
	size_t gaps;
	long long seconds; /* of the first gap */
	bool reasoned, spoken;
} cases[] = {
	{ "overlapping", CASE(TEN TWO("02T09:59:00", "02T10:40:00", "02T10:30:00", "02T11:01:00")), 0, 0,
	  false, false },
	{ "one inside the other", CASE(TEN TWO("02T09:59:00", "02T11:01:00", "02T10:30:00", "02T10:40:00")),
	  0, 0, false, false },
	{ "touching", CASE(TEN TWO("02T10:00:00", "02T10:30:00", "02T10:30:00", "02T11:00:00")), 0, 0, false,
	  false },
	{ "given in the wrong order",
	  CASE(TEN TWO("02T10:30:00", "02T11:00:00", "02T10:00:00", "02T10:30:00")), 0, 0, false, false },
	{ "a gap of the tolerance", CASE(TEN TWO("02T10:00:00", "02T10:30:00", "02T10:31:00", "02T11:00:00")),
	  0, 0, false, false },
	{ "a second more", CASE(TEN TWO("02T10:00:00", "02T10:30:00", "02T10:31:01", "02T11:00:00")), 1, 61,
	  false, false },
	{ "begins late", CASE(TEN TWO("02T10:05:00", "02T10:30:00", "02T10:30:00", "02T11:00:00")), 1, 300,
	  false, false },
	{ "ends early", CASE(TEN TWO("02T10:00:00", "02T10:30:00", "02T10:30:00", "02T10:50:00")), 1, 600,
	  false, false },
	{ "late, broken and early", CASE(TEN TWO("02T10:05:00", "02T10:20:00", "02T10:30:00", "02T10:50:00")),
	  3, 300, false, false },
	{ "before the act and after it only",
	  CASE(TEN TWO("02T09:00:00", "02T09:50:00", "02T11:10:00", "02T12:00:00")), 1, 3600, false, false },
	{ "no recording",
	  CASE("\"acts\":[{\"from\":\"2025-03-02T10:00:00+08:00\",\"to\":\"2025-03-02T11:00:00+08:00\"}]"), 1,
	  3600, false, false },
	{ "another zone, the same hour",
	  CASE(TEN "\"members\":[" CLIP("a.mp4", "02T02:00:00Z", "02T02:30:00Z") "," CLIP(
		  "b.mp4", "02T12:30:00+10:00", "02T13:00:00+10:00") "]"),
	  0, 0, false, false },
	{ "the wrong zone: eight hours off",
	  CASE(TEN "\"members\":[" CLIP("a.mp4", "02T10:00:00Z", "02T10:30:00Z") "," CLIP(
		  "b.mp4", "02T10:30:00Z", "02T11:00:00Z") "]"),
	  1, 3600, false, false },
	{ "over midnight",
	  CASE(ACT("02T23:30:00", "03T00:30:00", "")
	               TWO("02T23:30:00", "02T23:59:59", "03T00:00:00", "03T00:30:00")),
	  0, 0, false, false },
	{ "a gap over midnight",
	  CASE(ACT("02T23:30:00", "03T00:30:00", "")
	               TWO("02T23:30:00", "02T23:50:00", "03T00:10:00", "03T00:30:00")),
	  1, 1200, false, false },
	{ "explained and spoken",
	  CASE(ACT("02T10:00:00", "02T11:00:00", GAP("02T10:30:00", "02T10:40:00", SPOKEN))
	               TWO("02T10:00:00", "02T10:30:00", "02T10:40:00", "02T11:00:00")),
	  1, 600, true, true },
	{ "explained, not spoken",
	  CASE(ACT("02T10:00:00", "02T11:00:00", GAP("02T10:30:00", "02T10:40:00", ",\"reason\":\"fault\""))
	               TWO("02T10:00:00", "02T10:30:00", "02T10:40:00", "02T11:00:00")),
	  1, 600, true, false },
	{ "spoken without a reason",
	  CASE(ACT("02T10:00:00", "02T11:00:00",
	           GAP("02T10:30:00", "02T10:40:00", ",\"spoken_in\":\"b.mp4\""))
	               TWO("02T10:00:00", "02T10:30:00", "02T10:40:00", "02T11:00:00")),
	  1, 600, false, false },
	{ "half of it explained",
	  CASE(ACT("02T10:00:00", "02T11:00:00", GAP("02T10:30:00", "02T10:35:00", SPOKEN))
	               TWO("02T10:00:00", "02T10:30:00", "02T10:40:00", "02T11:00:00")),
	  1, 600, false, true },
	{ "explained but for the tolerance",
	  CASE(ACT("02T10:00:00", "02T11:00:00", GAP("02T10:30:50", "02T10:39:10", SPOKEN))
	               TWO("02T10:00:00", "02T10:30:00", "02T10:40:00", "02T11:00:00")),
	  1, 600, true, true },
	{ "abandoned before the end",
	  CASE(ACT("02T10:00:00", "02T11:00:00", ",\"abandoned\":{\"reason\":\"fault\"}")
	               TWO("02T10:00:00", "02T10:30:00", "02T10:30:00", "02T10:40:00")),
	  1, 1200, true, false },
	{ "abandoned explains nothing before",
	  CASE(ACT("02T10:00:00", "02T11:00:00", ",\"abandoned\":{\"reason\":\"fault\"}")
	               TWO("02T10:00:00", "02T10:10:00", "02T10:30:00", "02T10:40:00")),
	  2, 1200, false, false },
	{ "a picture covers nothing",
	  CASE(TEN TWO("02T10:00:00", "02T11:00:00", "02T10:30:00", "02T10:30:00")), 0, 0, false, false },
};

static enum sr_status make(const char *text, struct sr_case **description, struct sr_timeline *out,
                           char place[SR_PLACE_BYTES])
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = new_findings();
	char full_path[SR_PLACE_BYTES];
	struct sr_err err;

	assert_ok(read_text(text, findings, description, &err));
	return sr_timeline_make(*description, 0, 60, out, place, full_path, &err);
}

static void gaps_are_found_and_explained(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		SR_CLEANUP(sr_timeline_dispose) struct sr_timeline timeline = { 0 };
		char place[SR_PLACE_BYTES];

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(make(cases[i].text, &description, &timeline, place), SR_OK);
		assert_int_equal(timeline.gap_count, cases[i].gaps);
		if (cases[i].gaps == 0)
			continue;
		assert_int_equal((timeline.gaps[0].to_ns - timeline.gaps[0].from_ns) / SR_SECOND_NS,
		                 cases[i].seconds);
		assert_int_equal(timeline.gaps[0].reasoned, cases[i].reasoned);
		assert_int_equal(timeline.gaps[0].spoken, cases[i].spoken);
	}
}

static void a_time_that_is_missing_is_named(void **state)
{
	static const struct {
		const char *why, *text, *place;
	} missing[] = {
		{ "no arrival", CASE("\"acts\":[{\"to\":\"2025-03-02T11:00:00+08:00\"}]"), "/acts/0/from" },
		{ "no departure", CASE("\"acts\":[{\"from\":\"2025-03-02T11:00:00+08:00\"}]"), "/acts/0/to" },
		{ "departure before arrival", CASE(ACT("02T10:00:00", "02T09:00:00", "") "\"members\":[]"),
		  "/acts/0/to" },
		{ "a recording without beginning",
		  CASE(TEN "\"members\":[{\"path\":\"a.mp4\",\"class\":\"medium\"}]"),
		  "/members/0/recorded_from" },
		{ "a recording that ends before it begins",
		  CASE(TEN TWO("02T10:00:00", "02T09:00:00", "02T10:00:00", "02T11:00:00")),
		  "/members/0/recorded_to" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(missing); i++) {
		SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
		struct sr_timeline timeline = { 0 };
		char place[SR_PLACE_BYTES] = "";

		print_message("case: %s\n", missing[i].why);
		assert_int_equal(make(missing[i].text, &description, &timeline, place), SR_NOT_FOUND);
		assert_string_equal(place, missing[i].place);
	}
}

static void a_page_can_draw_it(void **state)
{
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	SR_CLEANUP(sr_timeline_dispose) struct sr_timeline timeline = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *json = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	char place[SR_PLACE_BYTES];
	const char *written;
	struct sr_err err;

	(void)state;
	assert_int_equal(
		make(CASE(ACT("02T10:00:00", "02T11:00:00", GAP("02T10:30:00", "02T10:40:00", SPOKEN))
	                          TWO("02T09:59:00", "02T10:30:00", "02T10:40:00", "02T11:00:00")),
	             &description, &timeline, place),
		SR_OK);
	assert_ok(sr_timeline_to_json(&timeline, description, &json, &err));
	assert_ok(sr_json_write(json, &text, &err));
	assert_ok(sr_buf_text(&text, &written, &err));
	assert_string_equal(
		written,
		"{\"from\":\"2025-03-02T02:00:00Z\",\"to\":\"2025-03-02T03:00:00Z\",\"recordings\":["
		"{\"member\":\"a.mp4\",\"from\":\"2025-03-02T01:59:00Z\",\"to\":\"2025-03-02T02:30:00Z\"},"
		"{\"member\":\"b.mp4\",\"from\":\"2025-03-02T02:40:00Z\",\"to\":\"2025-03-02T03:00:00Z\"}],"
		"\"gaps\":[{\"from\":\"2025-03-02T02:30:00Z\",\"to\":\"2025-03-02T02:40:00Z\",\"seconds\":"
		"600,"
		"\"reason\":\"battery\",\"spoken_in\":\"b.mp4\",\"spoken_at\":\"00:00:05\",\"reasoned\":true,"
		"\"spoken\":true}],\"abandoned\":false}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps_are_found_and_explained),
		cmocka_unit_test(a_time_that_is_missing_is_named),
		cmocka_unit_test(a_page_can_draw_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
