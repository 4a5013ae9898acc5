/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "tests/unit/keeper/one_room.h"
#include "appliance/keeper/state/numbered.h"
#include "appliance/keeper/state/record.h"

/* In the order of texts R100000 stands between R10000 and R10001. */
static const char *const ids[] = { "R00009", "R10000", "R10001", "R99998", "R99999", "R100000", "R100001" };

static enum sr_status put_all(void *context, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *last = json_pack("{s:i}", "last", 100001);

	(void)context;
	for (size_t i = 0; i < SR_COUNT(ids); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *record = json_pack("{s:s}", "request", ids[i]);

		SR_TRY(sr_record_put(txn, SR_DB_REQUESTS, ids[i], record, err));
	}
	return sr_record_put(txn, SR_DB_META, "n/R", last, err);
}

struct seen {
	char text[256];
	size_t left; /* how many are enough */
};

static enum sr_status see(void *context, struct sr_bytes key, struct sr_bytes value, bool *enough,
                          struct sr_err *err)
{
	struct seen *seen = context;
	size_t used = strlen(seen->text);

	(void)value;
	(void)err;
	snprintf(seen->text + used, sizeof(seen->text) - used, "%.*s ", (int)key.size,
	         (const char *)key.data);
	*enough = --seen->left == 0;
	return SR_OK;
}

static void the_newest_come_first_whatever_their_digits(void **state)
{
	static const struct {
		const char *after;
		size_t most;
		const char *seen;
	} cases[] = {
		{ NULL, 99, "R100001 R100000 R99999 R99998 R10001 R10000 R00009 " },
		{ NULL, 3, "R100001 R100000 R99999 " },
		{ "R100000", 99, "R99999 R99998 R10001 R10000 R00009 " },
		{ "R99999", 2, "R99998 R10001 " },
		{ "R10001", 99, "R10000 R00009 " },
		{ "R00009", 99, "" },
		{ "R9", 99, "" }, /* no number of ours */
	};
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_keeper_write(room.keeper, put_all, NULL, false, &err));
	assert_ok(sr_txn_read(room.keeper->env, &txn, &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct seen seen = { .left = cases[i].most };
		const struct sr_numbered walk = { .db = SR_DB_REQUESTS,
			                          .prefix = "R",
			                          .after = cases[i].after,
			                          .each = see,
			                          .context = &seen };

		assert_ok(sr_numbered_down(txn, &walk, &err));
		assert_string_equal(seen.text, cases[i].seen);
	}
}

static void rows_are_sorted_by_number(void **state)
{
	SR_CLEANUP(sr_json_decrefp)
	json_t *rows = json_pack("[{s:s},{s:s},{s:s},{s:s}]", "hold", "H100000", "hold", "H10000", "hold",
	                         "H00002", "hold", "H99999");
	static const char *const sorted[] = { "H00002", "H10000", "H99999", "H100000" };
	struct sr_err err;

	(void)state;
	assert_ok(sr_numbered_sort(rows, "hold", &err));
	assert_int_equal(json_array_size(rows), SR_COUNT(sorted));
	for (size_t i = 0; i < SR_COUNT(sorted); i++)
		assert_string_equal(sr_json_text(json_array_get(rows, i), "hold"), sorted[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_come_first_whatever_their_digits),
		cmocka_unit_test(rows_are_sorted_by_number),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
