/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the log's state (people, requests, grants …) as JSON values under text keys.  They are derived
 * from the entries by reduce.h alone; nobody else puts them.  Values are read as untrusted.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/index/txn.h"

#define SR_RECORD_BYTES (1u << 20)
#define SR_RECORD_KEY 256 /* bytes of a key with its NUL */

/* What the database has under the key; it lies in the map.  record_cache.h has the parsed form for readers.
 */
SR_CHECKED enum sr_status sr_record_bytes(struct sr_txn *txn, enum sr_db db, const char *key, bool *found,
                                          struct sr_bytes *value, struct sr_err *err);
/* Parse such a value; the caller owns *out. */
SR_CHECKED enum sr_status sr_record_parse(struct sr_bytes value, const char *key, json_t **out,
                                          struct sr_err *err);

/* The record; the caller owns *out, which is NULL where there is none. */
SR_CHECKED enum sr_status sr_record_look(struct sr_txn *txn, enum sr_db db, const char *key, json_t **out,
                                         struct sr_err *err);
/* The same where it must be there: SR_NOT_FOUND says "no @what @key". */
SR_CHECKED enum sr_status sr_record_get(struct sr_txn *txn, enum sr_db db, const char *key, const char *what,
                                        json_t **out, struct sr_err *err);
SR_CHECKED enum sr_status sr_record_put(struct sr_txn *txn, enum sr_db db, const char *key,
                                        const json_t *record, struct sr_err *err);
/* Absence is no failure. */
SR_CHECKED enum sr_status sr_record_drop(struct sr_txn *txn, enum sr_db db, const char *key,
                                         struct sr_err *err);

/* Append the records whose keys begin with @prefix to the array @into, in order of keys. */
SR_CHECKED enum sr_status sr_record_list(struct sr_txn *txn, enum sr_db db, const char *prefix, json_t *into,
                                         struct sr_err *err);

/* Call @each for the records whose keys begin with @prefix, in order of keys.  They may change the record
 * that they are given by its key only after the walk: collect first. */
SR_CHECKED enum sr_status sr_record_each(struct sr_txn *txn, enum sr_db db, const char *prefix,
                                         enum sr_status (*each)(void *context, const char *key,
                                                                json_t *record, struct sr_err *err),
                                         void *context, struct sr_err *err);

/* The keys that begin with @prefix, gathered before any of them is changed; the caller owns *out. */
SR_CHECKED enum sr_status sr_record_keys(struct sr_txn *txn, enum sr_db db, const char *prefix, json_t **out,
                                         struct sr_err *err);
/* Drop all whose keys begin with @prefix. */
SR_CHECKED enum sr_status sr_record_drop_below(struct sr_txn *txn, enum sr_db db, const char *prefix,
                                               struct sr_err *err);
