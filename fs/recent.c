/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/recent.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/secret.h"

#define BUCKETS ((size_t)2 * SR_FS_PIECES)
#define SLAB_PIECES 256u
#define NONE UINT32_MAX
/* Of so many new pieces one, once all are taken: a long pass leaves most of what was there. */
#define ADMIT 8u

struct piece {
	uint32_t slot; /* of the grant; 0: empty */
	uint32_t node;
	uint64_t number; /* of the piece in its file */
	uint32_t bytes;  /* fewer at the file's end */
	uint32_t next;   /* of the same bucket, or NONE */
	bool used;       /* since the hand came by */
};

struct sr_fs_recent {
	pthread_mutex_t lock; /* what follows */
	struct piece pieces[SR_FS_PIECES];
	uint32_t buckets[BUCKETS]; /* the first piece of each, or NONE */
	struct sr_secret *slabs[SR_FS_PIECES / SLAB_PIECES];
	uint32_t max;
	uint32_t made; /* pieces that have memory */
	uint32_t hand; /* the next one to make room */
	uint32_t refused;
};

enum sr_status sr_fs_recent_new(uint64_t lockable, struct sr_fs_recent **out, struct sr_err *err)
{
	struct sr_fs_recent *recent = calloc(1, sizeof(*recent));

	if (!recent)
		return sr_fail(err, SR_NO_MEMORY, "no memory for what was read lately");
	const uint64_t pieces = lockable / 2 / SR_FS_PIECE_BYTES;

	pthread_mutex_init(&recent->lock, NULL);
	recent->max = pieces < SR_FS_PIECES ? (uint32_t)pieces : SR_FS_PIECES;
	for (size_t i = 0; i < BUCKETS; i++)
		recent->buckets[i] = NONE;
	*out = recent;
	return SR_OK;
}

void sr_fs_recent_free(struct sr_fs_recent *recent)
{
	if (!recent)
		return;
	for (size_t i = 0; i < SR_COUNT(recent->slabs); i++)
		sr_secret_free(recent->slabs[i]);
	pthread_mutex_destroy(&recent->lock);
	free(recent);
}

/* --- the table; under the lock ----------------------------------------------------------------------- */

static uint32_t *bucket_of(struct sr_fs_recent *recent, uint32_t slot, uint32_t node, uint64_t number)
{
	uint64_t value = ((uint64_t)slot << 32 | node) * 0x9e3779b97f4a7c15u ^ number * 0xc2b2ae3d27d4eb4fu;

	return &recent->buckets[(value >> 32) % BUCKETS];
}

static uint8_t *data_of(struct sr_fs_recent *recent, uint32_t at)
{
	return recent->slabs[at / SLAB_PIECES]->data + (size_t)(at % SLAB_PIECES) * SR_FS_PIECE_BYTES;
}

static uint32_t find(struct sr_fs_recent *recent, uint32_t slot, uint32_t node, uint64_t number)
{
	uint32_t at = *bucket_of(recent, slot, node, number);

	while (at != NONE) {
		const struct piece *piece = &recent->pieces[at];

		if (piece->slot == slot && piece->node == node && piece->number == number)
			break;
		at = piece->next;
	}
	return at;
}

static void empty(struct sr_fs_recent *recent, uint32_t at)
{
	struct piece *piece = &recent->pieces[at];
	uint32_t *link = bucket_of(recent, piece->slot, piece->node, piece->number);

	while (*link != at)
		link = &recent->pieces[*link].next;
	*link = piece->next;
	sr_wipe(data_of(recent, at), piece->bytes);
	*piece = (struct piece){ 0 };
}

/* A piece more, or NONE: all that may be is there, or no more can be locked. */
static uint32_t make(struct sr_fs_recent *recent)
{
	struct sr_secret **slab = &recent->slabs[recent->made / SLAB_PIECES % SR_COUNT(recent->slabs)];
	struct sr_err ignored;

	if (recent->made == recent->max)
		return NONE;
	if (!*slab && sr_secret_new((size_t)SLAB_PIECES * SR_FS_PIECE_BYTES, slab, &ignored) != SR_OK)
		return NONE;
	if (!(*slab)->locked) {
		sr_secret_freep(slab);
		recent->max = recent->made;
		return NONE;
	}
	return recent->made++;
}

/* An empty piece; NONE where there is none to be had. */
static uint32_t room(struct sr_fs_recent *recent)
{
	uint32_t at = make(recent);

	if (at == NONE && (recent->made == 0 || ++recent->refused % ADMIT != 0))
		return NONE;
	while (at == NONE) {
		struct piece *piece = &recent->pieces[recent->hand];

		if (!piece->used)
			at = recent->hand;
		piece->used = false;
		recent->hand = (recent->hand + 1) % recent->made;
	}
	if (recent->pieces[at].slot != 0)
		empty(recent, at);
	return at;
}

static void keep(struct sr_fs_recent *recent, struct piece of, const uint8_t *data)
{
	uint32_t at = find(recent, of.slot, of.node, of.number);

	if (at != NONE && recent->pieces[at].bytes >= of.bytes)
		return;
	if (at != NONE)
		empty(recent, at);
	at = room(recent);
	if (at == NONE)
		return;
	uint32_t *bucket = bucket_of(recent, of.slot, of.node, of.number);
	of.next = *bucket;
	*bucket = at;
	recent->pieces[at] = of;
	memcpy(data_of(recent, at), data, of.bytes);
}

/* --- from outside ------------------------------------------------------------------------------------ */

static uint32_t part_of(size_t size, size_t done)
{
	return size - done < SR_FS_PIECE_BYTES ? (uint32_t)(size - done) : SR_FS_PIECE_BYTES;
}

bool sr_fs_recent_get(struct sr_fs_recent *recent, const struct sr_fs_grant *grant, uint32_t node,
                      uint64_t at, void *out, size_t size)
{
	bool there = true;

	pthread_mutex_lock(&recent->lock);
	for (size_t done = 0; there && done < size; done += SR_FS_PIECE_BYTES) {
		const uint32_t part = part_of(size, done);
		uint32_t found = find(recent, grant->slot, node, (at + done) / SR_FS_PIECE_BYTES);

		there = found != NONE && recent->pieces[found].bytes >= part;
		if (there) {
			memcpy((uint8_t *)out + done, data_of(recent, found), part);
			recent->pieces[found].used = true;
		}
	}
	pthread_mutex_unlock(&recent->lock);
	return there;
}

void sr_fs_recent_put(struct sr_fs_recent *recent, const struct sr_fs_grant *grant, uint32_t node,
                      uint64_t at, const void *data, size_t size)
{
	pthread_mutex_lock(&recent->lock);
	/* It ends before it is dropped here, so that nothing is put behind that. */
	for (size_t done = 0; done < size && atomic_load(&grant->state) == SR_FS_LIVE;
	     done += SR_FS_PIECE_BYTES)
		keep(recent,
		     (struct piece){ .slot = grant->slot,
		                     .node = node,
		                     .number = (at + done) / SR_FS_PIECE_BYTES,
		                     .bytes = part_of(size, done) },
		     (const uint8_t *)data + done);
	pthread_mutex_unlock(&recent->lock);
}

void sr_fs_recent_drop(struct sr_fs_recent *recent, const struct sr_fs_grant *grant)
{
	pthread_mutex_lock(&recent->lock);
	for (uint32_t at = 0; at < recent->made; at++)
		if (recent->pieces[at].slot == grant->slot)
			empty(recent, at);
	pthread_mutex_unlock(&recent->lock);
}
