/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/index/map_gate.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define ROOM_BYTES                                                                                           \
	((size_t)64 << 20) /* free room that a transaction finds, or an eighth of a smaller map              \
	                    */
#define ROOM_PART 8u

enum sr_status sr_map_gate_init(struct sr_env *env, struct sr_err *err)
{
	pthread_condattr_t attributes;

	if (pthread_condattr_init(&attributes) != 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the database's lock");
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	int bad = pthread_cond_init(&env->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (bad)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the database's lock");
	if (pthread_mutex_init(&env->lock, NULL) != 0) {
		pthread_cond_destroy(&env->changed);
		return sr_fail(err, SR_NO_MEMORY, "no memory for the database's lock");
	}
	return SR_OK;
}

void sr_map_gate_dispose(struct sr_env *env)
{
	pthread_mutex_destroy(&env->lock);
	pthread_cond_destroy(&env->changed);
}

void sr_map_gate_enter_reader(struct sr_env *env)
{
	pthread_mutex_lock(&env->lock);
	while (env->growing)
		pthread_cond_wait(&env->changed, &env->lock);
	env->readers++;
	pthread_mutex_unlock(&env->lock);
}

void sr_map_gate_leave_reader(struct sr_env *env)
{
	pthread_mutex_lock(&env->lock);
	env->readers--;
	if (env->growing && env->readers == 0)
		pthread_cond_broadcast(&env->changed);
	pthread_mutex_unlock(&env->lock);
}

/* Locked.  Nobody new comes in; false when somebody stays for SR_MAP_WAIT_S. */
static bool wait_until_empty(struct sr_env *env)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += SR_MAP_WAIT_S;
	while (env->readers > 0) {
		if (pthread_cond_timedwait(&env->changed, &env->lock, &until) == ETIMEDOUT)
			return env->readers == 0;
	}
	return true;
}

/* Locked.  The size to take: twice as much until it is enough, or all that map_max allows; 0: it is all. */
static size_t next_size(const struct sr_env *env, size_t now, size_t more)
{
	size_t need;
	size_t size = now;

	if (now >= env->map_max)
		return 0;
	if (__builtin_add_overflow(now, more, &need) || need > env->map_max)
		return env->map_max;
	while (size < need && size <= env->map_max / 2)
		size *= 2;
	return size < need ? env->map_max : size;
}

/* Locked, and no transaction of this process writes. */
static enum sr_status grow(struct sr_env *env, size_t more, struct sr_err *err)
{
	MDB_envinfo info;
	size_t size = 0; /* LMDB: what the file says */

	mdb_env_info(env->mdb, &info);
	if (more > 0)
		size = next_size(env, info.me_mapsize, more);
	if (more > 0 && size == 0)
		return sr_fail(err, SR_LIMIT, "the database has reached its bound of %zu bytes",
		               env->map_max);

	env->growing = true;
	bool alone = wait_until_empty(env);
	int code = alone ? mdb_env_set_mapsize(env->mdb, size) : 0;
	env->growing = false;
	pthread_cond_broadcast(&env->changed);
	if (!alone)
		return sr_fail(err, SR_BUSY, "the database must grow, but is read for more than %d s",
		               SR_MAP_WAIT_S);
	return code == 0 ? SR_OK : sr_fail_mdb(err, code, "enlarge the database's map");
}

/* Locked.  How much to add so that a transaction of usual size fits. */
static size_t missing_room(const struct sr_env *env)
{
	MDB_envinfo info;
	MDB_stat stat;

	mdb_env_info(env->mdb, &info);
	mdb_env_stat(env->mdb, &stat);
	size_t used = (info.me_last_pgno + 1) * stat.ms_psize;
	size_t room = info.me_mapsize / ROOM_PART < ROOM_BYTES ? info.me_mapsize / ROOM_PART : ROOM_BYTES;

	if (env->was_full)
		return info.me_mapsize;
	return used + room > info.me_mapsize ? room : 0;
}

/* Locked.  Wait for the writer before, and take its place. */
static void take_pen(struct sr_env *env)
{
	while (env->writing || env->growing)
		pthread_cond_wait(&env->changed, &env->lock);
	env->writing = true;
}

static void drop_pen(struct sr_env *env)
{
	env->writing = false;
	pthread_cond_broadcast(&env->changed);
}

enum sr_status sr_map_gate_enter_writer(struct sr_env *env, struct sr_err *err)
{
	enum sr_status status = SR_OK;

	pthread_mutex_lock(&env->lock);
	take_pen(env);
	size_t more = missing_room(env);
	if (more > 0)
		status = grow(env, more, err);
	/* Nearly full is not full: go on, unless the last transaction failed by it. */
	if (status != SR_OK && !env->was_full)
		status = SR_OK;
	/* At the bound the large transaction is refused once; smaller ones may still fit. */
	if (status == SR_OK || status == SR_LIMIT)
		env->was_full = false;
	if (status != SR_OK)
		drop_pen(env);
	pthread_mutex_unlock(&env->lock);
	return status;
}

void sr_map_gate_leave_writer(struct sr_env *env, bool was_full)
{
	pthread_mutex_lock(&env->lock);
	env->was_full = was_full;
	drop_pen(env);
	pthread_mutex_unlock(&env->lock);
}

enum sr_status sr_map_gate_grow(struct sr_env *env, size_t more, struct sr_err *err)
{
	pthread_mutex_lock(&env->lock);
	take_pen(env);
	enum sr_status status = grow(env, more, err);
	drop_pen(env);
	pthread_mutex_unlock(&env->lock);
	return status;
}
