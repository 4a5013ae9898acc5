/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/unlocked_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"

/* An archive and how many hold it, the slot that it is in included. */
struct held {
	struct sr_unlocked *unlocked;
	struct held *next;
	unsigned references;
};

struct slot {
	char name[SR_STORE_NAME]; /* "" while empty */
	struct held *held;        /* NULL while somebody unlocks it */
	uint64_t used;
};

struct sr_unlocked_cache {
	const struct sr_data *data;
	const struct sr_opener *opener;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t clock;
	struct slot slots[SR_UNLOCKED_CACHE];
	struct held *all;
};

enum sr_status sr_unlocked_cache_new(const struct sr_data *data, const struct sr_opener *opener,
                                     struct sr_unlocked_cache **out, struct sr_err *err)
{
	struct sr_unlocked_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a cache");
	cache->data = data;
	cache->opener = opener;
	pthread_mutex_init(&cache->lock, NULL);
	pthread_cond_init(&cache->changed, NULL);
	*out = cache;
	return SR_OK;
}

/* One holder less; the last one's archive is wiped.  Under the lock. */
static void let_go(struct sr_unlocked_cache *cache, struct held *held)
{
	struct held **link = &cache->all;

	if (--held->references > 0)
		return;
	while (*link != held)
		link = &(*link)->next;
	*link = held->next;
	sr_unlocked_free(held->unlocked);
	free(held);
}

static void empty(struct sr_unlocked_cache *cache, struct slot *slot)
{
	if (slot->held)
		let_go(cache, slot->held);
	*slot = (struct slot){ 0 };
}

void sr_unlocked_cache_free(struct sr_unlocked_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < SR_UNLOCKED_CACHE; i++)
		empty(cache, &cache->slots[i]);
	pthread_cond_destroy(&cache->changed);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

static struct slot *find(struct sr_unlocked_cache *cache, const char *name)
{
	for (size_t i = 0; i < SR_UNLOCKED_CACHE; i++)
		if (strcmp(cache->slots[i].name, name) == 0)
			return &cache->slots[i];
	return NULL;
}

/* An empty slot, or the one whose archive was not used for longest; NULL while all are being unlocked. */
static struct slot *room(struct sr_unlocked_cache *cache)
{
	struct slot *oldest = NULL;

	for (size_t i = 0; i < SR_UNLOCKED_CACHE; i++) {
		struct slot *slot = &cache->slots[i];

		if (!slot->name[0])
			return slot;
		if (slot->held && (!oldest || slot->used < oldest->used))
			oldest = slot;
	}
	if (oldest)
		empty(cache, oldest);
	return oldest;
}

static const struct sr_unlocked *take(struct sr_unlocked_cache *cache, struct slot *slot)
{
	slot->used = ++cache->clock;
	slot->held->references++;
	return slot->held->unlocked;
}

const struct sr_unlocked *sr_unlocked_cache_look(struct sr_unlocked_cache *cache, const char *name)
{
	const struct sr_unlocked *found = NULL;

	pthread_mutex_lock(&cache->lock);
	struct slot *slot = find(cache, name);
	if (slot && slot->held)
		found = take(cache, slot);
	pthread_mutex_unlock(&cache->lock);
	return found;
}

/* The archive, or a slot that is now ours to fill.  Waits while another thread unlocks it. */
static struct slot *claim(struct sr_unlocked_cache *cache, const char *name, const struct sr_unlocked **found)
{
	struct slot *slot;

	for (;;) {
		slot = find(cache, name);
		if (slot && slot->held) {
			*found = take(cache, slot);
			return NULL;
		}
		if (!slot) {
			slot = room(cache);
			if (slot)
				break;
		}
		pthread_cond_wait(&cache->changed, &cache->lock);
	}
	memcpy(slot->name, name, strlen(name) + 1);
	return slot;
}

/* Takes @unlocked in every case. */
static enum sr_status fill(struct sr_unlocked_cache *cache, struct slot *slot, struct sr_unlocked *unlocked,
                           const struct sr_unlocked **out, struct sr_err *err)
{
	struct held *held = calloc(1, sizeof(*held));

	if (!held) {
		sr_unlocked_free(unlocked);
		return sr_fail(err, SR_NO_MEMORY, "no memory for an archive");
	}
	*held = (struct held){ .unlocked = unlocked, .next = cache->all, .references = 1 };
	cache->all = held;
	slot->held = held;
	*out = take(cache, slot);
	return SR_OK;
}

enum sr_status sr_unlocked_cache_get(struct sr_unlocked_cache *cache, const char *name,
                                     const struct sr_unlocked **out, struct sr_err *err)
{
	const struct sr_unlocked *found = NULL;
	struct sr_unlocked *unlocked = NULL;

	if (!sr_store_name_is_valid(name))
		return sr_fail(err, SR_CORRUPT, "no archive can be named %s", name);
	pthread_mutex_lock(&cache->lock);
	struct slot *slot = claim(cache, name, &found);
	pthread_mutex_unlock(&cache->lock);
	if (!slot) {
		*out = found;
		return SR_OK;
	}
	enum sr_status status = sr_unlocked_load(cache->data, cache->opener, name, &unlocked, err);
	pthread_mutex_lock(&cache->lock);
	if (status == SR_OK)
		status = fill(cache, slot, unlocked, out, err);
	if (status != SR_OK)
		*slot = (struct slot){ 0 };
	pthread_cond_broadcast(&cache->changed);
	pthread_mutex_unlock(&cache->lock);
	return status;
}

void sr_unlocked_cache_release(struct sr_unlocked_cache *cache, const struct sr_unlocked *unlocked)
{
	if (!unlocked)
		return;
	pthread_mutex_lock(&cache->lock);
	struct held *held = cache->all;
	while (held->unlocked != unlocked)
		held = held->next;
	let_go(cache, held);
	pthread_mutex_unlock(&cache->lock);
}

void sr_unlocked_cache_forget(struct sr_unlocked_cache *cache, const char *name)
{
	pthread_mutex_lock(&cache->lock);
	struct slot *slot = find(cache, name);
	if (slot && slot->held)
		empty(cache, slot);
	pthread_cond_broadcast(&cache->changed);
	pthread_mutex_unlock(&cache->lock);
}
