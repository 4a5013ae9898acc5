/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that look alike (RFC 8493 section 6.1.1): equal after Unicode normalisation (NFC, UAX 15), or
 * after folding of case.  They are never taken for one another, only reported.
 */
#pragma once

#include "appliance/archive/bag_report.h"
#include "appliance/archive/bag_tree.h"
#include "appliance/base/buf.h"

/* An index of a tree by folded names; valid until the tree changes.  Zeroed: an empty index. */
struct sr_bag_names {
	const struct sr_bag_tree *tree; /* borrowed */
	struct sr_buf keys;             /* of struct key, sorted */
};

void sr_bag_names_dispose(struct sr_bag_names *names);
SR_CHECKED enum sr_status sr_bag_names_init(struct sr_bag_names *names, const struct sr_bag_tree *tree,
                                            struct sr_err *err);

/* A file whose path equals @path only after normalisation, into *out; NULL where there is none. */
SR_CHECKED enum sr_status sr_bag_names_find(const struct sr_bag_names *names, const char *path,
                                            struct sr_bag_file **out, struct sr_err *err);

/* A note for each pair of paths that differ only in case or normalisation. */
SR_CHECKED enum sr_status sr_bag_names_check(const struct sr_bag_names *names, struct sr_bag_verdict *verdict,
                                             struct sr_err *err);

/* Append @path with every character beyond ASCII as \u{…}, so that look-alikes can be told apart. */
SR_CHECKED enum sr_status sr_bag_names_spell(const char *path, struct sr_buf *out, struct sr_err *err);
