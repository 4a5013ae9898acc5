/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Validate BagIt bags made by anybody (RFC 8493, version 1.0; sha256 and sha512 manifests), as a folder
 * or a tar file.  Older versions and other digests are refused by name; fetch.txt is never followed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/base/progress.h"

struct sr_bag_problem {
	char *path; /* as in the bag; "" for the bag as a whole */
	char *what;
};

struct sr_bag_report {
	bool valid;
	uint64_t files;                  /* payload files */
	uint64_t bytes;                  /* of the payload */
	struct sr_bag_problem *problems; /* what makes it invalid */
	size_t problem_count;
	struct sr_bag_problem *notes; /* legal but worth knowing: NFC/NFD twins, unlisted tag files */
	size_t note_count;
};

void sr_bag_report_dispose(struct sr_bag_report *report);

/* SR_OK when the validation could be carried out; the verdict is in @report. */
SR_CHECKED enum sr_status sr_bag_verify(const char *path, const struct sr_progress *progress,
                                        struct sr_bag_report *report, struct sr_err *err);
/* The same of an open folder or tar file, which is read from its beginning. */
SR_CHECKED enum sr_status sr_bag_verify_fd(int fd, const struct sr_progress *progress,
                                           struct sr_bag_report *report, struct sr_err *err);
