/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sealed archive as openings need it: the case's identity, its secret in locked memory, and a row for each
 * member, so that an opening neither unwraps a key nor decodes a catalogue.  Any thread; all but @opened_last
 * is immutable.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/fd.h"
#include "appliance/base/secret.h"
#include "appliance/crypto/digest.h"
#include "appliance/crypto/suite.h"
#include "appliance/keeper/keys/data.h"
#include "appliance/keeper/keys/keyring.h"

struct sr_unlocked_member {
	uint64_t offset; /* of the encrypted file in the archive */
	uint64_t sealed; /* its bytes */
	uint64_t bytes;  /* of the plaintext: of the catalogue, and what @sealed says */
	struct sr_digest sha256;
	struct sr_digest head;
	uint32_t media_type; /* where its text begins in @texts */
};

struct sr_unlocked {
	char name[SR_STORE_NAME];
	struct sr_file_mark mark; /* of the file that was unlocked */
	struct sr_digest seal;
	const struct sr_suite *suite;
	struct sr_suite_unlocker *unlocker; /* of the case's identity */
	uint32_t first_number;              /* of the first member: they run on over a case's parts */
	size_t count;
	struct sr_unlocked_member *members;
	struct sr_buf texts;
	atomic_size_t *opened_last; /* index of the member that was opened last, for sr_unlocked_foresee */
};

/* SR_NOT_FOUND when the vault has no such archive; SR_CORRUPT, SR_TAMPERED: it is damaged, and which part. */
SR_CHECKED enum sr_status sr_unlocked_load(const struct sr_data *data, const struct sr_opener *opener,
                                           const char *name, struct sr_unlocked **out, struct sr_err *err);
void sr_unlocked_free(struct sr_unlocked *unlocked); /* wipes; NULL is allowed */
static inline void sr_unlocked_freep(struct sr_unlocked **unlocked)
{
	sr_unlocked_free(*unlocked);
	*unlocked = NULL;
}

/* Member @number of the case; NULL when it is not in this part. */
const struct sr_unlocked_member *sr_unlocked_find(const struct sr_unlocked *unlocked, uint32_t number);
/* Its media type, such as "application/pdf". */
const char *sr_unlocked_media_type(const struct sr_unlocked *unlocked,
                                   const struct sr_unlocked_member *member);

/*
 * Tell the disk what will be read of @fd soon: a small member as a whole, so that it comes while the opening
 * is being written, and what follows it where members are opened in their order.  A failure costs time alone.
 */
void sr_unlocked_foresee(const struct sr_unlocked *unlocked, int fd, const struct sr_unlocked_member *member);

/*
 * The payload key of one member (suite->key_bytes at @key).  Its head is read from @fd, and must be the one
 * that the catalogue and @indexed (the index; may be NULL) name: SR_TAMPERED when not.
 */
SR_CHECKED enum sr_status sr_unlocked_key(const struct sr_unlocked *unlocked, int fd,
                                          const struct sr_unlocked_member *member, const uint8_t *indexed,
                                          uint8_t key[SR_SUITE_KEY_MAX], struct sr_err *err);
