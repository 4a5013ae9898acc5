/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a bag is complete and valid (RFC 8493 section 3), in two steps: what its texts declare, which
 * says what must be hashed, and then everything else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/bag_listing.h"
#include "appliance/archive/bag_report.h"
#include "appliance/archive/bag_tree.h"
#include "appliance/base/err.h"

struct sr_bag_check {
	struct sr_bag_tree *tree;       /* borrowed */
	struct sr_bag_verdict *verdict; /* borrowed */
	struct sr_bag_listing listings[SR_BAG_TEXTS];
	size_t count;
	uint32_t payload_bits, tag_bits; /* of the manifests of either kind */
	bool wants_sha256, wants_sha512; /* what the files must be hashed with */
};

/*
 * Read the declaration and find the manifests.  *go_on is false where the bag is refused as a whole:
 * another version or encoding, no manifest that we rely upon.
 */
SR_CHECKED enum sr_status sr_bag_check_begin(struct sr_bag_check *check, struct sr_bag_tree *tree,
                                             struct sr_bag_verdict *verdict, bool *go_on, struct sr_err *err);

/* Compare manifests, fetch.txt and Payload-Oxum with the files, which are hashed by now. */
SR_CHECKED enum sr_status sr_bag_check_finish(struct sr_bag_check *check, struct sr_err *err);
