/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/requests/escort_beat.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/requests/escort_events.h"
#include "appliance/keeper/state/state.h"
#include "appliance/keeper/wire/call.h"

struct sr_held_beat {
	struct sr_held_beat *next;
	struct sr_call *call;
	int64_t answer_ns; /* CLOCK_BOOTTIME */
};

static void beat_freep(struct sr_held_beat **beat)
{
	free(*beat);
}

/* The same words for a grant that is another's, ended or unknown. */
static enum sr_status refuse(struct sr_act *act, struct sr_err *err)
{
	return sr_act_not_found(act, "grant to escort", sr_act_text(act, "grant"), err);
}

static enum sr_status check_escort(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;
	enum sr_status status = sr_state_grant(txn, sr_act_text(act, "grant"), &grant, err);
	const char *escort = sr_json_text(grant, "escort");

	if (status == SR_DENIED || (status == SR_OK && (!escort || strcmp(escort, act->caller.user) != 0)))
		return refuse(act, err);
	return status;
}

static enum sr_status leave(struct sr_act *act, struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;

	SR_TRY(sr_act_read(act, check_escort, err));
	pthread_mutex_lock(&keeper->lock);
	memcpy(keeper->escort_session, act->caller.session, sizeof(keeper->escort_session));
	sr_escorts_leave(keeper->escorts, act->caller.user);
	keeper->escort_session[0] = 0;
	pthread_mutex_unlock(&keeper->lock);
	sr_escort_events_flush(keeper);
	return sr_act_reply(act, err, "{s:b}", "present", 0);
}

/* Answered by the tick: 1,024 escorts would hold 1,024 threads. */
static void hold(struct sr_act *act, struct sr_held_beat **taken, int64_t answer_ns)
{
	struct sr_keeper *keeper = act->keeper;
	struct sr_held_beat *beat = SR_MOVE(*taken);

	beat->call = sr_act_defer(act);
	beat->answer_ns = answer_ns;
	pthread_mutex_lock(&keeper->lock);
	beat->next = keeper->held_beats;
	keeper->held_beats = beat;
	pthread_mutex_unlock(&keeper->lock);
}

enum sr_status sr_escort_beat(struct sr_act *act, struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;
	int64_t answer_ns = 0;

	if (sr_act_flag(act, "leave"))
		return leave(act, err);
	SR_CLEANUP(beat_freep) struct sr_held_beat *beat = calloc(1, sizeof(*beat));
	if (!beat)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a beat");
	pthread_mutex_lock(&keeper->lock);
	memcpy(keeper->escort_session, act->caller.session, sizeof(keeper->escort_session));
	enum sr_status status = sr_escorts_beat(keeper->escorts, sr_act_text(act, "grant"), act->caller.user,
	                                        sr_keeper_boot_ns(), &answer_ns, err);
	keeper->escort_session[0] = 0;
	pthread_mutex_unlock(&keeper->lock);
	sr_escort_events_flush(keeper);
	if (status == SR_OK)
		hold(act, &beat, answer_ns);
	return status == SR_DENIED ? refuse(act, err) : status;
}

/* Beats that are due at @now_ns, out of the list. */
static struct sr_held_beat *take_due(struct sr_keeper *keeper, int64_t now_ns)
{
	struct sr_held_beat *due = NULL;

	pthread_mutex_lock(&keeper->lock);
	for (struct sr_held_beat **at = &keeper->held_beats; *at;) {
		struct sr_held_beat *beat = *at;

		if (beat->answer_ns > now_ns && !sr_call_is_abandoned(beat->call)) {
			at = &beat->next;
			continue;
		}
		*at = beat->next;
		beat->next = due;
		due = beat;
	}
	pthread_mutex_unlock(&keeper->lock);
	return due;
}

static void answer_due(struct sr_keeper *keeper, int64_t now_ns)
{
	SR_CLEANUP(sr_json_decrefp) json_t *present = json_pack("{s:b}", "present", 1);
	struct sr_held_beat *due = take_due(keeper, now_ns);

	while (due) {
		struct sr_held_beat *next = due->next;

		sr_call_answer(due->call, present, NULL);
		free(due);
		due = next;
	}
}

void sr_escort_beats_tick(struct sr_keeper *keeper)
{
	answer_due(keeper, sr_keeper_boot_ns());
}

void sr_escort_beats_end(struct sr_keeper *keeper)
{
	answer_due(keeper, INT64_MAX);
}
