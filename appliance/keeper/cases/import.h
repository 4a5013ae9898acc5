/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives that come back, or come from another appliance.  One that the log names, and that is not whole in
 * the vault, is put back in its place; one that it does not name becomes a case of the caller's organ, if
 * this appliance can unlock it (its wrap certificate was a recipient when it was sealed) and its seal holds.
 */
#pragma once

#include <jansson.h>

#include "appliance/keeper/core/act.h"
#include "appliance/keeper/keys/roots.h"

struct sr_import_request {
	int fd;                       /* the file, open for reading; borrowed */
	const struct sr_roots *roots; /* whom to trust */
	const struct sr_progress *progress;
};

/*
 * *reply (caller owns): {"case","number","part","seal","archive","members","bytes"}.  SR_TAMPERED names the
 * first damage; Denied where the archive is not wrapped for this appliance; Exists where it is here already,
 * or the organ has another case of this number; Invalid where the part before it is missing.
 */
SR_CHECKED enum sr_status sr_import(struct sr_act *act, const struct sr_import_request *request,
                                    json_t **reply, struct sr_err *err);
