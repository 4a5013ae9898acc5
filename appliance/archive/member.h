/* SPDX-License-Identifier: Apache-2.0 */
/* Random access to one member's plaintext, whatever the suite.  One thread at a time. */
#pragma once

#include <stdint.h>

#include "appliance/crypto/suite.h"

struct sr_member_reader {
	const struct sr_suite *suite;
	struct sr_suite_reader *inner; /* NULL while closed */
};

static inline void sr_member_close(struct sr_member_reader *reader)
{
	if (reader->inner)
		reader->suite->reader_close(reader->inner);
	reader->inner = NULL;
}

/* Plaintext bytes; authentic, because the last chunk was opened. */
static inline uint64_t sr_member_size(const struct sr_member_reader *reader)
{
	return reader->suite->reader_size(reader->inner);
}

/* Up to @size bytes at @offset, fewer only at the end.  SR_TAMPERED names the chunk; nothing of a chunk that
 * fails is returned. */
SR_CHECKED static inline enum sr_status sr_member_read(struct sr_member_reader *reader, uint64_t offset,
                                                       uint8_t *out, size_t size, size_t *got,
                                                       struct sr_err *err)
{
	return reader->suite->reader_read(reader->inner, offset, out, size, got, err);
}
