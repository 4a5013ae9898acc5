/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/wire/work_pool.h"

/* A gate that tasks wait at. */
struct room {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool open;
	int inside, most;
	int order[8], done;
};

static struct room room = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void reset(void)
{
	room.open = false;
	room.inside = room.most = room.done = 0;
}

static void wait_inside(void *context)
{
	(void)context;
	pthread_mutex_lock(&room.lock);
	room.inside++;
	if (room.inside > room.most)
		room.most = room.inside;
	pthread_cond_broadcast(&room.changed);
	while (!room.open)
		pthread_cond_wait(&room.changed, &room.lock);
	room.inside--;
	pthread_mutex_unlock(&room.lock);
}

static void note(void *context)
{
	pthread_mutex_lock(&room.lock);
	room.order[room.done++] = *(const int *)context;
	pthread_mutex_unlock(&room.lock);
}

static void wait_for_inside(int count)
{
	pthread_mutex_lock(&room.lock);
	while (room.inside < count)
		pthread_cond_wait(&room.changed, &room.lock);
	pthread_mutex_unlock(&room.lock);
}

static void open_room(void)
{
	pthread_mutex_lock(&room.lock);
	room.open = true;
	pthread_cond_broadcast(&room.changed);
	pthread_mutex_unlock(&room.lock);
}

static void tasks_run_side_by_side_up_to_the_bound(void **state)
{
	SR_CLEANUP(sr_work_pool_freep) struct sr_work_pool *pool = NULL;
	struct sr_err err;

	(void)state;
	reset();
	assert_ok(sr_work_pool_new(3, 8, &pool, &err));
	for (int i = 0; i < 5; i++)
		assert_ok(sr_work_pool_submit(pool, wait_inside, NULL, false, &err));
	wait_for_inside(3);
	open_room();
	sr_work_pool_freep(&pool);
	assert_int_equal(room.most, 3);
	assert_int_equal(room.inside, 0);
}

static void a_full_queue_says_busy_and_urgent_tasks_go_first(void **state)
{
	static const int names[] = { 1, 2, 3 };
	SR_CLEANUP(sr_work_pool_freep) struct sr_work_pool *pool = NULL;
	struct sr_err err;

	(void)state;
	reset();
	assert_ok(sr_work_pool_new(1, 3, &pool, &err));
	assert_ok(sr_work_pool_submit(pool, wait_inside, NULL, false, &err));
	wait_for_inside(1);
	assert_ok(sr_work_pool_submit(pool, note, (void *)(uintptr_t)&names[0], false, &err));
	assert_ok(sr_work_pool_submit(pool, note, (void *)(uintptr_t)&names[1], false, &err));
	assert_ok(sr_work_pool_submit(pool, note, (void *)(uintptr_t)&names[2], true, &err));
	assert_int_equal(sr_work_pool_submit(pool, note, NULL, true, &err), SR_BUSY);
	open_room();
	sr_work_pool_freep(&pool); /* runs what waits */
	assert_int_equal(room.done, 3);
	assert_int_equal(room.order[0], 3);
	assert_int_equal(room.order[1], 1);
	assert_int_equal(room.order[2], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_run_side_by_side_up_to_the_bound),
		cmocka_unit_test(a_full_queue_says_busy_and_urgent_tasks_go_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
