/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/fixity_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/threads.h"
#include "appliance/keeper/core/keeper_parts.h"

#define JUDGES_MAX 16u
#define WINDOW 64u /* archives that are being judged, or wait for those before them */
#define BATCH 32u  /* entries of one transaction: some milliseconds of the writer's time at most */
#define NEWS_NS (SR_SECOND_NS / 10)

/* One archive's place in the window. */
struct slot {
	bool ready;
	enum sr_status status;
	struct sr_err err;
	struct sr_fixity_result result;
};

/* How far a large archive is: told by the command's thread, which alone may talk to the caller. */
struct news {
	bool fresh;
	char what[64];
	uint64_t done, total;
	int64_t last_ns;
};

struct run {
	struct sr_fixity_options options; /* of the judges: progress comes to us */
	const struct sr_fixity_targets *targets;
	sr_fixity_each *each;
	void *context;
	struct sr_progress told;
	pthread_mutex_t large;
	pthread_t judges[JUDGES_MAX];
	size_t judge_count;

	pthread_mutex_t lock; /* what follows */
	pthread_cond_t room;  /* for judges: the window moved, or stop */
	pthread_cond_t ready; /* for the command's thread: the oldest is judged, or news */
	size_t count, next, oldest;
	struct slot slots[WINDOW];
	struct news news;
	bool stop;
};

/* --- judges ---------------------------------------------------------------------------------------- */

static void take_news(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct run *run = context;
	const int64_t now_ns = sr_keeper_boot_ns();

	pthread_mutex_lock(&run->lock);
	if (now_ns - run->news.last_ns >= NEWS_NS) {
		run->news = (struct news){ .fresh = true, .done = done, .total = total, .last_ns = now_ns };
		snprintf(run->news.what, sizeof(run->news.what), "%s", what);
		pthread_cond_signal(&run->ready);
	}
	pthread_mutex_unlock(&run->lock);
}

/* Locked.  The next archive that somebody should judge; false when there is none any more. */
static bool take_next(struct run *run, size_t *index)
{
	while (!run->stop && run->next < run->count && run->next - run->oldest >= WINDOW)
		pthread_cond_wait(&run->room, &run->lock);
	if (run->stop || run->next >= run->count)
		return false;
	*index = run->next++;
	return true;
}

static void *judge(void *context)
{
	struct run *run = context;
	size_t index = 0;

	pthread_mutex_lock(&run->lock);
	while (take_next(run, &index)) {
		struct slot *slot = &run->slots[index % WINDOW];

		pthread_mutex_unlock(&run->lock);
		slot->status = sr_fixity_judge(&run->options, sr_fixity_targets_at(run->targets, index),
		                               &slot->result, &slot->err);
		pthread_mutex_lock(&run->lock);
		slot->ready = true;
		if (index == run->oldest)
			pthread_cond_signal(&run->ready);
	}
	pthread_mutex_unlock(&run->lock);
	return NULL;
}

/* --- the command's thread -------------------------------------------------------------------------- */

/* Locked, and unlocked meanwhile. */
static void tell_news(struct run *run, const struct sr_progress *progress)
{
	const struct news news = run->news;

	run->news.fresh = false;
	pthread_mutex_unlock(&run->lock);
	sr_progress_report(progress, news.what, news.done, news.total);
	pthread_mutex_lock(&run->lock);
}

/* Wait for the oldest, and see how many behind it are ready too: *first is its place, and none goes round the
 * end of the window. */
static size_t await_some(struct run *run, const struct sr_progress *progress, size_t *first)
{
	size_t count = 0;

	pthread_mutex_lock(&run->lock);
	while (!run->slots[run->oldest % WINDOW].ready)
		if (run->news.fresh)
			tell_news(run, progress);
		else
			pthread_cond_wait(&run->ready, &run->lock);
	*first = run->oldest % WINDOW;
	while (count < BATCH && *first + count < WINDOW && run->slots[*first + count].ready)
		count++;
	pthread_mutex_unlock(&run->lock);
	return count;
}

/* Make room for @count more. */
static void move_window(struct run *run, size_t first, size_t count)
{
	pthread_mutex_lock(&run->lock);
	for (size_t i = 0; i < count; i++)
		run->slots[first + i].ready = false;
	run->oldest += count;
	pthread_cond_broadcast(&run->room);
	pthread_mutex_unlock(&run->lock);
}

static enum sr_status settle(const struct run *run, const struct sr_fixity_options *options,
                             struct sr_fixity_result *list, size_t count, struct sr_err *err)
{
	SR_TRY(sr_fixity_write(options, list, count, err));
	for (size_t i = 0; i < count; i++)
		SR_TRY(run->each(run->context, SR_MOVE(list[i].verdict), err));
	return SR_OK;
}

/* The results that lie in @count slots; whatever happens, the slots are empty afterwards. */
static enum sr_status settle_slots(struct run *run, const struct sr_fixity_options *options,
                                   struct slot *slots, size_t count, struct sr_err *err)
{
	struct sr_fixity_result list[BATCH];
	enum sr_status status = SR_OK;
	size_t good = 0;

	for (size_t i = 0; i < count; i++) {
		if (slots[i].status == SR_OK) {
			list[good++] = slots[i].result;
		} else if (status == SR_OK) {
			status = slots[i].status;
			*err = slots[i].err;
		}
		slots[i].result = (struct sr_fixity_result){ 0 };
	}
	if (status == SR_OK)
		status = settle(run, options, list, good, err);
	for (size_t i = 0; i < good; i++)
		sr_fixity_result_dispose(&list[i]);
	return status;
}

static enum sr_status settle_all(struct run *run, const struct sr_fixity_options *options, struct sr_err *err)
{
	while (run->oldest < run->count) {
		size_t first = 0;
		size_t count = await_some(run, options->progress, &first);

		SR_TRY(settle_slots(run, options, &run->slots[first], count, err));
		move_window(run, first, count);
	}
	return SR_OK;
}

/* --- one after the other --------------------------------------------------------------------------- */

static enum sr_status run_alone(const struct run *run, const struct sr_fixity_options *options,
                                struct sr_err *err)
{
	for (size_t i = 0; i < run->count; i++) {
		SR_CLEANUP(sr_fixity_result_dispose) struct sr_fixity_result result = { 0 };

		SR_TRY(sr_fixity_judge(options, sr_fixity_targets_at(run->targets, i), &result, err));
		SR_TRY(settle(run, options, &result, 1, err));
	}
	return SR_OK;
}

/* --- the whole ------------------------------------------------------------------------------------- */

/* As many as there are cores; where the system gives no threads, none. */
static void start_judges(struct run *run)
{
	const unsigned wanted = sr_threads_for(0, run->count, JUDGES_MAX);

	while (run->judge_count < wanted &&
	       pthread_create(&run->judges[run->judge_count], NULL, judge, run) == 0)
		run->judge_count++;
}

static void run_dispose(struct run *run)
{
	pthread_mutex_lock(&run->lock);
	run->stop = true;
	pthread_cond_broadcast(&run->room);
	pthread_mutex_unlock(&run->lock);
	for (size_t i = 0; i < run->judge_count; i++)
		pthread_join(run->judges[i], NULL);
	for (size_t i = 0; i < WINDOW; i++)
		sr_fixity_result_dispose(&run->slots[i].result);
	pthread_cond_destroy(&run->ready);
	pthread_cond_destroy(&run->room);
	pthread_mutex_destroy(&run->lock);
	pthread_mutex_destroy(&run->large);
}

static void run_free(struct run **run)
{
	if (*run)
		run_dispose(*run);
	free(*run);
}

enum sr_status sr_fixity_run(const struct sr_fixity_options *options, const struct sr_fixity_targets *targets,
                             bool alone, sr_fixity_each *each, void *context, struct sr_err *err)
{
	SR_CLEANUP(run_free) struct run *run = calloc(1, sizeof(*run));

	if (!run)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a check of archives");
	run->targets = targets;
	run->count = sr_fixity_targets_count(targets);
	run->each = each;
	run->context = context;
	pthread_mutex_init(&run->large, NULL);
	pthread_mutex_init(&run->lock, NULL);
	pthread_cond_init(&run->room, NULL);
	pthread_cond_init(&run->ready, NULL);
	run->told = (struct sr_progress){ .report = take_news, .context = run };
	run->options = *options;
	run->options.large = &run->large;
	run->options.progress = &run->told;
	if (!alone)
		start_judges(run);
	return run->judge_count > 0 ? settle_all(run, options, err) : run_alone(run, options, err);
}
