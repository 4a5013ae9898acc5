/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the log that say a part of a case is here: case.sealed, case.imported. */
#pragma once

#include "appliance/keeper/seal_record.h"
#include "appliance/ledger/entry.h"

bool sr_case_entry_is(const struct sr_entry *entry);

/* A cheap look at an entry's bytes: false when it cannot be one of these. */
bool sr_case_entry_may_be(struct sr_bytes bytes);

/*
 * The first entry that names the archive @name, looked for in the whole log: for archives that the index does
 * not know.  The caller owns *out, which is NULL where there is none.
 */
SR_CHECKED enum sr_status sr_case_entry_find(const struct sr_keeper *keeper, const char *name, json_t **out,
                                             struct sr_err *err);

/*
 * What it says, for filing; texts are borrowed from the entry, but @name, which receives the archive's.  The
 * handler of an imported part is not in its entry: it is empty, and the archive says it.  The case's classes
 * are left 0.  SR_CORRUPT.
 */
SR_CHECKED enum sr_status sr_case_entry_record(const json_t *entry, char name[SR_STORE_NAME],
                                               struct sr_sealing_record *out, struct sr_err *err);
