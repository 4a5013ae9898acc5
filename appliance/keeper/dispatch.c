/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/refusal_log.h"
#include "appliance/keeper/methods.h"
#include "appliance/keeper/reading/reading.h"
#include "appliance/keeper/wire/call.h"
#include "appliance/keeper/wire/message.h"
#include "appliance/keeper/wire/parameters.h"
#include "appliance/keeper/wire/wire_error.h"

/* What the wire says beside the command's own parameters. */
#define KEY_SESSION "session"
#define KEY_ADDRESS "address"
#define KEY_UID "uid"
#define KEY_PID "pid"

/* A call on its way to a worker. */
struct errand {
	struct sr_keeper *keeper;
	const struct sr_method *method;
	struct sr_call *call;
	bool moved;   /* from the threads it began on to others */
	bool at_once; /* on the listener's thread, which must not wait */
};

/* --- one call -------------------------------------------------------------------------------------- */

static unsigned door_of(const struct sr_peer *peer)
{
	switch (peer->kind) {
	case SR_PEER_CALLER:
		return SR_DOOR_SOCKET;
	case SR_PEER_FS:
		return SR_DOOR_FS;
	case SR_PEER_API:
		return SR_DOOR_API;
	}
	return 0;
}

/* Take out of the parameters what says who calls; which keys count depends on the door. */
static enum sr_status take_claim(const struct sr_peer *peer, json_t *parameters,
                                 struct sr_caller_claim *claim, char token[SR_SESSION_TOKEN_TEXT],
                                 struct sr_err *err)
{
	const char *given = sr_json_text(parameters, KEY_SESSION);
	const json_t *uid = json_object_get(parameters, KEY_UID);

	*claim = (struct sr_caller_claim){ .peer = peer };
	if (peer->kind != SR_PEER_FS && given) {
		if (snprintf(token, SR_SESSION_TOKEN_TEXT, "%s", given) >= SR_SESSION_TOKEN_TEXT)
			token[0] = 0; /* no token of ours: refused as one that is unknown */
		claim->token = token;
		json_object_del(parameters, KEY_SESSION);
	}
	if (peer->kind == SR_PEER_API)
		claim->address = sr_json_text(parameters, KEY_ADDRESS);
	if (peer->kind == SR_PEER_FS) {
		if (!json_is_integer(uid))
			return sr_fail(err, SR_INVALID, "/uid: is missing");
		claim->has_uid = true;
		claim->uid = (uid_t)json_integer_value(uid);
		claim->pid = (pid_t)json_integer_value(json_object_get(parameters, KEY_PID));
		json_object_del(parameters, KEY_UID);
		json_object_del(parameters, KEY_PID);
	}
	return SR_OK;
}

static enum sr_status require_role(struct sr_act *act, struct sr_err *err)
{
	if (act->method->flags & SR_METHOD_STRANGERS)
		return SR_OK;
	if (!act->caller.known && act->caller.has_uid)
		return sr_act_refuse(act, "NotSignedIn", err,
		                     "no user of this appliance has the Unix login %s (uid %u); sign in with "
		                     "--as USER --password-stdin, or ask the administrator to bind it",
		                     act->caller.login, (unsigned)act->caller.uid);
	if (!act->caller.known)
		return sr_act_refuse(act, "NotSignedIn", err, "sign in first");
	if (!sr_act_is(act, act->method->roles))
		return sr_act_refuse(act, "NotYourRole", err, "%s is not for your role (%s)",
		                     act->method->name, sr_role_name(act->caller.role));
	return SR_OK;
}

static enum sr_status perform(struct sr_act *act, json_t *parameters, bool at_once, struct sr_err *err)
{
	const struct sr_peer *peer = sr_call_peer(act->call);
	char token[SR_SESSION_TOKEN_TEXT] = "";
	struct sr_caller_claim claim;

	SR_TRY(take_claim(peer, parameters, &claim, token, err));
	claim.at_once = at_once;
	enum sr_status status = sr_caller_identify(act->keeper, &claim, &act->caller, err);
	sr_wipe(token, sizeof(token));
	json_object_del(parameters, KEY_ADDRESS);
	if (status == SR_DENIED)
		act->error = "NotSignedIn";
	SR_TRY(status);
	SR_TRY(require_role(act, err));
	SR_TRY(sr_parameters_check(parameters, act->method->parameters, err));
	status = act->method->run(act, err);
	sr_act_set_work(act, NULL);
	return status;
}

static void answer(struct sr_act *act, enum sr_status status, const struct sr_err *err)
{
	char name[SR_MESSAGE_NAME_BYTES];

	if (status == SR_OK) {
		sr_call_answer(act->call, act->answer, &act->give);
		return;
	}
	if (act->error)
		snprintf(name, sizeof(name), SR_WIRE_PREFIX "%s", act->error);
	sr_call_refuse(act->call, act->error ? name : NULL, status, err);
}

static void run_errand(void *context);

/* Begin again on other threads; false when they have no room, and @err is the answer. */
static bool move(struct errand *errand, struct sr_act *act, struct sr_err *err)
{
	errand->moved = true;
	sr_descriptors_dispose(&act->give);
	json_decref(act->answer);
	act->answer = NULL;
	return sr_work_pool_submit(act->move_to, run_errand, errand, false, err) == SR_OK;
}

/* What cannot be done at once, and every refusal, is done by a worker from the beginning. */
static bool begin_again(struct errand *errand, struct sr_act *act, struct sr_err *err)
{
	errand->at_once = false;
	json_decref(act->answer);
	act->answer = NULL;
	act->error = NULL;
	return sr_work_pool_submit(errand->keeper->quick, run_errand, errand, false, err) == SR_OK;
}

static void run_errand(void *context)
{
	struct errand *errand = context;
	struct sr_act act = { .keeper = errand->keeper,
		              .method = errand->method,
		              .call = errand->call,
		              .moved = errand->moved };
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	struct sr_err err = { 0 };

	parameters = json_copy((json_t *)(uintptr_t)sr_call_parameters(errand->call));
	act.parameters = parameters;
	enum sr_status status = parameters ? perform(&act, parameters, errand->at_once, &err)
	                                   : sr_fail(&err, SR_NO_MEMORY, "no memory for a command");
	if (errand->at_once && status != SR_OK && begin_again(errand, &act, &err))
		return;
	if (act.move_to && move(errand, &act, &err))
		return;
	if (status == SR_DENIED && !act.refusal_counted)
		sr_refusal_log_note(&act, act.error ? act.error : "Denied");
	if (act.call) /* else somebody answers it later */
		answer(&act, status, &err);
	sr_descriptors_dispose(&act.give);
	json_decref(act.answer);
	free(errand);
}

static void handle(void *context, struct sr_call *call)
{
	struct sr_keeper *keeper = context;
	const struct sr_method *method = sr_method_find(sr_call_method(call));
	struct errand *errand;
	struct sr_err err;

	if (!method || !(method->doors & door_of(sr_call_peer(call)))) {
		enum sr_status none = sr_fail(&err, SR_INVALID, "no such command: %s", sr_call_method(call));
		sr_call_refuse(call, "org.varlink.service.MethodNotFound", none, &err);
		return;
	}
	errand = calloc(1, sizeof(*errand));
	if (!errand) {
		sr_call_refuse(call, NULL, sr_fail(&err, SR_NO_MEMORY, "no memory for a command"), &err);
		return;
	}
	*errand = (struct errand){ .keeper = keeper, .method = method, .call = call };
	if ((method->flags & SR_METHOD_AT_ONCE) && sr_call_peer(call)->kind == SR_PEER_API) {
		errand->at_once = true;
		run_errand(errand);
		return;
	}
	struct sr_work_pool *pool = method->flags & SR_METHOD_SLOW ? keeper->slow : keeper->quick;
	enum sr_status status =
		sr_work_pool_submit(pool, run_errand, errand, (method->flags & SR_METHOD_URGENT) != 0, &err);
	if (status == SR_OK)
		return;
	free(errand);
	sr_call_refuse(call, NULL, status, &err);
}

static size_t descriptors_max(void *context, const char *name)
{
	const struct sr_method *method = sr_method_find(name);

	(void)context;
	return method && (method->flags & SR_METHOD_DESCRIPTORS) ? SR_LIMIT_FRAME_DESCRIPTORS_MANY
	                                                         : SR_LIMIT_FRAME_DESCRIPTORS;
}

static void gone(void *context, const struct sr_peer *peer)
{
	sr_reading_gone(context, peer);
}

struct sr_wire_handlers sr_dispatch_handlers(struct sr_keeper *keeper)
{
	return (struct sr_wire_handlers){
		.handle = handle, .descriptors_max = descriptors_max, .gone = gone, .context = keeper
	};
}
