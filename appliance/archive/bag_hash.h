/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and SHA-512 of one file at once, each only if wanted.  Belongs to one thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "appliance/archive/bag_tree.h"
#include "appliance/base/err.h"

struct sr_bag_hasher {
	struct sr_hasher *sha256;    /* NULL: not wanted */
	struct sr_hasher512 *sha512; /* NULL: not wanted */
};

/* Dispose in every case; reusable after each finish. */
SR_CHECKED enum sr_status sr_bag_hasher_init(struct sr_bag_hasher *hasher, bool sha256, bool sha512,
                                             struct sr_err *err);
void sr_bag_hasher_dispose(struct sr_bag_hasher *hasher);

SR_CHECKED enum sr_status sr_bag_hasher_add(struct sr_bag_hasher *hasher, const void *data, size_t size,
                                            struct sr_err *err);
/* Put the digests of everything added into @file, and begin again from nothing. */
SR_CHECKED enum sr_status sr_bag_hasher_finish(struct sr_bag_hasher *hasher, struct sr_bag_file *file,
                                               struct sr_err *err);
