/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reading end of OpenMember, for front ends and the command line: random access to one member's
 * plaintext, straight from the archive's descriptor.  Every chunk is authenticated before a byte of it is
 * given out.
 *
 * Threads: all functions but _close may be called side by side; up to SR_MEMBER_READERS reads of one member
 * run at once, further ones wait.  Memory: 128 KiB for each of them, plaintext and key in locked memory.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/base/uuid.h"

#define SR_MEMBER_READERS 4

/* What OpenMember said; texts are the reader's. */
struct sr_member_info {
	uint64_t opened; /* number of the access: compare it with the `entry` of pushes */
	char case_id[SR_UUID_TEXT];
	unsigned part, member;
	const char *path; /* original bytes */
	const char *media_type;
	const char *sha256; /* 64 digits */
	uint64_t bytes;     /* of the plaintext; of the signed catalogue */
	uint64_t chunk_bytes;
	int64_t until_ns; /* ledger time at which the grant ends */
	bool no_cache;    /* keep nothing in the kernel's page cache */
};

struct sr_member_handle;

/* @answer (borrowed): OpenMember's object.  @fd, the descriptor that came with it, is taken in every case.
 * SR_CORRUPT when the answer is none; SR_INVALID when it is of a suite that this version does not know. */
SR_CHECKED enum sr_status sr_member_reader_open(const json_t *answer, int fd, struct sr_member_handle **out,
                                                struct sr_err *err);
/* Wipes.  No read may be under way.  NULL is allowed. */
void sr_member_reader_close(struct sr_member_handle *handle);
static inline void sr_member_reader_closep(struct sr_member_handle **handle)
{
	sr_member_reader_close(*handle);
	*handle = NULL;
}

const struct sr_member_info *sr_member_reader_info(const struct sr_member_handle *handle);

/*
 * Up to @size bytes at @offset, fewer only at the end; *got is set on SR_OK.  SR_TAMPERED (SR_CORRUPT, SR_IO:
 * bytes are missing, or cannot be read) names the chunk, and nothing of @out is to be used; other chunks go
 * on. SR_DENIED after _invalidate.
 */
SR_CHECKED enum sr_status sr_member_reader_read(struct sr_member_handle *handle, uint64_t offset, void *out,
                                                size_t size, size_t *got, struct sr_err *err);
/* The caller hands out bytes again that it read before and kept: they are of the reading like all others.
 * SR_DENIED after _invalidate. */
SR_CHECKED enum sr_status sr_member_reader_hand_out(struct sr_member_handle *handle, uint64_t offset,
                                                    size_t size, struct sr_err *err);
/* The chunk at which the last such failure was, for ReportFixity; false when there was none since the last
 * call. */
bool sr_member_reader_take_damage(struct sr_member_handle *handle, uint64_t *chunk);

/* The grant ended: every read from now on fails, those under way too, and the key is wiped.  May be called
 * again. */
void sr_member_reader_invalidate(struct sr_member_handle *handle);

/*
 * The parameters of CloseMember: what was handed out until now.  @why may be NULL ("revoked", "expired", …).
 * The caller owns *out.
 */
SR_CHECKED enum sr_status sr_member_reader_closing(struct sr_member_handle *handle, const char *why,
                                                   json_t **out, struct sr_err *err);
