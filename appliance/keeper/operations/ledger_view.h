/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which entries a caller may see (docs/KEEPER.md, "Who may see which entry"): an auditor all; a security
 * administrator those about users; an official the readings of the cases that they may know of; everybody
 * what they did themselves.
 */
#pragma once

#include "appliance/keeper/core/act.h"
#include "appliance/ledger/entry.h"

/* Needs no decoding: every entry may be seen. */
bool sr_ledger_view_is_whole(const struct sr_act *act);
SR_CHECKED enum sr_status sr_ledger_view_may_see(struct sr_act *act, struct sr_txn *txn,
                                                 const struct sr_entry *entry, bool *out, struct sr_err *err);
