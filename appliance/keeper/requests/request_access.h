/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may see and decide which request (docs/KEEPER.md, "Requests"): whoever filed it or will read, an
 * official of its organ and their deputies as far as their clearances go, and the auditor.
 */
#pragma once

#include "appliance/index/case_record.h"
#include "appliance/keeper/core/act.h"

/* An official's, or a deputy's who stands in for one of the request's organ today. */
SR_CHECKED enum sr_status sr_request_may_decide(struct sr_act *act, struct sr_txn *txn, const json_t *request,
                                                bool *out, struct sr_err *err);
SR_CHECKED enum sr_status sr_request_may_see(struct sr_act *act, struct sr_txn *txn, const json_t *request,
                                             bool *out, struct sr_err *err);
/* The record of a request that the caller may see, NotFound otherwise; the caller owns *out. */
SR_CHECKED enum sr_status sr_request_find(struct sr_act *act, struct sr_txn *txn, const char *request,
                                          json_t **out, struct sr_err *err);

/* Officials of @organ for whom @deputy may decide today; the caller owns *out, a list of users. */
SR_CHECKED enum sr_status sr_deputy_for(struct sr_act *act, struct sr_txn *txn, const char *organ,
                                        json_t **out, struct sr_err *err);
/* Cases among @cases (ids) that the caller handled; the caller owns *out, a list of ids. */
SR_CHECKED enum sr_status sr_request_handled(struct sr_act *act, struct sr_txn *txn, const json_t *cases,
                                             json_t **out, struct sr_err *err);
/* Is no case of the list classified above the caller's clearances? */
SR_CHECKED enum sr_status sr_cases_within(struct sr_act *act, struct sr_txn *txn, const json_t *cases,
                                          bool *out, struct sr_err *err);

/* The index's record of a case of a request; *found is false for one that is there no longer. */
SR_CHECKED enum sr_status sr_request_case(struct sr_txn *txn, const char *id, struct sr_case_record *out,
                                          bool *found, struct sr_err *err);
