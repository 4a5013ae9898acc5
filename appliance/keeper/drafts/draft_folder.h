/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A draft's files: DATA/staging/<draft>/, a case folder as docs/CASE.md describes it, that only the keeper
 * writes.  Every way in holds the folder's lock, so one command at a time works on a draft.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/crypto/digest.h"

struct sr_draft_folder {
	int staging_fd; /* borrowed */
	int fd;         /* locked while it is open */
	char name[64];
};

/* Made when it is not there: a draft without files is an empty one.  Waits
 * five seconds for whoever has it: SR_BUSY. */
SR_CHECKED enum sr_status sr_draft_folder_open(int staging_fd, const char *draft, struct sr_draft_folder *out,
                                               struct sr_err *err);
void sr_draft_folder_close(struct sr_draft_folder *folder); /* zeroed with fd -1 is allowed */

/* case.json as it is; a minimal one where there is none.  The caller owns *out. */
SR_CHECKED enum sr_status sr_draft_folder_description(const struct sr_draft_folder *folder, json_t **out,
                                                      struct sr_err *err);
/* Checked for its form first: SR_INVALID with the JSON pointer, and nothing is written. */
SR_CHECKED enum sr_status sr_draft_folder_describe(const struct sr_draft_folder *folder,
                                                   const json_t *description, struct sr_err *err);
/* The form alone. */
SR_CHECKED enum sr_status sr_draft_description_check(const json_t *description, struct sr_err *err);

/* A file that came in and has no name in a draft yet. */
struct sr_draft_incoming {
	int staging_fd; /* borrowed */
	char name[64];  /* in staging; "" : none */
	uint64_t bytes;
	struct sr_digest digest;
};

/* Copy all that @fd gives, from its beginning where it has one, and sync it. */
SR_CHECKED enum sr_status sr_draft_receive(int staging_fd, int fd, struct sr_draft_incoming *out,
                                           struct sr_err *err);
void sr_draft_incoming_dispose(struct sr_draft_incoming *incoming); /* removes what was not placed */
/* Under its path, in the place of a former one. */
SR_CHECKED enum sr_status sr_draft_folder_place(const struct sr_draft_folder *folder, const char *path,
                                                struct sr_draft_incoming *incoming, struct sr_err *err);
/* SR_NOT_FOUND when no such file is there.  Folders that become empty go with it. */
SR_CHECKED enum sr_status sr_draft_folder_remove(const struct sr_draft_folder *folder, const char *path,
                                                 struct sr_err *err);
/* SHA-256 of one file. */
SR_CHECKED enum sr_status sr_draft_folder_digest(const struct sr_draft_folder *folder, const char *path,
                                                 struct sr_digest *out, struct sr_err *err);

/* Remove DATA/staging/<name> with everything in it; absence is no failure. */
SR_CHECKED enum sr_status sr_draft_folder_erase(int staging_fd, const char *name, struct sr_err *err);

/* SR_LIMIT below 5 % or 2 GiB free: openings must still fit. */
SR_CHECKED enum sr_status sr_draft_require_space(int staging_fd, struct sr_err *err);
