/* SPDX-License-Identifier: Apache-2.0 */
/* A grant as its reader may use it: whose it is, whether it lives, what of a case it shows. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/index/case_store.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/state/record_cache.h"

struct sr_reading_grant {
	struct sr_shared_record *grant_record, *request_record; /* owned */
	const json_t *grant, *request;                          /* theirs: nothing of them outlives this */
	bool sub;                                               /* the sub volume (副卷) may be shown */
};

void sr_reading_grant_dispose(struct sr_reading_grant *grant);

/*
 * The caller's own grant by id, living now: NotGranted, in the same words, for one that is not theirs and one
 * that is not there; Revoked, Expired for one of theirs that ended.
 */
SR_CHECKED enum sr_status sr_reading_grant_get(struct sr_act *act, struct sr_txn *txn, const char *id,
                                               struct sr_reading_grant *out, struct sr_err *err);

/* Whether the member may be read: inside the grant, its volume, the reader's clearances or named (`with`). */
bool sr_reading_grant_shows(const struct sr_act *act, const struct sr_reading_grant *grant,
                            const char *case_id, const struct sr_member_row *row);
/* Refuse a member: the same words whatever the reason. */
enum sr_status sr_reading_grant_refuse(struct sr_act *act, const char *id, struct sr_err *err);

/* The case of the grant with that id or number (案号), whose record lies in the map: NotGranted. */
SR_CHECKED enum sr_status sr_reading_grant_case(struct sr_act *act, struct sr_txn *txn,
                                                const struct sr_reading_grant *grant, const char *reference,
                                                struct sr_case_record *out, struct sr_err *err);

/* Openings must wait while the ledger's clock is stopped: ClockStopped. */
SR_CHECKED enum sr_status sr_reading_require_clock(struct sr_act *act, struct sr_err *err);
/* An escorted grant whose escort is not there: NotEscorted. */
SR_CHECKED enum sr_status sr_reading_require_escort(struct sr_act *act, const json_t *grant,
                                                    struct sr_err *err);
/* Is @channel one that the caller's door gives out?  Invalid. */
SR_CHECKED enum sr_status sr_reading_require_channel(struct sr_act *act, const char *channel,
                                                     struct sr_err *err);
