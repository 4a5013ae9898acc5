/* SPDX-License-Identifier: Apache-2.0 */
/* The X checks of docs/CASE.md that look at the files themselves: X1, X2, X5 to X8, X10, X11, X15, X16. */
#pragma once

#include "appliance/base/progress.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/folder.h"

/* What counting a member's pages came to. */
enum sr_pages_state {
	SR_PAGES_NONE, /* it is no PDF */
	SR_PAGES_COUNTED,
	SR_PAGES_ENCRYPTED,  /* opens with a password alone: X16 */
	SR_PAGES_UNREADABLE, /* cut, damaged, or too much for the helper */
};
struct sr_member_pages {
	enum sr_pages_state state;
	unsigned pages; /* of SR_PAGES_COUNTED */
};

/* SHA-256 of the whole regular file @fd, wherever its position stands.  Any number of threads at once. */
typedef enum sr_status sr_inspect_digest(int fd, uint8_t out[32], struct sr_err *err);

/*
 * Adds findings: those of the members (looked at on several cores) in catalogue order, then those of files
 * that no member names.  Each path is looked at once, however often it is named.  A failure to read one file
 * is a blocker finding X2 that names it.  @digest is used only where the description gives a SHA-256; NULL
 * leaves X10 to the seal, which computes it anyway.  Signatures of common formats are recognised here,
 * everything else goes to the helper (appliance/casefile/probe.h): SR_NOT_FOUND or SR_IO when it is needed
 * and missing or broken.  SR_LIMIT over SR_LIMIT_FINDINGS.  @pages: one element a member, filled in; NULL:
 * not wanted.
 */
SR_CHECKED enum sr_status sr_inspect_folder(const struct sr_case *description, const struct sr_folder *folder,
                                            sr_inspect_digest *digest, const struct sr_progress *progress,
                                            struct sr_findings *findings, struct sr_member_pages *pages,
                                            struct sr_err *err);
