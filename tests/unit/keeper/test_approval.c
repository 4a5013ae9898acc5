/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/approval.h"

static json_t *parsed(const char *text)
{
	json_t *value = NULL;
	struct sr_err err;

	assert_ok(sr_json_parse(text, strlen(text), 1u << 20, &value, &err));
	return value;
}

/* What init sets: docs/design/ACCESS.md, "The default". */
static const char usual[] = "{\"rules\":[{\"approvals\":1},{\"channels\":[\"copy\"],\"approvals\":2},"
			    "{\"classification\":[\"state-secret\"],\"approvals\":2},"
			    "{\"class\":[\"party\",\"lawyer\"],\"approvals\":1,\"papers\":[\"identity\"]},"
			    "{\"class\":[\"lawyer\"],\"purpose\":[\"party\"],\"approvals\":3,"
			    "\"papers\":[\"power-of-attorney\",\"introduction\"]}]}";

static void the_most_that_any_matching_rule_asks_for_counts(void **state)
{
	static const struct {
		const char *class, *purpose, *channels, *classification, *papers;
		unsigned officials;
		const char *missing; /* NULL: none */
		const char *why;
	} cases[] = {
		{ "official", "appraisal", "[\"fs\",\"web\"]", "[]", "[]", 1, NULL, "nothing special" },
		{ "handler", "handling", "[\"fs\",\"copy\"]", NULL, NULL, 2, NULL, "one channel is copy" },
		{ "handler", "handling", "[\"web\"]", "[\"privacy\",\"state-secret\"]", NULL, 2, NULL,
		  "one class is state-secret" },
		{ "handler", "handling", "[\"web\"]", "[\"privacy\"]", NULL, 1, NULL, "another class" },
		{ "party", "party", "[\"web\"]", NULL, NULL, 1, "identity", "no papers at all" },
		{ "party", "party", "[\"web\"]", NULL, "[{\"kind\":\"introduction\"}]", 1, "identity",
		  "another paper" },
		{ "party", "party", "[\"web\"]", NULL, "[{\"kind\":\"identity\"}]", 1, NULL, "the paper" },
		{ "lawyer", "party", "[\"web\"]", NULL, "[{\"kind\":\"identity\"}]", 3, "power-of-attorney",
		  "papers of every rule" },
		{ "lawyer", "party", "[\"web\"]", NULL,
		  "[{\"kind\":\"power-of-attorney\"},{\"kind\":\"identity\"}]", 3, "introduction",
		  "the third of three" },
		{ "lawyer", "litigation", "[\"web\"]", NULL, "[{\"kind\":\"identity\"}]", 1, NULL,
		  "another purpose" },
	};
	SR_CLEANUP(sr_json_decrefp) json_t *table = parsed(usual);

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *channels = parsed(cases[i].channels);
		SR_CLEANUP(sr_json_decrefp)
		json_t *words = cases[i].classification ? parsed(cases[i].classification) : NULL;
		SR_CLEANUP(sr_json_decrefp) json_t *papers = cases[i].papers ? parsed(cases[i].papers) : NULL;
		const struct sr_approval_question question = { .class = cases[i].class,
			                                       .purpose = cases[i].purpose,
			                                       .channels = channels,
			                                       .classification = words };
		const char *missing = sr_approval_missing_paper(table, &question, papers);

		if (sr_approval_officials(table, &question) != cases[i].officials)
			fail_msg("%s: %u officials", cases[i].why, sr_approval_officials(table, &question));
		if (cases[i].missing ? !missing || strcmp(missing, cases[i].missing) != 0 : missing != NULL)
			fail_msg("%s: %s is missing", cases[i].why, missing ? missing : "nothing");
	}
}

static void a_table_that_could_not_mean_what_it_says_is_refused(void **state)
{
	static const struct {
		const char *table, *says;
	} cases[] = {
		{ "{}", "/rules: must be" },
		{ "{\"rules\":{}}", "/rules: must be" },
		{ "{\"rules\":[],\"more\":1}", "/rules: must be" },
		{ "{\"rules\":[7]}", "/rules/0/approvals" },
		{ "{\"rules\":[{}]}", "/rules/0/approvals" },
		{ "{\"rules\":[{\"approvals\":0}]}", "/rules/0/approvals" },
		{ "{\"rules\":[{\"approvals\":4}]}", "/rules/0/approvals" },
		{ "{\"rules\":[{\"approvals\":1.5}]}", "/rules/0/approvals" },
		{ "{\"rules\":[{\"approvals\":\"2\"}]}", "/rules/0/approvals" },
		{ "{\"rules\":[{\"approvals\":1},{\"approvals\":1,\"channel\":[\"copy\"]}]}",
		  "/rules/1/channel: a rule has no such key" },
		{ "{\"rules\":[{\"approvals\":1,\"channels\":[]}]}", "/rules/0/channels: must be a list" },
		{ "{\"rules\":[{\"approvals\":1,\"channels\":\"copy\"}]}",
		  "/rules/0/channels: must be a list" },
		{ "{\"rules\":[{\"approvals\":1,\"channels\":[\"fs\",\"usb\"]}]}",
		  "/rules/0/channels/1: nothing" },
		{ "{\"rules\":[{\"approvals\":1,\"classification\":[\"secret\"]}]}",
		  "/rules/0/classification/0: nothing" },
		{ "{\"rules\":[{\"approvals\":1,\"class\":[\"admin\"]}]}", "/rules/0/class/0: nothing" },
		{ "{\"rules\":[{\"approvals\":1,\"purpose\":[\"a\\u0007b\"]}]}",
		  "/rules/0/purpose/0: must be" },
		{ "{\"rules\":[{\"approvals\":1,\"papers\":[7]}]}", "/rules/0/papers/0: must be" },
	};
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *table = parsed(cases[i].table);

		if (sr_approval_check_table(table, &err) != SR_INVALID || !strstr(err.text, cases[i].says))
			fail_msg("%s: %s", cases[i].table, err.text);
	}
	SR_CLEANUP(sr_json_decrefp) json_t *good = parsed(usual);
	assert_ok(sr_approval_check_table(good, &err));
	SR_CLEANUP(sr_json_decrefp) json_t *none = parsed("{\"rules\":[]}");
	assert_ok(sr_approval_check_table(none, &err));
}

static void a_table_has_at_most_200_rules_and_32_kib(void **state)
{
	SR_CLEANUP(sr_json_decrefp) json_t *table = json_pack("{s:[]}", "rules");
	json_t *rules = json_object_get(table, "rules");
	struct sr_err err;

	(void)state;
	for (int i = 0; i < 200; i++)
		json_array_append_new(rules, json_pack("{s:i}", "approvals", 1));
	assert_ok(sr_approval_check_table(table, &err));
	json_array_append_new(rules, json_pack("{s:i}", "approvals", 1));
	assert_int_equal(sr_approval_check_table(table, &err), SR_INVALID);
	json_array_clear(rules);
	for (int i = 0; i < 200; i++) {
		json_t *words = json_array();

		for (int j = 0; j < 3; j++)
			json_array_append_new(
				words, json_string("a purpose with a name of fifty and some bytes, here"));
		json_array_append_new(rules, json_pack("{s:i,s:o}", "approvals", 1, "purpose", words));
	}
	assert_int_equal(sr_approval_check_table(table, &err), SR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_that_any_matching_rule_asks_for_counts),
		cmocka_unit_test(a_table_that_could_not_mean_what_it_says_is_refused),
		cmocka_unit_test(a_table_has_at_most_200_rules_and_32_kib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
