/* SPDX-License-Identifier: Apache-2.0 */
/* Compare the lines of one manifest, or of fetch.txt, with the files of a bag. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/bag_manifest.h"
#include "appliance/archive/bag_names.h"
#include "appliance/archive/bag_report.h"
#include "appliance/archive/bag_tree.h"
#include "appliance/base/err.h"

/* One manifest of the bag. */
struct sr_bag_listing {
	struct sr_bag_manifest manifest;
	const char *name;           /* borrowed from the tree */
	struct sr_bytes text;       /* borrowed from the tree */
	uint32_t bit;               /* of this manifest in listed_by */
	bool is_unusable;           /* its text could not be read as lines */
	bool has_star, has_percent; /* such lines were noted */
};

/*
 * Check each line: form, path, presence, no repetition, and the digest where the algorithm is one we
 * rely upon.  Files that are listed get the manifest's bit.  The tree must be sorted.
 */
SR_CHECKED enum sr_status sr_bag_listing_check(struct sr_bag_listing *listing, const struct sr_bag_tree *tree,
                                               const struct sr_bag_names *names,
                                               struct sr_bag_verdict *verdict, struct sr_err *err);

/*
 * Read fetch.txt: what it lists and the bag does not have is added to the tree as `to_fetch`, once each,
 * and the tree is sorted again.  *listed and *absent count lines and such files.  Nothing is fetched.
 */
SR_CHECKED enum sr_status sr_bag_fetch_check(struct sr_bag_tree *tree, struct sr_bag_verdict *verdict,
                                             uint64_t *listed, uint64_t *absent, struct sr_err *err);
