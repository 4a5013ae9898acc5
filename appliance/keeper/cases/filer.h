/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From one sealed part to its place in the index: case record, packed members, search terms.  Whatever it is
 * given stands in the archive or in the log, so a seal and a rebuild file the same bytes (docs/INDEX.md).
 * One thread at a time.
 */
#pragma once

#include <jansson.h>

#include "appliance/casefile/description.h"
#include "appliance/crypto/digest.h"
#include "appliance/index/case_store.h"

struct sr_filer;

#define SR_FILER_ORGANS 16u /* an organ and those above it */

/* What is known of the part before its members; all texts are borrowed and must last as long as the filer. */
struct sr_filer_facts {
	const char *case_id;
	unsigned part;             /* from 1 */
	unsigned first_number;     /* of its first member */
	const char *organ;         /* as the log names it */
	const char *handler;       /* as the log names it */
	const char *archivist;     /* the user who sealed or imported it */
	int64_t sealed_ns;         /* of the cover */
	uint8_t case_classes;      /* of the case's first part; not looked at for part 1 */
	const json_t *description; /* what case.json says of the case */
	const json_t *applied;     /* articles that applied to it, the same */
	const json_t *defects;     /* codes of its defects (case_facts.h), read by sr_filer_new alone */
	const char *organs[SR_FILER_ORGANS]; /* @organ and each above it; NULL behind the last */
};

struct sr_filer_member {
	const json_t *json; /* the description's or the catalogue's object */
	const char *path;
	enum sr_member_class class;
	uint64_t bytes;      /* of plaintext */
	uint64_t offset;     /* of the age file in the archive */
	const uint8_t *head; /* SHA-256 of the age file's head, 32 bytes */
};

/* SR_INVALID when a bound of the index does not hold (a case number of more than 255 bytes …). */
SR_CHECKED enum sr_status sr_filer_new(const struct sr_filer_facts *facts, struct sr_filer **out,
                                       struct sr_err *err);
void sr_filer_free(struct sr_filer *filer); /* NULL is allowed */
static inline void sr_filer_freep(struct sr_filer **filer)
{
	sr_filer_free(*filer);
	*filer = NULL;
}

/* The members in catalogue order. */
SR_CHECKED enum sr_status sr_filer_add(struct sr_filer *filer, const struct sr_filer_member *member,
                                       struct sr_err *err);
/* All members were added: seal digest and bytes of the archive. */
SR_CHECKED enum sr_status sr_filer_finish(struct sr_filer *filer, const struct sr_digest *seal,
                                          uint64_t archive_bytes, struct sr_err *err);
/*
 * Put it into the index, in a write transaction: a new case, or the next part of one.  May be called again in
 * another transaction.  @gather as in struct sr_case_filing; errors as sr_case_store_add, _supplement.
 */
SR_CHECKED enum sr_status sr_filer_put(struct sr_filer *filer, struct sr_txn *txn, struct sr_gather *gather,
                                       struct sr_err *err);

/* Classes of the part (enum sr_classes). */
uint8_t sr_filer_classes(const struct sr_filer *filer);

/*
 * Day until which a case is kept: the end of the year that lies the retention's years behind the one in which
 * it was closed (or sealed).  False for permanent keeping, also when @retention is NULL.
 */
bool sr_filer_retention(const json_t *description, int64_t sealed_ns, unsigned *years, int64_t *end_day);
