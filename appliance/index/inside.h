/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the database share: the structs, and the one place where LMDB's codes become ours. */
#pragma once

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "appliance/index/env.h"
#include "appliance/index/txn.h"

#define SR_FORMAT_KEY "format"
#define SR_DB_FORMAT "strongroom-db/2"       /* in meta: the log; another one is refused */
#define SR_INDEX_FORMAT "strongroom-index/1" /* in marks: the index; another one is rebuilt */

struct sr_env {
	MDB_env *mdb;
	MDB_dbi dbi[SR_DB_COUNT];
	size_t map_max;
	atomic_size_t committing; /* LMDB's number of the last transaction whose commit began */
	pthread_mutex_t lock;     /* the fields below */
	pthread_cond_t changed;   /* monotonic clock */
	unsigned readers;         /* read transactions that keep the map where it is */
	bool writing;             /* the write transaction exists */
	bool growing;             /* the map is about to move: nobody begins */
	bool was_full;            /* the last write transaction met the end of the map */
	size_t room;              /* as asked for; 0 also when the disk had none */
	size_t file_end;          /* bytes of the file, as far as they are the writer's doing */
	void *attached;           /* the user's own; released at the end */
	void (*release)(void *attached);
};

struct sr_txn {
	struct sr_env *env;
	MDB_txn *mdb;
	bool write;
	bool was_full; /* a write met the end of the map */
	/* One of each database that was written, for puts; LMDB frees them with the transaction. */
	MDB_cursor *cursors[SR_DB_COUNT];
};

/* Write zeros behind the file's last page where less than half of the room is left; by the writer alone. */
void sr_env_make_room(struct sr_env *env);

/* The status of an LMDB or errno code other than 0. */
SR_CHECKED enum sr_status sr_fail_mdb(struct sr_err *err, int code, const char *what);
