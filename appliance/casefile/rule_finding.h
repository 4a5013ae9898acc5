/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of rules: whose, where, and in which words.  docs/RULEBOOK.md, "Texts". */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/casefile/rule.h"
#include "appliance/casefile/rule_message.h"

/* What all rules of one check share. */
struct sr_rule_case {
	struct sr_judge judge;
	const json_t *labels;   /* of the pack: full path of a field to {"zh","en"}; may be NULL */
	const json_t *words;    /* of the pack: a field's word to {"zh","en"}; may be NULL */
	const json_t *holidays; /* of the pack; may be NULL */
	json_t *served;         /* path of a document to whether the service has its receipt */
	json_t *missed;         /* JSON pointers of absent fields that a blocker has named already */
	struct sr_findings *findings;
	bool applied; /* the rule under way applied to something */
};

/* One application of a rule. */
struct sr_judging {
	const struct sr_rule *rule;
	struct sr_rule_case *judged;
	struct sr_target target;
	enum sr_severity severity; /* the rule's, unless a reason lessens it */
};

/* What a rule's texts are filled with, in both languages: objects of texts by name. */
struct sr_filling {
	json_t *zh, *en;
};
void sr_filling_dispose(struct sr_filling *filling);

/* Empty but for what every rule with each fills in: index, member, name, outer. */
SR_CHECKED enum sr_status sr_filling_begin(const struct sr_judging *j, struct sr_filling *out,
                                           struct sr_err *err);
SR_CHECKED enum sr_status sr_filling_set(struct sr_filling *filling, const char *name, const char *zh,
                                         const char *en, struct sr_err *err);
/* What a field is called, and what is in it; blank values too. */
SR_CHECKED enum sr_status sr_filling_set_label(const struct sr_judging *j, struct sr_filling *filling,
                                               const char *name, const struct sr_field *field,
                                               struct sr_err *err);
SR_CHECKED enum sr_status sr_filling_set_value(const struct sr_judging *j, struct sr_filling *filling,
                                               const char *name, const struct sr_field *field,
                                               struct sr_err *err);

/* Lists of things that are put into a text as one: "a、b" and "a, b". */
struct sr_listing {
	struct sr_buf zh, en;
	size_t count;
};
void sr_listing_dispose(struct sr_listing *listing);
SR_CHECKED enum sr_status sr_listing_add(struct sr_listing *listing, const char *zh, const char *en,
                                         struct sr_err *err);
SR_CHECKED enum sr_status sr_listing_add_label(const struct sr_judging *j, struct sr_listing *listing,
                                               const struct sr_field *field, struct sr_err *err);
/* A word of a field as people say it. */
SR_CHECKED enum sr_status sr_listing_add_word(const struct sr_judging *j, struct sr_listing *listing,
                                              const struct sr_field *field, const char *word,
                                              struct sr_err *err);
SR_CHECKED enum sr_status sr_listing_fill(struct sr_listing *listing, struct sr_filling *filling,
                                          const char *name, struct sr_err *err);

/* @field is the one to blame; NULL: the element, or the case. */
SR_CHECKED enum sr_status sr_judging_add_finding(const struct sr_judging *j, const struct sr_field *field,
                                                 const struct sr_filling *filling, struct sr_err *err);

/*
 * A field that the rule needs is absent: a blocker, whatever the rule's own severity.  Nothing where a
 * blocker has named that field already: one blank field is one thing to do.
 */
SR_CHECKED enum sr_status sr_judging_add_unjudged(const struct sr_judging *j,
                                                  const struct sr_missing *missing, struct sr_err *err);
SR_CHECKED enum sr_status sr_judging_add_absent(const struct sr_judging *j, const struct sr_field *field,
                                                struct sr_err *err);
/* The same for another reason, in both languages. */
SR_CHECKED enum sr_status sr_judging_add_unjudgeable(const struct sr_judging *j, const char *place,
                                                     const char *zh, const char *en, const char *fix_zh,
                                                     const char *fix_en, struct sr_err *err);
/* Remember that a blocker names the field. */
SR_CHECKED enum sr_status sr_judging_note_missed(const struct sr_judging *j, const struct sr_field *field,
                                                 struct sr_err *err);
