/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disc of a case's recordings for the file (光盘附卷; Inner Mongolia measures, article 21): made from the
 * case folder before it is sealed; needs no appliance.
 */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/base/progress.h"

struct sr_disc_request {
	const char *folder; /* with case.json */
	const char *out;    /* FILE.iso; must not exist */
	const struct sr_progress *progress;
};

/*
 * Copy the recordings that case.json names, and their explanations, into a disc image with a list of their
 * SHA-256.  A recording whose digest is given must have it (SR_TAMPERED); one that is missing is
 * SR_NOT_FOUND; SR_BLOCKED when there is none.  *reply (caller owns):
 * {"out","number","recordings","files","bytes","digest"}.
 */
SR_CHECKED enum sr_status sr_disc_make(const struct sr_disc_request *request, json_t **reply,
                                       struct sr_err *err);
