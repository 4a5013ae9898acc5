/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault at a keeper's start: what a crash left of sealings, and archives that no entry names
 * (docs/KEEPER.md, "Sealing").
 */
#pragma once

#include <stdint.h>

#include "appliance/base/err.h"

struct sr_keeper;

/*
 * A sealing under way whose archive is there and holds is adopted: case.sealed with `recovered`; any other is
 * forgotten.
 */
SR_CHECKED enum sr_status sr_vault_start_adopt(struct sr_keeper *keeper, struct sr_err *err);
/* Archives that the log does not name go to vault/.unknown/; *count (may be NULL): of them. */
SR_CHECKED enum sr_status sr_vault_start_survey(struct sr_keeper *keeper, uint64_t *count,
                                                struct sr_err *err);
