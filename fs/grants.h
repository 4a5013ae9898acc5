/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grants that somebody looked at since the mount: whose they are, whether they live, their files, who has
 * members open.  A grant stays known when it has ended, so that its inode numbers are never used again.
 * Thread-safe.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "appliance/keeper/process/front.h"
#include "appliance/keeper/reading/member_reader.h"
#include "fs/tree.h"

#define SR_FS_GRANT_BYTES 64 /* of a grant's id */

enum sr_fs_state {
	SR_FS_LIVE,
	SR_FS_PAUSED, /* its escort is not there */
	SR_FS_ENDED,
};

struct sr_fs_grant;

/* A member that somebody has open.  Freed when its last holder lets go of it. */
struct sr_fs_handle {
	struct sr_fs_handle *next, *previous; /* the grant's; under its lock */
	struct sr_fs_grant *grant;
	struct sr_member_handle *reader;
	uint32_t node;
	uid_t uid;
	pid_t pid;
	atomic_uint holders;
	atomic_bool closed; /* CloseMember was or is being given */
};

struct sr_fs_grant {
	struct sr_fs_grant *next; /* of the same hash */
	char id[SR_FS_GRANT_BYTES];
	uint32_t slot;   /* from 1: upper half of its inode numbers */
	atomic_uint uid; /* UINT32_MAX until somebody proved that it is theirs */
	_Atomic(enum sr_fs_state) state;
	pthread_mutex_t loading;
	pthread_rwlock_t lock;   /* the tree */
	struct sr_fs_tree *tree; /* NULL: not loaded, or ended */
	uint32_t node_count;     /* of the tree, also when it is gone */
	pthread_mutex_t handles_lock;
	struct sr_fs_handle *handles;
};

struct sr_fs_grants;

SR_CHECKED enum sr_status sr_fs_grants_new(struct sr_fs_grants **out, struct sr_err *err);
void sr_fs_grants_free(struct sr_fs_grants *grants); /* NULL is allowed; nothing may be open */

/* NULL when nobody looked at it. */
struct sr_fs_grant *sr_fs_grants_find(struct sr_fs_grants *grants, const char *id);
struct sr_fs_grant *sr_fs_grants_at(struct sr_fs_grants *grants, uint32_t slot);
uint32_t sr_fs_grants_count(struct sr_fs_grants *grants); /* slots run from 1 to this */
/* Find it, or make it with that owner. */
SR_CHECKED enum sr_status sr_fs_grants_get(struct sr_fs_grants *grants, const char *id, uid_t uid,
                                           struct sr_fs_grant **out, struct sr_err *err);

/*
 * Load the grant's files in the name of its owner, once.  SR_DENIED when it has ended or the keeper refuses.
 */
SR_CHECKED enum sr_status sr_fs_grant_load(struct sr_fs_grant *grant, struct sr_front *front, pid_t pid,
                                           struct sr_err *err);

/* Under a lock until _leave; NULL when it has ended or was never loaded (then nothing is locked). */
const struct sr_fs_tree *sr_fs_grant_enter(struct sr_fs_grant *grant);
void sr_fs_grant_leave(struct sr_fs_grant *grant);

/* From now on nothing of it is given out: keys are wiped, the tree is gone.  False when it had ended before.
 */
bool sr_fs_grant_end(struct sr_fs_grant *grant);

/* Put a handle in its grant's list.  False when the grant has ended meanwhile. */
bool sr_fs_grant_add_handle(struct sr_fs_grant *grant, struct sr_fs_handle *handle);
/* Any handle that was not closed yet, held; NULL when there is none. */
struct sr_fs_handle *sr_fs_grant_hold_unclosed(struct sr_fs_grant *grant);
/* Take it out of the list and let go of it. */
void sr_fs_grant_drop_handle(struct sr_fs_handle *handle);
void sr_fs_handle_release(struct sr_fs_handle *handle);
