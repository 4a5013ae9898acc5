/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the log that say a part of a case is here: case.sealed, case.imported. */
#pragma once

#include "appliance/keeper/cases/seal_record.h"

/*
 * Call @each with these entries of all epochs, from the first on, outside of any transaction; a status that
 * it returns ends it and is returned.
 */
SR_CHECKED enum sr_status sr_case_entries_each(const struct sr_keeper *keeper,
                                               enum sr_status (*each)(void *context, json_t *entry,
                                                                      struct sr_err *err),
                                               void *context, struct sr_err *err);

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
