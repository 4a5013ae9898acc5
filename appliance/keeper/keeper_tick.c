/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/keeper_tick.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/wait.h"
#include "appliance/keeper/cases/filing_tick.h"
#include "appliance/keeper/cases/rebuild.h"
#include "appliance/keeper/cases/vault_start.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/refusal_log.h"
#include "appliance/keeper/core/session_ends.h"
#include "appliance/keeper/core/uploads.h"
#include "appliance/keeper/dispatch.h"
#include "appliance/keeper/drafts/draft.h"
#include "appliance/keeper/core/keeper_clock.h"
#include "appliance/keeper/operations/key_changes.h"
#include "appliance/keeper/operations/rulebook_changes.h"
#include "appliance/keeper/people/delegation.h"
#include "appliance/keeper/reading/reading.h"
#include "appliance/keeper/requests/escort_beat.h"
#include "appliance/keeper/requests/escort_events.h"
#include "appliance/keeper/requests/grant_end.h"

#define TICK_NS (SR_SECOND_NS / 10)
#define CLOCK_STORE_NS (3600 * SR_SECOND_NS)

/* --- the tables ------------------------------------------------------------------------------------ */

static enum sr_status survey_vault(struct sr_keeper *keeper, struct sr_err *err)
{
	return sr_vault_start_survey(keeper, NULL, err);
}

/* Before anybody is served, in this order; a failure stops the start. */
static enum sr_status (*const beginnings[])(struct sr_keeper *keeper, struct sr_err *err) = {
	sr_rebuild_unfinished, sr_vault_start_adopt, survey_vault,       sr_drafts_begin,
	sr_reading_begin,      sr_grants_begin,      sr_rulebooks_begin, sr_keys_begin,
};

static void sweep_sessions(struct sr_keeper *keeper)
{
	int64_t now_ns = sr_keeper_now_ns(keeper);

	pthread_mutex_lock(&keeper->lock);
	(void)sr_session_table_sweep(keeper->sessions, now_ns);
	pthread_mutex_unlock(&keeper->lock);
	sr_session_ends_flush(keeper);
}

/* One a line. */
/* clang-format off */
static void (*const ticks[])(struct sr_keeper *keeper) = {
	sweep_sessions,
	sr_escort_events_tick,
	sr_escort_beats_tick,
	sr_grants_tick,
	sr_refusal_log_tick,
	sr_delegations_tick,
	sr_drafts_tick,
	sr_filing_tick,
	sr_reading_tick,
	sr_uploads_tick,
};

static void (*const ends[])(struct sr_keeper *keeper) = {
	sr_reading_end,
	sr_session_ends_flush,
	sr_escort_beats_end,
	sr_escort_events_flush,
	sr_refusal_log_end,
	sr_filing_end,
	sr_keeper_clock_store,
};
/* clang-format on */

/* --- the thread ------------------------------------------------------------------------------------ */

enum sr_status sr_keeper_begin(struct sr_keeper *keeper, struct sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT(beginnings); i++)
		SR_TRY(beginnings[i](keeper, err));
	return SR_OK;
}

/* A tick's length, or until the keeper stops. */
static void pause_tick(struct sr_keeper *keeper)
{
	pthread_mutex_lock(&keeper->tick_lock);
	if (!atomic_load(&keeper->stopping))
		(void)sr_wait_for(&keeper->tick_now, &keeper->tick_lock, TICK_NS);
	pthread_mutex_unlock(&keeper->tick_lock);
}

static void *tick(void *context)
{
	struct sr_keeper *keeper = context;
	int64_t stored_ns = sr_keeper_boot_ns();

	while (!atomic_load(&keeper->stopping)) {
		pause_tick(keeper);
		for (size_t i = 0; i < SR_COUNT(ticks); i++)
			ticks[i](keeper);
		if (sr_keeper_boot_ns() - stored_ns >= CLOCK_STORE_NS) {
			stored_ns = sr_keeper_boot_ns();
			sr_keeper_clock_store(keeper);
		}
	}
	return NULL;
}

enum sr_status sr_keeper_tick_start(struct sr_keeper *keeper, struct sr_err *err)
{
	if (pthread_create(&keeper->timer, NULL, tick, keeper) != 0)
		return sr_fail(err, SR_BUSY, "no thread could be started");
	keeper->timer_runs = true;
	return SR_OK;
}

void sr_keeper_tick_stop(struct sr_keeper *keeper)
{
	pthread_mutex_lock(&keeper->tick_lock);
	pthread_cond_signal(&keeper->tick_now);
	pthread_mutex_unlock(&keeper->tick_lock);
	if (keeper->timer_runs)
		pthread_join(keeper->timer, NULL);
	keeper->timer_runs = false;
}

void sr_keeper_end(struct sr_keeper *keeper)
{
	for (size_t i = 0; i < SR_COUNT(ends); i++)
		ends[i](keeper);
}
