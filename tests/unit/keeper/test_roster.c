/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/one_room.h"

#include "appliance/keeper/people/proposal.h"
#include "appliance/keeper/people/roster.h"
#include "appliance/keeper/state/state.h"

static enum sr_status read_text(const char *text, json_t **rows, struct sr_err *err)
{
	const struct sr_bytes file = { .data = (const uint8_t *)text, .size = strlen(text) };

	*rows = NULL;
	return sr_roster_read(file, rows, err);
}

static void a_roster_is_read_in_any_order_and_language(void **state)
{
	static const char *const same[] = {
		"user,role,full_name,clearances\nli,handler,\"李, 样例\",privacy;commercial\n",
		"\xef\xbb\xbf"
		"姓名,角色,用户名,权限\r\n\"李, 样例\",handler,li,privacy; commercial\r\n\r\n",
		"role,user,clearances,full_name,organ,login\nhandler,li,privacy;commercial,\"李, 样例\",,",
	};
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(same); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *rows = NULL;

		assert_ok(read_text(same[i], &rows, &err));
		assert_int_equal(json_array_size(rows), 1);
		const json_t *row = json_object_get(json_array_get(rows, 0), "row");
		assert_int_equal(json_object_size(row), 4);
		assert_string_equal(sr_json_text(row, "user"), "li");
		assert_string_equal(sr_json_text(row, "role"), "handler");
		assert_string_equal(sr_json_text(row, "full_name"), "李, 样例");
		assert_int_equal(json_array_size(json_object_get(row, "clearances")), 2);
	}
}

static void what_is_no_roster_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "first line" },
		{ "user\nli\n", "first line" },
		{ "user,role\n", "no rows" },
		{ "user,role,password\nli,handler,x\n", "\"password\" is none" },
		{ "user,role,用户名\nli,handler,x\n", "there twice" },
		{ "user,role\nli,handler,more\n", "line 2: has more fields" },
		{ "user,role\nli,handler\n,handler\n", "line 3: user" },
		{ "user,role\nli,\n", "line 2: user" },
		{ "user,role\nli,handler\nli,official\n", "line 3: the user li" },
		{ "user,role,login\nli,handler,x\nwu,handler,x\n", "line 3: the login x" },
		{ "user,role\n\"li,handler\n", "line 2" },
		{ "user,role\nli\a,handler\n", "line 2" },
	};
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *rows = NULL;

		if (read_text(cases[i].text, &rows, &err) == SR_OK || !strstr(err.text, cases[i].says))
			fail_msg("%s: %s", cases[i].text, rows ? "read" : err.text);
	}
}

static uint64_t pending(void)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint64_t count;
	struct sr_err err;

	assert_ok(sr_txn_read(room.keeper->env, &txn, &err));
	assert_ok(sr_state_pending(txn, &count, &err));
	return count;
}

static void all_rows_come_in_or_none(void **state)
{
	uint64_t before;

	(void)state;
	must_do(&room, "keyholder", "WhoAmI", NULL);
	before = keeper_room_log_size(&room);
	refused(&room, "keyholder", "ImportRoster",
	        json_pack("{s:s}", "csv", "user,role\nr1,handler\nr2,handler\nofficial,handler\n"), "Exists");
	assert_non_null(strstr(room.err.text, "line 4"));
	refused(&room, "keyholder", "ImportRoster",
	        json_pack("{s:s}", "csv", "user,role\nr1,handler\nr2,party\n"), "Invalid");
	assert_non_null(strstr(room.err.text, "line 3"));
	refused(&room, "keyholder", "ImportRoster",
	        json_pack("{s:s}", "csv", "user,role,organ\nr1,handler,\nr2,handler,nowhere\n"), "NotFound");
	assert_int_equal(keeper_room_log_size(&room), before);
	assert_int_equal(pending(), 0);

	SR_CLEANUP(sr_json_decrefp)
	json_t *done =
		must_ask(&room, "keyholder", "ImportRoster",
	                 json_pack("{s:s}", "csv", "user,role,organ\nr1,handler,\nr2,official," COUNTY "\n"));
	assert_int_equal(json_array_size(json_object_get(done, "proposals")), 2);
	assert_int_equal(pending(), 2);
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "user.proposed");
	assert_string_equal(sr_json_text(entry, "roster"), sr_json_text(done, "roster"));
	assert_string_equal(sr_json_text(entry, "organ"), COUNTY);
	must_do(&room, "security2", "ConfirmUser", json_pack("{s:s}", "user", "r1"));
	must_do(&room, "security2", "ConfirmUser", json_pack("{s:s}", "user", "r2"));
	assert_int_equal(pending(), 0);
}

/* Rows "prefixN,handler" from @from on, as many as there is place for in one call. */
static enum sr_status import_many(const char *prefix, unsigned count)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	char row[64];
	struct sr_err err;

	assert_ok(sr_buf_add_text(&text, "user,role\n", &err));
	for (unsigned i = 0; i < count; i++) {
		snprintf(row, sizeof(row), "%s%04u,handler\n", prefix, i);
		assert_ok(sr_buf_add_text(&text, row, &err));
	}
	return ask(&room, "keyholder", "ImportRoster",
	           json_pack("{s:s%}", "csv", (const char *)text.data, text.size), NULL);
}

static void ten_thousand_proposals_wait_and_no_more(void **state)
{
	static const char *const prefixes[] = { "a", "b", "c", "d", "e" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(prefixes); i++)
		assert_int_equal(import_many(prefixes[i], SR_ROSTER_ROWS), SR_OK);
	assert_int_equal(pending(), SR_PROPOSALS_MAX);
	assert_int_equal(import_many("f", 1), SR_LIMIT);
	refused(&room, "keyholder", "ProposeUser",
	        json_pack("{s:s,s:s}", "user", "onemore", "role", "handler"), "Limit");
	assert_int_equal(import_many("g", SR_ROSTER_ROWS + 1), SR_LIMIT);
	/* They can all be seen, and each can be confirmed or dropped. */
	SR_CLEANUP(sr_json_decrefp) json_t *list = must_ask(&room, "security2", "ListUsers", NULL);
	assert_int_equal(json_array_size(json_object_get(list, "proposals")), SR_PROPOSALS_MAX);
	must_do(&room, "security2", "ConfirmUser", json_pack("{s:s}", "user", "c1999"));
	must_do(&room, "security2", "DropProposal", json_pack("{s:s}", "user", "a0000"));
	assert_int_equal(import_many("f", 2), SR_OK);
	assert_int_equal(import_many("h", 1), SR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_roster_is_read_in_any_order_and_language),
		cmocka_unit_test(what_is_no_roster_is_refused_with_its_line),
		cmocka_unit_test(all_rows_come_in_or_none),
		cmocka_unit_test(ten_thousand_proposals_wait_and_no_more),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
