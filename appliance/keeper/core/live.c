/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/live.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"

#define BUCKETS 1024u /* a power of two */

/* A member that a user has open, and how often. */
struct member {
	char case_id[SR_UUID_TEXT];
	uint32_t number;
	uint32_t accesses;
};

/* A user with accesses in the ring. */
struct sr_live_reader {
	struct sr_live_reader *next; /* of the same bucket */
	char user[SR_LABEL_BYTES];
	size_t count;
	struct member members[SR_LIVE_MEMBERS_OF_USER];
};

struct sr_live {
	pthread_mutex_t lock;
	struct sr_live_access open; /* head of the ring */
	struct sr_live_access *lost;
	struct sr_live_reader *readers[BUCKETS]; /* by name */
	struct sr_live_access
		*opened[BUCKETS]; /* those of the ring whose opening is written, by its number */
};

void sr_live_access_free(struct sr_live_access *access)
{
	if (!access)
		return;
	json_decref(access->actor);
	free(access);
}

static void free_list(struct sr_live_access *list)
{
	while (list) {
		struct sr_live_access *next = list->next;

		sr_live_access_free(list);
		list = next;
	}
}

enum sr_status sr_live_new(struct sr_live **out, struct sr_err *err)
{
	struct sr_live *live = calloc(1, sizeof(*live));

	if (!live)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the table of accesses");
	pthread_mutex_init(&live->lock, NULL);
	live->open.next = live->open.previous = &live->open;
	*out = live;
	return SR_OK;
}

/* --- who has what open, under the lock -------------------------------------------------------------- */

/* FNV-1a. */
static size_t bucket_of(const char *user)
{
	uint32_t hash = 2166136261u;

	for (; *user; user++)
		hash = (hash ^ (uint8_t)*user) * 16777619u;
	return (hash ^ hash >> 16) % BUCKETS;
}

static struct sr_live_reader *find_reader(const struct sr_live *live, const char *user)
{
	struct sr_live_reader *reader = live->readers[bucket_of(user)];

	while (reader && strcmp(reader->user, user) != 0)
		reader = reader->next;
	return reader;
}

static struct sr_live_reader *add_reader(struct sr_live *live, const char *user)
{
	struct sr_live_reader *reader = calloc(1, sizeof(*reader));
	struct sr_live_reader **bucket = &live->readers[bucket_of(user)];

	if (!reader)
		return NULL;
	memcpy(reader->user, user, strlen(user) + 1);
	reader->next = *bucket;
	*bucket = reader;
	return reader;
}

static void drop_reader(struct sr_live *live, struct sr_live_reader *reader)
{
	struct sr_live_reader **link = &live->readers[bucket_of(reader->user)];

	while (*link != reader)
		link = &(*link)->next;
	*link = reader->next;
	free(reader);
}

static struct member *find_member(struct sr_live_reader *reader, const struct sr_live_access *access)
{
	for (size_t i = 0; i < reader->count; i++)
		if (reader->members[i].number == access->member &&
		    strcmp(reader->members[i].case_id, access->case_id) == 0)
			return &reader->members[i];
	return NULL;
}

/* SR_LIMIT: a member more than the user may have open. */
static enum sr_status count_in(struct sr_live *live, struct sr_live_access *access, struct sr_err *err)
{
	struct sr_live_reader *reader = find_reader(live, access->user);
	struct member *member = reader ? find_member(reader, access) : NULL;

	if (!member && reader && reader->count == SR_LIVE_MEMBERS_OF_USER)
		return sr_fail(err, SR_LIMIT, "%s has %d members open already; close some first",
		               access->user, SR_LIVE_MEMBERS_OF_USER);
	if (!reader)
		reader = add_reader(live, access->user);
	if (!reader)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an access");
	if (!member) {
		member = &reader->members[reader->count++];
		*member = (struct member){ .number = access->member };
		memcpy(member->case_id, access->case_id, sizeof(member->case_id));
	}
	member->accesses++;
	access->reader = reader;
	return SR_OK;
}

static void count_out(struct sr_live *live, struct sr_live_access *access)
{
	struct sr_live_reader *reader = access->reader;
	struct member *member = find_member(reader, access);

	assert(member != NULL);
	access->reader = NULL;
	if (--member->accesses > 0)
		return;
	*member = reader->members[--reader->count];
	if (reader->count == 0)
		drop_reader(live, reader);
}

/* --- the ring, under the lock ---------------------------------------------------------------------- */

static void link_in(struct sr_live *live, struct sr_live_access *access)
{
	access->next = &live->open;
	access->previous = live->open.previous;
	access->previous->next = access;
	live->open.previous = access;
}

static void link_opened(struct sr_live *live, struct sr_live_access *access)
{
	struct sr_live_access **bucket = &live->opened[access->opened % BUCKETS];

	access->next_opened = *bucket;
	*bucket = access;
}

static void unlink_opened(struct sr_live *live, struct sr_live_access *access)
{
	struct sr_live_access **link = &live->opened[access->opened % BUCKETS];

	while (*link != access)
		link = &(*link)->next_opened;
	*link = access->next_opened;
}

static void link_out(struct sr_live *live, struct sr_live_access *access)
{
	if (access->opened)
		unlink_opened(live, access);
	count_out(live, access);
	access->previous->next = access->next;
	access->next->previous = access->previous;
	access->next = access->previous = NULL;
}

static void lose(struct sr_live *live, struct sr_live_access *access)
{
	link_out(live, access);
	access->next = live->lost;
	live->lost = access;
}

static bool is_of(const struct sr_live_access *access, const struct sr_peer *peer)
{
	return access->kind == peer->kind &&
	       (peer->kind != SR_PEER_CALLER || access->connection == peer->connection);
}

/* The peer's access of that number; 0 is none's. */
static struct sr_live_access *find_opened(const struct sr_live *live, uint64_t opened,
                                          const struct sr_peer *peer)
{
	struct sr_live_access *access = opened ? live->opened[opened % BUCKETS] : NULL;

	while (access && (access->opened != opened || !is_of(access, peer)))
		access = access->next_opened;
	return access;
}

/* --- openings -------------------------------------------------------------------------------------- */

enum sr_status sr_live_admit(struct sr_live *live, struct sr_live_access **access, struct sr_err *err)
{
	pthread_mutex_lock(&live->lock);
	enum sr_status status = count_in(live, *access, err);
	if (status == SR_OK)
		link_in(live, SR_MOVE(*access));
	pthread_mutex_unlock(&live->lock);
	return status;
}

void sr_live_cancel(struct sr_live *live, struct sr_live_access *access)
{
	pthread_mutex_lock(&live->lock);
	link_out(live, access);
	pthread_mutex_unlock(&live->lock);
	sr_live_access_free(access);
}

void sr_live_confirm(struct sr_live *live, struct sr_live_access *access, uint64_t opened, bool abandoned)
{
	pthread_mutex_lock(&live->lock);
	access->opened = opened;
	link_opened(live, access);
	if (access->gone || abandoned)
		lose(live, access);
	pthread_mutex_unlock(&live->lock);
}

/* --- closings -------------------------------------------------------------------------------------- */

struct sr_live_access *sr_live_take(struct sr_live *live, uint64_t opened, const struct sr_peer *peer)
{
	pthread_mutex_lock(&live->lock);
	struct sr_live_access *found = find_opened(live, opened, peer);
	if (found)
		link_out(live, found);
	pthread_mutex_unlock(&live->lock);
	return found;
}

void sr_live_put_back(struct sr_live *live, struct sr_live_access *access)
{
	struct sr_err ignored;

	pthread_mutex_lock(&live->lock);
	/* Where it is one member too many by now, it is closed by the keeper instead of its reader. */
	if (count_in(live, access, &ignored) == SR_OK) {
		link_in(live, access);
		link_opened(live, access);
	} else {
		access->next = live->lost;
		live->lost = access;
	}
	pthread_mutex_unlock(&live->lock);
}

bool sr_live_look(struct sr_live *live, uint64_t opened, const struct sr_peer *peer,
                  struct sr_live_access *out)
{
	pthread_mutex_lock(&live->lock);
	const struct sr_live_access *found = find_opened(live, opened, peer);
	if (found) {
		*out = (struct sr_live_access){ .opened = opened, .member = found->member };
		memcpy(out->grant, found->grant, sizeof(out->grant));
		memcpy(out->case_id, found->case_id, sizeof(out->case_id));
		memcpy(out->channel, found->channel, sizeof(out->channel));
	}
	pthread_mutex_unlock(&live->lock);
	return found != NULL;
}

bool sr_live_has(struct sr_live *live, const struct sr_peer *peer, const char *case_id, uint32_t member)
{
	bool found = false;

	pthread_mutex_lock(&live->lock);
	for (const struct sr_live_access *a = live->open.next; !found && a != &live->open; a = a->next)
		found = a->opened && is_of(a, peer) && a->member == member &&
		        strcmp(a->case_id, case_id) == 0;
	pthread_mutex_unlock(&live->lock);
	return found;
}

/* --- losses ---------------------------------------------------------------------------------------- */

static void lose_where(struct sr_live *live, const struct sr_peer *peer)
{
	struct sr_live_access *next;

	pthread_mutex_lock(&live->lock);
	for (struct sr_live_access *a = live->open.next; a != &live->open; a = next) {
		next = a->next;
		if (peer && a->connection != peer->connection)
			continue;
		if (a->opened)
			lose(live, a);
		else
			a->gone = true;
	}
	pthread_mutex_unlock(&live->lock);
}

void sr_live_gone(struct sr_live *live, const struct sr_peer *peer)
{
	lose_where(live, peer);
}

void sr_live_lose_all(struct sr_live *live)
{
	lose_where(live, NULL);
}

struct sr_live_access *sr_live_take_lost(struct sr_live *live)
{
	pthread_mutex_lock(&live->lock);
	struct sr_live_access *list = SR_MOVE(live->lost);
	pthread_mutex_unlock(&live->lock);
	return list;
}

void sr_live_return_lost(struct sr_live *live, struct sr_live_access *list)
{
	pthread_mutex_lock(&live->lock);
	while (list) {
		struct sr_live_access *next = list->next;

		list->next = live->lost;
		live->lost = list;
		list = next;
	}
	pthread_mutex_unlock(&live->lock);
}

enum sr_status sr_live_each(struct sr_live *live,
                            enum sr_status (*each)(void *context, const struct sr_live_access *access,
                                                   struct sr_err *err),
                            void *context, struct sr_err *err)
{
	enum sr_status status = SR_OK;

	pthread_mutex_lock(&live->lock);
	for (const struct sr_live_access *a = live->open.next; status == SR_OK && a != &live->open;
	     a = a->next)
		if (a->opened)
			status = each(context, a, err);
	pthread_mutex_unlock(&live->lock);
	return status;
}

void sr_live_free(struct sr_live *live)
{
	if (!live)
		return;
	while (live->open.next != &live->open) {
		struct sr_live_access *access = live->open.next;

		link_out(live, access);
		sr_live_access_free(access);
	}
	free_list(live->lost);
	pthread_mutex_destroy(&live->lock);
	free(live);
}
