/* SPDX-License-Identifier: Apache-2.0 */
/* How the appliance is: what Status answers (docs/KEEPER.md, "Status"). */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"

struct sr_keeper;

/* {"version","keeper","vault","ledger","clock","disk","backup","certificates","warnings":[{"code","text"}]};
 * the caller owns *out.  Any thread; reads every name of the vault. */
SR_CHECKED enum sr_status sr_status_report(struct sr_keeper *keeper, json_t **out, struct sr_err *err);
