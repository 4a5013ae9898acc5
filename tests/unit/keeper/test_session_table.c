/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/keeper/core/session_table.h"

#define START_NS 1795176000000000000ll

/* How many ended, by reason; and the latest. */
struct ends {
	unsigned of[SR_SESSION_END_GRANT + 1];
	char id[SR_SESSION_ID_TEXT];
};

static void note(void *context, const struct sr_session *session, enum sr_session_end why)
{
	struct ends *ends = context;

	ends->of[why]++;
	memcpy(ends->id, session->id, sizeof(ends->id));
}

static int64_t minutes(int64_t m)
{
	return START_NS + m * 60 * SR_SECOND_NS;
}

static struct sr_session_table *new_table(struct ends *ends)
{
	struct sr_session_table *table = NULL;
	struct sr_err err;

	*ends = (struct ends){ 0 };
	assert_ok(sr_session_table_new(note, ends, &table, &err));
	return table;
}

struct visitor {
	struct sr_session session;
	char token[SR_SESSION_TOKEN_TEXT];
};

static struct visitor make(const char *user, const char *grant, int64_t now_ns)
{
	struct visitor visitor;
	struct sr_err err;
	const struct sr_session_opening opening = { .user = user,
		                                    .role = grant ? SR_ROLE_PARTY : SR_ROLE_HANDLER,
		                                    .organ = "140300",
		                                    .grant = grant,
		                                    .channel = SR_SESSION_WEB,
		                                    .address = "192.0.2.1",
		                                    .now_ns = now_ns };

	assert_ok(sr_session_make(&opening, &visitor.session, visitor.token, &err));
	return visitor;
}

static struct visitor sign_in(struct sr_session_table *table, const char *user, const char *grant,
                              int64_t now_ns)
{
	struct visitor visitor = make(user, grant, now_ns);
	struct sr_err err;

	assert_ok(sr_session_table_add(table, &visitor.session, now_ns, &err));
	return visitor;
}

static enum sr_status check(struct sr_session_table *table, const struct visitor *visitor, int64_t now_ns)
{
	struct sr_session session;
	bool save;
	struct sr_err err;
	enum sr_status status = sr_session_table_check(table, visitor->token, strlen(visitor->token), now_ns,
	                                               &session, &save, &err);

	if (status == SR_OK)
		assert_string_equal(session.id, visitor->session.id);
	return status;
}

static void a_token_leads_to_its_session_and_no_other_does(void **state)
{
	struct ends ends;
	SR_CLEANUP(sr_session_table_freep) struct sr_session_table *table = new_table(&ends);
	struct visitor li = sign_in(table, "li", NULL, START_NS);
	struct visitor wang = sign_in(table, "wang", NULL, START_NS);
	struct visitor stranger = make("li", NULL, START_NS);
	struct sr_session session;
	bool save;
	struct sr_err unknown, malformed;

	(void)state;
	assert_int_equal(check(table, &li, START_NS), SR_OK);
	assert_int_equal(check(table, &wang, START_NS), SR_OK);
	assert_int_equal(check(table, &stranger, START_NS), SR_DENIED);
	assert_int_equal(sr_session_table_check(table, stranger.token, strlen(stranger.token), START_NS,
	                                        &session, &save, &unknown),
	                 SR_DENIED);
	assert_int_equal(sr_session_table_check(table, "x", 1, START_NS, &session, &save, &malformed),
	                 SR_DENIED);
	assert_string_equal(unknown.text, malformed.text);
	for (size_t bit = 0; bit < 8 * strlen(li.token); bit++) {
		struct visitor other = li;

		other.token[bit / 8] = (char)(other.token[bit / 8] ^ (1 << (bit % 8)));
		assert_int_equal(check(table, &other, START_NS), SR_DENIED);
	}
}

static void sessions_end_when_idle_and_at_their_length(void **state)
{
	static const struct {
		const char *why, *grant;
		int64_t step_minutes; /* between uses */
		int64_t last_minute;  /* the last use that works */
		enum sr_session_end end;
	} cases[] = {
		{ "never idle for 15 minutes: ten hours", NULL, 14, 588, SR_SESSION_END_EXPIRED },
		{ "used every minute", NULL, 1, 599, SR_SESSION_END_EXPIRED },
		{ "idle for 15 minutes", NULL, 15, 0, SR_SESSION_END_IDLE },
		{ "a pass: two hours", "G1", 14, 112, SR_SESSION_END_EXPIRED },
		{ "an idle pass", "G1", 20, 0, SR_SESSION_END_IDLE },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct ends ends;
		SR_CLEANUP(sr_session_table_freep) struct sr_session_table *table = new_table(&ends);
		struct visitor li = sign_in(table, "li", cases[i].grant, START_NS);
		int64_t minute = cases[i].step_minutes, last = 0;

		print_message("case: %s\n", cases[i].why);
		for (; check(table, &li, minutes(minute)) == SR_OK; minute += cases[i].step_minutes)
			last = minute;
		assert_int_equal(last, cases[i].last_minute);
		assert_int_equal(ends.of[cases[i].end], 1);
		assert_int_equal(sr_session_table_count(table), 0);
		assert_int_equal(check(table, &li, START_NS), SR_DENIED);
	}
}

static void the_last_use_is_stored_once_a_minute(void **state)
{
	struct ends ends;
	SR_CLEANUP(sr_session_table_freep) struct sr_session_table *table = new_table(&ends);
	struct visitor li = sign_in(table, "li", NULL, START_NS);
	unsigned saves = 0;

	(void)state;
	for (int second = 1; second <= 600; second++) {
		int64_t now_ns = START_NS + second * SR_SECOND_NS;
		struct sr_session session;
		bool save;
		struct sr_err err;

		assert_ok(sr_session_table_check(table, li.token, strlen(li.token), now_ns, &session, &save,
		                                 &err));
		assert_int_equal(session.last_used_ns, now_ns);
		saves += save;
	}
	assert_int_equal(saves, 10);
}

static void a_stored_session_lives_on_after_a_restart(void **state)
{
	struct ends ends;
	SR_CLEANUP(sr_session_table_freep) struct sr_session_table *table = new_table(&ends);
	struct visitor li = make("li", NULL, START_NS);
	struct visitor old = make("li", NULL, minutes(-20));
	struct sr_err err;

	(void)state;
	assert_ok(sr_session_table_add(table, &li.session, minutes(1), &err));
	assert_ok(sr_session_table_add(table, &old.session, minutes(1), &err));
	assert_int_equal(ends.of[SR_SESSION_END_IDLE], 1);
	assert_int_equal(sr_session_table_count(table), 1);
	assert_int_equal(check(table, &li, minutes(2)), SR_OK);
	assert_int_equal(check(table, &old, minutes(2)), SR_DENIED);
	assert_int_equal(sr_session_table_add(table, &li.session, minutes(2), &err), SR_EXISTS);
}

static void a_change_of_the_user_ends_all_their_sessions(void **state)
{
	static const enum sr_session_end whys[] = { SR_SESSION_END_PASSWORD, SR_SESSION_END_ROLE,
		                                    SR_SESSION_END_DISABLED };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(whys); i++) {
		struct ends ends;
		SR_CLEANUP(sr_session_table_freep) struct sr_session_table *table = new_table(&ends);
		struct visitor here = sign_in(table, "li", NULL, START_NS);
		struct visitor there = sign_in(table, "li", NULL, START_NS);
		struct visitor wang = sign_in(table, "wang", NULL, START_NS);

		assert_int_equal(sr_session_table_end_user(table, "li", NULL, whys[i]), 2);
		assert_int_equal(ends.of[whys[i]], 2);
		assert_int_equal(check(table, &here, START_NS), SR_DENIED);
		assert_int_equal(check(table, &there, START_NS), SR_DENIED);
		assert_int_equal(check(table, &wang, START_NS), SR_OK);
	}
}

static void one_can_end_ones_own_others(void **state)
{
	struct ends ends;
	SR_CLEANUP(sr_session_table_freep) struct sr_session_table *table = new_table(&ends);
	struct visitor here = sign_in(table, "li", NULL, START_NS);
	struct visitor there = sign_in(table, "li", NULL, START_NS);
	struct visitor wang = sign_in(table, "wang", NULL, START_NS);

	(void)state;
	assert_false(sr_session_table_end(table, wang.session.id, "li", SR_SESSION_END_ENDED));
	assert_int_equal(sr_session_table_end_user(table, "li", here.session.id, SR_SESSION_END_ENDED), 1);
	assert_string_equal(ends.id, there.session.id);
	assert_true(sr_session_table_end(table, here.session.id, "li", SR_SESSION_END_CLOSED));
	assert_false(sr_session_table_end(table, here.session.id, NULL, SR_SESSION_END_CLOSED));
	assert_true(sr_session_table_end(table, wang.session.id, NULL, SR_SESSION_END_ENDED));
	assert_int_equal(sr_session_table_count(table), 0);
}

static void a_pass_dies_with_its_grant(void **state)
{
	struct ends ends;
	SR_CLEANUP(sr_session_table_freep) struct sr_session_table *table = new_table(&ends);
	struct visitor party = sign_in(table, "P00001", "G1", START_NS);
	struct visitor other = sign_in(table, "P00002", "G2", START_NS);
	struct visitor li = sign_in(table, "li", NULL, START_NS);

	(void)state;
	assert_int_equal(sr_session_table_end_grant(table, ""), 0);
	assert_int_equal(sr_session_table_end_grant(table, "G1"), 1);
	assert_int_equal(ends.of[SR_SESSION_END_GRANT], 1);
	assert_int_equal(check(table, &party, START_NS), SR_DENIED);
	assert_int_equal(check(table, &other, START_NS), SR_OK);
	assert_int_equal(check(table, &li, START_NS), SR_OK);
}

static void a_users_17th_ends_the_one_longest_unused(void **state)
{
	struct ends ends;
	SR_CLEANUP(sr_session_table_freep) struct sr_session_table *table = new_table(&ends);
	struct visitor visitors[SR_SESSIONS_OF_USER + 1];

	(void)state;
	for (int i = 0; i < SR_SESSIONS_OF_USER; i++)
		visitors[i] = sign_in(table, "li", NULL, START_NS + i);
	assert_int_equal(check(table, &visitors[0], minutes(1)), SR_OK);
	visitors[SR_SESSIONS_OF_USER] = sign_in(table, "li", NULL, minutes(1));
	assert_int_equal(sr_session_table_count(table), SR_SESSIONS_OF_USER);
	assert_string_equal(ends.id, visitors[1].session.id);
	assert_int_equal(ends.of[SR_SESSION_END_ENDED], 1);
}

static void the_table_is_bounded_and_those_who_are_in_stay(void **state)
{
	struct ends ends;
	SR_CLEANUP(sr_session_table_freep) struct sr_session_table *table = new_table(&ends);
	struct visitor first = sign_in(table, "first", NULL, START_NS);
	struct visitor more = make("more", NULL, START_NS);
	char user[32];
	struct sr_err err;

	(void)state;
	for (int i = 1; i < SR_SESSIONS_MAX; i++) {
		snprintf(user, sizeof(user), "u%05d", i / SR_SESSIONS_OF_USER);
		(void)sign_in(table, user, NULL, START_NS);
	}
	assert_int_equal(sr_session_table_count(table), SR_SESSIONS_MAX);
	assert_int_equal(sr_session_table_add(table, &more.session, START_NS, &err), SR_BUSY);
	assert_int_equal(check(table, &first, START_NS), SR_OK);
	/* Room comes with time, without anybody sweeping. */
	assert_int_equal(check(table, &first, minutes(10)), SR_OK);
	more = sign_in(table, "more", NULL, minutes(16));
	assert_int_equal(sr_session_table_count(table), 2);
	assert_int_equal(ends.of[SR_SESSION_END_IDLE], SR_SESSIONS_MAX - 1);
}

static void a_sweep_says_when_to_come_again(void **state)
{
	struct ends ends;
	SR_CLEANUP(sr_session_table_freep) struct sr_session_table *table = new_table(&ends);

	(void)state;
	assert_int_equal(sr_session_table_sweep(table, START_NS), INT64_MAX);
	(void)sign_in(table, "li", NULL, minutes(5));
	(void)sign_in(table, "wang", NULL, minutes(2));
	assert_int_equal(sr_session_table_sweep(table, minutes(6)), minutes(17));
	assert_int_equal(sr_session_table_sweep(table, minutes(17)), minutes(20));
	assert_int_equal(sr_session_table_count(table), 1);
	assert_int_equal(sr_session_table_sweep(table, minutes(20)), INT64_MAX);
	assert_int_equal(ends.of[SR_SESSION_END_IDLE], 2);
}

static void count_one(void *context, const struct sr_session *session)
{
	(void)session;
	++*(unsigned *)context;
}

static void sessions_are_listed_by_user(void **state)
{
	struct ends ends;
	SR_CLEANUP(sr_session_table_freep) struct sr_session_table *table = new_table(&ends);
	unsigned own = 0, all = 0;

	(void)state;
	(void)sign_in(table, "li", NULL, START_NS);
	(void)sign_in(table, "li", NULL, START_NS);
	(void)sign_in(table, "wang", NULL, START_NS);
	sr_session_table_each(table, "li", count_one, &own);
	sr_session_table_each(table, NULL, count_one, &all);
	assert_int_equal(own, 2);
	assert_int_equal(all, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_leads_to_its_session_and_no_other_does),
		cmocka_unit_test(sessions_end_when_idle_and_at_their_length),
		cmocka_unit_test(the_last_use_is_stored_once_a_minute),
		cmocka_unit_test(a_stored_session_lives_on_after_a_restart),
		cmocka_unit_test(a_change_of_the_user_ends_all_their_sessions),
		cmocka_unit_test(one_can_end_ones_own_others),
		cmocka_unit_test(a_pass_dies_with_its_grant),
		cmocka_unit_test(a_users_17th_ends_the_one_longest_unused),
		cmocka_unit_test(the_table_is_bounded_and_those_who_are_in_stay),
		cmocka_unit_test(a_sweep_says_when_to_come_again),
		cmocka_unit_test(sessions_are_listed_by_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
