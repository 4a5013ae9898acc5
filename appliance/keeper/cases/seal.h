/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing inside the keeper: a folder is judged, written as an archive, published, and stands in log and
 * index in one transaction.  Several run side by side; none holds a lock while it reads or writes files
 * (docs/KEEPER.md, "Sealing").
 */
#pragma once

#include <jansson.h>

#include "appliance/base/progress.h"
#include "appliance/casefile/folder.h"
#include "appliance/keeper/core/act.h"

struct sr_seal_request {
	struct sr_folder *folder; /* what is sealed; taken in every case */
	const char *rulebook;     /* overrides the description's; NULL: not */
	const char *supplement;   /* number or id of the case that gets a further part; NULL: a new case */
	const char *draft;        /* that is sealed; NULL: a folder */
	const json_t *remarks; /* [{"code","text","by"?,"head"?}…] beside the description's; NULL: none */
	const struct sr_progress *progress;
};

/*
 * Check and seal as the caller, who is archivist.  SR_OK: *reply is
 * {"case","number","part","seal","archive","members","bytes"}.  SR_BLOCKED, when a blocker stands, or a
 * defect or warning is unanswered: *blocked is the object of `check`; it is NULL where a file has not the
 * SHA-256 that the description gives.  Refusals as sr_seal_plan_make.  The caller owns both.
 */
SR_CHECKED enum sr_status sr_seal(struct sr_act *act, const struct sr_seal_request *request, json_t **reply,
                                  json_t **blocked, struct sr_err *err);

/* The same as the end of a command: into act->answer, a refusal for findings as {"blocked":true,…} with the
 * object of `check`. */
SR_CHECKED enum sr_status sr_seal_answer(struct sr_act *act, const struct sr_seal_request *request,
                                         struct sr_err *err);
