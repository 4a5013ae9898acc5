/* SPDX-License-Identifier: Apache-2.0 */
/* Random access to one age file inside a seekable file; reads may come from one thread at a time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/base/secret.h"
#include "appliance/crypto/age_keys.h"

struct sr_age_reader;

/*
 * @fd is borrowed and must stay open; the age file lies at @offset and is @size bytes long, head included.
 * Unlocks the head and opens the last chunk, so that the size is authentic.  Errors as sr_age_head_open and
 * sr_age_chunk_open.
 */
SR_CHECKED enum sr_status sr_age_reader_open(int fd, uint64_t offset, uint64_t size,
                                             const struct sr_secret *identity, struct sr_age_reader **out,
                                             struct sr_err *err);
/* The same with a payload key that was unwrapped before; @head_bytes is where the payload begins. */
SR_CHECKED enum sr_status sr_age_reader_open_key(int fd, uint64_t offset, uint64_t size, uint64_t head_bytes,
                                                 const uint8_t payload_key[SR_AGE_KEY_BYTES],
                                                 struct sr_age_reader **out, struct sr_err *err);
/*
 * The same where the plaintext's size is authentic from elsewhere (a signed catalogue): no chunk is opened,
 * so damage shows at the chunk that has it.
 */
SR_CHECKED enum sr_status sr_age_reader_open_known(int fd, uint64_t offset, uint64_t plain_bytes,
                                                   uint64_t head_bytes,
                                                   const uint8_t payload_key[SR_AGE_KEY_BYTES],
                                                   struct sr_age_reader **out, struct sr_err *err);
void sr_age_reader_close(struct sr_age_reader *reader); /* wipes; NULL is allowed */
static inline void sr_age_reader_closep(struct sr_age_reader **reader)
{
	sr_age_reader_close(*reader);
	*reader = NULL;
}
uint64_t sr_age_reader_size(const struct sr_age_reader *reader); /* plaintext bytes */
/*
 * Up to @size bytes at @offset, fewer only at the end.  SR_TAMPERED names the chunk; nothing of a chunk
 * that fails is returned.  *got is set on SR_OK.
 */
SR_CHECKED enum sr_status sr_age_reader_read(struct sr_age_reader *reader, uint64_t offset, uint8_t *out,
                                             size_t size, size_t *got, struct sr_err *err);
