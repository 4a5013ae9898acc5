/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of the inspection of files: what they have in common, and spans of time in words. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/casefile/finding.h"

#define SR_NO_MEMBER ((size_t)-1)
#define SR_SPAN_TEXT 64

/* What is said about one file; texts are borrowed. */
struct sr_inspect_note {
	const char *code;
	enum sr_severity severity;
	const char *path; /* printable UTF-8 */
	size_t member;    /* index in the description, for the place; SR_NO_MEMBER */
	const char *key;  /* of the member object, for the place */
	const char *fix_zh;
	const char *fix_en;
};

/* @zh and @en may have been cut at the end of an array: half a character is taken off. */
SR_CHECKED enum sr_status sr_inspect_note_add(struct sr_findings *findings,
                                              const struct sr_inspect_note *note, char *zh, char *en,
                                              struct sr_err *err);

/* X2 for a member that cannot be read: @status and @err say why.  Passes SR_NO_MEMORY on instead. */
SR_CHECKED enum sr_status sr_inspect_note_unreadable(struct sr_findings *findings, const char *path,
                                                     size_t member, enum sr_status status,
                                                     struct sr_err *err);

/* "1小时02分05秒" and "1 h 02 min 05 s"; the sign is dropped. */
void sr_inspect_span(int64_t seconds, char zh[SR_SPAN_TEXT], char en[SR_SPAN_TEXT]);
