/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/methods.h"
#include "appliance/keeper/wire/parameters.h"

static const char table[] = "grant:text days:count? reason:prose? live:flag? names:texts? numbers:counts? "
			    "what:object? all:objects? thing:any?";

static void expect(const char *text, enum sr_status wanted, const char *said)
{
	SR_CLEANUP(sr_json_decrefp) json_t *value = json_loads(text, 0, NULL);
	struct sr_err err = { 0 };

	assert_non_null(value);
	assert_int_equal(sr_parameters_check(value, table, &err), wanted);
	if (said && !strstr(err.text, said))
		fail_msg("%s: said \"%s\", not \"%s\"", text, err.text, said);
}

static void what_a_command_takes_is_taken(void **state)
{
	(void)state;
	expect("{\"grant\":\"G1\"}", SR_OK, NULL);
	expect("{\"grant\":\"案\",\"days\":0,\"reason\":\"a\\nb\\tc\",\"live\":false,\"names\":[],"
	       "\"numbers\":[1,2],"
	       "\"what\":{},\"all\":[{}],\"thing\":[null]}",
	       SR_OK, NULL);
}

static void everything_else_is_refused_by_its_key(void **state)
{
	static const char *const bad[][2] = {
		{ "{}", "/grant: is missing" },
		{ "{\"grant\":\"\"}", "/grant" },
		{ "{\"grant\":1}", "/grant" },
		{ "{\"grant\":null}", "/grant" },
		{ "{\"grant\":\"a\\u0007\"}", "/grant" },
		{ "{\"grant\":\"a\\nb\"}", "/grant" },
		{ "{\"grant\":\"a\\u007f\"}", "/grant" },
		{ "{\"grant\":\"a\",\"days\":-1}", "/days" },
		{ "{\"grant\":\"a\",\"days\":1.0}", "/days" },
		{ "{\"grant\":\"a\",\"days\":\"1\"}", "/days" },
		{ "{\"grant\":\"a\",\"live\":0}", "/live" },
		{ "{\"grant\":\"a\",\"reason\":\"\\u0001\"}", "/reason" },
		{ "{\"grant\":\"a\",\"names\":\"x\"}", "/names" },
		{ "{\"grant\":\"a\",\"names\":[\"x\",2]}", "/names" },
		{ "{\"grant\":\"a\",\"numbers\":[-1]}", "/numbers" },
		{ "{\"grant\":\"a\",\"what\":[]}", "/what" },
		{ "{\"grant\":\"a\",\"all\":[{},3]}", "/all" },
		{ "{\"grant\":\"a\",\"gran\":\"b\"}", "/gran: this command takes no such key" },
		{ "{\"grant\":\"a\",\"grants\":\"b\"}", "/grants: this command takes no such key" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(bad); i++)
		expect(bad[i][0], SR_INVALID, bad[i][1]);
}

static void texts_have_bounds(void **state)
{
	static const size_t sizes[][2] = { { SR_PARAMETER_TEXT_BYTES, SR_OK },
		                           { SR_PARAMETER_TEXT_BYTES + 1, SR_INVALID } };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(sizes); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *value = json_object();
		char *text = calloc(1, sizes[i][0] + 1);
		struct sr_err err;

		assert_non_null(text);
		memset(text, 'x', sizes[i][0]);
		json_object_set_new(value, "grant", json_string(text));
		free(text);
		assert_int_equal(sr_parameters_check(value, table, &err), (enum sr_status)sizes[i][1]);
	}
}

/* Every row of every table is of a known kind: an empty call and one with all keys null say nothing else. */
static void every_method_has_a_table_that_parses(void **state)
{
	const struct sr_method *method;

	(void)state;
	for (size_t i = 0; (method = sr_method_at(i)); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *all = json_object();
		const char *at = method->parameters;
		struct sr_err err = { 0 };

		while (*(at += strspn(at, " "))) {
			size_t size = strcspn(at, ":");

			json_object_setn_new(all, at, size, json_null());
			at += strcspn(at, " ");
		}
		if (sr_parameters_check(all, method->parameters, &err) != SR_OK &&
		    (strstr(err.text, "has no kind") || strstr(err.text, "no such key")))
			fail_msg("%s: %s", method->name, err.text);
		assert_true(method->doors != 0 && method->run);
		assert_true((method->flags & SR_METHOD_STRANGERS) != 0 || method->roles != 0);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(sr_method_at(j)->name, method->name);
	}
	assert_true(sr_method_find("org.strongroom.WhoAmI") != NULL);
	assert_null(sr_method_find("org.strongroom.whoami"));
	assert_null(sr_method_find("WhoAmI"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_command_takes_is_taken),
		cmocka_unit_test(everything_else_is_refused_by_its_key),
		cmocka_unit_test(texts_have_bounds),
		cmocka_unit_test(every_method_has_a_table_that_parses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
