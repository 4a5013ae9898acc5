/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's ledger time: where it starts, and the mark that outlasts the process (SR_DB_META). */
#pragma once

#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/index/txn.h"

struct sr_keeper;

/* Time of an entry that is made now (ledger time); any thread, not under the lock. */
int64_t sr_keeper_now_ns(struct sr_keeper *keeper);
/* CLOCK_BOOTTIME. */
int64_t sr_keeper_boot_ns(void);

SR_CHECKED enum sr_status sr_keeper_clock_start(struct sr_keeper *keeper, struct sr_err *err);
/* Store where the clock stands; a failure is logged. */
void sr_keeper_clock_store(struct sr_keeper *keeper);
/* Forget the stored mark: a new epoch begins at the wall clock. */
SR_CHECKED enum sr_status sr_keeper_clock_forget(struct sr_txn *txn, struct sr_err *err);
