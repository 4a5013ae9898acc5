/* SPDX-License-Identifier: Apache-2.0 */
/* A keeper that says yes: what was asked last, and how often.  For tests of requests without a server. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "api/request.h"
#include "api/service.h"
#include "appliance/base/json.h"

#define STAND_IN_CSRF "csrf-of-the-session"

struct stand_in {
	unsigned asked;
	char command[64];
	json_t *parameters; /* of the last call but WhoAmI */
};

static inline enum sr_status stand_in_ask(void *context, const struct sr_client_request *request,
                                          json_t **reply, struct sr_descriptors *got, char *refusal,
                                          struct sr_err *err)
{
	struct stand_in *keeper = context;
	json_t *answer;

	(void)got;
	(void)refusal;
	(void)err;
	keeper->asked++;
	if (strcmp(request->method, "WhoAmI") == 0) {
		answer = json_pack("{s:s,s:s}", "user", "li", "csrf", STAND_IN_CSRF);
	} else {
		snprintf(keeper->command, sizeof(keeper->command), "%s", request->method);
		json_decref(keeper->parameters);
		keeper->parameters = json_deep_copy(request->parameters);
		answer = json_pack("{s:s,s:s,s:s}", "token", "tok", "checkpoint", "note", "data", "AA==");
	}
	if (reply)
		*reply = answer;
	else
		json_decref(answer);
	return SR_OK;
}

/* The whole way of a request; @headers: name, value, …, NULL.  NULL-terminated @body may be NULL. */
static inline struct sr_request *stand_in_send(struct sr_service *service, const char *method,
                                               const char *target, const char *const *headers,
                                               const char *body, size_t size)
{
	struct sr_request *request = sr_request_new(service, method, target);
	char length[24];

	snprintf(length, sizeof(length), "%zu", size);
	snprintf(request->address, sizeof(request->address), "192.0.2.1");
	for (size_t i = 0; headers && headers[i]; i += 2)
		sr_request_header(request, headers[i], headers[i + 1]);
	if (size > 0)
		sr_request_header(request, "Content-Length", length);
	sr_request_begin(request);
	if (size > 0)
		sr_request_body(request, (const uint8_t *)body, size);
	if (sr_request_end(request))
		sr_request_run(request);
	sr_request_header(request, "X-Lives", length); /* the headers of the answer do not refer to it */
	return request;
}
