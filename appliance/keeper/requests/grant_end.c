/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/requests/grant_end.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/session_ends.h"
#include "appliance/keeper/requests/escort_events.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

struct life {
	int64_t until_ns;
	char grant[SR_LABEL_BYTES];
};

/* A heap: none ends before the one at its parent's place, so the next to end is the first. */
struct sr_grant_ends {
	struct sr_buf lives; /* struct life */
};

void sr_grant_ends_free(struct sr_grant_ends *ends)
{
	if (!ends)
		return;
	sr_buf_dispose(&ends->lives);
	free(ends);
}

static size_t count_of(const struct sr_grant_ends *ends)
{
	return ends->lives.size / sizeof(struct life);
}

static struct life *life_at(const struct sr_grant_ends *ends, size_t at)
{
	return (struct life *)(void *)ends->lives.data + at;
}

static void swap(struct sr_grant_ends *ends, size_t a, size_t b)
{
	struct life one = *life_at(ends, a);

	*life_at(ends, a) = *life_at(ends, b);
	*life_at(ends, b) = one;
}

static void sift_up(struct sr_grant_ends *ends, size_t at)
{
	while (at > 0 && life_at(ends, at)->until_ns < life_at(ends, (at - 1) / 2)->until_ns) {
		swap(ends, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
}

static void sift_down(struct sr_grant_ends *ends, size_t at)
{
	for (;;) {
		size_t least = at;

		for (size_t child = 2 * at + 1; child < count_of(ends) && child <= 2 * at + 2; child++)
			if (life_at(ends, child)->until_ns < life_at(ends, least)->until_ns)
				least = child;
		if (least == at)
			return;
		swap(ends, at, least);
		at = least;
	}
}

static enum sr_status add(struct sr_grant_ends *ends, const struct sr_grant_life *life, struct sr_err *err)
{
	struct life added = { .until_ns = life->until_ns };

	sr_label_copy(added.grant, life->grant);
	SR_TRY(sr_buf_add(&ends->lives, &added, sizeof(added), err));
	sift_up(ends, count_of(ends) - 1);
	return SR_OK;
}

/* False when it was not live. */
static bool take_out(struct sr_grant_ends *ends, const char *grant)
{
	const size_t count = count_of(ends);
	size_t at = 0;

	while (at < count && strcmp(life_at(ends, at)->grant, grant) != 0)
		at++;
	if (at == count)
		return false;
	*life_at(ends, at) = *life_at(ends, count - 1);
	ends->lives.size -= sizeof(struct life);
	if (at < count - 1) {
		sift_up(ends, at);
		sift_down(ends, at);
	}
	return true;
}

void sr_keeper_push(struct sr_keeper *keeper, const char *method, json_t *parameters)
{
	struct sr_err err;

	if (keeper->listener && parameters &&
	    sr_listener_push(keeper->listener, method, parameters, &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "the front ends could not be told %s: %s", method, err.text);
	json_decref(parameters);
}

/* --- beginning ------------------------------------------------------------------------------------- */

enum sr_status sr_grant_began(struct sr_keeper *keeper, const struct sr_grant_life *life, struct sr_err *err)
{
	enum sr_status status = SR_OK;

	pthread_mutex_lock(&keeper->lock);
	status = add(keeper->grant_ends, life, err);
	if (status == SR_OK && life->escort)
		status = sr_escorts_watch(keeper->escorts, life->grant, life->escort,
		                          life->reader ? life->reader : "(pass)", err);
	pthread_mutex_unlock(&keeper->lock);
	return status;
}

/* --- ending ---------------------------------------------------------------------------------------- */

struct parting {
	struct sr_keeper *keeper;
	const char *grant;
	const char *why;
};

/* The escort whom the log knows to be there is there no longer. */
static enum sr_status put_escort_ended(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct parting *parting = context;
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;

	SR_TRY(sr_state_grant(txn, parting->grant, &grant, err));
	const char *session = sr_json_text(grant, "escorted");
	if (!session)
		return SR_OK;
	return sr_keeper_record(parting->keeper, txn, "escort.ended",
	                        json_pack("{s:s,s:s,s:s,s:s}", "grant", parting->grant, "escort",
	                                  sr_json_text(grant, "escort"), "session", session, "why",
	                                  parting->why),
	                        NULL, err);
}

static void end_escort(struct sr_keeper *keeper, const char *grant, const char *why)
{
	struct parting parting = { .keeper = keeper, .grant = grant, .why = why };
	struct sr_err err;

	if (sr_keeper_write(keeper, put_escort_ended, &parting, true, &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "the end of the escort of %s could not be written: %s", grant,
		       err.text);
}

void sr_grant_ended(struct sr_keeper *keeper, const char *grant, uint64_t entry, const char *why)
{
	sr_keeper_push(keeper, "org.strongroom.GrantEnded",
	               json_pack("{s:s,s:I,s:s}", "grant", grant, "entry", (json_int_t)entry, "why", why));
	pthread_mutex_lock(&keeper->lock);
	(void)take_out(keeper->grant_ends, grant);
	(void)sr_session_table_end_grant(keeper->sessions, grant);
	bool escorted = sr_escorts_forget(keeper->escorts, grant, sr_keeper_boot_ns());
	pthread_mutex_unlock(&keeper->lock);
	sr_escort_events_flush(keeper);
	if (escorted)
		end_escort(keeper, grant, "grant");
	sr_session_ends_flush(keeper);
}

/* Number of the log's last entry. */
static uint64_t last_entry(struct sr_keeper *keeper)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	uint64_t size = 0;
	struct sr_err err;

	if (sr_txn_read(keeper->env, &txn, &err) == SR_OK)
		(void)!sr_journal_size(txn, &size, &err);
	return size > 0 ? size - 1 : 0;
}

static enum sr_status gather_key(void *context, const char *key, json_t *record, struct sr_err *err)
{
	(void)record;
	return sr_json_append(context, json_string(strrchr(key, '/') + 1), err);
}

static enum sr_status gather_grants(struct sr_keeper *keeper, const char *user, json_t *into,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	char prefix[SR_RECORD_KEY];

	snprintf(prefix, sizeof(prefix), "r/%.200s/", user);
	SR_TRY(sr_txn_read(keeper->env, &txn, err));
	return sr_record_each(txn, SR_DB_GRANTS, prefix, gather_key, into, err);
}

static bool is_live(struct sr_keeper *keeper, const char *grant)
{
	const struct sr_grant_ends *ends = keeper->grant_ends;
	bool live = false;

	pthread_mutex_lock(&keeper->lock);
	for (size_t i = 0; i < count_of(ends) && !live; i++)
		live = strcmp(life_at(ends, i)->grant, grant) == 0;
	pthread_mutex_unlock(&keeper->lock);
	return live;
}

void sr_grants_ended_of_user(struct sr_keeper *keeper, const char *user, const char *why)
{
	SR_CLEANUP(sr_json_decrefp) json_t *grants = json_array();
	struct sr_err err;
	size_t index;
	json_t *value;

	if (gather_grants(keeper, user, grants, &err) != SR_OK)
		sr_log(SR_LOG_ERROR, "the grants of %s cannot be read: %s", user, err.text);
	json_array_foreach(grants, index, value)
		if (is_live(keeper, json_string_value(value)))
			sr_grant_ended(keeper, json_string_value(value), last_entry(keeper), why);
}

/* --- time ------------------------------------------------------------------------------------------ */

void sr_grants_tick(struct sr_keeper *keeper)
{
	const struct sr_grant_ends *ends = keeper->grant_ends;
	int64_t now_ns = sr_keeper_now_ns(keeper);
	char grant[SR_LABEL_BYTES];
	bool over = true;

	while (over) {
		pthread_mutex_lock(&keeper->lock);
		over = count_of(ends) > 0 && life_at(ends, 0)->until_ns <= now_ns;
		if (over)
			sr_label_copy(grant, life_at(ends, 0)->grant);
		pthread_mutex_unlock(&keeper->lock);
		if (over)
			sr_grant_ended(keeper, grant, last_entry(keeper), "expired");
	}
}

/* --- start ----------------------------------------------------------------------------------------- */

struct loading {
	struct sr_keeper *keeper;
	int64_t now_ns;
	json_t *left; /* grants whose escort was there when the keeper ended */
};

static enum sr_status load_one(void *context, const char *key, json_t *record, struct sr_err *err)
{
	struct loading *loading = context;
	const char *state = sr_json_text(record, "state");
	const char *until = sr_json_text(record, "until");
	struct sr_grant_life life = { .grant = key + 2,
		                      .escort = sr_json_text(record, "escort"),
		                      .reader = sr_json_text(record, "reader") };

	if (sr_json_text(record, "escorted"))
		SR_TRY(sr_json_append(loading->left, json_string(life.grant), err));
	if (!state || strcmp(state, "live") != 0 || !until || !sr_time_parse(until, &life.until_ns) ||
	    life.until_ns <= loading->now_ns || !sr_label_is_valid(life.grant))
		return SR_OK;
	enum sr_status status = sr_grant_began(loading->keeper, &life, err);
	if (status == SR_BUSY) { /* it is not read then, and everything else is */
		sr_log(SR_LOG_WARNING, "grant %s cannot be escorted: %s", life.grant, err->text);
		return SR_OK;
	}
	return status;
}

static enum sr_status load(struct loading *loading, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	SR_TRY(sr_txn_read(loading->keeper->env, &txn, err));
	return sr_record_each(txn, SR_DB_GRANTS, "g/", load_one, loading, err);
}

enum sr_status sr_grants_begin(struct sr_keeper *keeper, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *left = json_array();
	struct loading loading = { .keeper = keeper, .now_ns = sr_keeper_now_ns(keeper), .left = left };
	size_t index;
	json_t *value;

	keeper->grant_ends = calloc(1, sizeof(*keeper->grant_ends));
	if (!keeper->grant_ends)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the grants' ends");
	SR_TRY(load(&loading, err));
	json_array_foreach(left, index, value)
		end_escort(keeper, json_string_value(value), "absent");
	return SR_OK;
}
