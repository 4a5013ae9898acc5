/* SPDX-License-Identifier: Apache-2.0 */
/* Which entries of the log somebody looks for: LedgerEntries' type, who, about, since and until. */
#pragma once

#include "appliance/keeper/core/act.h"
#include "appliance/ledger/entry.h"

struct sr_ledger_filter {
	const char *type; /* NULL: any */
	const char *who;  /* user, login or pass of the actor; NULL: anybody */
	const char *about; /* a text that the entry has, or lists: case, grant, request, user, …; NULL: any */
	int64_t since_ns, until_ns; /* since <= time < until */
};

/* From the call's parameters; they are borrowed.  SR_INVALID names the one that is wrong. */
SR_CHECKED enum sr_status sr_ledger_filter_take(struct sr_act *act, struct sr_ledger_filter *out,
                                                struct sr_err *err);
/* Must entries be decoded to be judged? */
bool sr_ledger_filter_is_open(const struct sr_ledger_filter *filter);
bool sr_ledger_filter_wants(const struct sr_ledger_filter *filter, const struct sr_entry *entry);
/* The entry to begin with: @from, or the first that is not before since. */
SR_CHECKED enum sr_status sr_ledger_filter_begin(const struct sr_ledger_filter *filter, struct sr_txn *txn,
                                                 uint64_t *from, struct sr_err *err);
