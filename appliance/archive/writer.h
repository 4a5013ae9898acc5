/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Write one sealed archive (docs/FORMAT.md, "Writing it"): one pass over each source with bounded memory, the
 * stages (read, hash, encrypt, hash, write) overlapping on the machine's cores.
 */
#pragma once

#include "appliance/archive/cover.h"
#include "appliance/base/fd.h"
#include "appliance/base/progress.h"
#include "appliance/casefile/catalogue.h"
#include "appliance/crypto/age.h"
#include "appliance/crypto/cms.h"
#include "appliance/crypto/pki.h"
#include "appliance/crypto/stamp.h"

/* Where the members come from. */
struct sr_source {
	/* Open member @index (from 0) for reading; the writer closes *fd.  Called from several threads. */
	enum sr_status (*open)(void *context, size_t index, int *fd, struct sr_err *err);
	const char *(*name)(void *context, size_t index); /* for messages */
	/* What the file looked like when it was listed, NULL where it is no regular file; whatever is opened
	 * later must look the same.  May be NULL: then each file is opened once more beforehand. */
	const struct sr_file_mark *(*mark)(void *context, size_t index);
	void *context;
};

/* Keys and certificates of the seal; all borrowed. */
struct sr_seal_keys {
	const struct sr_key *seal_key;
	const struct sr_cert *seal_cert;
	const struct sr_certs
		*chain; /* keys/chain.pem: seal, stamp, root certificates and revocation lists */
	const struct sr_certs *wrap_certs;     /* appliance's and every escrow certificate */
	const struct sr_age_recipient *escrow; /* for identity.age */
	size_t escrow_count;
	struct sr_stamper stamper;
};

struct sr_write_job {
	struct sr_cover
		cover; /* complete but for `bytes`, which the writer sums up from the sources' sizes */
	struct sr_source source;
	size_t member_count;
	/* Give the catalogue's text once all members are written; @seals has member_count elements. */
	enum sr_status (*catalogue)(void *context, const struct sr_member_seal *seals, struct sr_buf *out,
	                            struct sr_err *err);
	void *catalogue_context;
	/* Expected plaintext digests, one a member, or NULL; a member of which `given` is false is not
	 * compared. */
	const struct sr_expected_digest {
		bool given;
		struct sr_digest digest;
	} * expected;
	const struct sr_seal_keys *keys;
	const struct sr_progress *progress; /* bytes of plaintext */
	unsigned threads;                   /* workers; 0: one a core */
};

struct sr_write_result {
	struct sr_digest seal;  /* SHA-256 of seal/tagmanifest.p7s */
	struct sr_digest stamp; /* of seal/tagmanifest.tsr */
	uint64_t plain_bytes;
	uint64_t archive_bytes;
	int64_t stamped_at_ns;
};

/*
 * Write to @fd, an empty regular file open for reading and writing (O_DIRECT is switched on where the file
 * system takes it, and off at the end), and sync it.  The caller publishes the file.  On failure the file's
 * content is garbage and nothing else remains.
 *
 * SR_INVALID names a source that changed size or time while it was read; SR_TAMPERED one whose digest is not
 * the expected one; SR_IO, SR_NOT_FOUND, SR_DENIED name the source or the archive.
 */
SR_CHECKED enum sr_status sr_archive_write(int fd, const struct sr_write_job *job,
                                           struct sr_write_result *out, struct sr_err *err);
