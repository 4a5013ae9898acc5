/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the keeper that are put to it together. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "api/asks.h"

#define QUESTIONS 300u

struct keeper {
	pthread_mutex_t held; /* nothing is answered while it is */
	size_t together;      /* the most at once */
	unsigned asked;
};

static void ask_many(void *context, const struct sr_client_request *requests, size_t count,
                     sr_front_on_answer *on_answer, void *taker)
{
	struct keeper *keeper = context;

	pthread_mutex_lock(&keeper->held);
	pthread_mutex_unlock(&keeper->held);
	if (count > keeper->together)
		keeper->together = count;
	for (size_t i = 0; i < count; i++) {
		const json_int_t number = json_integer_value(json_object_get(requests[i].parameters, "n"));
		struct sr_err err = { 0 };

		keeper->asked++;
		if (number % 10 == 9)
			on_answer(taker, i, sr_fail(&err, SR_DENIED, "no"), NULL, "org.strongroom.NotGranted",
			          &err);
		else
			on_answer(taker, i, SR_OK, json_pack("{s:I}", "n", number), "", &err);
	}
}

static enum sr_status ask_one(void *context, const struct sr_client_request *request, json_t **reply,
                              struct sr_descriptors *got, char *refusal, struct sr_err *err)
{
	struct keeper *keeper = context;

	(void)got;
	keeper->asked++;
	if (json_integer_value(json_object_get(request->parameters, "n")) % 10 == 9) {
		snprintf(refusal, SR_MESSAGE_NAME_BYTES, "org.strongroom.NotGranted");
		return sr_fail(err, SR_DENIED, "no");
	}
	*reply = json_deep_copy(request->parameters);
	return SR_OK;
}

static atomic_uint taken;

static void take(struct sr_ask *ask)
{
	/* In the order in which they were put. */
	assert_int_equal(atomic_fetch_add(&taken, 1), *(unsigned *)ask->context);
}

struct question {
	struct sr_ask ask;
	unsigned number;
};

static void put(struct sr_asks *asks, struct question *question, unsigned number)
{
	*question = (struct question){ .number = number };
	question->ask.command = "WhoAmI";
	question->ask.parameters = json_pack("{s:i}", "n", (int)number);
	question->ask.take = take;
	question->ask.context = &question->number;
	assert_true(sr_asks_put(asks, &question->ask));
}

static void judge(struct question *question)
{
	struct sr_ask *ask = &question->ask;

	assert_true(ask->answered);
	if (question->number % 10 == 9) {
		assert_int_equal(ask->status, SR_DENIED);
		assert_string_equal(ask->refusal, "org.strongroom.NotGranted");
		assert_null(ask->reply);
	} else {
		assert_int_equal(ask->status, SR_OK);
		assert_int_equal(json_integer_value(json_object_get(ask->reply, "n")), question->number);
	}
	sr_ask_dispose(ask);
}

static void ask_through(const struct sr_keeper_link *link, struct keeper *keeper)
{
	static struct question questions[QUESTIONS], late;
	struct sr_asks *asks;
	struct sr_err err;

	atomic_store(&taken, 0);
	assert_ok(sr_asks_new(link, &asks, &err));
	pthread_mutex_lock(&keeper->held);
	for (unsigned i = 0; i < QUESTIONS; i++)
		put(asks, &questions[i], i);
	pthread_mutex_unlock(&keeper->held);
	sr_asks_stop(asks); /* what was put is answered still */
	assert_int_equal(keeper->asked, QUESTIONS);
	assert_int_equal(atomic_load(&taken), QUESTIONS);
	for (unsigned i = 0; i < QUESTIONS; i++)
		judge(&questions[i]);
	late.ask.command = "WhoAmI";
	assert_false(sr_asks_put(asks, &late.ask));
	assert_false(late.ask.answered);
	sr_asks_free(asks);
}

static void what_gathers_while_others_are_asked_goes_out_as_one(void **state)
{
	struct keeper keeper = { .held = PTHREAD_MUTEX_INITIALIZER };
	const struct sr_keeper_link link = { .context = &keeper, .ask_many = ask_many };

	(void)state;
	ask_through(&link, &keeper);
	assert_int_equal(keeper.together, SR_FRONT_TOGETHER);
}

static void a_keeper_without_a_common_way_is_asked_one_by_one(void **state)
{
	struct keeper keeper = { .held = PTHREAD_MUTEX_INITIALIZER };
	const struct sr_keeper_link link = { .ask = ask_one, .context = &keeper };

	(void)state;
	ask_through(&link, &keeper);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_gathers_while_others_are_asked_goes_out_as_one),
		cmocka_unit_test(a_keeper_without_a_common_way_is_asked_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
