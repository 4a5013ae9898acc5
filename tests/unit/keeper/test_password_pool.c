/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/core/password_pool.h"
#include "tests/unit/keeper/secrets.h"

#define CHEAP "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbnNhbHRieXRlcw$8qDHzLfojHCYF/w5r5YtmWbHKwMnyzugEpcZX6kRi6I"
#define TASKS (SR_PASSWORD_WORKERS + SR_PASSWORD_QUEUE)

static const struct sr_password_cost cheap = { .memory_kib = 8, .passes = 1, .lanes = 1 };
static const struct sr_password_cost dearer = { .memory_kib = 16, .passes = 2, .lanes = 1 };

static struct sr_password_pool *new_pool(const struct sr_password_cost *cost)
{
	struct sr_password_pool *pool = NULL;
	struct sr_err err;

	assert_ok(sr_password_pool_new(cost, &pool, &err));
	return pool;
}

/* Results that wait at a gate inside of the callback, so that workers stay taken. */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	bool open;
	unsigned entered, told;
	unsigned of_status[SR_IO + 1];
};

static struct gate *new_gate(void)
{
	struct gate *gate = calloc(1, sizeof(*gate));

	assert_non_null(gate);
	pthread_mutex_init(&gate->lock, NULL);
	pthread_cond_init(&gate->moved, NULL);
	return gate;
}

static void wait_at_gate(void *context, const struct sr_password_result *result)
{
	struct gate *gate = context;

	pthread_mutex_lock(&gate->lock);
	gate->entered++;
	pthread_cond_broadcast(&gate->moved);
	/* Those who are told by the end of the pool find it open. */
	while (!gate->open)
		pthread_cond_wait(&gate->moved, &gate->lock);
	gate->told++;
	gate->of_status[result->status]++;
	pthread_mutex_unlock(&gate->lock);
}

static void wait_until_entered(struct gate *gate, unsigned count)
{
	pthread_mutex_lock(&gate->lock);
	while (gate->entered < count)
		pthread_cond_wait(&gate->moved, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
}

static void open_gate(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->open = true;
	pthread_cond_broadcast(&gate->moved);
	pthread_mutex_unlock(&gate->lock);
}

static void free_gate(struct gate *gate)
{
	pthread_cond_destroy(&gate->moved);
	pthread_mutex_destroy(&gate->lock);
	free(gate);
}

static enum sr_status submit(struct sr_password_pool *pool, struct gate *gate)
{
	struct sr_secret *password = test_secret("secretpass");
	struct sr_err err;
	enum sr_status status = sr_password_pool_verify(pool, &password, CHEAP, wait_at_gate, gate, &err);

	assert_null(password);
	return status;
}

static void right_and_wrong_passwords_are_told_apart(void **state)
{
	static const struct {
		const char *why, *password, *encoded;
		enum sr_status status;
	} cases[] = {
		{ "right", "secretpass", CHEAP, SR_OK },
		{ "wrong", "secretpasT", CHEAP, SR_DENIED },
		{ "nobody", "secretpass", NULL, SR_DENIED },
		{ "a broken record", "secretpass", "$argon2id$", SR_CORRUPT },
	};
	SR_CLEANUP(sr_password_pool_freep) struct sr_password_pool *pool = new_pool(&cheap);

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_secret *password = test_secret(cases[i].password);
		struct sr_password_result result;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(
			sr_password_pool_verify_wait(pool, &password, cases[i].encoded, &result, &err),
			cases[i].status);
		assert_int_equal(result.status, cases[i].status);
		assert_null(password);
		assert_string_equal(result.hash, "");
	}
}

static void a_hash_longer_than_any_is_refused_at_once(void **state)
{
	SR_CLEANUP(sr_password_pool_freep) struct sr_password_pool *pool = new_pool(&cheap);
	char text[SR_PASSWORD_HASH_TEXT + 8];
	struct sr_secret *password = test_secret("secretpass");
	struct sr_password_result result;
	struct sr_err err;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(sr_password_pool_verify_wait(pool, &password, text, &result, &err), SR_CORRUPT);
	assert_null(password);
}

static void an_outdated_hash_comes_back_renewed(void **state)
{
	SR_CLEANUP(sr_password_pool_freep) struct sr_password_pool *pool = new_pool(&dearer);
	struct sr_secret *password = test_secret("secretpass");
	struct sr_password_result first, second;
	struct sr_err err;

	(void)state;
	assert_ok(sr_password_pool_verify_wait(pool, &password, CHEAP, &first, &err));
	assert_int_equal(strncmp(first.hash, "$argon2id$v=19$m=16,t=2,p=1$", 28), 0);
	password = test_secret("secretpass");
	assert_ok(sr_password_pool_verify_wait(pool, &password, first.hash, &second, &err));
	assert_string_equal(second.hash, "");
	password = test_secret("wrong-one");
	assert_int_equal(sr_password_pool_verify_wait(pool, &password, CHEAP, &second, &err), SR_DENIED);
	assert_string_equal(second.hash, "");
}

static void a_new_hash_verifies(void **state)
{
	SR_CLEANUP(sr_password_pool_freep) struct sr_password_pool *pool = new_pool(&cheap);
	struct sr_secret *password = test_secret("新的口令");
	struct sr_password_result made, checked;
	struct sr_err err;

	(void)state;
	assert_ok(sr_password_pool_hash_wait(pool, &password, &made, &err));
	password = test_secret("新的口令");
	assert_ok(sr_password_pool_verify_wait(pool, &password, made.hash, &checked, &err));
}

static void two_run_sixteen_wait_and_the_next_is_told_busy_at_once(void **state)
{
	SR_CLEANUP(sr_password_pool_freep) struct sr_password_pool *pool = new_pool(&cheap);
	struct gate *gate = new_gate();

	(void)state;
	for (unsigned i = 0; i < TASKS; i++)
		assert_int_equal(submit(pool, gate), SR_OK);
	assert_int_equal(submit(pool, gate), SR_BUSY);
	wait_until_entered(gate, SR_PASSWORD_WORKERS);
	assert_int_equal(submit(pool, gate), SR_BUSY);
	/* No third one runs. */
	assert_int_equal(gate->entered, SR_PASSWORD_WORKERS);
	open_gate(gate);
	wait_until_entered(gate, TASKS);
	sr_password_pool_freep(&pool);
	assert_int_equal(gate->told, TASKS);
	assert_int_equal(gate->of_status[SR_OK], TASKS);
	free_gate(gate);
}

static void *open_later(void *context)
{
	open_gate(context);
	return NULL;
}

static void every_accepted_task_is_told_of_once_when_the_pool_ends(void **state)
{
	struct sr_password_pool *pool = new_pool(&cheap);
	struct gate *gate = new_gate();
	pthread_t opener;

	(void)state;
	for (unsigned i = 0; i < TASKS; i++)
		assert_int_equal(submit(pool, gate), SR_OK);
	wait_until_entered(gate, SR_PASSWORD_WORKERS);
	assert_int_equal(pthread_create(&opener, NULL, open_later, gate), 0);
	sr_password_pool_free(pool);
	pthread_join(opener, NULL);
	assert_int_equal(gate->told, TASKS);
	assert_int_equal(gate->of_status[SR_OK] + gate->of_status[SR_BUSY], TASKS);
	assert_true(gate->of_status[SR_OK] >= SR_PASSWORD_WORKERS);
	free_gate(gate);
}

struct crowd {
	struct sr_password_pool *pool;
	atomic_uint right, busy, other;
};

static void *sign_in_often(void *context)
{
	struct crowd *crowd = context;

	for (int i = 0; i < 50; i++) {
		struct sr_secret *password = test_secret("secretpass");
		struct sr_password_result result;
		struct sr_err err;

		switch ((int)sr_password_pool_verify_wait(crowd->pool, &password, CHEAP, &result, &err)) {
		case SR_OK:
			atomic_fetch_add(&crowd->right, 1);
			break;
		case SR_BUSY:
			atomic_fetch_add(&crowd->busy, 1);
			break;
		default:
			atomic_fetch_add(&crowd->other, 1);
		}
	}
	return NULL;
}

static void many_callers_at_once_are_all_answered(void **state)
{
	pthread_t threads[24];
	struct crowd crowd = { .pool = new_pool(&cheap) };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_in_often, &crowd), 0);
	for (size_t i = 0; i < SR_COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	sr_password_pool_free(crowd.pool);
	assert_int_equal(crowd.right + crowd.busy, 50 * SR_COUNT(threads));
	assert_int_equal(crowd.other, 0);
	assert_true(crowd.right >= TASKS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_and_wrong_passwords_are_told_apart),
		cmocka_unit_test(a_hash_longer_than_any_is_refused_at_once),
		cmocka_unit_test(an_outdated_hash_comes_back_renewed),
		cmocka_unit_test(a_new_hash_verifies),
		cmocka_unit_test(two_run_sixteen_wait_and_the_next_is_told_busy_at_once),
		cmocka_unit_test(every_accepted_task_is_told_of_once_when_the_pool_ends),
		cmocka_unit_test(many_callers_at_once_are_all_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
