/* SPDX-License-Identifier: Apache-2.0 */
/* Findings (检查项): what one rule says of one case.  Contract: the `check` object of the command line. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "appliance/base/err.h"

enum sr_severity {
	SR_SEVERITY_WARNING, /* answered by the handler's remark */
	SR_SEVERITY_DEFECT,  /* 程序缺陷: seals only with a remark that has `by` and `head` */
	SR_SEVERITY_BLOCKER, /* 须补正: stops the seal */
};

const char *sr_severity_name(enum sr_severity severity);

/* One finding; all texts are owned by the list. */
struct sr_finding {
	const char *code;    /* "X1", "IM21.1" */
	const char *article; /* "内蒙古 第二十一条"; for X checks "立卷检查" */
	enum sr_severity severity;
	const char *member; /* path of the member concerned, or NULL: the case */
	const char *place;  /* JSON pointer into case.json, or NULL */
	const char *zh;
	const char *en;
	const char *fix_zh;
	const char *fix_en;
};

struct sr_findings; /* in the order in which they were found */

SR_CHECKED enum sr_status sr_findings_new(struct sr_findings **out, struct sr_err *err);
void sr_findings_free(struct sr_findings *findings); /* NULL is allowed */
static inline void sr_findings_freep(struct sr_findings **findings)
{
	sr_findings_free(*findings);
	*findings = NULL;
}
/* Copies everything.  SR_LIMIT over SR_LIMIT_FINDINGS. */
SR_CHECKED enum sr_status sr_findings_add(struct sr_findings *findings, const struct sr_finding *finding,
                                          struct sr_err *err);
size_t sr_findings_count(const struct sr_findings *findings);
const struct sr_finding *sr_findings_at(const struct sr_findings *findings, size_t index);
size_t sr_findings_of(const struct sr_findings *findings, enum sr_severity severity);

/*
 * {"findings":[{"code","article","severity","member","place","zh","en","fix_zh","fix_en"}…],"blockers":N,
 * "defects":N,"warnings":N}; member and place are null where there is none.  The caller owns *out.
 */
SR_CHECKED enum sr_status sr_findings_to_json(const struct sr_findings *findings, json_t **out,
                                              struct sr_err *err);
/* One element of that list. */
SR_CHECKED enum sr_status sr_finding_to_json(const struct sr_finding *finding, json_t **out,
                                             struct sr_err *err);
