/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/record_cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/record.h"

#define SLOTS 512u       /* a power of two */
#define KEPT_BYTES 8192u /* larger records are parsed each time: some 4 MiB of text at most are kept */

struct sr_shared_record {
	atomic_uint holders;
	json_t *json;
	size_t size;
	uint8_t bytes[]; /* as the database has them */
};

struct cache {
	pthread_mutex_t lock;
	struct sr_shared_record *slots[SLOTS]; /* each is one holder */
};

const json_t *sr_shared_record_json(const struct sr_shared_record *record)
{
	return record ? record->json : NULL;
}

static struct sr_shared_record *hold(struct sr_shared_record *record)
{
	if (record)
		atomic_fetch_add(&record->holders, 1);
	return record;
}

void sr_shared_record_release(struct sr_shared_record *record)
{
	if (!record || atomic_fetch_sub(&record->holders, 1) > 1)
		return;
	json_decref(record->json);
	free(record);
}

static void cache_free(void *what)
{
	struct cache *cache = what;

	for (size_t i = 0; i < SLOTS; i++)
		sr_shared_record_release(cache->slots[i]);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

enum sr_status sr_record_cache_attach(struct sr_env *env, struct sr_err *err)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a cache of records");
	pthread_mutex_init(&cache->lock, NULL);
	sr_env_attach(env, cache, cache_free);
	return SR_OK;
}

/* FNV-1a of 32 bits over database and key. */
static size_t slot_of(enum sr_db db, const char *key)
{
	uint32_t hash = (2166136261u ^ (uint32_t)db) * 16777619u;

	for (; *key; key++)
		hash = (hash ^ (uint8_t)*key) * 16777619u;
	return (hash ^ hash >> 16) % SLOTS;
}

/* What the slot has, if it is of these bytes. */
static struct sr_shared_record *find(struct cache *cache, size_t slot, struct sr_bytes value)
{
	pthread_mutex_lock(&cache->lock);
	struct sr_shared_record *record = hold(cache->slots[slot]);
	pthread_mutex_unlock(&cache->lock);
	if (record && record->size == value.size && memcmp(record->bytes, value.data, value.size) == 0)
		return record;
	sr_shared_record_release(record);
	return NULL;
}

static void keep(struct cache *cache, size_t slot, struct sr_shared_record *record)
{
	pthread_mutex_lock(&cache->lock);
	struct sr_shared_record *before = cache->slots[slot];
	cache->slots[slot] = hold(record);
	pthread_mutex_unlock(&cache->lock);
	sr_shared_record_release(before);
}

static enum sr_status parse(const char *key, struct sr_bytes value, struct sr_shared_record **out,
                            struct sr_err *err)
{
	SR_CLEANUP(sr_shared_record_releasep)
	struct sr_shared_record *record = calloc(1, sizeof(*record) + value.size);

	if (!record)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a record");
	atomic_init(&record->holders, 1);
	record->size = value.size;
	memcpy(record->bytes, value.data, value.size);
	SR_TRY(sr_record_parse(value, key, &record->json, err));
	*out = SR_MOVE(record);
	return SR_OK;
}

enum sr_status sr_record_share(struct sr_txn *txn, enum sr_db db, const char *key,
                               struct sr_shared_record **out, struct sr_err *err)
{
	struct cache *cache = sr_txn_attached(txn);
	const size_t slot = slot_of(db, key);
	struct sr_bytes value;
	bool found;

	*out = NULL;
	SR_TRY(sr_record_bytes(txn, db, key, &found, &value, err));
	if (!found)
		return SR_OK;
	if (cache && value.size <= KEPT_BYTES)
		*out = find(cache, slot, value);
	if (*out)
		return SR_OK;
	SR_TRY(parse(key, value, out, err));
	if (cache && value.size <= KEPT_BYTES)
		keep(cache, slot, *out);
	return SR_OK;
}
