/* SPDX-License-Identifier: Apache-2.0 */
/* Holds (暂缓处置) and disposal lists (销毁清册). */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/case_fixture.h"

static struct keeper_room room;

enum { OVER, OVER_TOO, KEPT, PERMANENT, FOREIGN, CASES };
static struct filed_case cases[CASES] = {
	[OVER] = { .number = "样〔2010〕1号", .organ = CITY, .handler = "handler", .count = 1 },
	[OVER_TOO] = { .number = "样〔2010〕2号", .organ = CITY, .handler = "handler", .count = 1 },
	[KEPT] = { .number = "样〔2026〕1号", .organ = CITY, .handler = "handler", .count = 1 },
	[PERMANENT] = { .number = "样〔2026〕2号", .organ = CITY, .handler = "handler", .count = 1 },
	[FOREIGN] = { .number = "样二〔2010〕1号", .organ = OTHER, .handler = "x", .count = 1 },
};

static int set_up(void **state)
{
	(void)state;
	keeper_room_open(&room);
	int64_t today = sr_date_of_time(sr_keeper_now_ns(room.keeper));
	cases[OVER].retention_end_day = cases[OVER_TOO].retention_end_day = today - 1;
	cases[FOREIGN].retention_end_day = today - 1;
	cases[KEPT].retention_end_day = today;
	for (size_t i = 0; i < CASES; i++)
		file_case(&room, &cases[i]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keeper_room_close(&room);
	return 0;
}

static json_t *about(const char *reference)
{
	return json_pack("{s:s,s:s}", "case", reference, "reason", "行政诉讼");
}

static json_t *list_of(const char *one, const char *other)
{
	return json_pack("{s:[s,s*],s:s}", "cases", one, other, "reason", "保管期满");
}

/* A text in an answer of @user, compared. */
static void answers(const char *user, const char *method, const char *list, size_t count)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = must_ask(&room, user, method, NULL);

	assert_int_equal(json_array_size(json_object_get(reply, list)), count);
}

static void place(const char *reference, char out[SR_LABEL_BYTES])
{
	take_text(must_ask(&room, "official", "PlaceHold", about(reference)), "hold", out, SR_LABEL_BYTES);
}

static void a_case_may_have_several_holds(void **state)
{
	char first[SR_LABEL_BYTES], second[SR_LABEL_BYTES];

	(void)state;
	place(cases[KEPT].number, first);
	place(cases[KEPT].id, second);
	assert_string_not_equal(first, second);
	answers("archivist", "ListHolds", "holds", 2);
	answers("supervisor", "ListHolds", "holds", 2);
	answers("other-archivist", "ListHolds", "holds", 0);
	refused(&room, "official", "ReleaseHold", about(cases[KEPT].number), "Invalid");
	refused(&room, "other-official", "ReleaseHold", about(cases[KEPT].number), "NotFound");
	json_t *named = about(cases[KEPT].number);
	json_object_set_new(named, "hold", json_string("H99999"));
	refused(&room, "official", "ReleaseHold", named, "NotFound");
	named = about(cases[KEPT].number);
	json_object_set_new(named, "hold", json_string(second));
	must_do(&room, "official2", "ReleaseHold", named);
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "hold.released");
	assert_string_equal(sr_json_text(entry, "hold"), second);
	must_do(&room, "official", "ReleaseHold", about(cases[KEPT].number));
	refused(&room, "official", "ReleaseHold", about(cases[KEPT].number), "NotFound");
	answers("archivist", "ListHolds", "holds", 0);
}

/* SHA-256 of the list as docs/LEDGER.md has it, by another tool. */
static void digest_by_tool(const char *text, char out[SR_DIGEST_HEX])
{
	char path[160], command[256];

	snprintf(path, sizeof(path), "%s/list", room.folder.path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	snprintf(command, sizeof(command), "sha256sum %s", path);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_int_equal(fread(out, 1, SR_DIGEST_HEX - 1, pipe), SR_DIGEST_HEX - 1);
	out[SR_DIGEST_HEX - 1] = 0;
	pclose(pipe);
	assert_int_equal(unlink(path), 0);
}

static void only_what_is_over_and_not_held_is_proposed(void **state)
{
	char hold[SR_LABEL_BYTES];

	(void)state;
	refused(&room, "archivist", "ProposeDisposal", list_of(cases[KEPT].number, NULL), "Invalid");
	refused(&room, "archivist", "ProposeDisposal", list_of(cases[PERMANENT].number, NULL), "Invalid");
	refused(&room, "archivist", "ProposeDisposal", list_of(cases[FOREIGN].number, NULL), "NotFound");
	refused(&room, "archivist", "ProposeDisposal", list_of(cases[OVER].number, cases[OVER].id),
	        "Invalid");
	place(cases[OVER].number, hold);
	refused(&room, "archivist", "ProposeDisposal", list_of(cases[OVER_TOO].number, cases[OVER].number),
	        "Held");
	must_do(&room, "official", "ReleaseHold", about(cases[OVER].number));
}

static void a_list_is_approved_as_it_was_proposed(void **state)
{
	char disposal[SR_LABEL_BYTES], digest[SR_DIGEST_HEX], text[256], hold[SR_LABEL_BYTES];

	(void)state;
	SR_CLEANUP(sr_json_decrefp)
	json_t *reply = must_ask(&room, "archivist", "ProposeDisposal",
	                         list_of(cases[OVER].number, cases[OVER_TOO].id));
	snprintf(disposal, sizeof(disposal), "%s", sr_json_text(reply, "disposal"));
	snprintf(text, sizeof(text), "%s %s\n%s %s\n", cases[OVER].id, cases[OVER].number, cases[OVER_TOO].id,
	         cases[OVER_TOO].number);
	digest_by_tool(text, digest);
	assert_string_equal(sr_json_text(reply, "list"), digest);
	refused(&room, "archivist", "ProposeDisposal", list_of(cases[OVER].number, NULL), "Invalid");
	answers("official", "ListDisposals", "disposals", 1);
	answers("other-archivist", "ListDisposals", "disposals", 0);
	refused(&room, "other-official", "ApproveDisposal", json_pack("{s:s}", "disposal", disposal),
	        "NotFound");
	/* A hold that came in between. */
	place(cases[OVER_TOO].number, hold);
	refused(&room, "official", "ApproveDisposal", json_pack("{s:s}", "case", cases[OVER].number), "Held");
	must_do(&room, "official", "ReleaseHold", about(cases[OVER_TOO].number));
	must_do(&room, "official", "ApproveDisposal", json_pack("{s:s}", "case", cases[OVER].number));
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "disposal.approved");
	assert_string_equal(sr_json_text(entry, "disposal"), disposal);
	assert_string_equal(sr_json_text(entry, "list"), digest);
	refused(&room, "official", "ApproveDisposal", json_pack("{s:s}", "disposal", disposal),
	        "AlreadyDecided");
	assert_non_null(strstr(room.err.text, "keeps the archives"));
	refused(&room, "official", "ApproveDisposal", json_pack("{s:s}", "disposal", "X99999"), "NotFound");
	refused(&room, "official", "ApproveDisposal", NULL, "Invalid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_case_may_have_several_holds),
		cmocka_unit_test(only_what_is_over_and_not_held_is_proposed),
		cmocka_unit_test(a_list_is_approved_as_it_was_proposed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
