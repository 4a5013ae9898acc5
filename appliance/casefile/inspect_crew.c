/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/inspect_crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/threads.h"

/* A helper program costs some MiB and a moment to start: a few are as good as many. */
#define THREADS_MAX 8u
#define PIECE 16u /* members that one thread takes at a time */

/* What was found in one piece. */
struct piece {
	struct sr_findings *findings;
	enum sr_status status;
	struct sr_err err;
};

struct crew {
	size_t count;
	sr_inspect_look *look;
	void *context;
	pthread_t threads[THREADS_MAX];
	size_t thread_count; /* besides the caller's */

	pthread_mutex_t lock; /* what follows, but for the pieces that somebody has taken */
	struct piece *pieces;
	size_t piece_count, next, done; /* done: members */
	bool failed;
};

static void crew_dispose(struct crew *crew)
{
	for (size_t i = 0; crew->pieces && i < crew->piece_count; i++)
		sr_findings_free(crew->pieces[i].findings);
	free(crew->pieces);
	pthread_mutex_destroy(&crew->lock);
}

/* False when nothing is left to take, or nothing more is worth it. */
static bool take_piece(struct crew *crew, size_t *index)
{
	pthread_mutex_lock(&crew->lock);
	bool left = !crew->failed && crew->next < crew->piece_count;
	if (left)
		*index = crew->next++;
	pthread_mutex_unlock(&crew->lock);
	return left;
}

static size_t finish_piece(struct crew *crew, size_t members, enum sr_status status)
{
	pthread_mutex_lock(&crew->lock);
	crew->done += members;
	crew->failed = crew->failed || status != SR_OK;
	size_t done = crew->done;
	pthread_mutex_unlock(&crew->lock);
	return done;
}

static enum sr_status look_at(const struct crew *crew, size_t first, size_t end, struct sr_probe *probe,
                              struct sr_findings *findings, struct sr_err *err)
{
	for (size_t i = first; i < end; i++)
		SR_TRY(crew->look(crew->context, i, probe, findings, err));
	return SR_OK;
}

static enum sr_status look_at_piece(const struct crew *crew, size_t index, struct sr_probe *probe,
                                    struct sr_err *err)
{
	size_t first = index * PIECE;
	size_t end = first + PIECE < crew->count ? first + PIECE : crew->count;

	SR_TRY(sr_findings_new(&crew->pieces[index].findings, err));
	return look_at(crew, first, end, probe, crew->pieces[index].findings, err);
}

static void work(struct crew *crew, const struct sr_progress *progress)
{
	SR_CLEANUP(sr_probe_freep) struct sr_probe *probe = NULL;
	size_t index = 0;

	while (take_piece(crew, &index)) {
		struct piece *piece = &crew->pieces[index];
		size_t left = crew->count - index * PIECE;

		piece->status = probe ? SR_OK : sr_probe_new(&probe, &piece->err);
		if (piece->status == SR_OK)
			piece->status = look_at_piece(crew, index, probe, &piece->err);
		size_t done = finish_piece(crew, left < PIECE ? left : PIECE, piece->status);
		sr_progress_report(progress, "inspect", done, crew->count);
	}
}

static void *work_silently(void *context)
{
	work(context, NULL);
	return NULL;
}

/* Signals are the caller's business.  Where the system gives no threads, the caller does it all. */
static void start_threads(struct crew *crew)
{
	const unsigned wanted = sr_threads_for(0, crew->piece_count, THREADS_MAX);
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (crew->thread_count + 1 < wanted &&
	       pthread_create(&crew->threads[crew->thread_count], NULL, work_silently, crew) == 0)
		crew->thread_count++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static enum sr_status append(struct sr_findings *findings, const struct sr_findings *found,
                             struct sr_err *err)
{
	for (size_t i = 0; i < sr_findings_count(found); i++)
		SR_TRY(sr_findings_add(findings, sr_findings_at(found, i), err));
	return SR_OK;
}

/* Pieces behind a failure may not have been looked at: they come after it, and are not reached. */
static enum sr_status gather(const struct crew *crew, struct sr_findings *findings, struct sr_err *err)
{
	for (size_t i = 0; i < crew->piece_count; i++) {
		const struct piece *piece = &crew->pieces[i];

		if (piece->status != SR_OK) {
			*err = piece->err;
			return piece->status;
		}
		if (piece->findings)
			SR_TRY(append(findings, piece->findings, err));
	}
	return SR_OK;
}

enum sr_status sr_inspect_crew(size_t count, sr_inspect_look *look, void *context,
                               const struct sr_progress *progress, struct sr_findings *findings,
                               struct sr_err *err)
{
	SR_CLEANUP(crew_dispose)
	struct crew crew = { .count = count,
		             .look = look,
		             .context = context,
		             .lock = PTHREAD_MUTEX_INITIALIZER,
		             .piece_count = (count + PIECE - 1) / PIECE };

	crew.pieces = calloc(crew.piece_count + 1, sizeof(*crew.pieces));
	if (!crew.pieces)
		return sr_fail(err, SR_NO_MEMORY, "no memory to look at %zu members", count);
	start_threads(&crew);
	work(&crew, progress);
	for (size_t i = 0; i < crew.thread_count; i++)
		pthread_join(crew.threads[i], NULL);
	return gather(&crew, findings, err);
}
