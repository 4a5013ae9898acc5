/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed cases of a data directory: verify. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/err.h"
#include "appliance/base/progress.h"
#include "appliance/keeper/data.h"

struct sr_cases_verify {
	const char *const *references; /* case numbers or ids */
	size_t reference_count;
	bool all; /* every archive of the vault, foreign files too */
	bool quick;
	const char *root;       /* PEM file with the roots of seals and stamps; NULL: the data directory's */
	const char *stamp_root; /* PEM file with further roots of stamps; may be NULL */
	const struct sr_progress *progress;
};

/* *reply (caller owns): {"archives":[verdict…]}.  SR_OK when all could be judged, whatever the verdicts. */
SR_CHECKED enum sr_status sr_cases_verify(const struct sr_data *data, const struct sr_cases_verify *request,
                                          json_t **reply, struct sr_err *err);
