/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No command tells whoever may not know of a case that there is one.  Two halves: what is asked by name is
 * answered as if nothing had that name; and lists, figures and warnings are the same in an appliance with
 * hidden cases, and all that became of them, and in one without.  The table at the end files every command
 * under one of them.
 */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/hidden_room.h"

#include "appliance/keeper/methods.h"

#include <regex.h>

/* --- lists ---------------------------------------------------------------------------------------- */

/* Commands that answer with many things at once, and what they are asked with. */
static const struct {
	const char *method, *parameters;
} lists[] = {
	{ "FindCases", "{}" },
	{ "FindCases", "{\"number\":\"样〔2026〕66号\"}" },
	{ "FindCases", "{\"q\":\"甲样药店\",\"limit\":1}" },
	{ "ListDrafts", "{}" },
	{ "ListDrafts", "{\"state\":\"sealed\"}" },
	{ "ListRequests", "{}" },
	{ "ListGrants", "{}" },
	{ "ListHolds", "{}" },
	{ "ListDisposals", "{}" },
	{ "ListReviews", "{}" },
	{ "ListApplications", "{}" },
	{ "ListRegister", "{}" },
	{ "ReconcileRegister", "{}" },
	{ "LiveAccess", "{}" },
	{ "Readings", "{\"from\":\"2026-01-01\",\"to\":\"2027-12-31\"}" },
	{ "Statistics", "{\"year\":2026}" },
	{ "Statistics", "{\"year\":2015}" },
	{ "Warnings", "{}" },
	{ "VerifyCase", "{\"all\":true,\"quick\":true}" },
};

/* Put @to wherever @pattern matches. */
static void replace_all(json_t **text, const char *pattern, const char *to)
{
	const char *at = json_string_value(*text);
	char out[1 << 16] = "";
	size_t size = 0;
	regmatch_t match;
	regex_t regex;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED), 0);
	while (regexec(&regex, at, 1, &match, 0) == 0) {
		size += (size_t)snprintf(out + size, sizeof(out) - size, "%.*s%s", (int)match.rm_so, at, to);
		assert_true(size < sizeof(out));
		at += match.rm_eo;
	}
	size += (size_t)snprintf(out + size, sizeof(out) - size, "%s", at);
	assert_true(size < sizeof(out));
	regfree(&regex);
	json_decref(*text);
	*text = json_string(out);
}

/* The answer as text, or the refusal; what differs from one appliance to the next is made the same. */
static json_t *answer_of(const char *user, size_t list)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	json_t *text;

	json_t *parameters = json_loads(lists[list].parameters, 0, NULL);
	assert_non_null(parameters);
	if (ask(&room, user, lists[list].method, parameters, &reply) != SR_OK)
		return json_sprintf("%s: %s", room.error, room.err.text);
	char *dump = json_dumps(reply, JSON_SORT_KEYS | JSON_INDENT(1));
	text = json_string(dump);
	free(dump);
	replace_all(&text, seen_case, "THE-SEEN-CASE");
	replace_all(&text, room.folder.path, "FOLDER");
	replace_all(&text, "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "TIME");
	replace_all(&text, "G[0-9]{5}-[0-9a-z]{6}", "GRANT");
	replace_all(&text, "[0-9a-f]{64}", "DIGEST");
	replace_all(&text, "\"next\": [0-9]+", "NEXT"); /* of the log: everybody sees how long it is */
	/* From filing to deciding: a second, where one ended between the two. */
	replace_all(&text, "\"(median|p90)\": [0-9.e-]+", "HOURS");
	return text;
}

/* user/list: answer; the caller owns it. */
static json_t *everybodys_answers(bool hidden)
{
	json_t *answers = json_object();

	open_room();
	put_what_is_seen();
	if (hidden)
		put_what_is_hidden();
	pass_days(DAYS_LATER / 2);
	if (hidden) /* else it would be dropped after 30 idle days */
		must_do(&room, "receiver", "DescribeDraft",
		        json_pack("{s:s,s:{s:s}}", "draft", names[PART_DRAFT].hidden, "description", "title",
		                  "补充卷"));
	pass_days(DAYS_LATER / 2);
	if (hidden)
		go_on_reading_in_secret();
	for (size_t u = 0; u < SR_COUNT(strangers); u++)
		for (size_t i = 0; i < SR_COUNT(lists); i++) {
			char key[128];

			snprintf(key, sizeof(key), "%s as %s with %s", lists[i].method, strangers[u],
			         lists[i].parameters);
			json_object_set_new(answers, key, answer_of(strangers[u], i));
		}
	return answers;
}

/* Say where they begin to differ, if they do. */
static bool differ(const char *what, const char *without, const char *with)
{
	size_t same = 0;

	while (without[same] && without[same] == with[same])
		same++;
	if (!without[same] && !with[same])
		return false;
	same = same > 200 ? same - 200 : 0;
	print_message("%s\n--- without\n%.400s\n--- with\n%.400s\n", what, without + same, with + same);
	return true;
}

static void lists_and_figures_are_as_if_it_were_not_there(void **state)
{
	SR_CLEANUP(sr_json_decrefp) json_t *without = everybodys_answers(false);
	const char *key;
	unsigned told = 0;
	json_t *answer;

	(void)state;
	keeper_room_close(&room);
	SR_CLEANUP(sr_json_decrefp) json_t *with = everybodys_answers(true);
	json_object_foreach(with, key, answer) {
		const char *other = json_string_value(json_object_get(without, key));

		told += differ(key, other, json_string_value(answer));
	}
	assert_int_equal(told, 0);
}

/* The same questions do tell whoever may know: otherwise the test above would prove nothing. */
static void who_may_know_is_told(void **state)
{
	static const struct {
		const char *user, *method, *parameters, *says;
	} rows[] = {
		{ "receiver", "FindCases", "{}", "@number" },
		{ "receiver", "ListDrafts", "{\"state\":\"sealed\"}", "@draft" },
		{ "receiver", "ListDrafts", "{}", "@part-draft" },
		{ "decider", "ListRequests", "{}", "@request" },
		{ "decider", "ListGrants", "{}", "@grant" },
		{ "decider", "ListHolds", "{}", "@case" },
		{ "receiver", "ListDisposals", "{}", "@disposal" },
		{ "overseer", "ListReviews", "{}", "@finding" },
		{ "decider", "LiveAccess", "{}", "@case" },
		{ "decider", "Readings", "{\"from\":\"2026-01-01\",\"to\":\"2027-12-31\"}", "@number" },
		{ "decider", "Statistics", "{\"year\":2026}", "@number" },
		{ "decider", "Statistics", "{\"year\":2026}", "@request" },
		{ "decider", "Warnings", "{}", "fixity_failed" },
		{ "decider", "Warnings", "{}", "request_waiting" },
		{ "overseer", "Warnings", "{}", "@finding" },
		{ "decider", "Warnings", "{}", "grant_ending" },
		{ "receiver", "VerifyCase", "{\"all\":true,\"quick\":true}", "@case" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(rows); i++) {
		const char *says = rows[i].says;

		for (size_t k = 0; k < KINDS; k++)
			if (strcmp(says, names[k].placeholder) == 0)
				says = names[k].hidden;
		SR_CLEANUP(sr_json_decrefp) json_t *answer = NULL;
		if (ask(&room, rows[i].user, rows[i].method, json_loads(rows[i].parameters, 0, NULL),
		        &answer) != SR_OK)
			fail_msg("%s: %s", rows[i].method, room.err.text);
		char *dump = json_dumps(answer, 0);
		if (!strstr(dump, says))
			fail_msg("%s to %s: no %s in %s", rows[i].method, rows[i].user, says, dump);
		free(dump);
	}
}

/* Reviewers of one sample see of it what they may know of, and no figure that counts the rest. */
static void a_reviewer_sees_their_part_of_a_sample(void **state)
{
	static const char *const left_out[] = { "population", "population_size", "requests" };
	char review[SR_UUID_TEXT];

	(void)state;
	take_text(must_ask(&room, "overseer", "DrawReview",
	                   json_pack("{s:i,s:i,s:s,s:[s]}", "year", YEAR, "count", 5, "seed", "三",
	                             "reviewers", "supervisor")),
	          "review", review, sizeof(review));
	SR_CLEANUP(sr_json_decrefp)
	json_t *whole = must_ask(&room, "overseer", "ShowReview", json_pack("{s:s}", "review", review));
	SR_CLEANUP(sr_json_decrefp)
	json_t *part = must_ask(&room, "supervisor", "ShowReview", json_pack("{s:s}", "review", review));
	SR_CLEANUP(sr_json_decrefp) json_t *listed = must_ask(&room, "supervisor", "ListReviews", NULL);
	const json_t *row = json_array_get(json_object_get(listed, "reviews"), 1);
	assert_int_equal(json_array_size(json_object_get(whole, "cases")), 2);
	assert_int_equal(json_integer_value(json_object_get(whole, "population_size")), 2);
	assert_int_equal(json_array_size(json_object_get(part, "cases")), 1);
	assert_string_equal(sr_json_text(json_array_get(json_object_get(part, "cases"), 0), "case"),
	                    seen_case);
	assert_string_equal(sr_json_text(row, "review"), review);
	assert_int_equal(json_integer_value(json_object_get(row, "drawn")), 1);
	for (size_t i = 0; i < SR_COUNT(left_out); i++) {
		assert_null(json_object_get(part, left_out[i]));
		assert_null(json_object_get(row, left_out[i]));
	}
}

/* --- by name -------------------------------------------------------------------------------------- */

/* Every command that takes the name of something that belongs to a case, or is a case. */
static const struct {
	const char *method, *parameters;
} named[] = {
	{ "LedgerEntries",
	  "{\"about\":\"@case\"}" }, /* first: what is refused below is the caller's own entry */
	{ "ShowCase", "{\"case\":\"@case\"}" },
	{ "ShowCase", "{\"case\":\"@number\"}" },
	{ "ShowPaper", "{\"case\":\"@case\",\"paper\":\"cover\"}" },
	{ "ShowPaper", "{\"case\":\"@case\",\"paper\":\"proof\",\"part\":2}" },
	{ "FindCases", "{\"number\":\"@number\"}" },
	{ "LastFixity", "{\"case\":\"@case\"}" },
	{ "VerifyCase", "{\"cases\":[\"@case\"]}" },
	{ "VerifyCase", "{\"cases\":[\"@number\"]}" },
	{ "ReportFixity", "{\"case\":\"@case\",\"part\":1,\"member\":1,\"chunk\":0,\"what\":\"tag\"}" },
	{ "CreateDraft", "{\"part_of\":\"@case\"}" },
	{ "CreateDraft", "{\"part_of\":\"@number\"}" },
	{ "FileRequest", "{\"cases\":[\"@case\"],\"purpose\":\"audit\",\"reason\":\"检查\"}" },
	{ "ShowRequest", "{\"request\":\"@request\"}" },
	{ "DecideRequest", "{\"request\":\"@request\",\"decision\":\"approve\"}" },
	{ "WithdrawRequest", "{\"request\":\"@request\"}" },
	{ "ListGrants", "{\"grant\":\"@grant\"}" },
	{ "DescribeGrant", "{\"grant\":\"@grant\"}" },
	{ "OpenMember", "{\"grant\":\"@grant\",\"case\":\"@case\",\"member\":1,\"channel\":\"fs\"}" },
	{ "OpenMember", "{\"grant\":\"G00001-aaaaaa\",\"case\":\"@case\",\"member\":1,\"channel\":\"fs\"}" },
	{ "ExportGrant", "{\"grant\":\"@grant\",\"form\":\"tar\"}" },
	{ "RevokeGrant", "{\"grant\":\"@grant\",\"reason\":\"异常\"}" },
	{ "ReturnGrant", "{\"grant\":\"@grant\"}" },
	{ "EscortBeat", "{\"grant\":\"@grant\"}" },
	{ "EscortBeat", "{\"grant\":\"@grant\",\"leave\":true}" },
	{ "IssuePass", "{\"grant\":\"@grant\",\"identity\":\"id-card\"}" },
	{ "ShowReview", "{\"review\":\"@review\"}" },
	{ "DrawReview", "{\"review\":\"@review\"}" },
	{ "RecordReview", "{\"review\":\"@review\",\"record\":{\"case\":\"@case\",\"result\":\"passed\"}}" },
	{ "RecordReview", "{\"review\":\"V00001\",\"record\":{\"case\":\"@case\",\"result\":\"passed\"}}" },
	{ "RecordReview", "{\"review\":\"V00001\",\"record\":{\"case\":\"@number\",\"result\":\"passed\"}}" },
	{ "MendFinding", "{\"finding\":\"@finding\",\"text\":\"已补\"}" },
	{ "CloseFinding", "{\"finding\":\"@finding\"}" },
	{ "ReopenFinding", "{\"finding\":\"@finding\",\"text\":\"未补\"}" },
	{ "PlaceHold", "{\"case\":\"@case\",\"reason\":\"诉讼\"}" },
	{ "ReleaseHold", "{\"case\":\"@case\",\"reason\":\"结案\"}" },
	{ "ReleaseHold", "{\"case\":\"@case\",\"hold\":\"@hold\",\"reason\":\"结案\"}" },
	{ "ListHolds", "{\"case\":\"@case\"}" },
	{ "ProposeDisposal", "{\"cases\":[\"@case\"],\"reason\":\"期满\"}" },
	{ "ApproveDisposal", "{\"disposal\":\"@disposal\"}" },
	{ "ApproveDisposal", "{\"case\":\"@case\"}" },
	{ "ShowDraft", "{\"draft\":\"@draft\"}" },
	{ "ShowDraft", "{\"draft\":\"@part-draft\"}" },
	{ "DescribeDraft", "{\"draft\":\"@part-draft\",\"description\":{\"title\":\"x\"}}" },
	{ "AddMember", "{\"draft\":\"@part-draft\",\"path\":\"a.pdf\",\"upload\":\"u1\"}" },
	{ "RemoveMember", "{\"draft\":\"@part-draft\",\"path\":\"a.pdf\"}" },
	{ "CheckDraft", "{\"draft\":\"@draft\"}" },
	{ "CheckDraft", "{\"draft\":\"@part-draft\"}" },
	{ "AnswerFinding", "{\"draft\":\"@part-draft\",\"code\":\"B16\",\"text\":\"无\"}" },
	{ "SubmitDraft", "{\"draft\":\"@part-draft\"}" },
	{ "ReturnDraft", "{\"draft\":\"@draft\",\"reason\":\"缺页\"}" },
	{ "SealDraft", "{\"draft\":\"@draft\"}" },
	{ "DropDraft", "{\"draft\":\"@part-draft\"}" },
	{ "LedgerProof", "{\"seq\":@seq}" },
};

/* Every @from of @text as @to; the caller frees it. */
static char *exchanged(const char *text, const char *from, const char *to)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	const char *at;
	struct sr_err err;

	while ((at = strstr(text, from))) {
		assert_ok(sr_buf_add(&out, text, (size_t)(at - text), &err));
		assert_ok(sr_buf_add_text(&out, to, &err));
		text = at + strlen(from);
	}
	assert_ok(sr_buf_add_text(&out, text, &err));
	assert_ok(sr_buf_add(&out, "", 1, &err));
	char *copy = strdup((const char *)out.data);
	assert_non_null(copy);
	return copy;
}

static void exchange(char **text, const char *from, const char *to)
{
	char *out = exchanged(*text, from, to);

	free(*text);
	*text = out;
}

/* What @user is told, with the names that were asked for as the placeholders; the caller frees it. */
static char *told_of(const char *user, size_t which, bool hidden)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	char *question = strdup(named[which].parameters), *text;

	for (size_t k = KINDS; k-- > 0;)
		exchange(&question, names[k].placeholder, hidden ? names[k].hidden : names[k].missing);
	json_t *parameters = json_loads(question, 0, NULL);
	if (!parameters)
		fail_msg("%s", question);
	free(question);
	if (ask(&room, user, named[which].method, parameters, &reply) != SR_OK) {
		assert_true(asprintf(&text, "%s: %s", room.error, room.err.text) > 0);
	} else {
		json_object_del(reply, "size"); /* of the log, which grows */
		json_object_del(reply, "next");
		text = json_dumps(reply, JSON_SORT_KEYS);
	}
	for (size_t k = 0; k < KINDS; k++)
		exchange(&text, hidden ? names[k].hidden : names[k].missing, names[k].placeholder);
	return text;
}

static void what_is_asked_by_name_is_as_what_is_not_there(void **state)
{
	unsigned told = 0;

	(void)state;
	snprintf(names[SEQ].hidden, sizeof(names[SEQ].hidden), "%llu",
	         (unsigned long long)keeper_room_log_size(&room) - 1);
	for (size_t u = 0; u < SR_COUNT(strangers); u++)
		for (size_t i = 0; i < SR_COUNT(named); i++) {
			char *hidden = told_of(strangers[u], i, true),
			     *missing = told_of(strangers[u], i, false);

			if (strcmp(hidden, missing) != 0) {
				told++;
				print_message("%s %s as %s:\n  hidden:  %s\n  missing: %s\n", named[i].method,
				              named[i].parameters, strangers[u], hidden, missing);
			}
			free(hidden);
			free(missing);
		}
	assert_int_equal(told, 0);
}

/* --- every command is filed somewhere --------------------------------------------------------------- */

/* Commands that neither take nor tell anything of a sealed case; and those that other tests ask so. */
/* clang-format off */
static const char *const others[] = {
	/* people, sessions, the appliance itself */
	"OpenSession", "CloseSession", "WhoAmI", "ChangePassword", "ListSessions", "EndSessions", "ProposeUser",
	"ChangeUser", "ResetPassword", "DisableUser", "ConfirmUser", "DropProposal", "ListUsers",
	"ListColleagues", "AddOrgan", "ListOrgans", "ImportRoster", "ShowPolicy", "ProposePolicy",
	"ConfirmPolicy", "Delegate", "EndDelegation", "ListDelegations", "ConfirmClock", "Status", "Backup",
	"Configure", "ProtectKeys", "Rebuild", "ListScoreSheets", "SeedReview", "LedgerCheckpoint", "LedgerTile",
	"VerifyLedger", "ProveExtension",
	/* one's own uploads; rows of the register are no cases */
	"CreateUpload", "UploadState", "ListUploads", "DropUpload", "ImportRegister", "AddRegisterRow",
	/* what one has open or exports oneself, by a number of one's own */
	"CloseMember", "CheckMember", "FinishExport",
	/* strangers: test_parties */
	"Apply", "FollowApplication", "DropApplication", "RedeemPass",
	/* with descriptors: tests/integration/test-sealing has the first; the second looks as ShowDraft does; who
	 * imports has the archive in hand */
	"SealFolder", "OpenDraftFile", "ImportArchive",
};
/* clang-format on */

static bool is_filed(const char *method)
{
	for (size_t i = 0; i < SR_COUNT(lists); i++)
		if (strcmp(lists[i].method, method) == 0)
			return true;
	for (size_t i = 0; i < SR_COUNT(named); i++)
		if (strcmp(named[i].method, method) == 0)
			return true;
	for (size_t i = 0; i < SR_COUNT(others); i++)
		if (strcmp(others[i], method) == 0)
			return true;
	return false;
}

static void every_command_is_filed_here(void **state)
{
	const struct sr_method *method;

	(void)state;
	for (size_t i = 0; (method = sr_method_at(i)); i++)
		if (!is_filed(method->name))
			fail_msg("%s: can it tell of a hidden case?  Put it into a table of this file",
			         method->name);
}

static int tear_down(void **state)
{
	(void)state;
	sr_wire_client_closep(&reading);
	keeper_room_close(&room);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_is_filed_here),
		cmocka_unit_test(
			lists_and_figures_are_as_if_it_were_not_there), /* leaves the appliance with them */
		cmocka_unit_test(who_may_know_is_told),
		cmocka_unit_test(what_is_asked_by_name_is_as_what_is_not_there),
		cmocka_unit_test(a_reviewer_sees_their_part_of_a_sample),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
