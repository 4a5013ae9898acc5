/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/fixity.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/threads.h"

#define BUFFER_BYTES (16u << 20) /* of all threads together */
#define SLOTS 4u                 /* pieces in flight for one range */
#define PIECE_MAX (1u << 20)
#define THREADS_MAX 32u
/* How far ahead of a piece the kernel is asked to fetch: keeps a disk busy while threads hash. */
#define AHEAD_BYTES (8u << 20)

enum slot_state {
	SLOT_EMPTY,
	SLOT_READING,
	SLOT_FULL,
};

struct slot {
	enum slot_state state;
	uint64_t piece; /* which piece of the range it is for */
	size_t got;     /* bytes read */
	struct sr_err error;
	enum sr_status status;
	uint8_t *data;
};

/* One thread that hashes, with the pieces that it or helpers have read.  Guarded by crew.lock but for data
 * and digest state, which belong to whoever has the slot. */
struct worker {
	struct crew *crew;
	pthread_t thread;
	bool started;
	struct sr_hasher *hasher;
	uint8_t *buffer;        /* SLOTS pieces */
	struct sr_fixity *item; /* being hashed; NULL: none */
	uint64_t next_read;     /* first piece that nobody has claimed */
	uint64_t next_hash;     /* piece that is hashed next */
	uint64_t pieces;        /* of the item */
	struct slot slots[SLOTS];
	struct sr_err err;
	enum sr_status status; /* of the hasher: a failure of the whole */
};

struct crew {
	int fd;
	struct sr_fixity *items;
	size_t count;
	size_t next; /* first item that nobody has taken */
	size_t piece_bytes;
	size_t worker_count;
	struct worker *workers;
	size_t busy;          /* workers with an item */
	uint64_t done, total; /* bytes */
	const struct sr_progress *progress;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

static uint64_t piece_count(uint64_t size, size_t piece_bytes)
{
	return (size + piece_bytes - 1) / piece_bytes;
}

/* Read one claimed piece without the lock, and say so under it. */
static void read_piece(struct worker *owner, struct slot *slot)
{
	struct crew *crew = owner->crew;
	const struct sr_fixity *item = owner->item;
	uint64_t skip = slot->piece * crew->piece_bytes;
	uint64_t left = item->size - skip;
	size_t want = left < crew->piece_bytes ? (size_t)left : crew->piece_bytes;

	pthread_mutex_unlock(&crew->lock);
	if (crew->total > PIECE_MAX)
		(void)posix_fadvise(crew->fd, (off_t)(item->offset + skip + AHEAD_BYTES), (off_t)want,
		                    POSIX_FADV_WILLNEED);
	slot->status = sr_fd_pread_all(crew->fd, slot->data, want, item->offset + skip, &slot->error);
	slot->got = want;
	pthread_mutex_lock(&crew->lock);
	slot->state = SLOT_FULL;
	pthread_cond_broadcast(&crew->changed);
}

/* Whether the next piece of a range can be claimed: one is left, and its slot is free. */
static bool can_claim(const struct worker *owner)
{
	return owner->item && owner->next_read < owner->pieces &&
	       owner->slots[owner->next_read % SLOTS].state == SLOT_EMPTY;
}

/* Claim it, where can_claim says so. */
static struct slot *claim_piece(struct worker *owner)
{
	struct slot *slot = &owner->slots[owner->next_read % SLOTS];

	slot->state = SLOT_READING;
	slot->piece = owner->next_read++;
	return slot;
}

/* Hash a full slot without the lock and free it. */
static void hash_piece(struct worker *owner, struct slot *slot)
{
	struct crew *crew = owner->crew;

	pthread_mutex_unlock(&crew->lock);
	if (owner->status == SR_OK)
		owner->status = sr_hasher_add(owner->hasher, slot->data, slot->got, &owner->err);
	pthread_mutex_lock(&crew->lock);
	slot->state = SLOT_EMPTY;
	owner->next_hash++;
	crew->done += slot->got;
	sr_progress_report(crew->progress, owner->item->name, crew->done, crew->total);
	pthread_cond_broadcast(&crew->changed);
}

/* Nobody may still write into the owner's slots when it leaves a range. */
static void wait_for_helpers(struct worker *owner)
{
	owner->next_read = owner->pieces;
	for (size_t i = 0; i < SLOTS; i++) {
		while (owner->slots[i].state == SLOT_READING)
			pthread_cond_wait(&owner->crew->changed, &owner->crew->lock);
		owner->slots[i].state = SLOT_EMPTY;
	}
}

static void give_up(struct worker *owner, const struct slot *slot)
{
	struct sr_digest ignored;
	struct sr_fixity *item = owner->item;

	item->status = slot->status;
	item->sys_errno = slot->error.sys_errno;
	item->failed_at = item->offset + slot->piece * owner->crew->piece_bytes;
	owner->crew->done += item->size - slot->piece * owner->crew->piece_bytes;
	wait_for_helpers(owner);
	if (owner->status == SR_OK)
		owner->status = sr_hasher_finish(owner->hasher, &ignored, &owner->err);
}

/* Hash the worker's range, under the lock but for reading and hashing. */
static void hash_item(struct worker *owner)
{
	while (owner->next_hash < owner->pieces) {
		struct slot *slot = &owner->slots[owner->next_hash % SLOTS];

		if (slot->state == SLOT_FULL && slot->status != SR_OK) {
			give_up(owner, slot);
			return;
		}
		if (slot->state == SLOT_FULL)
			hash_piece(owner, slot);
		else if (slot->state == SLOT_EMPTY)
			read_piece(owner, claim_piece(owner)); /* nobody claimed it, so it is the next */
		else
			pthread_cond_wait(&owner->crew->changed, &owner->crew->lock);
	}
	if (owner->status == SR_OK)
		owner->status = sr_hasher_finish(owner->hasher, &owner->item->digest, &owner->err);
	owner->item->status = owner->status;
}

/* Read ahead for the worker that has the most left; false when nothing can be claimed now. */
static bool help(struct crew *crew)
{
	struct worker *most = NULL;

	for (size_t i = 0; i < crew->worker_count; i++) {
		struct worker *other = &crew->workers[i];

		if (can_claim(other) &&
		    (!most || other->pieces - other->next_read > most->pieces - most->next_read))
			most = other;
	}
	if (!most)
		return false;
	read_piece(most, claim_piece(most));
	return true;
}

static void *work(void *context)
{
	struct worker *self = context;
	struct crew *crew = self->crew;

	pthread_mutex_lock(&crew->lock);
	while (crew->next < crew->count) {
		self->item = &crew->items[crew->next++];
		self->next_read = 0;
		self->next_hash = 0;
		self->pieces = piece_count(self->item->size, crew->piece_bytes);
		crew->busy++;
		hash_item(self);
		crew->busy--;
		self->item = NULL;
	}
	pthread_cond_broadcast(&crew->changed);
	while (crew->busy > 0)
		if (!help(crew))
			pthread_cond_wait(&crew->changed, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

static enum sr_status worker_init(struct worker *worker, struct crew *crew, struct sr_err *err)
{
	worker->crew = crew;
	worker->buffer = malloc(SLOTS * crew->piece_bytes);
	if (!worker->buffer)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %zu bytes of buffers",
		               SLOTS * crew->piece_bytes);
	for (size_t i = 0; i < SLOTS; i++)
		worker->slots[i].data = worker->buffer + i * crew->piece_bytes;
	return sr_hasher_new(&worker->hasher, err);
}

static void crew_dispose(struct crew *crew)
{
	for (size_t i = 0; crew->workers && i < crew->worker_count; i++) {
		sr_hasher_free(crew->workers[i].hasher);
		free(crew->workers[i].buffer);
	}
	free(crew->workers);
	pthread_cond_destroy(&crew->changed);
	pthread_mutex_destroy(&crew->lock);
}

static uint64_t largest(const struct sr_fixity *items, size_t count)
{
	uint64_t size = 1;

	for (size_t i = 0; i < count; i++)
		if (items[i].size > size)
			size = items[i].size;
	return size;
}

static enum sr_status crew_init(struct crew *crew, unsigned threads, struct sr_err *err)
{
	uint64_t size = largest(crew->items, crew->count);

	for (size_t i = 0; i < crew->count; i++)
		crew->total += crew->items[i].size;
	/* None for less than a piece of work. */
	const unsigned wanted = sr_threads_for(threads, piece_count(crew->total, PIECE_MAX), THREADS_MAX);
	crew->piece_bytes = BUFFER_BYTES / (SLOTS * wanted);
	if (crew->piece_bytes > PIECE_MAX)
		crew->piece_bytes = PIECE_MAX;
	if (crew->piece_bytes > size)
		crew->piece_bytes = (size_t)size;
	crew->workers = calloc(wanted, sizeof(*crew->workers));
	if (!crew->workers)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %u threads", wanted);
	crew->worker_count = wanted;
	for (size_t i = 0; i < wanted; i++)
		SR_TRY(worker_init(&crew->workers[i], crew, err));
	return SR_OK;
}

/* The caller is worker 0; where the system gives no more threads, fewer do the work. */
static void run(struct crew *crew)
{
	for (size_t i = 1; i < crew->worker_count; i++)
		crew->workers[i].started =
			pthread_create(&crew->workers[i].thread, NULL, work, &crew->workers[i]) == 0;
	work(&crew->workers[0]);
	for (size_t i = 1; i < crew->worker_count; i++)
		if (crew->workers[i].started)
			pthread_join(crew->workers[i].thread, NULL);
}

enum sr_status sr_fixity_hash(int fd, struct sr_fixity *items, size_t count, unsigned threads,
                              const struct sr_progress *progress, struct sr_err *err)
{
	SR_CLEANUP(crew_dispose)
	struct crew crew = {
		.fd = fd,
		.items = items,
		.count = count,
		.progress = progress,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};

	SR_TRY(crew_init(&crew, threads, err));
	assert(crew.workers != NULL);
	if (crew.total > PIECE_MAX)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	run(&crew);
	for (size_t i = 0; i < crew.worker_count; i++) {
		if (crew.workers[i].status != SR_OK) {
			*err = crew.workers[i].err;
			return crew.workers[i].status;
		}
	}
	return SR_OK;
}
