/* SPDX-License-Identifier: Apache-2.0 */
/* Rulebook packs: the regulations as data, and the engine that applies them.  docs/RULEBOOK.md. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/finding.h"

struct sr_rulebook; /* a pack with the packs that it extends; immutable */

void sr_rulebook_free(struct sr_rulebook *rulebook); /* NULL is allowed */
static inline void sr_rulebook_freep(struct sr_rulebook **rulebook)
{
	sr_rulebook_free(*rulebook);
	*rulebook = NULL;
}

/* A pack of the appliance (pack_shelf.h) by name; SR_NOT_FOUND lists the names there are. */
SR_CHECKED enum sr_status sr_rulebook_load(const char *name, struct sr_rulebook **out, struct sr_err *err);
/* A pack from outside, untrusted: SR_INVALID names the place as a JSON pointer and what is wrong. */
SR_CHECKED enum sr_status sr_rulebook_parse(struct sr_bytes text, struct sr_rulebook **out,
                                            struct sr_err *err);

/* From effective_from to effective_to; days since 1970-01-01. */
bool sr_rulebook_in_force(const struct sr_rulebook *rulebook, int64_t day);

const char *sr_rulebook_name(const struct sr_rulebook *rulebook);
/* NULL: it is of no series. */
const char *sr_rulebook_series(const struct sr_rulebook *rulebook);
const char *sr_rulebook_title_zh(const struct sr_rulebook *rulebook);
const char *sr_rulebook_title_en(const struct sr_rulebook *rulebook);
/* Rules that apply: of the pack and of those that it extends, without what it replaces. */
size_t sr_rulebook_rule_count(const struct sr_rulebook *rulebook);
/* The pack's bytes, those of the packs that it extends after it: what the digest sealed into an archive is
 * made of. */
struct sr_bytes sr_rulebook_text(const struct sr_rulebook *rulebook);
/*
 * A table of the pack or of those that it extends, such as "document_kinds" or "holidays"; NULL: there is
 * none. Checked against docs/RULEBOOK.md, "Tables"; borrowed.
 */
const json_t *sr_rulebook_table(const struct sr_rulebook *rulebook, const char *name);

/*
 * Judge a case: one finding for each rule (and element) that is not satisfied.  A rule that cannot be judged
 * because data is missing is a blocker of that field, once a field.  @today_days: days since 1970-01-01 in
 * the appliance's zone.  SR_LIMIT over SR_LIMIT_FINDINGS or SR_LIMIT_RULE_STEPS.
 */
SR_CHECKED enum sr_status sr_rulebook_check(const struct sr_rulebook *rulebook,
                                            const struct sr_case *description, int64_t today_days,
                                            struct sr_findings *findings, struct sr_err *err);

/* The same; @applied (NULL: not wanted), an array, gets the articles whose rules applied to anything, as
 * sr_rulebook_article names them. */
SR_CHECKED enum sr_status sr_rulebook_judge(const struct sr_rulebook *rulebook,
                                            const struct sr_case *description, int64_t today_days,
                                            struct sr_findings *findings, json_t *applied,
                                            struct sr_err *err);

/* "IM23.1" is of article "IM23": a code without its last number, where it has several. */
#define SR_ARTICLE_BYTES 64
void sr_rulebook_article(const char *code, char out[SR_ARTICLE_BYTES]);
