/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/stages.h"

#include <string.h>
#include <sys/mman.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

#define SEEDS_OFFSET (SR_SLAB_PLAIN + 4096u) /* behind the plaintext and the byte that must not be there */
#define READ_BYTES (128u << 10)              /* hashed while they are still in the core's cache */

enum sr_status sr_tools_init(struct sr_tools *tools, const struct sr_suite *suite, struct sr_err *err)
{
	*tools = (struct sr_tools){ .suite = suite };
	SR_TRY(sr_hasher_new(&tools->plain, err));
	SR_TRY(sr_hasher_new(&tools->sealed, err));
	return suite->cipher_new(&tools->cipher, err);
}

void sr_tools_dispose(struct sr_tools *tools)
{
	sr_hasher_free(tools->plain);
	sr_hasher_free(tools->sealed);
	if (tools->cipher)
		tools->suite->cipher_free(tools->cipher);
	*tools = (struct sr_tools){ 0 };
}

enum sr_status sr_stream_init(struct sr_stream *stream, struct sr_err *err)
{
	*stream = (struct sr_stream){ .fd = -1 };
	SR_TRY(sr_hasher_new(&stream->plain, err));
	SR_TRY(sr_hasher_new(&stream->sealed, err));
	return sr_secret_new(SR_SUITE_KEY_MAX, &stream->key, err);
}

void sr_stream_dispose(struct sr_stream *stream)
{
	sr_fd_close(stream->fd);
	sr_hasher_free(stream->plain);
	sr_hasher_free(stream->sealed);
	sr_secret_free(stream->key);
	*stream = (struct sr_stream){ .fd = -1 };
}

enum sr_status sr_slab_init(struct sr_slab *slab, struct sr_err *err)
{
	*slab = (struct sr_slab){ 0 };
	SR_TRY(sr_secret_new(SEEDS_OFFSET + SR_SLAB_MEMBERS * sizeof(struct sr_suite_seeds), &slab->memory,
	                     err));
	void *sealed = mmap(NULL, SR_SLAB_SEALED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (sealed == MAP_FAILED)
		return sr_fail_errno(err, "memory for encrypting");
	slab->sealed = sealed;
	return SR_OK;
}

void sr_slab_dispose(struct sr_slab *slab)
{
	sr_secret_free(slab->memory);
	if (slab->sealed)
		munmap(slab->sealed, SR_SLAB_SEALED);
	*slab = (struct sr_slab){ 0 };
}

struct sr_suite_seeds *sr_slab_seeds(const struct sr_slab *slab, size_t index)
{
	return (struct sr_suite_seeds *)(slab->memory->data + SEEDS_OFFSET) + index;
}

enum sr_status sr_stage_fill(struct sr_slab *slab, struct sr_inputs *inputs, struct sr_err *err)
{
	struct sr_stream *stream = slab->stream;
	uint8_t *data = slab->memory->data;
	struct sr_digest digest;

	if (slab->offset == 0)
		SR_TRY(sr_inputs_open(inputs, slab->first, &stream->fd, err));
	for (size_t at = 0; at < slab->size; at += READ_BYTES) {
		size_t part = slab->size - at < READ_BYTES ? slab->size - at : READ_BYTES;
		bool last = slab->last && at + part == slab->size;

		SR_TRY(sr_inputs_read(inputs, slab->first, stream->fd, slab->offset + at, part, last,
		                      data + at, err));
		SR_TRY(sr_hasher_add(stream->plain, data + at, part, err));
	}
	if (!slab->last)
		return SR_OK;
	sr_fd_closep(&stream->fd);
	SR_TRY(sr_hasher_finish(stream->plain, &digest, err));
	return sr_inputs_set_plain(inputs, slab->first, &digest, err);
}

/* The head of a member at @out, its digest into the list, the payload key into @key. */
static enum sr_status make_head(struct sr_input *input, const struct sr_suite_recipient *recipient,
                                struct sr_suite_seeds *seeds, struct sr_tools *tools, uint8_t *out,
                                uint8_t key[SR_SUITE_KEY_MAX], struct sr_err *err)
{
	const struct sr_suite *suite = tools->suite;

	SR_TRY(suite->head_make(recipient, seeds, out, key, err));
	sr_wipe(seeds, sizeof(*seeds));
	return sr_digest_of(out, suite->head_bytes, &input->head, err);
}

/* Encrypt @size bytes that begin at chunk @index, hash what comes out, and move *out behind it. */
static enum sr_status seal_chunks(const struct sr_tools *tools, uint64_t index, bool last,
                                  const uint8_t *plain, size_t size, struct sr_hasher *hasher, uint8_t **out,
                                  struct sr_err *err)
{
	const struct sr_suite *suite = tools->suite;
	size_t at = 0;

	do { /* an empty plaintext has one empty chunk */
		size_t part = size - at < suite->chunk_bytes ? size - at : suite->chunk_bytes;

		SR_TRY(suite->chunk_seal(tools->cipher, index++, last && at + part == size, plain + at, part,
		                         *out, err));
		SR_TRY(sr_hasher_add(hasher, *out, part + suite->tag_bytes, err));
		*out += part + suite->tag_bytes;
		at += part;
	} while (at < size);
	return SR_OK;
}

enum sr_status sr_stage_seal(struct sr_slab *slab, struct sr_inputs *inputs,
                             const struct sr_suite_recipient *recipient, struct sr_tools *tools,
                             struct sr_err *err)
{
	struct sr_input *input = &inputs->list[slab->first];
	struct sr_stream *stream = slab->stream;
	uint8_t *out = slab->out;

	if (slab->offset == 0) {
		SR_TRY(make_head(input, recipient, sr_slab_seeds(slab, 0), tools, out, stream->key->data,
		                 err));
		SR_TRY(sr_hasher_add(stream->sealed, out, tools->suite->head_bytes, err));
		out += tools->suite->head_bytes;
	}
	SR_TRY(tools->suite->cipher_rekey(tools->cipher, stream->key->data, err));
	SR_TRY(seal_chunks(tools, slab->offset / tools->suite->chunk_bytes, slab->last, slab->memory->data,
	                   slab->size, stream->sealed, &out, err));
	slab->out_size = (size_t)(out - slab->out);
	if (!slab->last)
		return SR_OK;
	sr_wipe(stream->key->data, stream->key->size);
	return sr_hasher_finish(stream->sealed, &input->sealed, err);
}

static enum sr_status read_whole(struct sr_inputs *inputs, size_t index, uint8_t *data,
                                 struct sr_tools *tools, struct sr_err *err)
{
	size_t size = (size_t)inputs->list[index].bytes;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct sr_digest digest;

	SR_TRY(sr_inputs_open(inputs, index, &fd, err));
	SR_TRY(sr_inputs_read(inputs, index, fd, 0, size, true, data, err));
	SR_TRY(sr_hasher_add(tools->plain, data, size, err));
	SR_TRY(sr_hasher_finish(tools->plain, &digest, err));
	return sr_inputs_set_plain(inputs, index, &digest, err);
}

enum sr_status sr_stage_whole(struct sr_slab *slab, struct sr_inputs *inputs,
                              const struct sr_suite_recipient *recipient, struct sr_tools *tools,
                              struct sr_err *err)
{
	uint8_t *data = slab->memory->data;
	uint8_t *out = slab->out;
	uint8_t key[SR_SUITE_KEY_MAX];

	for (size_t i = 0; i < slab->count; i++) {
		struct sr_input *input = &inputs->list[slab->first + i];

		SR_TRY(read_whole(inputs, slab->first + i, data, tools, err));
		SR_TRY(make_head(input, recipient, sr_slab_seeds(slab, i), tools, out, key, err));
		enum sr_status status = tools->suite->cipher_rekey(tools->cipher, key, err);
		sr_wipe(key, sizeof(key));
		SR_TRY(status);
		SR_TRY(sr_hasher_add(tools->sealed, out, tools->suite->head_bytes, err));
		out += tools->suite->head_bytes;
		SR_TRY(seal_chunks(tools, 0, true, data, (size_t)input->bytes, tools->sealed, &out, err));
		SR_TRY(sr_hasher_finish(tools->sealed, &input->sealed, err));
	}
	slab->out_size = (size_t)(out - slab->out);
	return SR_OK;
}
