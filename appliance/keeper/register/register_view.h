/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rows of the register a caller sees and may put (docs/KEEPER.md, "The register"): a handler those of
 * their organ that name them as officer, an archivist and a supervisor those of their organ and the organs
 * below it.
 */
#pragma once

#include "appliance/index/case_record.h"
#include "appliance/keeper/core/act.h"

SR_CHECKED enum sr_status sr_register_may_see(struct sr_act *act, struct sr_txn *txn, const char *organ,
                                              const json_t *row, bool *out, struct sr_err *err);

/* Call @each with the records {"organ","number","row"} that the caller sees, in order of organ and number.
 * One snapshot. */
SR_CHECKED enum sr_status sr_register_each(struct sr_act *act, struct sr_txn *txn,
                                           enum sr_status (*each)(void *context, struct sr_txn *txn,
                                                                  const json_t *record, struct sr_err *err),
                                           void *context, struct sr_err *err);
/* The record of that organ and number; the caller owns *out, NULL where there is none. */
SR_CHECKED enum sr_status sr_register_look(struct sr_txn *txn, const char *organ, const char *number,
                                           json_t **out, struct sr_err *err);
/* The sealed case of a record's organ and number, if the caller may know of it. */
SR_CHECKED enum sr_status sr_register_case(struct sr_act *act, struct sr_txn *txn, const json_t *record,
                                           bool *found, struct sr_case_record *out, struct sr_err *err);
