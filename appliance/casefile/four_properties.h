/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four-property report (四性检测, after DA/T 70-2018): authenticity, integrity, usability, safety, each
 * item passed, failed or not applicable with the reason.  docs/FORMAT.md, "Four properties".  No state; any
 * thread.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/err.h"
#include "appliance/casefile/clamd.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/finding.h"
#include "appliance/casefile/inspect.h"

enum sr_property_result {
	SR_PROPERTY_PASSED,
	SR_PROPERTY_FAILED,
	SR_PROPERTY_NOT_APPLICABLE,
};

struct sr_property_report; /* grows item by item */

/* @stage: "archive" (归档), "export" (移交), "fixity" (长期保存). */
SR_CHECKED enum sr_status sr_property_report_new(const char *stage, int64_t at_ns,
                                                 struct sr_property_report **out, struct sr_err *err);
void sr_property_report_free(struct sr_property_report *report); /* NULL is allowed */
static inline void sr_property_report_freep(struct sr_property_report **report)
{
	sr_property_report_free(*report);
	*report = NULL;
}

/*
 * One item: @item "1-1" is the first of authenticity, "2-" integrity, "3-" usability, "4-" safety.  @zh and
 * @en name the item, @reason says in Chinese why the result is what it is.
 */
SR_CHECKED enum sr_status sr_property_add(struct sr_property_report *report, const char *item, const char *zh,
                                          const char *en, enum sr_property_result result, const char *reason,
                                          struct sr_err *err);
/* The same for what passed or failed, and for what does not apply. */
SR_CHECKED enum sr_status sr_property_judge(struct sr_property_report *report, const char *item,
                                            const char *zh, const char *en, bool passed, const char *reason,
                                            struct sr_err *err);
SR_CHECKED enum sr_status sr_property_skip(struct sr_property_report *report, const char *item,
                                           const char *zh, const char *en, const char *reason,
                                           struct sr_err *err);

/*
 * {"format":"strongroom-four-properties/1","stage","at","standard","items":[{"item","property","zh","en",
 * "result","reason"}…],"passed":N,"failed":N,"not_applicable":N}; the caller owns *out.
 */
SR_CHECKED enum sr_status sr_property_report_json(const struct sr_property_report *report, json_t **out,
                                                  struct sr_err *err);
/* Untrusted, from a catalogue: SR_CORRUPT names the place. */
SR_CHECKED enum sr_status sr_property_report_check(const json_t *report, struct sr_err *err);

/* By the extension of @path: what GB/T 18894-2016 takes for keeping, and plain text. */
bool sr_property_format_is_kept(const char *path);
/* Compressed or encrypted containers, which DA/T 70 item 3-8 does not accept in a package. */
bool sr_property_format_is_packed(const char *path);

/* What the report at sealing looks at: the plaintext as it was found. */
struct sr_property_facts {
	const struct sr_case *description;
	const struct sr_findings *findings;  /* X checks and the rulebook's */
	const struct sr_member_pages *pages; /* one a member; NULL: not counted */
	uint64_t bytes;                      /* of all files */
	size_t files;
	bool scanned; /* clamd was asked */
	struct sr_clamd_sum scan;
};
SR_CHECKED enum sr_status sr_property_judge_folder(const struct sr_property_facts *facts, int64_t at_ns,
                                                   json_t **out, struct sr_err *err);
