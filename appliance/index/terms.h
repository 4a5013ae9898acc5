/* SPDX-License-Identifier: Apache-2.0 */
/* The search terms of one part of a case: what it can be found by, and by whom.  docs/INDEX.md. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/cursor.h"
#include "appliance/index/case_record.h"

#define SR_TERM_BYTES 260u       /* of one term: kind and text */
#define SR_TERMS_OF_PART 500000u /* different terms of one part */
#define SR_TERMS_BYTES (16u << 20)
#define SR_PARTY_LENGTH 64u /* characters of a party's name that count */

/* First byte of a term; part of the database's keys. */
enum sr_term_kind {
	SR_TERM_ALL = 'a', /* every case */
	SR_TERM_CATEGORY = 'c',
	SR_TERM_DAY = 'd',     /* of the year, 2 bytes */
	SR_TERM_HANDLER = 'h', /* user */
	SR_TERM_MONTH = 'm',   /* 1 byte */
	SR_TERM_NUMBER = 'n',  /* folded case number */
	SR_TERM_ORGAN = 'o',   /* the organ whose case it is */
	SR_TERM_PARTY = 'p',   /* length and first characters of a name, for some lengths */
	SR_TERM_NAME = 'q',    /* folded name of a party */
	SR_TERM_SUBTREE = 't', /* that organ and each above it */
	SR_TERM_WORD = 'w',
};

/*
 * Which search terms a folded beginning of a party's name stands for.  Some lengths have terms of their own;
 * for others the terms that begin with it are to be united.
 */
struct sr_party_key {
	uint8_t bytes[SR_TERM_BYTES];
	size_t size;
	bool is_prefix; /* of terms, not a term */
};
SR_CHECKED enum sr_status sr_party_key(struct sr_bytes folded, struct sr_party_key *out, struct sr_err *err);

/* --- the terms of one part ------------------------------------------------------------------------ */

struct sr_terms;

/* @classes: of the case; every term is filed under these and its own. */
SR_CHECKED enum sr_status sr_terms_new(uint8_t classes, struct sr_terms **out, struct sr_err *err);
void sr_terms_free(struct sr_terms *terms); /* NULL is allowed */
static inline void sr_terms_freep(struct sr_terms **terms)
{
	sr_terms_free(*terms);
	*terms = NULL;
}
/* Begin again, for another part. */
void sr_terms_reset(struct sr_terms *terms, uint8_t classes);

/* What is said once of each case: number, title, parties, category, listed day, organ, handler. */
SR_CHECKED enum sr_status sr_terms_add_record(struct sr_terms *terms, const struct sr_case_record *record,
                                              struct sr_err *err);
/* The organ and each above it, by code: one call each. */
SR_CHECKED enum sr_status sr_terms_add_subtree(struct sr_terms *terms, struct sr_bytes organ,
                                               struct sr_err *err);
/*
 * A text of a member (kind, title, the explanation's fields); @classes are the member's, so that a reader
 * without them does not find the case by it.
 */
SR_CHECKED enum sr_status sr_terms_add_text(struct sr_terms *terms, uint8_t classes, struct sr_bytes text,
                                            struct sr_err *err);

/* The packed terms, valid until the next change. */
SR_CHECKED enum sr_status sr_terms_pack(struct sr_terms *terms, struct sr_bytes *out, struct sr_err *err);

/* Over packed terms, which are untrusted: open checks the checksum, next is false at the end or when bad. */
struct sr_term {
	uint8_t classes;
	struct sr_bytes bytes; /* kind and text */
};
SR_CHECKED enum sr_status sr_terms_open(struct sr_bytes packed, struct sr_cursor *out, struct sr_err *err);
bool sr_terms_next(struct sr_cursor *walk, struct sr_term *term);
