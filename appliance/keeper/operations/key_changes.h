/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates of DATA/keys in the log, as the keeper finds them when it starts. */
#pragma once

#include "appliance/base/err.h"

struct sr_keeper;

/*
 * Record as key.changed each certificate (root, seal, stamp, wrap, escrow) that is another than the one that
 * the log names: in its last key.changed, else in ledger.opened.
 */
SR_CHECKED enum sr_status sr_keys_begin(struct sr_keeper *keeper, struct sr_err *err);
