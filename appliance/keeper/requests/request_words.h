/* SPDX-License-Identifier: Apache-2.0 */
/* What people are called, and what an official must know before deciding: keys beside those of a request's
 * record. */
#pragma once

#include "appliance/keeper/core/act.h"

/* The full name of a user, or the user's own where there is none; the caller owns *out. */
SR_CHECKED enum sr_status sr_name_of(struct sr_txn *txn, const char *user, json_t **out, struct sr_err *err);

/* "filed_by_name", "reader_name" (null: none) and, in each decision of @row, "official_name" and "for_name".
 */
SR_CHECKED enum sr_status sr_request_add_names(struct sr_txn *txn, const json_t *request, json_t *row,
                                               struct sr_err *err);

/*
 * "decides" (may the caller decide it?), and for whoever does: "approvals" (officials that are needed),
 * "handled" (ids of cases that the caller handled), "own" (filed or read by the caller), "decided" (the
 * caller did already), "deputy_for" (officials whom the caller stands in for: [{"user","name"}]),
 * "clearances" of the reader.
 */
SR_CHECKED enum sr_status sr_request_add_needs(struct sr_act *act, struct sr_txn *txn, const json_t *request,
                                               bool decides, json_t *row, struct sr_err *err);
