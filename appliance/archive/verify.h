/* SPDX-License-Identifier: Apache-2.0 */
/* Verify a sealed archive: structure, digests, signature, time stamp.  Needs no key. */
#pragma once

#include <stdbool.h>

#include "appliance/archive/layout.h"
#include "appliance/archive/reader.h"
#include "appliance/base/progress.h"
#include "appliance/crypto/chain_memory.h"
#include "appliance/crypto/digest.h"
#include "appliance/crypto/pki.h"

/* One thing that is wrong; texts are owned by the report. */
struct sr_damage {
	const char *member; /* entry name such as "data/000002.age", or "archive" for the structure */
	const char *what;
};

struct sr_verify_report {
	bool ok;
	bool structure_read;
	char name[SR_ARCHIVE_NAME]; /* of the archive's folder, once the structure was read */
	bool cover_read;
	struct sr_cover cover; /* once it was read and agrees with the structure */
	char *signed_by;       /* subject, or NULL */
	int64_t signed_at_ns;  /* signing time claimed: the cover's sealing time; 0 when not verified */
	int64_t stamped_at_ns; /* genTime, evidence; 0 when not verified */
	struct sr_digest seal; /* SHA-256 of seal/tagmanifest.p7s; zeros when not read */
	struct sr_damage *damage;
	size_t damage_count;
};

void sr_verify_report_dispose(struct sr_verify_report *report);

struct sr_verify_options {
	const struct sr_certs
		*roots; /* of the seal; NULL: any self-signed root of chain.pem, and the caller says so */
	const struct sr_certs *stamp_roots; /* of the time stamp; NULL: the same as @roots */
	struct sr_chain_memory *memory;     /* of the run that this is part of; may be NULL */
	bool quick;       /* no full digests of members: structure, small files, signature, stamp */
	unsigned threads; /* 0: one a core */
	const struct sr_progress *progress; /* bytes */
};

/*
 * Verify the archive in @fd.  SR_OK when the verification could be carried out: the verdict is in @report,
 * every damage found is listed (an unreadable block too).  Another status means that it could not (no memory,
 * no such file). A full verification reads with read-ahead and hashes members in parallel.
 */
SR_CHECKED enum sr_status sr_archive_verify(int fd, const struct sr_verify_options *options,
                                            struct sr_verify_report *report, struct sr_err *err);
