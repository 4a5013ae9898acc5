/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "tests/unit/folder.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/state/writer.h"

#define CALLERS 16
#define EACH 40

struct room {
	struct test_folder folder;
	struct sr_env *env;
	struct sr_writer *writer;
	atomic_uint commits;
	atomic_bool died;
};

static void count_commit(void *context)
{
	atomic_fetch_add(&((struct room *)context)->commits, 1);
}

static void note_death(void *context, const struct sr_err *err)
{
	(void)err;
	atomic_store(&((struct room *)context)->died, true);
}

static void start(struct room *room)
{
	const struct sr_writer_options options = {
		.env = room->env, .committed = count_commit, .fatal = note_death, .context = room
	};
	struct sr_err err;

	assert_ok(sr_writer_start(&options, &room->writer, &err));
}

static int set_up_with(void **state, size_t map_start)
{
	struct room *room = calloc(1, sizeof(*room));
	struct sr_env_options options = { .map_start = map_start };
	struct sr_err err;

	test_folder_open(&room->folder);
	options.path = room->folder.path;
	assert_ok(sr_env_open(&options, &room->env, &err));
	start(room);
	*state = room;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, 64u << 20);
}

static int set_up_small(void **state)
{
	return set_up_with(state, 1u << 20);
}

static int tear_down(void **state)
{
	struct room *room = *state;

	sr_writer_stop(room->writer);
	sr_env_close(room->env);
	test_folder_close(&room->folder);
	free(room);
	return 0;
}

/* A job that puts one key. */
struct put {
	uint32_t key;
	size_t size;             /* of the value */
	enum sr_status refuse;   /* what check says */
	int fail_applies;        /* how many applies fail first */
	enum sr_status answered; /* for those that are submitted */
	atomic_bool over;
	unsigned order; /* when it was applied last, of all jobs */
};

static atomic_uint clock_of_applies;

static enum sr_status check_put(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct put *put = context;

	(void)txn;
	return put->refuse == SR_OK ? SR_OK : sr_fail(err, put->refuse, "refused %u", put->key);
}

static enum sr_status apply_put(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct put *put = context;
	uint8_t *value = calloc(1, put->size + 1);

	assert_non_null(value);
	enum sr_status status = sr_txn_put(txn, SR_DB_REGISTER,
	                                   (struct sr_bytes){ (const uint8_t *)&put->key, sizeof(put->key) },
	                                   (struct sr_bytes){ value, put->size + 1 }, err);
	free(value);
	if (status == SR_OK && put->fail_applies-- > 0)
		return sr_fail(err, SR_IO, "the disk failed for %u", put->key);
	put->order = atomic_fetch_add(&clock_of_applies, 1);
	return status;
}

static void done_put(void *context, enum sr_status status, const struct sr_err *err)
{
	struct put *put = context;

	(void)err;
	put->answered = status;
	atomic_store(&put->over, true);
}

static struct sr_job job_of(struct put *put)
{
	return (struct sr_job){ .check = check_put, .apply = apply_put, .done = done_put, .context = put };
}

static uint64_t stored(struct room *room)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint64_t count;
	struct sr_err err;

	assert_ok(sr_txn_read(room->env, &txn, &err));
	assert_ok(sr_txn_count(txn, SR_DB_REGISTER, &count, &err));
	return count;
}

/* Hold the writer up, so that what is submitted meanwhile becomes one batch. */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool held, open;
};

static enum sr_status hold(void *context, struct sr_txn *txn, struct sr_err *err)
{
	struct gate *gate = context;

	(void)txn;
	(void)err;
	pthread_mutex_lock(&gate->lock);
	gate->held = true;
	pthread_cond_broadcast(&gate->changed);
	while (!gate->open)
		pthread_cond_wait(&gate->changed, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
	return SR_OK;
}

static void forget(void *context, enum sr_status status, const struct sr_err *err)
{
	(void)context;
	(void)err;
	assert_int_equal(status, SR_OK);
}

static void hold_writer(struct room *room, struct gate *gate)
{
	const struct sr_job job = { .apply = hold, .done = forget, .context = gate };
	struct sr_err err;

	*gate = (struct gate){ .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	assert_ok(sr_writer_submit(room->writer, &job, &err));
	pthread_mutex_lock(&gate->lock);
	while (!gate->held)
		pthread_cond_wait(&gate->changed, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
}

static void let_go(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->open = true;
	pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->lock);
}

static void wait_for(struct put *puts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		while (!atomic_load(&puts[i].over))
			usleep(1000);
}

static void submit(struct room *room, struct put *put, bool control)
{
	struct sr_job job = job_of(put);
	struct sr_err err;

	job.control = control;
	assert_ok(sr_writer_submit(room->writer, &job, &err));
}

static void waiting_jobs_share_one_commit(void **state)
{
	struct room *room = *state;
	struct put puts[50] = { 0 };
	struct gate gate;

	hold_writer(room, &gate);
	for (uint32_t i = 0; i < SR_COUNT(puts); i++) {
		puts[i].key = i;
		submit(room, &puts[i], false);
	}
	let_go(&gate);
	wait_for(puts, SR_COUNT(puts));
	assert_int_equal(stored(room), SR_COUNT(puts));
	assert_int_equal(atomic_load(&room->commits), 2);
}

static void a_refused_job_costs_the_others_nothing(void **state)
{
	struct room *room = *state;
	struct put puts[3] = { { .key = 1 }, { .key = 2, .refuse = SR_DENIED }, { .key = 3 } };
	struct gate gate;

	hold_writer(room, &gate);
	for (size_t i = 0; i < 3; i++)
		submit(room, &puts[i], false);
	let_go(&gate);
	wait_for(puts, 3);
	assert_int_equal(puts[0].answered, SR_OK);
	assert_int_equal(puts[1].answered, SR_DENIED);
	assert_int_equal(puts[2].answered, SR_OK);
	assert_int_equal(stored(room), 2);
	assert_int_equal(atomic_load(&room->commits), 2);
}

static void a_failing_apply_undoes_the_batch_and_each_runs_alone(void **state)
{
	struct room *room = *state;
	struct put puts[3] = { { .key = 1 },
		               { .key = 2, .fail_applies = 100 },
		               { .key = 3, .fail_applies = 1 } };
	struct gate gate;

	hold_writer(room, &gate);
	for (size_t i = 0; i < 3; i++)
		submit(room, &puts[i], false);
	let_go(&gate);
	wait_for(puts, 3);
	assert_int_equal(puts[0].answered, SR_OK);
	assert_int_equal(puts[1].answered, SR_IO);
	assert_int_equal(puts[2].answered, SR_OK);
	assert_int_equal(stored(room), 2);
	assert_false(atomic_load(&room->died));
}

static void control_jobs_go_first(void **state)
{
	struct room *room = *state;
	struct put puts[21] = { 0 };
	struct gate gate;

	hold_writer(room, &gate);
	for (uint32_t i = 0; i < 21; i++) {
		puts[i].key = i;
		submit(room, &puts[i], i == 20);
	}
	let_go(&gate);
	wait_for(puts, 21);
	for (size_t i = 0; i < 20; i++)
		assert_true(puts[20].order < puts[i].order);
}

static void the_queue_is_bounded(void **state)
{
	struct room *room = *state;
	struct put *puts = calloc(SR_WRITER_QUEUE + 1, sizeof(*puts));
	struct gate gate;
	struct sr_err err;

	assert_non_null(puts);
	hold_writer(room, &gate);
	for (uint32_t i = 0; i < SR_WRITER_QUEUE; i++) {
		puts[i].key = i;
		submit(room, &puts[i], false);
	}
	const struct sr_job one_more = job_of(&puts[SR_WRITER_QUEUE]);
	assert_int_equal(sr_writer_submit(room->writer, &one_more, &err), SR_BUSY);
	let_go(&gate);
	wait_for(puts, SR_WRITER_QUEUE);
	assert_false(atomic_load(&puts[SR_WRITER_QUEUE].over));
	free(puts);
}

struct caller {
	struct room *room;
	uint32_t first;
	bool patient;
	int wrong;
};

static void *call_often(void *context)
{
	struct caller *caller = context;

	for (uint32_t i = 0; i < EACH; i++) {
		struct put put = { .key = caller->first + i, .size = 3000 };
		struct sr_job job = job_of(&put);
		struct sr_err err;

		job.patient = caller->patient;
		if (sr_writer_run(caller->room->writer, &job, &err) != SR_OK)
			caller->wrong++;
	}
	return NULL;
}

/* Also with a map that must grow on the way; every third is patient. */
static void many_callers_each_get_their_answer(void **state)
{
	struct room *room = *state;
	struct caller callers[CALLERS];
	pthread_t threads[CALLERS];

	for (uint32_t i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){ .room = room, .first = i * EACH, .patient = i % 3 == 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, call_often, &callers[i]), 0);
	}
	for (size_t i = 0; i < CALLERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(callers[i].wrong, 0);
	}
	assert_int_equal(stored(room), CALLERS * EACH);
}

static enum sr_status note_thread(void *context, struct sr_txn *txn, struct sr_err *err)
{
	(void)txn;
	(void)err;
	*(pthread_t *)context = pthread_self();
	return SR_OK;
}

static void *let_go_soon(void *context)
{
	usleep(50000);
	let_go(context);
	return NULL;
}

/* Whoever comes while nobody writes does it alone; whoever comes meanwhile waits for the writer. */
static void an_idle_writer_lends_its_place(void **state)
{
	struct room *room = *state;
	pthread_t whose = 0;
	const struct sr_job job = { .apply = note_thread, .context = &whose };
	struct put put = { .key = 9, .refuse = SR_DENIED };
	const struct sr_job refused = job_of(&put);
	unsigned attempts = 0;
	struct gate gate;
	pthread_t thread;
	struct sr_err err;

	assert_ok(sr_writer_run(room->writer, &job, &err));
	assert_true(pthread_equal(whose, pthread_self()));
	assert_int_equal(sr_writer_run(room->writer, &refused, &err), SR_DENIED);
	assert_string_equal(err.text, "refused 9");

	/* Whether it came meanwhile is the machine's to say: some attempts. */
	for (; attempts < 50 && pthread_equal(whose, pthread_self()); attempts++) {
		hold_writer(room, &gate);
		assert_int_equal(pthread_create(&thread, NULL, let_go_soon, &gate), 0);
		assert_ok(sr_writer_run(room->writer, &job, &err));
		pthread_join(thread, NULL);
	}
	assert_false(pthread_equal(whose, pthread_self()));
	assert_int_equal(atomic_load(&room->commits), 2 + 2 * attempts);
}

struct patient {
	struct room *room;
	struct put put;
	pthread_t thread;
	enum sr_status status;
};

static void *run_patient(void *context)
{
	struct patient *patient = context;
	struct sr_job job = job_of(&patient->put);
	struct sr_err err;

	job.patient = true;
	patient->status = sr_writer_run(patient->room->writer, &job, &err);
	return NULL;
}

static void begin_patient(struct room *room, struct patient *patient, uint32_t key)
{
	*patient = (struct patient){ .room = room, .put = { .key = key } };
	assert_int_equal(pthread_create(&patient->thread, NULL, run_patient, patient), 0);
}

static void a_patient_job_is_done_all_the_same(void **state)
{
	struct room *room = *state;
	struct patient patient = { .room = room, .put = { .key = 1 } };
	struct patient refused = { .room = room, .put = { .key = 2, .refuse = SR_DENIED } };

	(void)run_patient(&patient);
	(void)run_patient(&refused);
	assert_int_equal(patient.status, SR_OK);
	assert_int_equal(refused.status, SR_DENIED);
	assert_int_equal(stored(room), 1);
}

/* Whether it came in time is the machine's to say: some attempts. */
static void a_patient_job_goes_with_the_next(void **state)
{
	struct room *room = *state;
	bool together = false;

	for (uint32_t i = 0; i < 50 && !together; i++) {
		struct put put = { .key = 1000 + i };
		const struct sr_job job = job_of(&put);
		unsigned before = atomic_load(&room->commits);
		struct patient patient;
		struct sr_err err;

		begin_patient(room, &patient, i);
		usleep(2000);
		assert_ok(sr_writer_run(room->writer, &job, &err));
		pthread_join(patient.thread, NULL);
		assert_int_equal(patient.status, SR_OK);
		together = atomic_load(&room->commits) == before + 1;
	}
	assert_true(together);
}

static void patient_jobs_wait_for_whoever_writes(void **state)
{
	struct room *room = *state;
	struct patient patients[SR_WRITER_PATIENT + 4];
	struct gate gate;

	hold_writer(room, &gate);
	for (uint32_t i = 0; i < SR_COUNT(patients); i++)
		begin_patient(room, &patients[i], i);
	usleep(50 * SR_WRITER_PATIENCE_MS * 1000);
	let_go(&gate);
	for (size_t i = 0; i < SR_COUNT(patients); i++) {
		pthread_join(patients[i].thread, NULL);
		assert_int_equal(patients[i].status, SR_OK);
	}
	assert_in_range(atomic_load(&room->commits), 2, 2 + SR_COUNT(patients) / 2);
}

static void stopping_answers_what_waits(void **state)
{
	struct room *room = *state;
	struct put puts[300] = { 0 };

	for (uint32_t i = 0; i < SR_COUNT(puts); i++) {
		puts[i].key = i;
		submit(room, &puts[i], false);
	}
	sr_writer_stop(room->writer);
	room->writer = NULL;
	for (size_t i = 0; i < SR_COUNT(puts); i++) {
		assert_true(atomic_load(&puts[i].over));
		assert_int_equal(puts[i].answered, SR_OK);
	}
	assert_int_equal(stored(room), SR_COUNT(puts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(waiting_jobs_share_one_commit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_refused_job_costs_the_others_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failing_apply_undoes_the_batch_and_each_runs_alone, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(control_jobs_go_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_queue_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_callers_each_get_their_answer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_callers_each_get_their_answer, set_up_small, tear_down),
		cmocka_unit_test_setup_teardown(an_idle_writer_lends_its_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_patient_job_is_done_all_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_patient_job_goes_with_the_next, set_up, tear_down),
		cmocka_unit_test_setup_teardown(patient_jobs_wait_for_whoever_writes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stopping_answers_what_waits, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
