/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grammar of an age header (C2SP age.md, "header format"): lines, stanzas, strict base64, no meaning.
 * Private to this folder; holds no state.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/base/limits.h"

#define SR_AGE_ARGUMENTS_KEPT 3 /* a known stanza has at most 2, so the third proves one too many */
#define SR_AGE_BODY_KEPT 32     /* bytes */
#define SR_AGE_MAC_BYTES 32

struct sr_age_stanza {
	struct sr_bytes arguments[SR_AGE_ARGUMENTS_KEPT]; /* the first is the type; into the parsed bytes */
	size_t argument_count;                            /* of all, at least 1 */
	uint8_t body[SR_AGE_BODY_KEPT];                   /* the first bytes */
	size_t body_size;                                 /* of all */
};

struct sr_age_header {
	struct sr_age_stanza stanzas[SR_LIMIT_AGE_STANZAS];
	size_t count; /* at least 1 */
	uint8_t mac[SR_AGE_MAC_BYTES];
	struct sr_bytes covered; /* by the MAC: up to and with "---" */
	size_t size;             /* up to and with the LF of the MAC line */
};

/*
 * Parse a header at the start of @bytes; what follows it is not looked at.  Untrusted, any content is
 * safe.  @out points into @bytes.  SR_CORRUPT, with the line, for anything that is no header within
 * SR_LIMIT_AGE_HEADER_BYTES, _STANZAS and _ARGUMENT_BYTES.
 */
SR_CHECKED enum sr_status sr_age_header_parse(const uint8_t *bytes, size_t size, struct sr_age_header *out,
                                              struct sr_err *err);

/* Decode canonical base64 without padding of exactly @size bytes; SR_CORRUPT otherwise. */
SR_CHECKED enum sr_status sr_age_base64(struct sr_bytes text, uint8_t *out, size_t size, struct sr_err *err);
