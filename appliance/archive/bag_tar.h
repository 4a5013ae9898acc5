/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bag in a tar, plain or compressed once (gzip, bzip2, zstd, lz4), read once from its beginning.  Its one
 * top-level folder is the bag (the convention of BagIt's older drafts; RFC 8493 says nothing of tar files).
 */
#pragma once

#include <stdbool.h>

#include "appliance/archive/bag_report.h"
#include "appliance/archive/bag_tree.h"
#include "appliance/base/progress.h"

/*
 * List and hash everything (manifests may come last, so both digests are made) and keep the texts.
 * Links, devices, sparse files, paths out of the bag and a damaged tar become problems; *whole
 * is false where the rest could not be read.  SR_INVALID when it is no tar at all.  Memory does not depend on
 * the size of a file.
 */
SR_CHECKED enum sr_status sr_bag_tar_read(int fd, struct sr_bag_tree *tree, struct sr_bag_verdict *verdict,
                                          const struct sr_progress *progress, bool *whole,
                                          struct sr_err *err);
