/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/casefile/inspect_crew.h"

#define MANY 1000u
#define NOBODY SIZE_MAX

/* What the looking does: every seventh member has two findings, and two members cannot be looked at. */
struct looked {
	size_t fails[2];
	atomic_size_t count;
	pthread_t teller;
	size_t told;
};

static enum sr_status look(void *context, size_t index, struct sr_probe *probe, struct sr_findings *findings,
                           struct sr_err *err)
{
	struct looked *looked = context;
	char member[32];
	struct sr_finding finding = { .code = "X1", .article = "a", .member = member, .zh = "", .en = "" };

	atomic_fetch_add(&looked->count, 1);
	if (!probe)
		return sr_fail(err, SR_INVALID, "no helper");
	for (size_t i = 0; i < SR_COUNT(looked->fails); i++)
		if (index == looked->fails[i])
			return sr_fail(err, SR_IO, "member %zu", index);
	snprintf(member, sizeof(member), "%zu", index);
	for (unsigned i = 0; i < 2 && index % 7 == 0; i++) {
		finding.code = i == 0 ? "X1" : "X2";
		SR_TRY(sr_findings_add(findings, &finding, err));
	}
	return SR_OK;
}

static void tell(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct looked *looked = context;

	(void)what;
	assert_true(pthread_equal(pthread_self(), looked->teller));
	assert_true(done >= looked->told && done <= total);
	looked->told = done;
}

static void findings_are_in_the_members_order(void **state)
{
	struct looked looked = { .fails = { NOBODY, NOBODY }, .teller = pthread_self() };
	const struct sr_progress progress = { .report = tell, .context = &looked };
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_findings_new(&findings, &err));
	assert_ok(sr_inspect_crew(MANY, look, &looked, &progress, findings, &err));
	assert_int_equal(atomic_load(&looked.count), MANY);
	assert_int_equal(sr_findings_count(findings), 2 * ((MANY + 6) / 7));
	for (size_t i = 0; i < sr_findings_count(findings); i++) {
		const struct sr_finding *finding = sr_findings_at(findings, i);
		char want[32];

		snprintf(want, sizeof(want), "%zu", i / 2 * 7);
		assert_string_equal(finding->member, want);
		assert_string_equal(finding->code, i % 2 == 0 ? "X1" : "X2");
	}
}

static void the_first_failure_in_their_order_is_told(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_findings_new(&findings, &err));
	for (size_t first = 0; first < 100; first += 9) {
		struct looked looked = { .fails = { first + 3, first } };
		char want[32];

		snprintf(want, sizeof(want), "member %zu", first);
		assert_int_equal(sr_inspect_crew(MANY, look, &looked, NULL, findings, &err), SR_IO);
		assert_string_equal(err.text, want);
	}
}

static void no_members_are_no_work(void **state)
{
	struct looked looked = { .fails = { NOBODY, NOBODY } };
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_findings_new(&findings, &err));
	assert_ok(sr_inspect_crew(0, look, &looked, NULL, findings, &err));
	assert_int_equal(atomic_load(&looked.count), 0);
	assert_int_equal(sr_findings_count(findings), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_are_in_the_members_order),
		cmocka_unit_test(the_first_failure_in_their_order_is_told),
		cmocka_unit_test(no_members_are_no_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
