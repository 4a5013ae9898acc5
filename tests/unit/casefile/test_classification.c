/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/casefile/classification.h"

static void words_come_once_and_in_one_order(void **state)
{
	static const struct {
		const char *given, *text;
	} cases[] = {
		{ "[]", "none" },
		{ "[\"none\"]", "none" },
		{ "{}", "none" },
		{ "[\"privacy\"]", "privacy" },
		{ "[\"commercial\",\"privacy\"]", "privacy,commercial" },
		{ "[\"privacy\",\"privacy\"]", "privacy" },
		{ "[\"none\",\"commercial\"]", "commercial" },
		{ "[\"state-secret\",\"x\",7,\"commercial\",\"privacy\"]",
		  "privacy,commercial,state-secret" },
	};
	char text[SR_CLASSIFICATION_TEXT];

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *list = NULL;
		struct sr_err err;

		assert_ok(sr_json_parse(cases[i].given, strlen(cases[i].given), 1000, &list, &err));
		sr_classification_text(list, text);
		assert_string_equal(text, cases[i].text);
	}
	sr_classification_text(NULL, text);
	assert_string_equal(text, "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_come_once_and_in_one_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
