/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clearances bind, command by command: of a case that anybody of the organ may know of, one member is
 * classified.  Cases that are classified themselves are test_hidden's.
 */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/case_fixture.h"
#include "tests/unit/keeper/draft_calls.h"

#define PICTURE "现场照片" /* the classified member's title */
#define CLASSIFIED 2       /* its number */

static struct keeper_room room;
static char case_id[SR_UUID_TEXT];
static char narrow[SR_LABEL_BYTES], wide[SR_LABEL_BYTES]; /* grants of who lacks the clearance, and has it */

static const struct keeper_person cleared[] = {
	{ "receiver", "archivist", CITY },
	{ "decider", "official", CITY },
	{ "overseer", "supervisor", CITY },
};

/* Who has no clearance, and the same role with one. */
static const struct {
	const char *without, *with;
} pairs[] = { { "archivist", "receiver" }, { "official", "decider" }, { "supervisor", "overseer" } };

/* @classes (taken): of the case; the picture is always privacy. */
static json_t *described(const char *number, json_t *classes)
{
	json_t *description = small_description(number);
	json_t *members = json_object_get(description, "members");

	json_object_set_new(description, "classification", classes);
	json_object_set_new(json_array_get(members, 1), "classification", json_pack("[s]", "privacy"));
	return description;
}

static void grant_to(const char *reader, char out[SR_LABEL_BYTES])
{
	char request[SR_LABEL_BYTES];

	take_text(must_ask(&room, reader, "FileRequest",
	                   json_pack("{s:[s],s:s,s:s,s:[s,s]}", "cases", case_id, "purpose", "supervision",
	                             "reason", "检查", "channels", "fs", "copy")),
	          "request", request, sizeof(request));
	must_do(&room, "decider", "DecideRequest",
	        json_pack("{s:s,s:s}", "request", request, "decision", "approve"));
	take_text(must_ask(&room, "official", "DecideRequest",
	                   json_pack("{s:s,s:s}", "request", request, "decision", "approve")),
	          "grant", out, SR_LABEL_BYTES);
}

static int set_up(void **state)
{
	char id[16];

	(void)state;
	samples_use_probe();
	keeper_room_open(&room);
	for (size_t i = 0; i < SR_COUNT(cleared); i++)
		keeper_room_add_user(&room, &cleared[i], json_pack("[s]", "privacy"));
	make_draft(&room, "handler", described("样〔2026〕1号", json_pack("[s]", "none")), id);
	must_do(&room, "handler", "SubmitDraft", of_draft(id));
	take_text(must_ask(&room, "archivist", "SealDraft", of_draft(id)), "case", case_id, sizeof(case_id));
	grant_to("supervisor", narrow);
	grant_to("overseer", wide);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keeper_room_close(&room);
	return 0;
}

/* --- cover, catalogue, papers ---------------------------------------------------------------------- */

static bool tells(const char *user, const char *method, json_t *parameters, const char *text)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = must_ask(&room, user, method, parameters);
	char *dump = json_dumps(reply, 0);
	bool told = strstr(dump, text) != NULL;

	free(dump);
	return told;
}

static void rows_above_the_clearances_are_left_out_of_what_is_shown(void **state)
{
	static const char *const asked[] = { "ShowCase", "ShowPaper" };

	(void)state;
	for (size_t p = 0; p < SR_COUNT(pairs); p++)
		for (size_t i = 0; i < SR_COUNT(asked); i++) {
			json_t *of = json_pack("{s:s}", "case", case_id);

			print_message("case: %s of %s\n", asked[i], pairs[p].without);
			if (strcmp(asked[i], "ShowPaper") == 0)
				json_object_set_new(of, "paper", json_string("list"));
			json_t *again = json_copy(of);
			assert_true(tells(pairs[p].without, asked[i], json_copy(of), "立案审批表"));
			assert_false(tells(pairs[p].without, asked[i], of, PICTURE ".jpg"));
			assert_true(tells(pairs[p].with, asked[i], again, PICTURE));
		}
}

static void words_of_rows_above_the_clearances_are_not_found(void **state)
{
	(void)state;
	for (size_t p = 0; p < SR_COUNT(pairs); p++) {
		SR_CLEANUP(sr_json_decrefp)
		json_t *none =
			must_ask(&room, pairs[p].without, "FindCases", json_pack("{s:s}", "q", "柜台陈列"));
		SR_CLEANUP(sr_json_decrefp)
		json_t *one =
			must_ask(&room, pairs[p].with, "FindCases", json_pack("{s:s}", "q", "柜台陈列"));
		print_message("case: %s\n", pairs[p].without);
		assert_int_equal(json_integer_value(json_object_get(none, "total")), 0);
		assert_int_equal(json_integer_value(json_object_get(one, "total")), 1);
	}
}

/* --- reading ---------------------------------------------------------------------------------------- */

static json_t *opening(const char *grant, int member, const char *channel)
{
	return json_pack("{s:s,s:s,s:i,s:s}", "grant", grant, "case", case_id, "member", member, "channel",
	                 channel);
}

static void a_grant_opens_no_member_above_the_readers_clearances(void **state)
{
	(void)state;
	must_do(&room, "supervisor", "OpenMember", opening(narrow, 1, "fs"));
	refused(&room, "supervisor", "OpenMember", opening(narrow, CLASSIFIED, "fs"), "NotGranted");
	must_do(&room, "overseer", "OpenMember", opening(wide, CLASSIFIED, "fs"));
}

static void nor_does_an_export_copy_it(void **state)
{
	(void)state;
	must_do(&room, "supervisor", "ExportGrant", json_pack("{s:s,s:s}", "grant", narrow, "form", "tar"));
	must_do(&room, "supervisor", "OpenMember", opening(narrow, 1, "copy"));
	refused(&room, "supervisor", "OpenMember", opening(narrow, CLASSIFIED, "copy"), "NotGranted");
	must_do(&room, "overseer", "ExportGrant", json_pack("{s:s,s:s}", "grant", wide, "form", "tar"));
	must_do(&room, "overseer", "OpenMember", opening(wide, CLASSIFIED, "copy"));
}

/* Of a reading that goes on: the member's title is as classified as the member. */
static void who_watches_sees_the_titles_that_they_may_know(void **state)
{
	json_t *reply = NULL;

	(void)state;
	must_do(&room, "overseer", "OpenMember", opening(wide, CLASSIFIED, "fs"));
	for (int c = 0; c < 2; c++) {
		size_t index, seen = 0;
		json_t *one;

		reply = must_ask(&room, c ? "decider" : "official", "LiveAccess", NULL);
		json_array_foreach(json_object_get(reply, "live"), index, one) {
			const char *title = sr_json_text(one, "title");

			if (json_integer_value(json_object_get(one, "member")) != CLASSIFIED)
				continue;
			seen++;
			assert_true(c ? strcmp(title, PICTURE) == 0 : title == NULL);
		}
		assert_true(seen > 0);
		json_decref(reply);
	}
}

/* --- sealing ---------------------------------------------------------------------------------------- */

/* Nothing is sealed by an archivist who could not see it afterwards: neither a case nor a further part. */
static void who_could_not_see_it_seals_no_part(void **state)
{
	char id[16];

	(void)state;
	SR_CLEANUP(sr_json_decrefp)
	json_t *opened = must_ask(&room, "archivist2", "CreateDraft",
	                          json_pack("{s:s,s:o}", "part_of", case_id, "description",
	                                    described("样〔2026〕1号", json_pack("[s]", "privacy"))));
	snprintf(id, sizeof(id), "%s", sr_json_text(opened, "draft"));
	add_file(&room, "archivist2", id, "documents/001 立案审批表.pdf", "%PDF-1.4\n% y\n");
	add_file(&room, "archivist2", id, "media/现场照片.jpg", "\xff\xd8\xff\xe0photo 2");
	add_file(&room, "archivist2", id, "explanations/现场照片.md", "# 文字说明\n\n虚构样例。\n");
	must_do(&room, "archivist2", "SubmitDraft", of_draft(id));
	SR_CLEANUP(sr_json_decrefp) json_t *before = keeper_room_last(&room, "case.sealed");
	refused(&room, "archivist", "SealDraft", of_draft(id), "Denied");
	assert_non_null(strstr(room.err.text, "--clearance privacy"));
	SR_CLEANUP(sr_json_decrefp) json_t *after = keeper_room_last(&room, "case.sealed");
	assert_true(json_equal(before, after));
	must_do(&room, "receiver", "SealDraft", of_draft(id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_above_the_clearances_are_left_out_of_what_is_shown),
		cmocka_unit_test(words_of_rows_above_the_clearances_are_not_found),
		cmocka_unit_test(a_grant_opens_no_member_above_the_readers_clearances),
		cmocka_unit_test(nor_does_an_export_copy_it),
		cmocka_unit_test(who_watches_sees_the_titles_that_they_may_know),
		cmocka_unit_test(who_could_not_see_it_seals_no_part),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
