/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/reading/member_reader.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/secret.h"
#include "appliance/base/text.h"
#include "appliance/crypto/suite.h"
#include "appliance/keeper/state/ranges.h"

#define AHEAD_BYTES ((uint64_t)2 << 20)

/* One reader of the pool: belongs to a thread while it is busy. */
struct place {
	struct sr_suite_reader *reader; /* NULL until it is needed */
	bool busy;
	uint64_t next; /* where its last read ended */
};

struct sr_member_handle {
	struct sr_member_info info;
	json_t *texts; /* what the info's texts lie in */
	const struct sr_suite *suite;
	uint64_t offset;
	int fd;
	pthread_mutex_t lock; /* what follows */
	pthread_cond_t freed;
	struct sr_secret *key; /* NULL once it is invalid */
	struct place places[SR_MEMBER_READERS];
	uint64_t told;           /* the disk has been told of what lies before this */
	struct sr_ranges ranges; /* that were handed out */
	uint64_t bytes;
	bool damaged;
	uint64_t damaged_chunk;
};

/* --- opening --------------------------------------------------------------------------------------- */

static enum sr_status take_key(struct sr_member_handle *handle, const char *text, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf key = { .secret = true };

	SR_TRY(sr_base64_decode(SR_BASE64_PADDED, text, strlen(text), &key, err));
	if (key.size != handle->suite->key_bytes)
		return sr_fail(err, SR_CORRUPT, "a key of %zu bytes", key.size);
	SR_TRY(sr_secret_new(key.size, &handle->key, err));
	memcpy(handle->key->data, key.data, key.size);
	return SR_OK;
}

static enum sr_status take_texts(struct sr_member_handle *handle, const json_t *answer, struct sr_err *err)
{
	static const char *const keys[] = { "path", "media_type", "sha256" };
	const char **const into[] = { &handle->info.path, &handle->info.media_type, &handle->info.sha256 };

	handle->texts = json_object();
	for (size_t i = 0; i < SR_COUNT(keys); i++) {
		const char *text;

		SR_TRY(sr_json_need_text(answer, keys[i], &text, err));
		SR_TRY(sr_json_set(handle->texts, keys[i], json_string(text), err));
		*into[i] = sr_json_text(handle->texts, keys[i]);
	}
	return SR_OK;
}

static enum sr_status take_info(struct sr_member_handle *handle, const json_t *answer, struct sr_err *err)
{
	struct sr_member_info *info = &handle->info;
	const char *case_id, *until;
	uint64_t part, member;

	SR_TRY(sr_json_need_u64(answer, "opened", INT64_MAX, &info->opened, err));
	SR_TRY(sr_json_need_text(answer, "case", &case_id, err));
	SR_TRY(sr_json_need_u64(answer, "part", SR_LIMIT_PARTS, &part, err));
	SR_TRY(sr_json_need_u64(answer, "member", UINT32_MAX, &member, err));
	SR_TRY(sr_json_need_u64(answer, "bytes", SR_LIMIT_MEMBER_BYTES, &info->bytes, err));
	SR_TRY(sr_json_need_u64(answer, "offset", INT64_MAX, &handle->offset, err));
	SR_TRY(sr_json_need_text(answer, "until", &until, err));
	if (!sr_uuid_is_valid(case_id) || !sr_time_parse(until, &info->until_ns))
		return sr_fail(err, SR_CORRUPT, "the case or the time is none");
	memcpy(info->case_id, case_id, sizeof(info->case_id));
	info->part = (unsigned)part;
	info->member = (unsigned)member;
	info->no_cache = json_is_true(json_object_get(answer, "no_cache"));
	return take_texts(handle, answer, err);
}

static enum sr_status take_answer(struct sr_member_handle *handle, const json_t *answer, struct sr_err *err)
{
	const char *suite, *key;

	SR_TRY(sr_json_need_text(answer, "suite", &suite, err));
	SR_TRY(sr_json_need_text(answer, "key", &key, err));
	handle->suite = sr_suite_find(suite);
	if (!handle->suite)
		return sr_fail(err, SR_INVALID, "this version does not know the suite %.40s", suite);
	handle->info.chunk_bytes = handle->suite->chunk_bytes;
	SR_TRY(take_info(handle, answer, err));
	return take_key(handle, key, err);
}

enum sr_status sr_member_reader_open(const json_t *answer, int fd, struct sr_member_handle **out,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_member_reader_closep) struct sr_member_handle *handle = calloc(1, sizeof(*handle));

	if (!handle) {
		sr_fd_close(fd);
		return sr_fail(err, SR_NO_MEMORY, "no memory for a reader");
	}
	handle->fd = fd;
	pthread_mutex_init(&handle->lock, NULL);
	pthread_cond_init(&handle->freed, NULL);
	enum sr_status status = take_answer(handle, answer, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "the keeper's answer: ");
	*out = SR_MOVE(handle);
	return SR_OK;
}

/* Under the lock, or the last one there. */
static void drop_reader(struct sr_member_handle *handle, struct place *place)
{
	if (place->reader)
		handle->suite->reader_close(place->reader);
	place->reader = NULL;
}

void sr_member_reader_close(struct sr_member_handle *handle)
{
	if (!handle)
		return;
	for (size_t i = 0; i < SR_MEMBER_READERS; i++)
		drop_reader(handle, &handle->places[i]);
	sr_secret_free(handle->key);
	json_decref(handle->texts);
	sr_fd_close(handle->fd);
	pthread_cond_destroy(&handle->freed);
	pthread_mutex_destroy(&handle->lock);
	free(handle);
}

const struct sr_member_info *sr_member_reader_info(const struct sr_member_handle *handle)
{
	return &handle->info;
}

/* --- reading --------------------------------------------------------------------------------------- */

static enum sr_status refuse(struct sr_err *err)
{
	return sr_fail(err, SR_DENIED, "the grant has ended: the member is closed");
}

/* The one that goes on where its last read ended, else one that is open, else any that is free. */
static struct place *pick(struct sr_member_handle *handle, uint64_t offset)
{
	struct place *best = NULL;

	for (size_t i = 0; i < SR_MEMBER_READERS; i++) {
		struct place *place = &handle->places[i];

		if (place->busy)
			continue;
		if (place->reader && place->next == offset)
			return place;
		if (!best || (place->reader && !best->reader))
			best = place;
	}
	return best;
}

static enum sr_status open_place(struct sr_member_handle *handle, struct place *place, struct sr_err *err)
{
	if (place->reader)
		return SR_OK;
	return handle->suite->reader_open_key(handle->fd, handle->offset, handle->info.bytes,
	                                      handle->key->data, &place->reader, err);
}

/* What the disk is to be told of; nothing where @from is @to. */
struct ahead {
	uint64_t from, to;
};

/*
 * Reads that go on where others ended need the next bytes soon, and a long read needs all of its own at once:
 * the kernel sees only single chunks, from several threads, and would fetch little at a time.
 */
static struct ahead look_ahead(struct sr_member_handle *handle, uint64_t offset, size_t size)
{
	const uint64_t end = offset + size;
	struct ahead ahead = { offset, end };

	if (offset <= handle->told && handle->told - offset <= 2 * AHEAD_BYTES) {
		if (handle->told >= end + AHEAD_BYTES / 2)
			return (struct ahead){ 0 };
		ahead = (struct ahead){ handle->told, end + AHEAD_BYTES };
	}
	if (ahead.to > handle->info.bytes)
		ahead.to = handle->info.bytes;
	handle->told = ahead.to;
	return ahead.to > ahead.from && ahead.to - ahead.from > handle->suite->chunk_bytes
	               ? ahead
	               : (struct ahead){ 0 };
}

/* A failure costs time alone. */
static void tell_disk(const struct sr_member_handle *handle, struct ahead ahead)
{
	const struct sr_suite *suite = handle->suite;
	const uint64_t sealed = suite->chunk_bytes + suite->tag_bytes;
	const uint64_t first = ahead.from / suite->chunk_bytes, last = ahead.to / suite->chunk_bytes;

	if (ahead.to > ahead.from)
		(void)posix_fadvise(handle->fd, (off_t)(handle->offset + suite->head_bytes + first * sealed),
		                    (off_t)((last - first + 1) * sealed), POSIX_FADV_WILLNEED);
}

static enum sr_status take_place(struct sr_member_handle *handle, uint64_t offset, size_t size,
                                 struct place **out, struct ahead *ahead, struct sr_err *err)
{
	struct place *place = NULL;
	enum sr_status status = SR_OK;

	pthread_mutex_lock(&handle->lock);
	while (handle->key && !(place = pick(handle, offset)))
		pthread_cond_wait(&handle->freed, &handle->lock);
	if (!place)
		status = refuse(err);
	else
		status = open_place(handle, place, err);
	if (status == SR_OK) {
		assert(place != NULL);
		place->busy = true;
		*ahead = look_ahead(handle, offset, size);
		*out = place;
	}
	pthread_mutex_unlock(&handle->lock);
	return status;
}

/* Chunk by chunk, so that a failure has its number. */
static enum sr_status read_chunks(struct sr_member_handle *handle, struct place *place, uint64_t offset,
                                  uint8_t *out, size_t size, uint64_t *chunk, struct sr_err *err)
{
	size_t done = 0;

	while (done < size) {
		size_t part =
			handle->suite->chunk_bytes - (size_t)((offset + done) % handle->suite->chunk_bytes);
		size_t got;

		if (part > size - done)
			part = size - done;
		*chunk = (offset + done) / handle->suite->chunk_bytes;
		SR_TRY(handle->suite->reader_read(place->reader, offset + done, out + done, part, &got, err));
		if (got != part)
			return sr_fail(err, SR_CORRUPT, "chunk %" PRIu64 " is shorter than it was", *chunk);
		done += part;
	}
	return SR_OK;
}

static bool is_damage(enum sr_status status)
{
	return status == SR_TAMPERED || status == SR_CORRUPT || status == SR_IO;
}

/* It was handed out; under the lock. */
static void note(struct sr_member_handle *handle, uint64_t offset, size_t size)
{
	if (size > 0)
		sr_ranges_add(&handle->ranges, offset, offset + size - 1);
	handle->bytes += size;
}

/* Give the place back; what was read while the grant ended is nobody's. */
static enum sr_status leave_place(struct sr_member_handle *handle, struct place *place, uint64_t offset,
                                  size_t size, uint64_t chunk, enum sr_status status, struct sr_err *err)
{
	pthread_mutex_lock(&handle->lock);
	place->busy = false;
	place->next = offset + size;
	if (!handle->key) {
		drop_reader(handle, place);
		status = refuse(err);
	} else if (status == SR_OK) {
		note(handle, offset, size);
	} else if (is_damage(status)) {
		handle->damaged = true;
		handle->damaged_chunk = chunk;
	}
	pthread_cond_signal(&handle->freed);
	pthread_mutex_unlock(&handle->lock);
	return status;
}

enum sr_status sr_member_reader_read(struct sr_member_handle *handle, uint64_t offset, void *out, size_t size,
                                     size_t *got, struct sr_err *err)
{
	struct place *place = NULL;
	struct ahead ahead = { 0 };
	uint64_t chunk = 0;

	if (offset >= handle->info.bytes)
		size = 0;
	else if (size > handle->info.bytes - offset)
		size = (size_t)(handle->info.bytes - offset);
	SR_TRY(take_place(handle, offset, size, &place, &ahead, err));
	assert(place != NULL);
	tell_disk(handle, ahead);
	enum sr_status status = read_chunks(handle, place, offset, out, size, &chunk, err);
	status = leave_place(handle, place, offset, size, chunk, status, err);
	if (status != SR_OK) {
		sr_wipe(out, size);
		return status;
	}
	*got = size;
	return SR_OK;
}

enum sr_status sr_member_reader_hand_out(struct sr_member_handle *handle, uint64_t offset, size_t size,
                                         struct sr_err *err)
{
	enum sr_status status = SR_OK;

	pthread_mutex_lock(&handle->lock);
	if (!handle->key)
		status = refuse(err);
	else
		note(handle, offset, size);
	pthread_mutex_unlock(&handle->lock);
	return status;
}

bool sr_member_reader_take_damage(struct sr_member_handle *handle, uint64_t *chunk)
{
	pthread_mutex_lock(&handle->lock);
	bool damaged = handle->damaged;
	*chunk = handle->damaged_chunk;
	handle->damaged = false;
	pthread_mutex_unlock(&handle->lock);
	return damaged;
}

void sr_member_reader_invalidate(struct sr_member_handle *handle)
{
	pthread_mutex_lock(&handle->lock);
	sr_secret_freep(&handle->key);
	for (size_t i = 0; i < SR_MEMBER_READERS; i++)
		if (!handle->places[i].busy)
			drop_reader(handle, &handle->places[i]);
	pthread_cond_broadcast(&handle->freed);
	pthread_mutex_unlock(&handle->lock);
}

enum sr_status sr_member_reader_closing(struct sr_member_handle *handle, const char *why, json_t **out,
                                        struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	json_t *list = NULL;
	struct sr_ranges ranges;
	uint64_t bytes;

	pthread_mutex_lock(&handle->lock);
	ranges = handle->ranges;
	bytes = handle->bytes;
	pthread_mutex_unlock(&handle->lock);
	SR_TRY(sr_ranges_to_json(&ranges, &list, err));
	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:I,s:I,s:o}", "opened", (json_int_t)handle->info.opened,
	                    "bytes", (json_int_t)bytes, "ranges", list));
	if (why)
		SR_TRY(sr_json_set(parameters, "why", json_string(why), err));
	*out = SR_MOVE(parameters);
	return SR_OK;
}
