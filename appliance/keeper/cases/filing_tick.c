/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/filing_tick.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/log.h"
#include "appliance/index/filing.h"
#include "appliance/keeper/core/keeper_parts.h"

#define PIECE_NS 2000000ll          /* of the writer's time, in the middle of openings */
#define TICK_NS (SR_SECOND_NS / 20) /* half of a tick */
#define END_NS (2 * SR_SECOND_NS)   /* at an orderly stop; the rest is filed after the next start */

/* Whether terms wait; false also when it cannot be told. */
static bool some_wait(struct sr_keeper *keeper)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_filing_state state = { 0 };
	struct sr_err err;

	return sr_txn_read(keeper->env, &txn, &err) == SR_OK && sr_filing_state(txn, &state, &err) == SR_OK &&
	       state.indexed_to < state.arrived;
}

static enum sr_status file_piece(void *context, struct sr_txn *txn, struct sr_err *err)
{
	return sr_filing_batch(txn, PIECE_NS, context, err);
}

void sr_filing_catch_up(struct sr_keeper *keeper, int64_t patience_ns)
{
	int64_t end_ns = sr_keeper_boot_ns() + patience_ns;
	bool more = some_wait(keeper);
	struct sr_err err;

	while (more && sr_keeper_boot_ns() < end_ns) {
		enum sr_status status = sr_keeper_write(keeper, file_piece, &more, false, &err);

		if (status == SR_OK)
			continue;
		if (status != SR_BUSY)
			sr_log(SR_LOG_WARNING, "search terms could not be filed: %s", err.text);
		return;
	}
}

void sr_filing_tick(struct sr_keeper *keeper)
{
	sr_filing_catch_up(keeper, TICK_NS);
}

void sr_filing_end(struct sr_keeper *keeper)
{
	sr_filing_catch_up(keeper, END_NS);
}
