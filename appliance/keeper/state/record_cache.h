/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that are read again and again (whose login, which user, which grant), parsed once.  A parsed record
 * is found by the very bytes that the database holds in the reader's own snapshot, so the cache can never say
 * anything else than the database: nothing is to be told when a record changes.  Thread-safe.
 */
#pragma once

#include <jansson.h>

#include "appliance/index/txn.h"

/* A record for reading; it may be in several threads' hands, so nobody changes it. */
struct sr_shared_record;

/* Borrowed from @record; NULL for NULL.  Nothing of it outlives the record: copy what shall. */
const json_t *sr_shared_record_json(const struct sr_shared_record *record);
void sr_shared_record_release(struct sr_shared_record *record); /* NULL is allowed */
static inline void sr_shared_record_releasep(struct sr_shared_record **record)
{
	sr_shared_record_release(*record);
	*record = NULL;
}

/* Give the environment a cache, which ends with it.  Without one each record is parsed anew. */
SR_CHECKED enum sr_status sr_record_cache_attach(struct sr_env *env, struct sr_err *err);

/* The record; the caller releases *out, which is NULL where there is none.  Failures as sr_record_look. */
SR_CHECKED enum sr_status sr_record_share(struct sr_txn *txn, enum sr_db db, const char *key,
                                          struct sr_shared_record **out, struct sr_err *err);
