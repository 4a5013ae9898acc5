/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/gate.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"

static enum sr_status check_reader(struct sr_txn *txn, const struct sr_gate_question *question,
                                   const json_t *grant, struct sr_err *err)
{
	const char *reader = sr_json_text(grant, "reader");
	SR_CLEANUP(sr_shared_record_releasep) struct sr_shared_record *person = NULL;

	if (!reader && question->pass && !question->reader)
		return SR_OK;
	if (!reader || !question->reader || question->pass || strcmp(reader, question->reader) != 0)
		return sr_fail(err, SR_DENIED, "the grant %s is another reader's", question->grant);
	return sr_state_share_active_user(txn, reader, &person, err);
}

static enum sr_status check_period(const struct sr_gate_question *question, const json_t *grant,
                                   struct sr_err *err)
{
	const char *from = sr_json_text(grant, "from");
	const char *until = sr_json_text(grant, "until");
	const char *state = sr_json_text(grant, "state");
	int64_t from_ns, until_ns;

	if (!state || strcmp(state, "live") != 0)
		return sr_fail(err, SR_DENIED, "the grant %s is %s", question->grant,
		               state ? state : "damaged");
	if (!from || !until || !sr_time_parse(from, &from_ns) || !sr_time_parse(until, &until_ns))
		return sr_fail(err, SR_CORRUPT, "the grant %s has no period", question->grant);
	if (question->now_ns < from_ns)
		return sr_fail(err, SR_DENIED, "the grant %s begins at %s", question->grant, from);
	if (question->now_ns >= until_ns)
		return sr_fail(err, SR_DENIED, "the grant %s ended at %s", question->grant, until);
	return SR_OK;
}

enum sr_status sr_gate_ask(struct sr_txn *txn, const struct sr_gate_question *question,
                           struct sr_shared_record **out, struct sr_err *err)
{
	SR_CLEANUP(sr_shared_record_releasep) struct sr_shared_record *record = NULL;

	SR_TRY(sr_state_share_grant(txn, question->grant, &record, err));
	const json_t *grant = sr_shared_record_json(record);
	SR_TRY(check_reader(txn, question, grant, err));
	SR_TRY(check_period(question, grant, err));
	if (question->member > INT64_MAX ||
	    !sr_scope_covers(grant, question->case_id, (json_int_t)question->member, question->channel))
		return sr_fail(err, SR_DENIED,
		               "the grant %s does not cover member %llu of case %s on channel %s",
		               question->grant, (unsigned long long)question->member, question->case_id,
		               question->channel);
	if (sr_json_text(grant, "escort") && !sr_json_text(grant, "escorted"))
		return sr_fail(err, SR_DENIED, "the grant %s waits for its escort", question->grant);
	if (out)
		*out = SR_MOVE(record);
	return SR_OK;
}
