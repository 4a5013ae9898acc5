/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the database share: the structs, and the one place where LMDB's codes become ours. */
#pragma once

#include <lmdb.h>
#include <pthread.h>

#include "appliance/index/env.h"
#include "appliance/index/txn.h"

#define SR_FORMAT_KEY "format"
#define SR_DB_FORMAT "strongroom-db/1"       /* in meta: the log; another one is refused */
#define SR_INDEX_FORMAT "strongroom-index/1" /* in marks: the index; another one is rebuilt */

struct sr_env {
	MDB_env *mdb;
	MDB_dbi dbi[SR_DB_COUNT];
	size_t map_max;
	pthread_mutex_t lock;   /* the fields below */
	pthread_cond_t changed; /* monotonic clock */
	unsigned readers;       /* read transactions that keep the map where it is */
	bool writing;           /* the write transaction exists */
	bool growing;           /* the map is about to move: nobody begins */
	bool was_full;          /* the last write transaction met the end of the map */
};

struct sr_txn {
	struct sr_env *env;
	MDB_txn *mdb;
	bool write;
	bool was_full; /* a write met the end of the map */
};

/* The status of an LMDB or errno code other than 0. */
SR_CHECKED enum sr_status sr_fail_mdb(struct sr_err *err, int code, const char *what);
