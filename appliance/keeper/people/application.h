/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applications of parties, in SR_DB_APPLICATIONS: b/APPLICATION is the record, c/SHA-256 of the code its
 * number. The log has a salted digest of it alone: what is in a log stays, and an application must be able to
 * go.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/index/txn.h"
#include "appliance/keeper/core/password.h"
#include "appliance/keeper/state/label.h"

#define SR_APPLICATION_DUE_DAYS 20 /* after that, who heard nothing asks at the counter */

/* SHA-256 over the record's canonical text; it holds a random salt. */
SR_CHECKED enum sr_status sr_application_digest(const json_t *record, char out[65], struct sr_err *err);

/* Store a new record under its own number and the code that follows it. */
SR_CHECKED enum sr_status sr_application_put(struct sr_txn *txn, const json_t *record, const char *code,
                                             struct sr_err *err);
/* The record of a code, or of a number; the caller owns *out, NULL where there is none. */
SR_CHECKED enum sr_status sr_application_of_code(struct sr_txn *txn, const char *code, json_t **out,
                                                 struct sr_err *err);
SR_CHECKED enum sr_status sr_application_get(struct sr_txn *txn, const char *application, json_t **out,
                                             struct sr_err *err);
/* Forget who applied: number, name, identity, reason and contact; what is left says how it ended. */
SR_CHECKED enum sr_status sr_application_forget(struct sr_txn *txn, const json_t *record, const char *reason,
                                                struct sr_err *err);

/*
 * How far it is: "received", "in-review", "approved", "refused" or "dropped"; *reason (borrowed from *request
 * or
 * @record) where it was refused or dropped, else NULL.  *request: the request filed for it, which the caller
 * owns; NULL without one.
 */
SR_CHECKED enum sr_status sr_application_stage(struct sr_txn *txn, const json_t *record, json_t **request,
                                               const char **stage, const char **reason, struct sr_err *err);
