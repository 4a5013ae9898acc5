/* SPDX-License-Identifier: Apache-2.0 */
/* What a request asks of the keeper, in its session's name. */
#include "api/request.h"

#include <string.h>

#include "api/service.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

enum sr_status sr_request_claim(const struct sr_request *request, json_t *parameters, struct sr_err *err)
{
	if (request->auth != SR_AUTH_NONE)
		SR_TRY(sr_json_set(parameters, "session", json_string(request->token), err));
	return sr_json_set(parameters, "address", json_string(request->address), err);
}

/* --- ahead ----------------------------------------------------------------------------------------- */

bool sr_request_asks_ahead(struct sr_request *request)
{
	const struct sr_route *route = request->match.route;
	struct sr_ask *ask = &request->ahead;
	struct sr_err err;

	if (!route->ahead)
		return false;
	json_t *parameters = route->ahead_with ? route->ahead_with(request) : json_object();
	if (!parameters || sr_request_claim(request, parameters, &err) != SR_OK) {
		json_decref(parameters);
		return false; /* asked in the usual way */
	}
	ask->command = route->ahead;
	ask->parameters = parameters;
	return true;
}

/* The answer that came ahead counts once. */
static bool take_ahead(struct sr_request *request, const char *command)
{
	if (!request->ahead.answered || strcmp(request->ahead.command, command) != 0)
		return false;
	request->ahead.answered = false;
	return true;
}

/* --- asking ---------------------------------------------------------------------------------------- */

static enum sr_status ask(struct sr_request *request, const char *command, json_t *parameters, json_t **reply,
                          struct sr_descriptors *got, char *refusal, struct sr_err *err)
{
	const struct sr_keeper_link *link = &request->service->link;
	const struct sr_client_request call = { .method = command, .parameters = parameters };

	if (!parameters)
		return sr_fail(err, SR_NO_MEMORY, "no memory");
	SR_TRY(sr_request_claim(request, parameters, err));
	return link->ask(link->context, &call, reply, got, refusal, err);
}

bool sr_request_ask(struct sr_request *request, const char *command, json_t *parameters, json_t **reply,
                    struct sr_descriptors *got)
{
	SR_CLEANUP(sr_json_decrefp) json_t *taken = parameters;
	char refusal[SR_MESSAGE_NAME_BYTES] = "";
	struct sr_err err = { 0 };

	if (take_ahead(request, command)) {
		const struct sr_ask *ahead = &request->ahead;

		if (ahead->status == SR_OK)
			*reply = json_incref(ahead->reply);
		else
			sr_request_refused(request, ahead->refusal, ahead->status, &ahead->err);
		return ahead->status == SR_OK;
	}
	const enum sr_status status = ask(request, command, taken, reply, got, refusal, &err);
	if (status == SR_OK)
		return true;
	sr_request_refused(request, refusal, status, &err);
	return false;
}
