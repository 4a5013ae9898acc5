/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of many ranges of one file, as fast as the machine allows with at most 16 MiB of buffers.
 *
 * Each thread hashes one range after another; a thread that finds no range left reads ahead for one that is
 * still hashing.  So many ranges use all cores, and one huge range overlaps reading with hashing.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/base/progress.h"
#include "appliance/crypto/digest.h"

/* One range, and what came out. */
struct sr_fixity {
	const char *name; /* for progress; borrowed */
	uint64_t offset;
	uint64_t size;
	enum sr_status status; /* SR_OK: digest is set; SR_IO, SR_DENIED…: errno; SR_CORRUPT: the file ends */
	int sys_errno;         /* of the read that failed */
	uint64_t failed_at;    /* offset in the file of the piece that could not be read */
	struct sr_digest digest;
};

/*
 * Hash all @items of @fd (borrowed; its position is left alone).  A range that cannot be read does not stop
 * the others: its status says why.  @threads 0: one a core.  Fails as a whole only without memory or SHA-256.
 */
SR_CHECKED enum sr_status sr_fixity_hash(int fd, struct sr_fixity *items, size_t count, unsigned threads,
                                         const struct sr_progress *progress, struct sr_err *err);
