/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing a folder: a new case, or a further part of a sealed one. */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/base/progress.h"
#include "appliance/keeper/data.h"

/* A remark given with the command: answers all findings of its code. */
struct sr_seal_remark {
	const char *code;
	const char *text;
};

struct sr_seal_request {
	const char *folder;
	const char *rulebook;   /* overrides the description's; NULL: not */
	const char *supplement; /* case number or id that gets a further part; NULL: a new case */
	const struct sr_seal_remark *remarks;
	size_t remark_count;
	const struct sr_progress *progress;
};

/*
 * Check and seal.  *reply on SR_OK: {"case","number","part","seal","archive","members","bytes"}; on
 * SR_BLOCKED (a blocker stands, or a defect or warning is unanswered): the object of `check`.  Caller owns
 * it; NULL otherwise. SR_EXISTS when the case number is sealed already, SR_NOT_FOUND when the case to
 * supplement is not.
 */
SR_CHECKED enum sr_status sr_seal(struct sr_data *data, const struct sr_seal_request *request, json_t **reply,
                                  struct sr_err *err);
