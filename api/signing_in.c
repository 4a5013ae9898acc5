/* SPDX-License-Identifier: Apache-2.0 */
#include "api/signing_in.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

/* Of the browser's session: it ends with the browser, and the keeper ends it sooner. */
#define COOKIE_RULES "; Path=/; Secure; HttpOnly; SameSite=Strict"

static void clear_cookie(struct sr_request *request)
{
	struct sr_err err;

	if (sr_answer_header(&request->answer, &err, "Set-Cookie",
	                     SR_COOKIE_SESSION "=; Max-Age=0" COOKIE_RULES) != SR_OK)
		sr_request_problem(request, "NoMemory", NULL);
}

void sr_sign_in(struct sr_request *request)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_err err;

	if (!sr_request_parameters(request, &parameters) ||
	    !sr_request_ask(request, request->match.route->command, SR_MOVE(parameters), &reply, NULL))
		return;
	const char *token = sr_json_text(reply, "token");
	if (!token) {
		sr_request_problem(request, "Io", NULL);
		return;
	}
	enum sr_status status = sr_answer_header(&request->answer, &err, "Set-Cookie",
	                                         SR_COOKIE_SESSION "=%s" COOKIE_RULES, token);
	if (status == SR_OK)
		sr_request_json(request, json_incref(reply));
	else
		sr_request_refused(request, "", status, &err);
}

void sr_sign_in_who(struct sr_request *request)
{
	json_t *reply = NULL;

	if (!sr_request_ask(request, "WhoAmI", json_object(), &reply, NULL))
		return;
	if (sr_json_text(reply, "user")) {
		sr_request_json(request, reply);
		return;
	}
	json_decref(reply);
	sr_request_problem(request, "NotSignedIn", "sign in first: POST /api/v1/session");
}

void sr_sign_out(struct sr_request *request)
{
	json_t *reply = NULL;

	if (!sr_request_ask(request, "CloseSession", json_object(), &reply, NULL))
		return;
	sr_request_json(request, reply);
	clear_cookie(request);
}

void sr_sign_out_everywhere(struct sr_request *request)
{
	const char *one = sr_request_value(request, "session");
	const char *user = sr_uri_value(&request->uri, "user");
	json_t *parameters = json_object(), *reply = NULL;
	struct sr_err err;

	enum sr_status status = SR_OK;
	if (one)
		status = sr_json_set(parameters, "which", json_string(one), &err);
	if (status == SR_OK && user && user[0])
		status = sr_json_set(parameters, "user", json_string(user), &err);
	if (status != SR_OK) {
		json_decref(parameters);
		sr_request_refused(request, "", status, &err);
		return;
	}
	if (sr_request_ask(request, "EndSessions", parameters, &reply, NULL))
		sr_request_json(request, reply);
}
