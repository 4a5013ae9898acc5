/* SPDX-License-Identifier: Apache-2.0 */
#include "api/openings.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/opening_parts.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "appliance/base/text.h"
#include "appliance/base/wait.h"

#define SWEEP_S 1
#define SESSION_CHECK_S 10
#define ENDED_KEPT 256u /* grants that ended, kept for answers that a push overtook */

struct ended_grant {
	char grant[SR_OPENING_TEXT];
	uint64_t entry;
};

/* An opening that a thread is asking the keeper for: others who want the same wait for it. */
struct asking {
	struct asking *next;
	const struct sr_opening_wanted *wanted;
};

struct sr_openings {
	struct sr_keeper_link link;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t sweeper;
	bool sweeps, stopping;
	struct sr_opening *first;
	size_t count;
	struct asking *asking;
	pthread_cond_t asked; /* one of them has its answer */
	struct ended_grant ended[ENDED_KEPT];
	size_t ended_next;
};

static int64_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Reads that are under way fail, too, and the key goes. */
static void end(struct sr_opening *opening)
{
	atomic_store(&opening->over, true);
	sr_member_reader_invalidate(opening->handle);
}

/* --- the list, under the lock ---------------------------------------------------------------------- */

static struct sr_opening *find(struct sr_openings *openings, const struct sr_opening_wanted *wanted)
{
	for (struct sr_opening *o = openings->first; o; o = o->next)
		if (!atomic_load(&o->over) && o->member == wanted->member &&
		    strcmp(o->grant, wanted->grant) == 0 && strcmp(o->case_id, wanted->case_id) == 0 &&
		    strcmp(o->token, wanted->token) == 0 && strcmp(o->channel, wanted->channel) == 0)
			return o;
	return NULL;
}

static void unlink_one(struct sr_openings *openings, struct sr_opening *opening)
{
	struct sr_opening **at = &openings->first;

	while (*at != opening)
		at = &(*at)->next;
	*at = opening->next;
	openings->count--;
}

/* Take out those that nobody uses and that are over, idle since @before_s, or of @token; a list. */
static struct sr_opening *take_idle(struct sr_openings *openings, int64_t before_s, const char *token)
{
	struct sr_opening *list = NULL, *next;

	for (struct sr_opening *o = openings->first; o; o = next) {
		next = o->next;
		if (o->users > 0 || (o->used_s > before_s && !atomic_load(&o->over) &&
		                     !(token && strcmp(o->token, token) == 0)))
			continue;
		unlink_one(openings, o);
		o->next = list;
		list = o;
	}
	return list;
}

static bool was_ended(struct sr_openings *openings, const struct sr_opening *opening)
{
	for (size_t i = 0; i < ENDED_KEPT; i++)
		if (strcmp(openings->ended[i].grant, opening->grant) == 0 &&
		    sr_opening_number(opening) < openings->ended[i].entry)
			return true;
	return false;
}

/* --- closing --------------------------------------------------------------------------------------- */

static void close_list(struct sr_openings *openings, struct sr_opening *list)
{
	while (list) {
		struct sr_opening *next = list->next;

		sr_opening_report(&openings->link, list);
		sr_opening_close(&openings->link, list);
		list = next;
	}
}

/* --- the sweeper ----------------------------------------------------------------------------------- */

/* Downloads that run while their session ended are cut. */
static void check_sessions(struct sr_openings *openings)
{
	char token[SR_OPENING_TEXT], address[SR_OPENING_TEXT];
	struct sr_opening *next;
	uint64_t after = 0;

	do {
		next = NULL;
		pthread_mutex_lock(&openings->lock);
		for (struct sr_opening *o = openings->first; o; o = o->next)
			if (o->users > 0 && o->serial > after && (!next || o->serial < next->serial) &&
			    !atomic_load(&o->over))
				next = o;
		if (next) {
			next->users++; /* it stays while the keeper is asked */
			after = next->serial;
			memcpy(token, next->token, sizeof(token));
			memcpy(address, next->address, sizeof(address));
		}
		pthread_mutex_unlock(&openings->lock);
		if (next && !sr_opening_lives(&openings->link, sr_opening_number(next), token, address))
			end(next);
		if (next)
			sr_openings_release(openings, next);
	} while (next);
	sr_wipe(token, sizeof(token));
}

static void *sweep(void *context)
{
	struct sr_openings *openings = context;
	int64_t checked_s = now_s();

	pthread_mutex_lock(&openings->lock);
	while (!openings->stopping) {
		(void)sr_wait_for(&openings->wake, &openings->lock, SWEEP_S * SR_SECOND_NS);
		struct sr_opening *idle = take_idle(openings, now_s() - SR_OPENING_IDLE_S, NULL);
		pthread_mutex_unlock(&openings->lock);
		close_list(openings, idle);
		if (now_s() - checked_s >= SESSION_CHECK_S) {
			checked_s = now_s();
			check_sessions(openings);
		}
		pthread_mutex_lock(&openings->lock);
	}
	pthread_mutex_unlock(&openings->lock);
	return NULL;
}

enum sr_status sr_openings_new(const struct sr_keeper_link *link, struct sr_openings **out,
                               struct sr_err *err)
{
	struct sr_openings *openings = calloc(1, sizeof(*openings));

	if (!openings)
		return sr_fail(err, SR_NO_MEMORY, "no memory for open members");
	openings->link = *link;
	pthread_mutex_init(&openings->lock, NULL);
	pthread_cond_init(&openings->wake, NULL);
	pthread_cond_init(&openings->asked, NULL);
	if (pthread_create(&openings->sweeper, NULL, sweep, openings) != 0) {
		free(openings);
		return sr_fail(err, SR_BUSY, "no thread could be started");
	}
	*out = openings;
	return SR_OK;
}

void sr_openings_free(struct sr_openings *openings)
{
	if (!openings)
		return;
	pthread_mutex_lock(&openings->lock);
	openings->stopping = true;
	pthread_cond_signal(&openings->wake);
	pthread_mutex_unlock(&openings->lock);
	pthread_join(openings->sweeper, NULL);
	close_list(openings, SR_MOVE(openings->first));
	pthread_cond_destroy(&openings->asked);
	pthread_cond_destroy(&openings->wake);
	pthread_mutex_destroy(&openings->lock);
	free(openings);
}

/* --- taking ---------------------------------------------------------------------------------------- */

static enum sr_status open_new(struct sr_openings *openings, const struct sr_opening_wanted *wanted,
                               struct sr_opening **out, char *refusal, struct sr_err *err)
{
	enum sr_status status = sr_opening_ask(&openings->link, wanted, out, refusal, err);

	if (status != SR_LIMIT && status != SR_BUSY)
		return status;
	/* The keeper lets one reader have so many members open: those that are not being read go first. */
	pthread_mutex_lock(&openings->lock);
	struct sr_opening *idle = take_idle(openings, INT64_MIN, wanted->token);
	pthread_mutex_unlock(&openings->lock);
	if (!idle)
		return status;
	close_list(openings, idle);
	return sr_opening_ask(&openings->link, wanted, out, refusal, err);
}

static enum sr_status admit(struct sr_openings *openings, struct sr_opening *opening, struct sr_err *err)
{
	static _Atomic uint64_t serial;
	bool full, over;

	pthread_mutex_lock(&openings->lock);
	full = openings->count >= SR_OPENINGS_MAX;
	over = was_ended(openings, opening);
	if (!full && !over) {
		opening->serial = atomic_fetch_add(&serial, 1) + 1;
		opening->users = 1;
		opening->used_s = now_s();
		opening->next = openings->first;
		openings->first = opening;
		openings->count++;
	}
	pthread_mutex_unlock(&openings->lock);
	if (full)
		return sr_fail(err, SR_BUSY, "too many members are open; try again in a minute");
	if (over)
		return sr_fail(err, SR_DENIED, "the grant has ended");
	return SR_OK;
}

static bool is_same(const struct sr_opening_wanted *a, const struct sr_opening_wanted *b)
{
	return a->member == b->member && strcmp(a->grant, b->grant) == 0 &&
	       strcmp(a->case_id, b->case_id) == 0 && strcmp(a->token, b->token) == 0 &&
	       strcmp(a->channel, b->channel) == 0;
}

static bool is_asked_for(const struct sr_openings *openings, const struct sr_opening_wanted *wanted)
{
	for (const struct asking *a = openings->asking; a; a = a->next)
		if (is_same(a->wanted, wanted))
			return true;
	return false;
}

/* One that is there, now used once more; or NULL, and @own says to everybody that it is being asked for. */
static struct sr_opening *share_or_announce(struct sr_openings *openings,
                                            const struct sr_opening_wanted *wanted, struct asking *own)
{
	struct sr_opening *opening;

	pthread_mutex_lock(&openings->lock);
	while (!(opening = find(openings, wanted)) && is_asked_for(openings, wanted))
		pthread_cond_wait(&openings->asked, &openings->lock);
	if (opening) {
		opening->users++;
	} else {
		*own = (struct asking){ openings->asking, wanted };
		openings->asking = own;
	}
	pthread_mutex_unlock(&openings->lock);
	return opening;
}

static void withdraw(struct sr_openings *openings, struct asking *own)
{
	struct asking **at = &openings->asking;

	pthread_mutex_lock(&openings->lock);
	while (*at != own)
		at = &(*at)->next;
	*at = own->next;
	pthread_cond_broadcast(&openings->asked);
	pthread_mutex_unlock(&openings->lock);
}

static enum sr_status make(struct sr_openings *openings, const struct sr_opening_wanted *wanted,
                           struct sr_opening **out, char *refusal, struct sr_err *err)
{
	struct sr_opening *opening = NULL;

	SR_TRY(open_new(openings, wanted, &opening, refusal, err));
	const enum sr_status status = admit(openings, opening, err);
	if (status != SR_OK) {
		sr_opening_close(&openings->link, opening);
		return status;
	}
	*out = opening;
	return SR_OK;
}

enum sr_status sr_openings_take(struct sr_openings *openings, const struct sr_opening_wanted *wanted,
                                struct sr_opening **out, char *refusal, struct sr_err *err)
{
	struct sr_opening *opening;
	struct asking own;

	if (strlen(wanted->token) >= SR_OPENING_TEXT || strlen(wanted->grant) >= SR_OPENING_TEXT ||
	    strlen(wanted->case_id) >= SR_OPENING_TEXT)
		return sr_fail(err, SR_DENIED, "no such grant of yours");
	while ((opening = share_or_announce(openings, wanted, &own))) {
		if (sr_opening_lives(&openings->link, sr_opening_number(opening), wanted->token,
		                     wanted->address)) {
			*out = opening;
			return SR_OK;
		}
		sr_openings_drop(openings, opening);
	}
	const enum sr_status status = make(openings, wanted, out, refusal, err);
	withdraw(openings, &own);
	return status;
}

struct sr_opening *sr_openings_share(struct sr_openings *openings, const struct sr_opening_wanted *wanted)
{
	struct sr_opening *opening;

	pthread_mutex_lock(&openings->lock);
	opening = find(openings, wanted);
	if (opening)
		opening->users++;
	pthread_mutex_unlock(&openings->lock);
	return opening;
}

void sr_openings_drop(struct sr_openings *openings, struct sr_opening *opening)
{
	end(opening);
	sr_openings_release(openings, opening);
}

void sr_openings_release(struct sr_openings *openings, struct sr_opening *opening)
{
	pthread_mutex_lock(&openings->lock);
	opening->users--;
	opening->used_s = now_s();
	pthread_mutex_unlock(&openings->lock);
}

/* --- pushes ---------------------------------------------------------------------------------------- */

static void remember(struct sr_openings *openings, const char *grant, uint64_t entry)
{
	struct ended_grant *slot = &openings->ended[openings->ended_next];

	openings->ended_next = (openings->ended_next + 1) % ENDED_KEPT;
	snprintf(slot->grant, sizeof(slot->grant), "%s", grant);
	slot->entry = entry;
}

void sr_openings_pushed(struct sr_openings *openings, const char *method, const json_t *parameters)
{
	const char *grant = sr_json_text(parameters, "grant");
	uint64_t entry = (uint64_t)json_integer_value(json_object_get(parameters, "entry"));

	/* Whatever else is told of a grant, its readings begin anew, and are asked about then. */
	const bool escort_came = sr_text_ends_with(method, ".EscortChanged") &&
	                         json_is_true(json_object_get(parameters, "present"));
	if (!grant || escort_came)
		return;
	pthread_mutex_lock(&openings->lock);
	remember(openings, grant, entry);
	for (struct sr_opening *o = openings->first; o; o = o->next)
		if (strcmp(o->grant, grant) == 0)
			end(o);
	pthread_cond_signal(&openings->wake);
	pthread_mutex_unlock(&openings->lock);
}

size_t sr_openings_live(struct sr_openings *openings)
{
	pthread_mutex_lock(&openings->lock);
	size_t count = openings->count;
	pthread_mutex_unlock(&openings->lock);
	return count;
}
