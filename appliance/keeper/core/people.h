/* SPDX-License-Identifier: Apache-2.0 */
/* People in the database beside the log's state: who a uid is, passwords' hashes, sessions. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "appliance/index/txn.h"
#include "appliance/keeper/core/password.h"
#include "appliance/keeper/core/session_table.h"
#include "appliance/keeper/state/record_cache.h"

struct sr_keeper;

/* The person whose Unix login has this uid; the caller releases *out, NULL where there is none. */
SR_CHECKED enum sr_status sr_people_of_uid(struct sr_txn *txn, uid_t uid, struct sr_shared_record **out,
                                           struct sr_err *err);
/* Whether anybody is, or ever was, archivist. */
SR_CHECKED enum sr_status sr_people_has_archivist(struct sr_txn *txn, bool *out, struct sr_err *err);

/* The stored hash of a user's password; "" where there is none. */
SR_CHECKED enum sr_status sr_people_hash(struct sr_txn *txn, const char *user,
                                         char out[SR_PASSWORD_HASH_TEXT], struct sr_err *err);
SR_CHECKED enum sr_status sr_people_has_password(struct sr_txn *txn, const char *user, bool *out,
                                                 struct sr_err *err);
/* Store it; "" removes it. */
SR_CHECKED enum sr_status sr_people_put_hash(struct sr_txn *txn, const char *user, const char *hash,
                                             struct sr_err *err);

/* The stored session of @session's token: put, drop, or save its last use through the writer. */
SR_CHECKED enum sr_status sr_people_put_session(struct sr_txn *txn, const struct sr_session *session,
                                                struct sr_err *err);
SR_CHECKED enum sr_status sr_people_drop_session(struct sr_txn *txn, const struct sr_session *session,
                                                 struct sr_err *err);
SR_CHECKED enum sr_status sr_people_save_session(struct sr_keeper *keeper, const struct sr_session *session,
                                                 struct sr_err *err);
/* Load the stored sessions into the keeper's table, at a start. */
SR_CHECKED enum sr_status sr_people_load_sessions(struct sr_keeper *keeper, struct sr_err *err);

/* End all live sessions of a user but the one with the id @keep (NULL: none), and write their ends down. */
size_t sr_people_end_sessions(struct sr_keeper *keeper, const char *user, const char *keep,
                              enum sr_session_end why);
