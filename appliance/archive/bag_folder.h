/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bag that is a folder.  Links are never followed on the way down, only regular files are opened, and
 * nothing outside of the folder is.  Reading is sequential, in large pieces.
 */
#pragma once

#include <stdbool.h>

#include "appliance/archive/bag_report.h"
#include "appliance/archive/bag_tree.h"
#include "appliance/base/progress.h"

/* List everything below @dir_fd, sorted, and keep the texts; links and devices become problems. */
SR_CHECKED enum sr_status sr_bag_folder_list(int dir_fd, struct sr_bag_tree *tree,
                                             struct sr_bag_verdict *verdict, struct sr_err *err);

/* Digests of all files that do not have them yet; sizes become those that were read. */
SR_CHECKED enum sr_status sr_bag_folder_hash(int dir_fd, struct sr_bag_tree *tree, bool sha256, bool sha512,
                                             const struct sr_progress *progress, struct sr_err *err);
