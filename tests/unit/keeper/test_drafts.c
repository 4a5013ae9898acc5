/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <sys/file.h>

#include "tests/unit/keeper/keeper_fixture.h"
#include "tests/unit/keeper/draft_calls.h"

static struct keeper_room room;

/* The small case is classified privacy: the fixture's archivists have no clearance for it. */
static const struct keeper_person receivers[] = {
	{ "receiver", "archivist", CITY },
	{ "receiver2", "archivist", CITY },
};

static int set_up(void **state)
{
	(void)state;
	samples_use_probe();
	keeper_room_open(&room);
	for (size_t i = 0; i < SR_COUNT(receivers); i++)
		keeper_room_add_user(&room, &receivers[i], json_pack("[s]", "privacy"));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	keeper_room_close(&room);
	return 0;
}

static bool staging_has(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/staging/%s", room.data, name);
	return access(path, F_OK) == 0;
}

static void a_draft_goes_from_handler_to_archivist_and_is_sealed(void **state)
{
	char id[16];

	(void)state;
	make_draft(&room, "handler", small_description("样〔2025〕1号"), id);
	refused(&room, "receiver", "SealDraft", of_draft(id), "WrongState");
	must_do(&room, "handler", "SubmitDraft", of_draft(id));
	refused(&room, "handler", "RemoveMember",
	        json_pack("{s:s,s:s}", "draft", id, "path", "media/现场照片.jpg"), "WrongState");
	must_do(&room, "receiver", "ReturnDraft", json_pack("{s:s,s:s}", "draft", id, "reason", "缺页"));
	SR_CLEANUP(sr_json_decrefp) json_t *shown = must_ask(&room, "handler", "ShowDraft", of_draft(id));
	assert_string_equal(sr_json_text(shown, "state"), "returned");
	assert_string_equal(sr_json_text(shown, "reason"), "缺页");
	must_do(&room, "handler", "SubmitDraft", of_draft(id));
	SR_CLEANUP(sr_json_decrefp) json_t *sealed = must_ask(&room, "receiver", "SealDraft", of_draft(id));
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "case.sealed");
	assert_string_equal(sr_json_text(entry, "draft"), id);
	assert_string_equal(sr_json_text(entry, "seal"), sr_json_text(sealed, "seal"));
	assert_false(staging_has(id));
	refused(&room, "receiver", "SealDraft", of_draft(id), "WrongState");
	SR_CLEANUP(sr_json_decrefp) json_t *past = must_ask(&room, "handler", "ShowDraft", of_draft(id));
	assert_string_equal(sr_json_text(past, "state"), "sealed");
	assert_string_equal(sr_json_text(past, "case"), sr_json_text(sealed, "case"));
}

static void whoever_had_a_hand_in_it_does_not_receive_it(void **state)
{
	char id[16];

	(void)state;
	make_draft(&room, "handler", small_description("样〔2025〕2号"), id);
	must_do(&room, "receiver", "DescribeDraft",
	        json_pack("{s:s,s:{s:s}}", "draft", id, "description", "custodian", "档案室"));
	must_do(&room, "handler", "SubmitDraft", of_draft(id));
	refused(&room, "receiver", "SealDraft", of_draft(id), "NotYourRole");
	refused(&room, "receiver", "ReturnDraft", json_pack("{s:s,s:s}", "draft", id, "reason", "x"),
	        "NotYourRole");
	must_do(&room, "receiver2", "SealDraft", of_draft(id));
}

static void who_could_not_see_it_afterwards_does_not_seal_it(void **state)
{
	char id[16];

	(void)state;
	make_draft(&room, "handler", small_description("样〔2025〕12号"), id);
	must_do(&room, "handler", "SubmitDraft", of_draft(id));
	SR_CLEANUP(sr_json_decrefp) json_t *before = keeper_room_last(&room, "case.sealed");
	refused(&room, "archivist", "SealDraft", of_draft(id), "Denied");
	assert_non_null(strstr(room.err.text, "--clearance privacy"));
	SR_CLEANUP(sr_json_decrefp) json_t *after = keeper_room_last(&room, "case.sealed");
	assert_true(json_equal(before, after));
	SR_CLEANUP(sr_json_decrefp) json_t *shown = must_ask(&room, "receiver", "ShowDraft", of_draft(id));
	assert_string_equal(sr_json_text(shown, "state"), "submitted");
	must_do(&room, "receiver", "SealDraft", of_draft(id));
}

static void a_draft_is_nobody_elses(void **state)
{
	static const struct {
		const char *user, *error;
	} others[] = {
		{ "handler2", "NotFound" },         { "county-handler", "NotFound" },
		{ "county-archivist", "NotFound" }, { "other-archivist", "NotFound" },
		{ "official", "NotYourRole" },      { "supervisor", "NotYourRole" },
		{ "auditor2", "NotYourRole" },      { "security2", "NotYourRole" },
		{ "keyholder", "NotYourRole" },
	};
	static const char *const methods[] = { "ShowDraft", "CheckDraft", "SubmitDraft", "DropDraft" };
	char id[16];

	(void)state;
	make_draft(&room, "handler", small_description("样〔2025〕3号"), id);
	for (size_t i = 0; i < SR_COUNT(others); i++)
		for (size_t m = 0; m < SR_COUNT(methods); m++)
			refused(&room, others[i].user, methods[m], of_draft(id), others[i].error);
	refused(&room, NOBODY, "ShowDraft", of_draft(id), "NotSignedIn");
	refused(&room, "handler", "SealDraft", of_draft(id), "NotYourRole");
	SR_CLEANUP(sr_json_decrefp) json_t *list = must_ask(&room, "handler2", "ListDrafts", NULL);
	assert_int_equal(json_array_size(json_object_get(list, "drafts")), 0);
	must_do(&room, "archivist", "DropDraft", of_draft(id));
	assert_false(staging_has(id));
}

static void what_is_sealed_is_what_was_submitted(void **state)
{
	char id[16], path[256];

	(void)state;
	make_draft(&room, "handler", small_description("样〔2025〕4号"), id);
	must_do(&room, "handler", "SubmitDraft", of_draft(id));
	snprintf(path, sizeof(path), "%s/staging/%s/explanations/现场照片.md", room.data, id);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs("# 换过的说明\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	refused(&room, "receiver", "SealDraft", of_draft(id), "Blocked");
	assert_true(staging_has(id));
}

static void paths_lead_nowhere_else(void **state)
{
	static const char *const paths[] = { "../x", "/etc/x", "a/../../x", "case.json", "a//b", "" };
	char id[16];

	(void)state;
	make_draft(&room, "handler", small_description("样〔2025〕5号"), id);
	put_upload(&room, "handler", "x", 0);
	for (size_t i = 0; i < SR_COUNT(paths); i++)
		refused(&room, "handler", "AddMember",
		        json_pack("{s:s,s:s,s:s}", "draft", id, "path", paths[i], "upload", SOME_UPLOAD),
		        "Invalid");
	refused(&room, "handler", "AddMember",
	        json_pack("{s:s,s:s,s:s}", "draft", id, "path", "a", "upload", "../../strongroom.conf"),
	        "NotFound");
	refused(&room, "handler", "AddMember",
	        json_pack("{s:s,s:s,s:s}", "draft", id, "path", "a", "upload", "none"), "NotFound");
	refused(&room, "handler", "AddMember",
	        json_pack("{s:s,s:s,s:s,s:{s:s,s:s,s:s}}", "draft", id, "path", "b.txt", "upload",
	                  SOME_UPLOAD, "description", "path", "b.txt", "class", "document", "sha256",
	                  "0000000000000000000000000000000000000000000000000000000000000000"),
	        "Invalid");
	assert_non_null(strstr(room.err.text, "X10"));
}

static json_t *of_upload(const char *draft)
{
	return json_pack("{s:s,s:s,s:s}", "draft", draft, "path", "b.txt", "upload", SOME_UPLOAD);
}

/* Whoever knows its name has not uploaded it, and what is still written is not there yet. */
static void an_upload_is_its_users_and_is_taken_whole(void **state)
{
	char id[16], path[256];

	(void)state;
	make_draft(&room, "handler", small_description("样〔2025〕6号"), id);
	put_upload(&room, "handler2", "another's", 0);
	refused(&room, "handler", "AddMember", of_upload(id), "NotFound");
	put_upload(&room, "handler", "half", 4);
	refused(&room, "handler", "AddMember", of_upload(id), "Invalid");
	put_upload(&room, "handler", "whole", 0);
	snprintf(path, sizeof(path), "%s/staging/uploads/" SOME_UPLOAD, room.data);
	const int writer = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(writer, LOCK_EX), 0);
	refused(&room, "handler", "AddMember", of_upload(id), "Busy");
	close(writer);
	must_do(&room, "handler", "AddMember", of_upload(id));
	/* It is gone, and what was known of it, too. */
	assert_false(staging_has("uploads/" SOME_UPLOAD));
	assert_false(staging_has("uploads/" SOME_UPLOAD ".json"));
}

static void a_wrong_description_changes_nothing(void **state)
{
	char id[16];

	(void)state;
	make_draft(&room, "handler", small_description("样〔2025〕6号"), id);
	refused(&room, "handler", "DescribeDraft",
	        json_pack("{s:s,s:{s:s}}", "draft", id, "description", "category", "fun"), "Invalid");
	assert_non_null(strstr(room.err.text, "/category"));
	must_do(&room, "handler", "DescribeDraft",
	        json_pack("{s:s,s:{s:n,s:s}}", "draft", id, "description", "custodian", "title", "新题名"));
	SR_CLEANUP(sr_json_decrefp) json_t *shown = must_ask(&room, "handler", "ShowDraft", of_draft(id));
	const json_t *description = json_object_get(shown, "description");
	assert_string_equal(sr_json_text(description, "title"), "新题名");
	assert_null(json_object_get(description, "custodian"));
	assert_int_equal(json_array_size(json_object_get(description, "members")), 3);
}

static void the_first_findings_stay_in_the_log(void **state)
{
	char id[16];
	json_t *description = small_description("样〔2025〕7号");

	(void)state;
	json_object_del(description, "custodian");
	make_draft(&room, "handler", description, id);
	SR_CLEANUP(sr_json_decrefp) json_t *blocked = must_ask(&room, "handler", "SubmitDraft", of_draft(id));
	assert_true(json_is_true(json_object_get(blocked, "blocked")));
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "draft.submitted");
	assert_int_equal(json_integer_value(json_object_get(entry, "blockers")), 1);
	const json_t *sum = json_array_get(json_object_get(entry, "findings"), 0);
	assert_string_equal(sr_json_text(sum, "code"), "B16");
	refused(&room, "archivist", "SealDraft", of_draft(id), "WrongState");
	must_do(&room, "handler", "DescribeDraft",
	        json_pack("{s:s,s:{s:s}}", "draft", id, "description", "custodian", "档案室"));
	SR_CLEANUP(sr_json_decrefp) json_t *again = must_ask(&room, "handler", "SubmitDraft", of_draft(id));
	assert_false(json_is_true(json_object_get(again, "blocked")));
}

static void idle_drafts_are_dropped_submitted_ones_are_not(void **state)
{
	char idle[16], waiting[16];

	(void)state;
	make_draft(&room, "handler", small_description("样〔2025〕8号"), idle);
	make_draft(&room, "handler", small_description("样〔2025〕9号"), waiting);
	must_do(&room, "handler", "SubmitDraft", of_draft(waiting));
	keeper_room_pass_time(&room, 31 * SR_DAY_S * SR_SECOND_NS);
	for (int i = 0; i < 600 && staging_has(idle); i++)
		usleep(100000);
	keeper_room_forget(&room, "handler");
	SR_CLEANUP(sr_json_decrefp) json_t *gone = must_ask(&room, "handler", "ShowDraft", of_draft(idle));
	assert_string_equal(sr_json_text(gone, "state"), "dropped");
	assert_false(staging_has(idle));
	SR_CLEANUP(sr_json_decrefp) json_t *kept = must_ask(&room, "handler", "ShowDraft", of_draft(waiting));
	assert_string_equal(sr_json_text(kept, "state"), "submitted");
}

/* 内蒙古 第二十三条: within 30 days of the end of execution, of the closing where nothing is executed. */
static void a_draft_says_by_when_it_is_to_be_archived(void **state)
{
	static const struct {
		const char *why, *closed, *ended, *due;
	} rows[] = {
		{ "thirty days after the end of execution", "2026-03-20", "2026-03-01", "2026-03-31" },
		{ "of the closing where nothing is executed", "2026-03-20", NULL, "2026-04-19" },
		{ "over the end of a year", "2026-12-15", NULL, "2027-01-14" },
	};
	char id[16];

	(void)state;
	for (size_t i = 0; i < SR_COUNT(rows); i++) {
		json_t *description = small_description("样〔2026〕20号");

		print_message("case: %s\n", rows[i].why);
		json_object_set_new(description, "dates", json_pack("{s:s}", "closed", rows[i].closed));
		json_object_set_new(description, "execution", json_pack("{s:s*}", "ended_on", rows[i].ended));
		make_draft(&room, "handler", description, id);
		SR_CLEANUP(sr_json_decrefp)
		json_t *shown = must_ask(&room, "archivist", "ShowDraft", of_draft(id));
		assert_string_equal(sr_json_text(shown, "due"), rows[i].due);
		assert_true(json_is_integer(json_object_get(shown, "days")));
		assert_false(json_is_true(json_object_get(shown, "mine")));
		assert_non_null(sr_json_text(shown, "title"));
		assert_non_null(sr_json_text(shown, "handler_name"));
		assert_non_null(sr_json_text(shown, "organ_name"));
		must_do(&room, "handler", "DropDraft", of_draft(id));
	}
}

/* 内蒙古 第十三条: what the recordings of an act leave out is a gap, and a time that is missing is told. */
static void a_check_draws_the_recordings_of_each_act(void **state)
{
	json_t *description = small_description("样〔2026〕21号");
	char id[16];

	(void)state;
	json_object_set_new(description, "acts",
	                    json_pack("[{s:s,s:s,s:s,s:s},{s:s,s:s}]", "id", "a1", "kind",
	                              "onsite_inspection", "from", "2025-03-02T09:30:00+08:00", "to",
	                              "2025-03-02T10:30:00+08:00", "id", "a2", "kind", "interview"));
	make_draft(&room, "handler", description, id);
	SR_CLEANUP(sr_json_decrefp) json_t *check = must_ask(&room, "handler", "CheckDraft", of_draft(id));
	const json_t *lines = json_object_get(check, "timeline");
	assert_int_equal(json_array_size(lines), 2);
	const json_t *gap = json_array_get(json_object_get(json_array_get(lines, 0), "gaps"), 0);
	assert_string_equal(sr_json_text(gap, "from"), "2025-03-02T01:30:00Z");
	assert_int_equal(json_integer_value(json_object_get(gap, "seconds")), 3600);
	assert_string_equal(sr_json_text(json_array_get(lines, 1), "missing"), "/acts/1/from");
}

static void a_check_of_the_archive_is_a_four_property_report(void **state)
{
	json_t *description = small_description("样〔2025〕10号");

	(void)state;
	json_object_set_new(description, "classification", json_pack("[s]", "none"));
	SR_CLEANUP(sr_json_decrefp) json_t *sealed = seal_small_case(&room, description);
	const char *id = sr_json_text(sealed, "case");
	SR_CLEANUP(sr_json_decrefp)
	json_t *before = must_ask(&room, "archivist", "LastFixity", json_pack("{s:s}", "case", id));
	const json_t *part = json_array_get(json_object_get(before, "parts"), 0);
	assert_true(json_is_null(json_object_get(part, "properties")));
	must_do(&room, "archivist", "VerifyCase", json_pack("{s:[s]}", "cases", id));
	SR_CLEANUP(sr_json_decrefp)
	json_t *after = must_ask(&room, "archivist", "LastFixity", json_pack("{s:s}", "case", id));
	const json_t *report =
		json_object_get(json_array_get(json_object_get(after, "parts"), 0), "properties");
	assert_string_equal(sr_json_text(report, "stage"), "fixity");
	assert_int_equal(json_integer_value(json_object_get(report, "passed")), 7);
	assert_int_equal(json_integer_value(json_object_get(report, "failed")), 0);
	assert_int_equal(json_integer_value(json_object_get(report, "not_applicable")), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_draft_goes_from_handler_to_archivist_and_is_sealed),
		cmocka_unit_test(whoever_had_a_hand_in_it_does_not_receive_it),
		cmocka_unit_test(who_could_not_see_it_afterwards_does_not_seal_it),
		cmocka_unit_test(a_draft_is_nobody_elses),
		cmocka_unit_test(what_is_sealed_is_what_was_submitted),
		cmocka_unit_test(paths_lead_nowhere_else),
		cmocka_unit_test(an_upload_is_its_users_and_is_taken_whole),
		cmocka_unit_test(a_wrong_description_changes_nothing),
		cmocka_unit_test(the_first_findings_stay_in_the_log),
		cmocka_unit_test(a_draft_says_by_when_it_is_to_be_archived),
		cmocka_unit_test(a_check_draws_the_recordings_of_each_act),
		cmocka_unit_test(a_check_of_the_archive_is_a_four_property_report),
		cmocka_unit_test(idle_drafts_are_dropped_submitted_ones_are_not),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
