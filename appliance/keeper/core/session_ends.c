/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/session_ends.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/people.h"

struct sr_ended_session {
	struct sr_ended_session *next;
	struct sr_session session;
	const char *why;
};

void sr_session_ends_note(void *context, const struct sr_session *session, enum sr_session_end why)
{
	struct sr_keeper *keeper = context;
	struct sr_ended_session *ended = calloc(1, sizeof(*ended));

	if (!ended) {
		sr_log(SR_LOG_WARNING, "no memory to write down the end of session %s", session->id);
		return;
	}
	ended->session = *session;
	ended->why = sr_session_end_name(why);
	ended->next = keeper->ended;
	keeper->ended = ended;
}

struct ending {
	struct sr_keeper *keeper;
	struct sr_ended_session *list;
};

static enum sr_status put_ends(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct ending *ending = context;

	for (const struct sr_ended_session *e = ending->list; e; e = e->next) {
		const bool party = e->session.role == SR_ROLE_PARTY;
		SR_CLEANUP(sr_json_decrefp) json_t *actor = NULL;
		json_t *fields = json_pack("{s:s,s:s}", "session", e->session.id, "why", e->why);

		SR_TRY(SR_JSON_PACK(&actor, err, "{s:s,s:s}", party ? "session" : "user",
		                    party ? e->session.id : e->session.user, party ? "pass" : "session",
		                    party ? e->session.user : e->session.id));
		SR_TRY(sr_keeper_record_as(ending->keeper, txn, "session.closed", actor, fields, NULL, err));
		SR_TRY(sr_people_drop_session(txn, &e->session, err));
	}
	return SR_OK;
}

void sr_session_ends_flush(struct sr_keeper *keeper)
{
	struct ending ending = { .keeper = keeper };
	struct sr_err err;

	pthread_mutex_lock(&keeper->lock);
	ending.list = keeper->ended;
	keeper->ended = NULL;
	pthread_mutex_unlock(&keeper->lock);
	if (!ending.list)
		return;
	if (sr_keeper_write(keeper, put_ends, &ending, true, &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "the end of a session could not be written: %s", err.text);
	while (ending.list) {
		struct sr_ended_session *next = ending.list->next;

		sr_wipe(ending.list, sizeof(*ending.list));
		free(ending.list);
		ending.list = next;
	}
}
