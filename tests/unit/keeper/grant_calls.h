/* SPDX-License-Identifier: Apache-2.0 */
/* Grants of supervisor's, their gate, and what front ends are told of them.  Behind request_room.h. */
#pragma once

#include "appliance/keeper/state/gate.h"

/* A grant of supervisor's for the plain case. */
static inline void granted(json_t *more, id_text out)
{
	id_text request;
	json_t *deciding;

	file("supervisor", wish(cases[PLAIN].number), request);
	deciding = decision(request, "approve");
	if (more)
		json_object_update(deciding, more);
	json_decref(more);
	take_text(must_ask(&room, "official", "DecideRequest", deciding), "grant", out, SR_LABEL_BYTES);
}

static inline json_t *of_grant(const char *grant)
{
	return json_pack("{s:s}", "grant", grant);
}

static inline bool gate_opens(const char *grant)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	const struct sr_gate_question question = {
		.grant = grant,
		.reader = "supervisor",
		.case_id = cases[PLAIN].id,
		.member = 1,
		.channel = "web",
		.now_ns = sr_keeper_now_ns(room.keeper),
	};
	struct sr_err err;

	assert_ok(sr_txn_read(room.keeper->env, &txn, &err));
	return sr_gate_ask(txn, &question, NULL, &err) == SR_OK;
}

/* --- who is told ----------------------------------------------------------------------------------- */

struct told {
	char grant[SR_LABEL_BYTES], why[16];
	uint64_t entry;
	unsigned ends, escorts;
	bool present;
};

static inline void on_push(void *context, const char *method, const json_t *parameters)
{
	struct told *told = context;

	if (strcmp(method, "org.strongroom.EscortChanged") == 0) {
		told->escorts++;
		told->present = json_is_true(json_object_get(parameters, "present"));
		return;
	}
	assert_string_equal(method, "org.strongroom.GrantEnded");
	told->ends++;
	sr_label_copy(told->grant, sr_json_text(parameters, "grant"));
	snprintf(told->why, sizeof(told->why), "%s", sr_json_text(parameters, "why"));
	told->entry = (uint64_t)json_integer_value(json_object_get(parameters, "entry"));
}

/* Forget what was told so far, and listen. */
static inline void listen_anew(struct told *told)
{
	struct sr_err err;

	*told = (struct told){ 0 };
	sr_wire_client_on_push(room.api, on_push, told);
	while (sr_wire_client_wait(room.api, 50, &err) == SR_OK)
		;
	*told = (struct told){ 0 };
}

static inline void wait_for(const unsigned *count, unsigned wanted, int timeout_ms)
{
	struct sr_err err;

	while (*count < wanted)
		if (sr_wire_client_wait(room.api, timeout_ms, &err) != SR_OK)
			fail_msg("nobody was told within %d ms", timeout_ms);
}
