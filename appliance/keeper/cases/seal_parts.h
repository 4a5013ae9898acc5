/* SPDX-License-Identifier: Apache-2.0 */
/* What is sealed must hold: an archive before it is published, and the parts that a further one continues. */
#pragma once

#include "appliance/keeper/cases/seal_plan.h"
#include "appliance/keeper/keys/data.h"

/* Verify the archive in @fd under the appliance's own root; SR_TAMPERED with its first damage. */
SR_CHECKED enum sr_status sr_seal_require_whole(const struct sr_data *data, int fd, bool quick,
                                                struct sr_err *err);

/*
 * The parts before the planned one lie in the vault, each sealed here and continuing the one before it, of a
 * case with this number (SR_INVALID for another).  SR_TAMPERED names the archive.
 */
SR_CHECKED enum sr_status sr_seal_check_parts(const struct sr_keeper *keeper, const struct sr_seal_plan *plan,
                                              const char *number, struct sr_err *err);
