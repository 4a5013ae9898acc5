/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases as the log alone knows them (the index knows the rest), their holds and disposals.  Keys of
 * SR_DB_HOLDS: c/CASE, h/HOLD, b/CASE/HOLD, x/DISPOSAL, y/CASE (the disposal that it waits in).
 */
#pragma once

#include <jansson.h>

#include "appliance/index/txn.h"
#include "appliance/keeper/state/record.h"

/* {"organ","number","classification":[…],"retained_until"} of a case; the caller owns *out, which is NULL
 * where no entry sealed or imported one. */
SR_CHECKED enum sr_status sr_logged_case(struct sr_txn *txn, const char *case_id, json_t **out,
                                         struct sr_err *err);

/* The key of a record: "h/", "x/", "y/" and an id. */
void sr_retention_key(const char *prefix, const char *id, char out[SR_RECORD_KEY]);

/* The holds of a case: {"hold","case","reason","placed_by","since"}; the caller owns *out, a list. */
SR_CHECKED enum sr_status sr_holds_of(struct sr_txn *txn, const char *case_id, json_t **out,
                                      struct sr_err *err);
