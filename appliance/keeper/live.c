/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/live.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"

struct sr_live {
	pthread_mutex_t lock;
	struct sr_live_access open; /* head of the ring */
	struct sr_live_access *lost;
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

/* --- the ring, under the lock ---------------------------------------------------------------------- */

static void link_in(struct sr_live *live, struct sr_live_access *access)
{
	access->next = &live->open;
	access->previous = live->open.previous;
	access->previous->next = access;
	live->open.previous = access;
}

static void link_out(struct sr_live_access *access)
{
	access->previous->next = access->next;
	access->next->previous = access->previous;
	access->next = access->previous = NULL;
}

static void lose(struct sr_live *live, struct sr_live_access *access)
{
	link_out(access);
	access->next = live->lost;
	live->lost = access;
}

static bool same_member(const struct sr_live_access *a, const struct sr_live_access *b)
{
	return a->member == b->member && strcmp(a->case_id, b->case_id) == 0;
}

/* Distinct members that the user has open, without @wanted. */
static size_t count_members(const struct sr_live *live, const struct sr_live_access *wanted)
{
	const struct sr_live_access *seen[SR_LIVE_MEMBERS_OF_USER];
	size_t count = 0;

	for (const struct sr_live_access *a = live->open.next; a != &live->open; a = a->next) {
		size_t i = 0;

		if (strcmp(a->user, wanted->user) != 0 || same_member(a, wanted))
			continue;
		while (i < count && !same_member(a, seen[i]))
			i++;
		if (i < count)
			continue;
		seen[count++] = a;
		if (count == SR_LIVE_MEMBERS_OF_USER)
			break;
	}
	return count;
}

static bool is_of(const struct sr_live_access *access, const struct sr_peer *peer)
{
	return access->kind == peer->kind &&
	       (peer->kind != SR_PEER_CALLER || access->connection == peer->connection);
}

/* --- openings -------------------------------------------------------------------------------------- */

enum sr_status sr_live_admit(struct sr_live *live, struct sr_live_access **access, struct sr_err *err)
{
	enum sr_status status = SR_OK;

	pthread_mutex_lock(&live->lock);
	if (count_members(live, *access) == SR_LIVE_MEMBERS_OF_USER)
		status = sr_fail(err, SR_LIMIT, "%s has %d members open already; close some first",
		                 (*access)->user, SR_LIVE_MEMBERS_OF_USER);
	else
		link_in(live, SR_MOVE(*access));
	pthread_mutex_unlock(&live->lock);
	return status;
}

void sr_live_cancel(struct sr_live *live, struct sr_live_access *access)
{
	pthread_mutex_lock(&live->lock);
	link_out(access);
	pthread_mutex_unlock(&live->lock);
	sr_live_access_free(access);
}

void sr_live_confirm(struct sr_live *live, struct sr_live_access *access, uint64_t opened, bool abandoned)
{
	pthread_mutex_lock(&live->lock);
	access->opened = opened;
	if (access->gone || abandoned)
		lose(live, access);
	pthread_mutex_unlock(&live->lock);
}

/* --- closings -------------------------------------------------------------------------------------- */

struct sr_live_access *sr_live_take(struct sr_live *live, uint64_t opened, const struct sr_peer *peer)
{
	struct sr_live_access *found = NULL;

	pthread_mutex_lock(&live->lock);
	for (struct sr_live_access *a = live->open.next; opened && !found && a != &live->open; a = a->next)
		if (a->opened == opened && is_of(a, peer))
			found = a;
	if (found)
		link_out(found);
	pthread_mutex_unlock(&live->lock);
	return found;
}

void sr_live_put_back(struct sr_live *live, struct sr_live_access *access)
{
	pthread_mutex_lock(&live->lock);
	link_in(live, access);
	pthread_mutex_unlock(&live->lock);
}

bool sr_live_look(struct sr_live *live, uint64_t opened, const struct sr_peer *peer,
                  struct sr_live_access *out)
{
	bool found = false;

	pthread_mutex_lock(&live->lock);
	for (struct sr_live_access *a = live->open.next; opened && !found && a != &live->open; a = a->next) {
		if (a->opened != opened || !is_of(a, peer))
			continue;
		found = true;
		*out = (struct sr_live_access){ .opened = opened, .member = a->member };
		memcpy(out->grant, a->grant, sizeof(out->grant));
		memcpy(out->case_id, a->case_id, sizeof(out->case_id));
		memcpy(out->channel, a->channel, sizeof(out->channel));
	}
	pthread_mutex_unlock(&live->lock);
	return found;
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
	for (struct sr_live_access *a = live->open.next, *next; a != &live->open; a = next) {
		next = a->next;
		sr_live_access_free(a);
	}
	free_list(live->lost);
	pthread_mutex_destroy(&live->lock);
	free(live);
}
