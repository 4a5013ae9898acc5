/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uploads that came through the HTTP front end.  DATA/staging/uploads/ID holds the bytes that came so far,
 * written by the front end through the descriptor that it gets; ID.json beside it says whose it is and how
 * long it will be.  The bytes that are there are its state, so an upload goes on after a restart of
 * everything.
 */
#pragma once

#include <dirent.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/keeper/core/act.h"

struct sr_keeper;

#define SR_UPLOAD_ID_BYTES 16u
#define SR_UPLOAD_ID_TEXT (1 + 2 * SR_UPLOAD_ID_BYTES + 1) /* "U", hexadecimal digits, NUL */

/* One upload as its files say; .fd = -1 and else zeros hold none. */
struct sr_upload {
	char id[SR_UPLOAD_ID_TEXT];
	json_t *record;  /* {"v":1,"user","bytes","metadata"?}; owned */
	uint64_t bytes;  /* that it will have */
	uint64_t offset; /* that are there */
	int64_t expires_ns;
	int fd; /* of the bytes, open for writing; -1 */
};

void sr_upload_dispose(struct sr_upload *upload);

/* The folder of all uploads, locked: one at a time counts, makes and removes.  The caller closes *out. */
SR_CHECKED enum sr_status sr_uploads_folder(const struct sr_keeper *keeper, int *out, struct sr_err *err);
/* A new one with this record and no bytes. */
SR_CHECKED enum sr_status sr_upload_make(int folder, struct sr_bytes record, struct sr_upload *out,
                                         struct sr_err *err);
/* SR_NOT_FOUND where either file is missing: a draft took the bytes, or they are gone. */
SR_CHECKED enum sr_status sr_upload_load(int folder, const char *id, struct sr_upload *out,
                                         struct sr_err *err);
void sr_upload_discard(int folder, const char *id);
/* The next record of the folder: its id, "" at the end. */
SR_CHECKED enum sr_status sr_uploads_next(DIR *dir, char id[SR_UPLOAD_ID_TEXT], struct sr_err *err);
/* Removes what is over and what a draft took; adds to the counts what @user (may be NULL) has. */
SR_CHECKED enum sr_status sr_uploads_sweep(int folder, const char *user, size_t *count, uint64_t *bytes,
                                           struct sr_err *err);
/* The caller's own, alive; else NotFound. */
SR_CHECKED enum sr_status sr_uploads_find(struct sr_act *act, int folder, const char *id,
                                          struct sr_upload *out, struct sr_err *err);

/* Every ten minutes: uploads that got no byte for two days go. */
void sr_uploads_tick(struct sr_keeper *keeper);

/* A finished upload of the caller's, from its beginning, for reading; nobody writes it as long as @fd is
 * open.  NotFound for others' and for none; SR_INVALID while bytes are missing, SR_BUSY while a front end
 * writes. */
SR_CHECKED enum sr_status sr_uploads_open(struct sr_act *act, const char *id, int *fd, struct sr_err *err);
/* It was taken.  What cannot be removed goes by itself after two days. */
void sr_uploads_remove(struct sr_keeper *keeper, const char *id);
