/* SPDX-License-Identifier: Apache-2.0 */
/* What a member's bytes are: X5 (type against extension), X7 and X11 (recordings), X8 (blank explanations),
 * X15 and X16 (pages of PDF documents). */
#pragma once

#include "appliance/casefile/description.h"
#include "appliance/casefile/inspect.h"
#include "appliance/casefile/probe.h"

/* An open file of a member; everything is borrowed. */
struct sr_inspect_file {
	const struct sr_member *member;
	size_t index; /* in the description */
	int fd;
	uint64_t bytes; /* not 0 */
};

/* X2 where the file cannot be read.  SR_NOT_FOUND, SR_IO: the helper is needed and is missing or broken. */
SR_CHECKED enum sr_status sr_inspect_content(struct sr_probe *probe, const struct sr_inspect_file *file,
                                             struct sr_findings *findings, struct sr_member_pages *pages,
                                             struct sr_err *err);
