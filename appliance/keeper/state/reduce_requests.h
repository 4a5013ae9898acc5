/* SPDX-License-Identifier: Apache-2.0 */
/* What filing and deciding know of requests in common, for the log's state machine and for the commands. */
#pragma once

#include <jansson.h>

#include "appliance/crypto/digest.h"
#include "appliance/index/txn.h"

#define SR_GRANT_DAYS_MAX 30

struct sr_event;

/* Digest of a request's record: what its decisions are bound to (docs/LEDGER.md). */
SR_CHECKED enum sr_status sr_request_digest(const json_t *request, char out[SR_DIGEST_HEX],
                                            struct sr_err *err);
/* Population of a list of case ids (docs/LEDGER.md); SR_DENIED when one is there twice. */
SR_CHECKED enum sr_status sr_population(const json_t *cases, char out[SR_DIGEST_HEX], struct sr_err *err);

/*
 * How many officials must approve a request's record with the decisions in it, by @table; *paper is the kind
 * of paper that it lacks, or NULL.  Borrowed from the table.
 */
SR_CHECKED enum sr_status sr_request_needs(struct sr_txn *txn, const json_t *request, const json_t *table,
                                           unsigned *officials, const char **paper, struct sr_err *err);
/* The fewest days that request and decisions allow. */
json_int_t sr_request_days(const json_t *request);

/* For reducers: the record of the request that an event names. */
SR_CHECKED enum sr_status sr_event_request(const struct sr_event *event, json_t **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_event_put_request(const struct sr_event *event, const json_t *request,
                                               struct sr_err *err);
