/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue (`strongroom-catalogue/2`, and `/1` of before): everything descriptive of one sealed part.
 * docs/FORMAT.md. */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/finding.h"
#include "appliance/casefile/inspect.h"

/* What sealing found out about one member. */
struct sr_member_seal {
	uint64_t bytes;       /* plaintext */
	uint64_t offset;      /* of the age file in the archive: for the index, not in the catalogue */
	char sha256[65];      /* of the plaintext, lower-case hex */
	char head_sha256[65]; /* of the age file's first 184 bytes */
};

/* What goes into a catalogue besides the description; texts are borrowed. */
struct sr_catalogue_facts {
	const char *case_id;
	unsigned part;         /* from 1 */
	unsigned first_number; /* number of the first member: they run on over a case's parts */
	int64_t sealed_at_ns;
	const char *rulebook; /* pack name and digest */
	const char *rulebook_digest;
	const json_t *applied; /* articles that applied to the case (rulebook.h); NULL: not told */
	const struct sr_findings *findings;  /* as they stood at sealing */
	const struct sr_member_pages *pages; /* one a member: its pages; NULL: none is known */
	json_t *remarks;                     /* array of {"code","text","by","head"}; borrowed */
	/* Four-property report (four_properties.h), borrowed; NULL: a catalogue of format 1, without one. */
	json_t *properties;
};

/* Append the catalogue's JSON; @seals has one element a member. */
SR_CHECKED enum sr_status sr_catalogue_encode(const struct sr_case *description,
                                              const struct sr_catalogue_facts *facts,
                                              const struct sr_member_seal *seals, struct sr_buf *out,
                                              struct sr_err *err);

/* One member as a reader needs it; texts are borrowed from the tree. */
struct sr_catalogue_member {
	unsigned number;
	const char *path;
	enum sr_member_class class;
	uint64_t bytes;
	uint8_t sha256[32];
	uint8_t head_sha256[32];
	const json_t *json; /* the description's member object, with number, bytes, sha256, media_type */
};

struct sr_catalogue {
	json_t *root; /* owned */
	const char *case_id;
	const char *number; /* 案号; never NULL, like the title */
	const char *title;
	unsigned part;
	struct sr_catalogue_member *members; /* owned */
	size_t member_count;
};

/* Untrusted text, though it was authenticated: limits and form are checked all the same.  SR_CORRUPT names
 * the place. */
SR_CHECKED enum sr_status sr_catalogue_decode(struct sr_bytes text, struct sr_catalogue **out,
                                              struct sr_err *err);
void sr_catalogue_free(struct sr_catalogue *catalogue); /* NULL is allowed */
static inline void sr_catalogue_freep(struct sr_catalogue **catalogue)
{
	sr_catalogue_free(*catalogue);
	*catalogue = NULL;
}
