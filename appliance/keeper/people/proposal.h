/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proposals about people: what an administrator wants and a security administrator has not confirmed yet. The
 * log's state holds them (reduce.h); a password that came with one lies beside it in SR_DB_SECRETS.
 */
#pragma once

#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/password.h"
#include "appliance/keeper/state/label.h"

#define SR_PROPOSALS_MAX 10000u /* that wait */

struct sr_proposal {
	char id[SR_LABEL_BYTES]; /* given in the transaction */
	const char *action;      /* "add", "change", "reset-password", "disable" */
	const char *user;
	json_t *fields;                   /* of user.proposed, without proposal, action and user */
	char hash[SR_PASSWORD_HASH_TEXT]; /* "" without a password */
};

/*
 * May it be proposed now?  For `check`: refuses with Exists (the user, the login or such a proposal is
 * there), NotFound (no such user or organ), Limit, and LastOne where nobody could propose or confirm any
 * more.
 */
SR_CHECKED enum sr_status sr_proposal_check(struct sr_act *act, struct sr_txn *txn,
                                            const struct sr_proposal *proposal, struct sr_err *err);
/* Write it in the caller's name, for `apply`; fills in the id. */
SR_CHECKED enum sr_status sr_proposal_put(struct sr_act *act, struct sr_txn *txn,
                                          struct sr_proposal *proposal, struct sr_err *err);
/*
 * Fill @fields from parameters (full_name, role, organ, clearances, login by its name, removed): what does
 * not depend on the state.  SR_INVALID says what is wrong.  May ask the network for the login.
 */
SR_CHECKED enum sr_status sr_proposal_take_fields(const json_t *given, struct sr_proposal *proposal,
                                                  struct sr_err *err);

/* A new user of @given, which is borrowed as long as @proposal: user and role, and defaults for organ (that
 * of init) and full name. */
SR_CHECKED enum sr_status sr_proposal_take_new(struct sr_keeper *keeper, const json_t *given,
                                               struct sr_proposal *proposal, struct sr_err *err);

/*
 * The one that waits for @user, or the one with that id (which must be about @user).  NotFound where there is
 * none; Invalid, with their ids, where several wait and none is named.  The caller owns *out.
 */
SR_CHECKED enum sr_status sr_proposal_find(struct sr_act *act, struct sr_txn *txn, const char *user,
                                           const char *id, json_t **out, struct sr_err *err);

/* The hash that came with it: "" where there was none. */
SR_CHECKED enum sr_status sr_proposal_hash(struct sr_txn *txn, const char *id,
                                           char out[SR_PASSWORD_HASH_TEXT], struct sr_err *err);
SR_CHECKED enum sr_status sr_proposal_forget_hash(struct sr_txn *txn, const char *id, struct sr_err *err);
/* Those of all that wait for @user. */
SR_CHECKED enum sr_status sr_proposal_forget_hashes(struct sr_txn *txn, const char *user, struct sr_err *err);

/* Refuses with LastOne when @user is the last active one of the roles that people need to come in by two, and
 * would not be any more: @role is their next one, NULL: disabled. */
SR_CHECKED enum sr_status sr_proposal_check_last(struct sr_act *act, struct sr_txn *txn, const char *user,
                                                 const char *role, struct sr_err *err);
/* Refuses with Exists when @login is another active user's. */
SR_CHECKED enum sr_status sr_proposal_check_login(struct sr_act *act, struct sr_txn *txn, const char *user,
                                                  const json_t *login, struct sr_err *err);
