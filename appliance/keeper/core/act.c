/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/act.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/wire/call.h"
#include "appliance/keeper/wire/message.h"
#include "appliance/keeper/wire/wire_error.h"

#define CONTINUE_TIMEOUT_MS 30000

void sr_act_set_work(struct sr_act *act, void *work)
{
	act->work = work;
}

/* --- parameters ------------------------------------------------------------------------------------ */

const char *sr_act_text(const struct sr_act *act, const char *key)
{
	return sr_json_text(act->parameters, key);
}

int64_t sr_act_count(const struct sr_act *act, const char *key, int64_t fallback)
{
	const json_t *value = json_object_get(act->parameters, key);

	return value ? json_integer_value(value) : fallback;
}

bool sr_act_flag(const struct sr_act *act, const char *key)
{
	return json_is_true(json_object_get(act->parameters, key));
}

const json_t *sr_act_value(const struct sr_act *act, const char *key)
{
	return json_object_get(act->parameters, key);
}

enum sr_status sr_act_descriptor(struct sr_act *act, size_t index, int *fd, struct sr_err *err)
{
	*fd = act->call ? sr_call_take_descriptor(act->call, index) : -1;
	if (*fd < 0)
		return sr_fail(err, SR_INVALID, "descriptor %zu is missing", index);
	return SR_OK;
}

enum sr_status sr_act_file(struct sr_act *act, const char *key, size_t max, struct sr_buf *out,
                           struct sr_err *err)
{
	const char *text = sr_act_text(act, key);
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	if (text)
		return sr_buf_add_text(out, text, err);
	SR_TRY(sr_act_descriptor(act, 0, &fd, err));
	return sr_fd_read_to_end(fd, max, out, err);
}

/* --- answers --------------------------------------------------------------------------------------- */

bool sr_act_wants_more(const struct sr_act *act)
{
	return act->call && sr_call_wants_more(act->call);
}

bool sr_act_is_abandoned(const struct sr_act *act)
{
	return act->call && sr_call_is_abandoned(act->call);
}

struct sr_call *sr_act_defer(struct sr_act *act)
{
	struct sr_call *call = act->call;

	act->call = NULL;
	return call;
}

enum sr_status sr_act_continue(struct sr_act *act, json_t *part, struct sr_err *err)
{
	enum sr_status status = part ? SR_OK : sr_fail(err, SR_NO_MEMORY, "no memory for an answer");

	if (status == SR_OK && sr_act_wants_more(act)) {
		if (sr_call_wait_room(act->call, CONTINUE_TIMEOUT_MS))
			status = sr_call_continue(act->call, part, NULL, err);
		else
			status = sr_fail(err, SR_IO, "the caller does not read its answers");
	}
	json_decref(part);
	return status;
}

enum sr_status sr_act_refuse(struct sr_act *act, const char *name, struct sr_err *err, const char *fmt, ...)
{
	char full[SR_MESSAGE_NAME_BYTES];
	va_list list;

	snprintf(full, sizeof(full), SR_WIRE_PREFIX "%s", name);
	act->error = name;
	const enum sr_status status = sr_wire_error_status(full);
	va_start(list, fmt);
	sr_fail_list(err, status, fmt, list);
	va_end(list);
	return status;
}

enum sr_status sr_act_not_found(struct sr_act *act, const char *what, const char *name, struct sr_err *err)
{
	return sr_act_refuse(act, "NotFound", err, "there is no %s %s that you may know of", what, name);
}

/* --- state ----------------------------------------------------------------------------------------- */

bool sr_act_is(const struct sr_act *act, unsigned roles)
{
	return (act->caller.roles & roles) != 0;
}

enum sr_status sr_act_read(struct sr_act *act, sr_act_step *step, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	SR_TRY(sr_txn_read(act->keeper->env, &txn, err));
	return step(act, txn, err);
}

struct step_pair {
	struct sr_act *act;
	sr_act_step *check, *apply;
};

static enum sr_status run_check(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct step_pair *pair = context;

	return pair->check(pair->act, txn, err);
}

static enum sr_status run_apply(void *context, struct sr_txn *txn, struct sr_err *err)
{
	const struct step_pair *pair = context;

	return pair->apply(pair->act, txn, err);
}

enum sr_status sr_act_write(struct sr_act *act, sr_act_step *check, sr_act_step *apply, struct sr_err *err)
{
	struct step_pair pair = { .act = act, .check = check, .apply = apply };
	const struct sr_job job = {
		.check = check ? run_check : NULL,
		.apply = run_apply,
		.context = &pair,
		.control = (act->method->flags & SR_METHOD_URGENT) != 0,
		.patient = act->patient,
	};

	return sr_writer_run(act->keeper->writer, &job, err);
}

enum sr_status sr_act_record(struct sr_act *act, struct sr_txn *txn, const char *type, json_t *fields,
                             uint64_t *seq, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *actor = NULL;
	enum sr_status status = sr_caller_actor(&act->caller, &actor, err);

	if (status != SR_OK) {
		json_decref(fields);
		return status;
	}
	return sr_keeper_record_as(act->keeper, txn, type, actor, fields, seq, err);
}

enum sr_status sr_act_plan(const struct sr_act *act, const char *type, const json_t *fields,
                           struct sr_entry_plan *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *actor = NULL;

	SR_TRY(sr_caller_actor(&act->caller, &actor, err));
	const struct sr_entry_draft draft = { .type = type, .actor = actor, .fields = fields };
	return sr_entry_plan(&draft, out, err);
}

enum sr_status sr_act_record_own(struct sr_act *act, struct sr_txn *txn, const char *type, json_t *fields,
                                 uint64_t *seq, struct sr_err *err)
{
	return sr_keeper_record(act->keeper, txn, type, fields, seq, err);
}
