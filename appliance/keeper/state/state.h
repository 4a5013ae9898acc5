/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the log's state, and the changes that several entries have in common (reduce.h makes them,
 * nobody else). */
#pragma once

#include <jansson.h>

#include "appliance/index/txn.h"
#include "appliance/keeper/state/record_cache.h"

/* Keys of SR_DB_PEOPLE beside u/USER: proposals, those that wait by user, whose login a uid is, that there
 * was an archivist once, and how many proposals wait. */
#define SR_STATE_PROPOSAL "p/"
#define SR_STATE_WAITING "w/"
#define SR_STATE_UID "l/"
#define SR_STATE_ARCHIVIST "m/archivist"
#define SR_STATE_PENDING "m/pending"
#define SR_STATE_PASS "k/"        /* PASS: {"grant","used"} */
#define SR_STATE_APPLICATION "b/" /* APPLICATION: {"request"}, null while none was filed for it */

/* Keys of SR_DB_POLICY: the table that holds, and those that are proposed, by digest. */
#define SR_STATE_POLICY "current"
#define SR_STATE_PROPOSED "proposed/"
#define SR_STATE_KEY "key/"           /* and root, seal, stamp, wrap or escrow */
#define SR_STATE_RULEBOOK "rulebook/" /* and the name of an own pack */

/* The person; the caller owns *out, which is NULL where there is none. */
SR_CHECKED enum sr_status sr_state_user(struct sr_txn *txn, const char *user, json_t **out,
                                        struct sr_err *err);
/* SR_DENIED when there is none or they are disabled. */
SR_CHECKED enum sr_status sr_state_active_user(struct sr_txn *txn, const char *user, json_t **out,
                                               struct sr_err *err);
/* The same for reading alone; the caller releases *out. */
SR_CHECKED enum sr_status sr_state_share_user(struct sr_txn *txn, const char *user,
                                              struct sr_shared_record **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_state_share_active_user(struct sr_txn *txn, const char *user,
                                                     struct sr_shared_record **out, struct sr_err *err);
/* SR_DENIED unless @user is active and has @role. */
SR_CHECKED enum sr_status sr_state_require_role(struct sr_txn *txn, const char *user, const char *role,
                                                struct sr_err *err);
SR_CHECKED enum sr_status sr_state_put_user(struct sr_txn *txn, const char *user, const json_t *person,
                                            struct sr_err *err);
/* Disable, and end the user's grants, delegations and undecided requests. */
SR_CHECKED enum sr_status sr_state_disable(struct sr_txn *txn, const char *user, struct sr_err *err);

/* Proposals that wait for a confirmation. */
SR_CHECKED enum sr_status sr_state_pending(struct sr_txn *txn, uint64_t *out, struct sr_err *err);

/* Whether @deputy may decide for @official on that day (days since 1970-01-01 in the appliance's zone):
 * SR_DENIED if not. */
SR_CHECKED enum sr_status sr_state_require_deputy(struct sr_txn *txn, const char *official,
                                                  const char *deputy, int64_t day, struct sr_err *err);

/* The grant; SR_DENIED when there is none. */
SR_CHECKED enum sr_status sr_state_grant(struct sr_txn *txn, const char *grant, json_t **out,
                                         struct sr_err *err);
/* The same for reading alone; the caller releases *out. */
SR_CHECKED enum sr_status sr_state_share_grant(struct sr_txn *txn, const char *grant,
                                               struct sr_shared_record **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_state_put_grant(struct sr_txn *txn, const char *grant, const json_t *record,
                                             struct sr_err *err);
/* "live", "revoked", "returned", "ended". */
SR_CHECKED enum sr_status sr_state_set_grant(struct sr_txn *txn, const char *grant, const char *state,
                                             struct sr_err *err);
/* After a restore: every live grant ends, every open access is forgotten. */
SR_CHECKED enum sr_status sr_state_end_all_grants(struct sr_txn *txn, struct sr_err *err);
