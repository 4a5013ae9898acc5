/* SPDX-License-Identifier: Apache-2.0 */
/* Entries that are made before their number is known, and what is refused before it is written. */
#include "tests/unit/ledger/ledger_lab.h"

#include "appliance/ledger/entry.h"

#define DIGEST "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

/* A plan is completed again where the first completion was undone. */
static void a_plan_lacks_number_and_time_alone(void **state)
{
	SR_CLEANUP(sr_entry_plan_dispose) struct sr_entry_plan plan = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *fields = json_pack("{s:s,s:s}", "session", "S1", "why", "idle");
	const struct sr_entry_draft draft = { .type = "session.closed", .fields = fields };
	static const uint64_t numbers[] = { 7, 8190, 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_entry_plan(&draft, &plan, &err));
	for (size_t i = 0; i < SR_COUNT(numbers); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
		SR_CLEANUP(sr_entry_dispose) struct sr_entry made = { 0 };
		SR_CLEANUP(sr_entry_dispose) struct sr_entry read = { 0 };
		int64_t time_ns;

		assert_ok(sr_entry_complete(&plan, numbers[i], LAB_TIME_NS + 999, &out, &made, &err));
		assert_ok(sr_entry_decode(sr_buf_bytes(&out), &read, &err));
		assert_true(json_equal(made.root, read.root));
		assert_true(made.seq == numbers[i] && read.seq == numbers[i]);
		assert_true(made.time_ns == LAB_TIME_NS && read.time_ns == LAB_TIME_NS);
		assert_string_equal(made.type, "session.closed");
		assert_true(json_is_null(made.actor));
		assert_ok(sr_entry_time(sr_buf_bytes(&out), &time_ns, &err));
		assert_true(time_ns == LAB_TIME_NS);
		for (size_t size = 0; size < 40; size++)
			assert_int_equal(sr_entry_time((struct sr_bytes){ out.data, size }, &time_ns, &err),
			                 SR_CORRUPT);
	}
}

static void what_could_not_be_read_is_not_written(void **state)
{
	json_t *deep = json_object(), *nul = json_stringn("a\0b", 3);
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	struct sr_err err;

	(void)state;
	for (int i = 0; i < 40; i++)
		deep = json_pack("{s:o}", "a", deep);
	json_t *flawed[] = {
		json_pack("{s:s,s:o}", "session", "S1", "why", nul),
		json_pack("{s:s,s:o}", "policy", DIGEST, "table", deep),
	};
	static const char *const types[] = { "session.closed", "policy.proposed" };
	for (size_t i = 0; i < SR_COUNT(types); i++) {
		const struct sr_entry_draft draft = { .type = types[i], .fields = flawed[i] };

		assert_int_equal(sr_entry_encode(&draft, 1, LAB_TIME_NS, &out, &err), SR_INVALID);
		assert_int_equal(out.size, 0);
		json_decref(flawed[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_lacks_number_and_time_alone),
		cmocka_unit_test(what_could_not_be_read_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
