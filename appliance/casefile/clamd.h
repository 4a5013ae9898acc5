/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking clamd about a file over its Unix socket (clamd(8), INSTREAM): pieces of at most 1 MiB, each with its
 * length as four bytes big-endian, ended by a length of 0; one line as the answer.  Thread-safe.
 */
#pragma once

#include <stdbool.h>

#include "appliance/base/err.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/finding.h"
#include "appliance/casefile/folder.h"

#define SR_CLAMD_TIMEOUT_S 120 /* of one exchange */

enum sr_clamd_word {
	SR_CLAMD_CLEAN,
	SR_CLAMD_FOUND,
	SR_CLAMD_TOO_LARGE, /* over clamd's StreamMaxLength */
};

struct sr_clamd_answer {
	enum sr_clamd_word word;
	char name[128]; /* of what was found; printable */
};

/* The regular file @fd from its beginning.  SR_IO when clamd can't be reached, says nothing or something
 * else. */
SR_CHECKED enum sr_status sr_clamd_ask(const char *socket_path, int fd, struct sr_clamd_answer *out,
                                       struct sr_err *err);

/* What a scan of a folder came to. */
struct sr_clamd_sum {
	size_t scanned, found, skipped;
};
/*
 * X9 of docs/CASE.md: every listed file goes to clamd.  A blocker where something is found and where clamd
 * can't be asked; a warning where the file is too large for it.
 */
SR_CHECKED enum sr_status sr_clamd_scan_folder(const char *socket_path, const struct sr_case *description,
                                               const struct sr_folder *folder, struct sr_findings *findings,
                                               struct sr_clamd_sum *sum, struct sr_err *err);
