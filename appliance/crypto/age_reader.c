/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/age_reader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/crypto/age_header.h"
#include "appliance/crypto/age_payload.h"
#include "appliance/crypto/wipe.h"

#define NO_CHUNK UINT64_MAX

struct sr_age_reader {
	int fd;
	uint64_t payload; /* offset in the file */
	uint64_t size;    /* plaintext bytes */
	uint64_t chunks;
	struct sr_age_cipher *cipher;
	struct sr_buf sealed;    /* room for one sealed chunk */
	struct sr_secret *plain; /* the chunk that was opened last for a part of it; NULL before the first */
	uint64_t plain_index;    /* which one that is, or NO_CHUNK */
};

static size_t chunk_plain_bytes(const struct sr_age_reader *reader, uint64_t index)
{
	if (index < reader->chunks - 1)
		return SR_AGE_CHUNK_BYTES;
	return (size_t)(reader->size - index * SR_AGE_CHUNK_BYTES);
}

/* Read and open a chunk into @out, which has room for all of it. */
static enum sr_status open_chunk(struct sr_age_reader *reader, uint64_t index, uint8_t *out,
                                 struct sr_err *err)
{
	size_t sealed = chunk_plain_bytes(reader, index) + SR_AGE_TAG_BYTES;
	uint64_t offset = reader->payload + index * SR_AGE_SEALED_CHUNK_BYTES;

	SR_TRY(sr_fd_pread_all(reader->fd, reader->sealed.data, sealed, offset, err));
	return sr_age_chunk_open(reader->cipher, index, index == reader->chunks - 1, reader->sealed.data,
	                         sealed, out, err);
}

static enum sr_status keep_chunk(struct sr_age_reader *reader, uint64_t index, struct sr_err *err)
{
	if (reader->plain_index == index)
		return SR_OK;
	/* Whole chunks are opened where they are wanted, so most readers of small files never need it. */
	if (!reader->plain)
		SR_TRY(sr_secret_new(SR_AGE_CHUNK_BYTES, &reader->plain, err));
	reader->plain_index = NO_CHUNK;
	SR_TRY(open_chunk(reader, index, reader->plain->data, err));
	reader->plain_index = index;
	return SR_OK;
}

/* A reader that has opened nothing yet. */
static enum sr_status make(int fd, uint64_t offset, uint64_t size, uint64_t head_bytes,
                           const uint8_t payload_key[SR_AGE_KEY_BYTES], struct sr_age_reader **out,
                           struct sr_err *err)
{
	uint64_t end;

	if (__builtin_add_overflow(offset, size, &end) || end > INT64_MAX)
		return sr_fail(err, SR_CORRUPT, "age file beyond the end of any file");
	if (head_bytes > size)
		return sr_fail(err, SR_CORRUPT, "age file ends within its header");

	SR_CLEANUP(sr_age_reader_closep) struct sr_age_reader *reader = calloc(1, sizeof(*reader));
	if (!reader)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a reader");
	*reader = (struct sr_age_reader){ .fd = fd, .payload = offset + head_bytes, .plain_index = NO_CHUNK };
	SR_TRY(sr_age_plain_bytes(size - head_bytes, &reader->size, err));
	reader->chunks = sr_age_chunk_count(reader->size);
	SR_TRY(sr_age_cipher_new(payload_key, &reader->cipher, err));
	SR_TRY(sr_buf_reserve(&reader->sealed, chunk_plain_bytes(reader, 0) + SR_AGE_TAG_BYTES, err));
	*out = SR_MOVE(reader);
	return SR_OK;
}

enum sr_status sr_age_reader_open_key(int fd, uint64_t offset, uint64_t size, uint64_t head_bytes,
                                      const uint8_t payload_key[SR_AGE_KEY_BYTES], struct sr_age_reader **out,
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_age_reader_closep) struct sr_age_reader *reader = NULL;

	SR_TRY(make(fd, offset, size, head_bytes, payload_key, &reader, err));
	assert(reader != NULL);
	SR_TRY(keep_chunk(reader, reader->chunks - 1, err));
	*out = SR_MOVE(reader);
	return SR_OK;
}

enum sr_status sr_age_reader_open_known(int fd, uint64_t offset, uint64_t plain_bytes, uint64_t head_bytes,
                                        const uint8_t payload_key[SR_AGE_KEY_BYTES],
                                        struct sr_age_reader **out, struct sr_err *err)
{
	uint64_t size;

	if (__builtin_add_overflow(sr_age_payload_bytes(plain_bytes), head_bytes, &size))
		return sr_fail(err, SR_INVALID, "no age file has so many bytes");
	return make(fd, offset, size, head_bytes, payload_key, out, err);
}

enum sr_status sr_age_reader_open(int fd, uint64_t offset, uint64_t size, const struct sr_secret *identity,
                                  struct sr_age_reader **out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	SR_CLEANUP(sr_wipe_key) uint8_t payload_key[32] = { 0 };
	size_t want = size < SR_AGE_HEAD_MAX ? (size_t)size : SR_AGE_HEAD_MAX;
	size_t head;

	SR_TRY(sr_buf_reserve(&bytes, want, err));
	SR_TRY(sr_fd_pread_all(fd, bytes.data, want, offset, err));
	SR_TRY(sr_age_head_open(bytes.data, want, identity, payload_key, &head, err));
	return sr_age_reader_open_key(fd, offset, size, head, payload_key, out, err);
}

void sr_age_reader_close(struct sr_age_reader *reader)
{
	if (!reader)
		return;
	sr_age_cipher_free(reader->cipher);
	sr_buf_dispose(&reader->sealed);
	sr_secret_free(reader->plain);
	free(reader);
}

uint64_t sr_age_reader_size(const struct sr_age_reader *reader)
{
	return reader->size;
}

enum sr_status sr_age_reader_read(struct sr_age_reader *reader, uint64_t offset, uint8_t *out, size_t size,
                                  size_t *got, struct sr_err *err)
{
	size_t done = 0;

	if (offset >= reader->size)
		size = 0;
	else if (size > reader->size - offset)
		size = (size_t)(reader->size - offset);
	while (done < size) {
		uint64_t index = (offset + done) / SR_AGE_CHUNK_BYTES;
		size_t skip = (size_t)((offset + done) % SR_AGE_CHUNK_BYTES);
		size_t part = chunk_plain_bytes(reader, index) - skip;

		if (skip == 0 && part <= size - done && index != reader->plain_index) {
			SR_TRY(open_chunk(reader, index, out + done, err));
		} else {
			if (part > size - done)
				part = size - done;
			SR_TRY(keep_chunk(reader, index, err));
			memcpy(out + done, reader->plain->data + skip, part);
		}
		done += part;
	}
	*got = size;
	return SR_OK;
}
