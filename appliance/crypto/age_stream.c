/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/age_stream.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/crypto/age_header.h"
#include "appliance/crypto/age_payload.h"
#include "appliance/crypto/wipe.h"

/*
 * Input with one byte of foresight: which chunk is the last is known by the end of the input alone,
 * never by a chunk's size.
 */
struct source {
	int fd;
	struct sr_secret *memory;
	size_t from;
	size_t have; /* bytes at from */
	bool ended;
};

static void dispose_source(struct source *source)
{
	sr_secret_free(source->memory);
}

/* Have @want bytes in one piece, or fewer at the end of the input. */
static enum sr_status fill(struct source *source, size_t want, struct sr_err *err)
{
	if (source->from > 0) {
		memmove(source->memory->data, source->memory->data + source->from, source->have);
		source->from = 0;
	}
	while (source->have < want && !source->ended) {
		ssize_t n = read(source->fd, source->memory->data + source->have, want - source->have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sr_fail_errno(err, "read");
		source->ended = n == 0;
		source->have += (size_t)n;
	}
	return SR_OK;
}

static const uint8_t *take(struct source *source, size_t size)
{
	const uint8_t *at = source->memory->data + source->from;

	source->from += size;
	source->have -= size;
	return at;
}

static enum sr_status seal_stream(struct source *source, int out_fd, struct sr_age_cipher *cipher,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf sealed = { 0 };
	bool last = false;

	SR_TRY(sr_buf_reserve(&sealed, SR_AGE_SEALED_CHUNK_BYTES, err));
	for (uint64_t i = 0; !last; i++) {
		SR_TRY(fill(source, SR_AGE_CHUNK_BYTES + 1, err));
		last = source->have <= SR_AGE_CHUNK_BYTES;
		size_t size = last ? source->have : SR_AGE_CHUNK_BYTES;

		SR_TRY(sr_age_chunk_seal(cipher, i, last, take(source, size), size, sealed.data, err));
		SR_TRY(sr_fd_write_all(out_fd, sealed.data, size + SR_AGE_TAG_BYTES, err));
	}
	return SR_OK;
}

enum sr_status sr_age_encrypt_fd(const struct sr_age_recipient *recipients, size_t count, int in_fd,
                                 int out_fd, struct sr_err *err)
{
	SR_CLEANUP(dispose_source) struct source source = { .fd = in_fd };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf head = { 0 };
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *cipher = NULL;
	SR_CLEANUP(sr_age_seeds_wipep) struct sr_age_seeds seeds = { 0 };
	SR_CLEANUP(sr_wipe_key) uint8_t payload_key[32] = { 0 };

	SR_TRY(sr_age_seeds_draw(&seeds, err));
	SR_TRY(sr_age_head_make(recipients, count, &seeds, &head, payload_key, err));
	SR_TRY(sr_age_cipher_new(payload_key, &cipher, err));
	SR_TRY(sr_secret_new(SR_AGE_CHUNK_BYTES + 1, &source.memory, err));
	SR_TRY(sr_fd_write_all(out_fd, head.data, head.size, err));
	return seal_stream(&source, out_fd, cipher, err);
}

static enum sr_status open_stream(struct source *source, int out_fd, struct sr_age_cipher *cipher,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *plain = NULL;
	bool last = false;

	SR_TRY(sr_secret_new(SR_AGE_CHUNK_BYTES, &plain, err));
	for (uint64_t i = 0; !last; i++) {
		SR_TRY(fill(source, SR_AGE_SEALED_CHUNK_BYTES + 1, err));
		last = source->have <= SR_AGE_SEALED_CHUNK_BYTES;
		size_t size = last ? source->have : SR_AGE_SEALED_CHUNK_BYTES;

		SR_TRY(sr_age_chunk_open(cipher, i, last, take(source, size), size, plain->data, err));
		SR_TRY(sr_fd_write_all(out_fd, plain->data, size - SR_AGE_TAG_BYTES, err));
	}
	return SR_OK;
}

enum sr_status sr_age_decrypt_fd(const struct sr_secret *identity, int in_fd, int out_fd, struct sr_err *err)
{
	SR_CLEANUP(dispose_source) struct source source = { .fd = in_fd };
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *cipher = NULL;
	SR_CLEANUP(sr_wipe_key) uint8_t payload_key[32] = { 0 };
	size_t head;

	_Static_assert(SR_AGE_HEAD_MAX >= SR_AGE_SEALED_CHUNK_BYTES, "room for a chunk and one byte");
	SR_TRY(sr_secret_new(SR_AGE_HEAD_MAX + 1, &source.memory, err));
	SR_TRY(fill(&source, SR_AGE_HEAD_MAX, err));
	SR_TRY(sr_age_head_open(source.memory->data, source.have, identity, payload_key, &head, err));
	take(&source, head);
	SR_TRY(sr_age_cipher_new(payload_key, &cipher, err));
	return open_stream(&source, out_fd, cipher, err);
}
