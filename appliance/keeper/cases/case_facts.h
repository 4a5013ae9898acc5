/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the figures and warnings count of a sealed case, taken from description and members when its first
 *part is filed, so that no archive is opened for a figure (docs/INDEX.md).  Nothing but what the archive says
 *is in them: a rebuild gives the same.
 *
 *	{"sealed":DAY,"sealed_ns":NS,"unit","outcome","started":DAY,"closed":DAY,"ended":DAY,"decided":DAY,
 *	 "major":true|false|null,"reviewed":DAY|null,"basis","published":DAY|null,
 *	 "correction_due":DAY|null,"corrected":bool,"hearing":bool,"fine","confiscated","recovered",
 *	 "recordings":[[DAY,1|0|-1]…],"acts":[[DAY,1|0|-1]…],"defects":[CODE…],"applied":[ARTICLE…],"people":[NAME…],
 *	 "officers":[NAME…]}
 *
 * DAY counts from 1970-01-01 in the appliance's zone; null or left out where it is not known.  In recordings
 * and acts 1 is "in time" and "recorded as a whole", 0 is not, -1 cannot be judged.
 */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/casefile/finding.h"
#include "appliance/index/txn.h"

struct sr_case_facts;

/* @description is borrowed until it is finished, @defects and @applied (NULL: none) are
 * copied. */
SR_CHECKED enum sr_status sr_case_facts_new(const json_t *description, const json_t *defects,
                                            const json_t *applied, int64_t sealed_ns,
                                            struct sr_case_facts **out, struct sr_err *err);
/* The codes of the defects among findings, each once: of a list, and of a catalogue's array.  The caller owns
 * *out. */
SR_CHECKED enum sr_status sr_case_facts_defects(const struct sr_findings *findings, json_t **out,
                                                struct sr_err *err);
SR_CHECKED enum sr_status sr_case_facts_defects_json(const json_t *findings, json_t **out,
                                                     struct sr_err *err);
void sr_case_facts_free(struct sr_case_facts *facts); /* NULL is allowed */
static inline void sr_case_facts_freep(struct sr_case_facts **facts)
{
	sr_case_facts_free(*facts);
	*facts = NULL;
}
/* One member of the description, in any order. */
SR_CHECKED enum sr_status sr_case_facts_add(struct sr_case_facts *facts, const json_t *member,
                                            struct sr_err *err);
/* All were added. */
SR_CHECKED enum sr_status sr_case_facts_finish(struct sr_case_facts *facts, struct sr_err *err);
SR_CHECKED enum sr_status sr_case_facts_put(const struct sr_case_facts *facts, struct sr_txn *txn,
                                            const char *case_id, struct sr_err *err);
const json_t *sr_case_facts_root(const struct sr_case_facts *facts);
