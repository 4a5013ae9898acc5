/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to a slab, a bounded piece of work on its way from the sources to the archive: read and hash
 * the plaintext, encrypt, hash the age file.  Private to archive/.  A slab, a stream and a set of tools each
 * belong to one thread at a time; the pipeline sees to that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/inputs.h"
#include "appliance/base/secret.h"
#include "appliance/crypto/digest.h"
#include "appliance/crypto/suite.h"

#define SR_SLAB_PLAIN ((size_t)SR_SUITE_CHUNK_MAX) /* of plaintext: whole chunks of any suite */
#define SR_SLAB_MEMBERS 64u                        /* whole members in one slab */
/* Head, chunks, and room to begin at any offset within a page. */
#define SR_SLAB_SEALED                                                                                       \
	(4096u + SR_SUITE_HEAD_MAX + SR_SLAB_PLAIN + SR_SLAB_PLAIN / SR_SUITE_CHUNK_MIN * SR_SUITE_TAG_MAX)

/* A member that is larger than a slab, while its slabs pass through. */
struct sr_stream {
	int fd;                   /* -1 unless open */
	struct sr_hasher *plain;  /* over its plaintext */
	struct sr_hasher *sealed; /* over its age file */
	struct sr_secret *key;    /* payload key */
};

/* One member larger than a slab in parts, or several whole smaller ones. */
struct sr_slab {
	size_t first, count;      /* members; count is 1 for a part */
	struct sr_stream *stream; /* of the member in parts; NULL for whole ones */
	uint64_t offset;          /* in the plaintext of the member in parts */
	size_t size;              /* of that part */
	bool last;                /* its last part */
	struct sr_secret *memory; /* plaintext and seeds, locked where possible */
	uint8_t *sealed;          /* SR_SLAB_SEALED bytes of their own pages */
	uint8_t *out;             /* into sealed: the age files, one behind the other, or the part */
	size_t out_size;
};

/* What one worker needs; reused from slab to slab. */
struct sr_tools {
	struct sr_hasher *plain, *sealed;
	const struct sr_suite *suite;
	struct sr_suite_cipher *cipher;
};

SR_CHECKED enum sr_status sr_tools_init(struct sr_tools *tools, const struct sr_suite *suite,
                                        struct sr_err *err);
void sr_tools_dispose(struct sr_tools *tools);
SR_CHECKED enum sr_status sr_stream_init(struct sr_stream *stream, struct sr_err *err);
void sr_stream_dispose(struct sr_stream *stream); /* closes and wipes */
SR_CHECKED enum sr_status sr_slab_init(struct sr_slab *slab, struct sr_err *err);
void sr_slab_dispose(struct sr_slab *slab); /* wipes */

/* Seeds of member first + @index in this slab; a part uses index 0 at its member's start. */
struct sr_suite_seeds *sr_slab_seeds(const struct sr_slab *slab, size_t index);

/* Read and hash the plaintext of a part; parts of a member in order. */
SR_CHECKED enum sr_status sr_stage_fill(struct sr_slab *slab, struct sr_inputs *inputs, struct sr_err *err);
/* Encrypt a part that was filled and hash the result; parts of a member in order. */
SR_CHECKED enum sr_status sr_stage_seal(struct sr_slab *slab, struct sr_inputs *inputs,
                                        const struct sr_suite_recipient *recipient, struct sr_tools *tools,
                                        struct sr_err *err);
/* All of it for a slab of whole members. */
SR_CHECKED enum sr_status sr_stage_whole(struct sr_slab *slab, struct sr_inputs *inputs,
                                         const struct sr_suite_recipient *recipient, struct sr_tools *tools,
                                         struct sr_err *err);
