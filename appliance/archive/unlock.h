/* SPDX-License-Identifier: Apache-2.0 */
/* With a key: the case's identity, its catalogue, its members.  docs/FORMAT.md, "Reading it". */
#pragma once

#include "appliance/archive/member.h"
#include "appliance/archive/reader.h"
#include "appliance/base/progress.h"
#include "appliance/casefile/catalogue.h"
#include "appliance/crypto/pki.h"

/* What opens an archive: a key-wrapping or escrow key (PEM), or an escrow age identity.  One of the two is
 * set. */
struct sr_opener {
	const struct sr_key *key;
	const struct sr_cert *cert; /* of @key; may be NULL */
	const struct sr_secret *age_identity;
};

/* The case's age identity.  SR_DENIED when the opener is no recipient of this archive. */
SR_CHECKED enum sr_status sr_archive_identity(const struct sr_archive *archive,
                                              const struct sr_opener *opener, struct sr_secret **out,
                                              struct sr_err *err);

/* Decrypt and decode the catalogue; case id, part and number of members must agree with the cover. */
SR_CHECKED enum sr_status sr_archive_catalogue(const struct sr_archive *archive,
                                               const struct sr_secret *identity, struct sr_catalogue **out,
                                               struct sr_err *err);

/*
 * Open member @index for random access: its first 184 bytes are hashed against the catalogue's
 * head_sha256 first (SR_TAMPERED when they differ), which proves which member it is.  The last chunk is
 * opened, and the size compared with the catalogue's.  The caller closes @out with sr_member_close.
 */
SR_CHECKED enum sr_status sr_archive_open_member(const struct sr_archive *archive,
                                                 const struct sr_catalogue *catalogue,
                                                 const struct sr_secret *identity, size_t index,
                                                 struct sr_member_reader *out, struct sr_err *err);

/* Decrypt member @index to @out_fd and compare its plaintext digest at the end: SR_TAMPERED when it
 * differs.  Constant memory; @progress counts plaintext bytes. */
SR_CHECKED enum sr_status sr_archive_extract_member(const struct sr_archive *archive,
                                                    const struct sr_catalogue *catalogue,
                                                    const struct sr_secret *identity, size_t index,
                                                    int out_fd, const struct sr_progress *progress,
                                                    struct sr_err *err);

/*
 * Extract every member under its own path below @dir_fd (an empty folder, open for reading), plus
 * `catalogue.json`.  Names are the original bytes; a component over 255 bytes is shortened and said so in
 * `names.txt`.  (Where a member itself has one of these two names, ours is `catalogue-2.json`,
 * `names-2.txt`.) Files have mode 0600, folders 0700; a file that exists already is never touched and its
 * member fails. Members that fail do not stop the others and leave no file: *failed counts them and @report
 * is called for each (may be NULL).  A full or read-only file system ends the recovery.  Everything is on the
 * disk on SR_OK.
 */
SR_CHECKED enum sr_status
sr_archive_recover(const struct sr_archive *archive, const struct sr_secret *identity, int dir_fd,
                   const struct sr_progress *progress,
                   void (*report)(void *context, const char *path, const char *what), void *context,
                   size_t *failed, struct sr_err *err);
