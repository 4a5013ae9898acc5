/* SPDX-License-Identifier: Apache-2.0 */
/* Remarks (说明): what handler and head have to say to a finding.  docs/RULEBOOK.md, "Answers". */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/casefile/finding.h"

/*
 * Whether one of @remarks (an array of {"code","text","by","head"}; NULL or another value: none) answers
 * @finding. A blocker never is answered; a defect is by a remark of its code with text, by and head; a
 * warning by one with text.  A remark answers every finding of its code.
 */
bool sr_remark_answers(const json_t *remarks, const struct sr_finding *finding);

/* How many of @findings no remark answers: the seal waits until there are none. */
size_t sr_remark_unanswered(const json_t *remarks, const struct sr_findings *findings);
