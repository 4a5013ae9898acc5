/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/requests/escort_events.h"

#include <stdio.h>
#include <stdlib.h>

#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/requests/grant_end.h"

struct sr_escort_event {
	struct sr_escort_event *next;
	char grant[SR_LABEL_BYTES];
	char escort[SR_LABEL_BYTES];
	char session[SR_SESSION_ID_TEXT];
	enum sr_escort_change change;
};

void sr_escort_events_note(void *context, const char *grant, const char *escort, enum sr_escort_change change)
{
	struct sr_keeper *keeper = context;
	struct sr_escort_event *event = calloc(1, sizeof(*event));
	struct sr_escort_event **last = &keeper->escort_events;

	if (!event) {
		sr_log(SR_LOG_WARNING, "no memory to write down a change of the escort of %s", grant);
		return;
	}
	sr_label_copy(event->grant, grant);
	sr_label_copy(event->escort, escort);
	snprintf(event->session, sizeof(event->session), "%s", keeper->escort_session);
	event->change = change;
	while (*last)
		last = &(*last)->next;
	*last = event;
}

struct writing {
	struct sr_keeper *keeper;
	const struct sr_escort_event *event;
};

static enum sr_status put_event(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct writing *writing = context;
	const struct sr_escort_event *event = writing->event;
	const char *session = event->session[0] ? event->session : "none";
	json_t *fields = json_pack("{s:s,s:s,s:s}", "grant", event->grant, "escort", event->escort, "session",
	                           session);
	json_t *actor = NULL;

	if (event->change != SR_ESCORT_BEGAN) {
		const char *why = event->change == SR_ESCORT_ABSENT ? "absent" : "closed";

		SR_TRY(sr_json_set(fields, "why", json_string(why), err));
		return sr_keeper_record(writing->keeper, txn, "escort.ended", fields, NULL, err);
	}
	actor = json_pack("{s:s,s:s}", "user", event->escort, "session", session);
	enum sr_status status =
		sr_keeper_record_as(writing->keeper, txn, "escort.began", actor, fields, NULL, err);
	json_decref(actor);
	return status;
}

static void push_change(struct sr_keeper *keeper, const struct sr_escort_event *event)
{
	sr_keeper_push(
		keeper, "org.strongroom.EscortChanged",
		json_pack("{s:s,s:b}", "grant", event->grant, "present", event->change == SR_ESCORT_BEGAN));
}

void sr_escort_events_flush(struct sr_keeper *keeper)
{
	struct sr_escort_event *list;
	struct sr_err err;

	pthread_mutex_lock(&keeper->lock);
	list = keeper->escort_events;
	keeper->escort_events = NULL;
	pthread_mutex_unlock(&keeper->lock);
	while (list) {
		struct sr_escort_event *next = list->next;
		struct writing writing = { .keeper = keeper, .event = list };

		/* Readers stop before it is written down, and go on after. */
		if (list->change != SR_ESCORT_BEGAN)
			push_change(keeper, list);
		if (sr_keeper_write(keeper, put_event, &writing, true, &err) != SR_OK)
			sr_log(SR_LOG_WARNING, "a change of the escort of %s could not be written: %s",
			       list->grant, err.text);
		else if (list->change == SR_ESCORT_BEGAN)
			push_change(keeper, list);
		free(list);
		list = next;
	}
}

void sr_escort_events_tick(struct sr_keeper *keeper)
{
	pthread_mutex_lock(&keeper->lock);
	(void)sr_escorts_tick(keeper->escorts, sr_keeper_boot_ns());
	pthread_mutex_unlock(&keeper->lock);
	sr_escort_events_flush(keeper);
}
