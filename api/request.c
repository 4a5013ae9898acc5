/* SPDX-License-Identifier: Apache-2.0 */
#include "api/request.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "api/problem.h"
#include "api/service.h"
#include "api/tus.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "appliance/base/text.h"

#define HEADERS_MAX 64u
#define CHUNKED UINT64_MAX

/* --- birth and death ------------------------------------------------------------------------------- */

struct sr_request *sr_request_new(struct sr_service *service, const char *method, const char *target)
{
	struct sr_request *request = calloc(1, sizeof(*request));
	struct timespec now;

	if (!request)
		return NULL;
	request->service = service;
	request->target = strndup(target, SR_URI_BYTES + 1);
	request->target_size = request->target ? strlen(request->target) : 0;
	snprintf(request->method, sizeof(request->method), "%s", method);
	request->body.secret = request->answer.body.secret = true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	request->began_ns = now.tv_sec * SR_SECOND_NS + now.tv_nsec;
	if (!request->target)
		sr_request_freep(&request);
	return request;
}

void sr_request_free(struct sr_request *request)
{
	if (!request)
		return;
	sr_answer_dispose(&request->answer);
	sr_ask_dispose(&request->ahead);
	if (request->work_free)
		request->work_free(request->work);
	sr_buf_dispose(&request->body);
	if (request->target)
		sr_wipe(request->target, request->target_size);
	free(request->target);
	sr_wipe(request, sizeof(*request));
	free(request);
}

void sr_request_header(struct sr_request *request, const char *name, const char *value)
{
	static const char *const names[SR_HEADERS] = {
		[SR_HEADER_AUTHORIZATION] = "Authorization",
		[SR_HEADER_CONTENT_LENGTH] = "Content-Length",
		[SR_HEADER_CONTENT_TYPE] = "Content-Type",
		[SR_HEADER_COOKIE] = "Cookie",
		[SR_HEADER_CSRF] = "X-CSRF-Token",
		[SR_HEADER_FETCH_SITE] = "Sec-Fetch-Site",
		[SR_HEADER_HOST] = "Host",
		[SR_HEADER_IF_MATCH] = "If-Match",
		[SR_HEADER_IF_NONE_MATCH] = "If-None-Match",
		[SR_HEADER_IF_RANGE] = "If-Range",
		[SR_HEADER_METHOD_OVERRIDE] = "X-HTTP-Method-Override",
		[SR_HEADER_RANGE] = "Range",
		[SR_HEADER_TRANSFER_ENCODING] = "Transfer-Encoding",
		[SR_HEADER_TUS_RESUMABLE] = "Tus-Resumable",
		[SR_HEADER_UPLOAD_CHECKSUM] = "Upload-Checksum",
		[SR_HEADER_UPLOAD_DEFER] = "Upload-Defer-Length",
		[SR_HEADER_UPLOAD_LENGTH] = "Upload-Length",
		[SR_HEADER_UPLOAD_METADATA] = "Upload-Metadata",
		[SR_HEADER_UPLOAD_OFFSET] = "Upload-Offset",
	};

	request->header_count++;
	for (size_t i = 0; i < SR_HEADERS; i++) {
		if (strcasecmp(names[i], name) != 0)
			continue;
		request->header_doubled = request->header_doubled || request->header[i];
		request->header[i] = value ? value : "";
	}
}

/* --- answers --------------------------------------------------------------------------------------- */

static void take_json(struct sr_request *request, unsigned status, const char *type, json_t *json)
{
	struct sr_err err;

	request->answer.status = status;
	request->answer.type = type;
	if (!json || sr_json_write(json, &request->answer.body, &err) != SR_OK) {
		sr_answer_reset(&request->answer);
		request->answer.status = 503;
	}
	json_decref(json);
	request->answered = true;
}

static bool is_forged(const char *name)
{
	return strcmp(name, "CrossSite") == 0 || strcmp(name, "MissingCsrfToken") == 0;
}

/*
 * Signing in with a wrong password is 401; with a session, a wrong old password is 403.  A checkpoint that
 * does not hold is the caller's.
 */
static unsigned status_for(const struct sr_request *request, const char *name)
{
	const struct sr_route *route = request->match.route;
	const char *command = route && route->command ? route->command : "";
	const unsigned status = sr_problem_status(name);

	if (status == 403 && !is_forged(name) && strcmp(command, "OpenSession") == 0)
		return 401;
	if (strcmp(command, "ProveExtension") == 0 &&
	    (sr_text_ends_with(name, "Tampered") || sr_text_ends_with(name, "Corrupt")))
		return 422;
	return status;
}

/* What another site may have made a browser send is refused before the keeper hears of it: a line a second.
 */
static void log_forged(const struct sr_request *request, const char *name)
{
	static atomic_ulong unsaid;
	static atomic_int_fast64_t said_s;
	int_fast64_t before = atomic_load(&said_s);
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	const unsigned long count = atomic_fetch_add(&unsaid, 1) + 1;
	if (now.tv_sec <= before || !atomic_compare_exchange_strong(&said_s, &before, now.tv_sec))
		return;
	atomic_fetch_sub(&unsaid, count);
	sr_log(SR_LOG_WARNING, "api: %lu refused as forged, the last from %s: %s %s: %s", count,
	       request->address, request->method, request->match.route ? request->match.route->path : "",
	       name);
}

/* Takes @problem. */
static void answer_problem(struct sr_request *request, const char *name, unsigned status, json_t *problem)
{
	struct sr_err err;

	if (is_forged(name))
		log_forged(request, name);
	sr_answer_reset(&request->answer);
	if (status == 401 && sr_answer_header(&request->answer, &err, "WWW-Authenticate", "Bearer") != SR_OK)
		sr_log(SR_LOG_WARNING, "%s", err.text);
	if ((status == 503 || status == 429) &&
	    sr_answer_header(&request->answer, &err, "Retry-After", "%d", status == 429 ? 60 : 2) != SR_OK)
		sr_log(SR_LOG_WARNING, "%s", err.text);
	take_json(request, status, "application/problem+json", problem);
}

void sr_request_problem(struct sr_request *request, const char *name, const char *detail)
{
	const unsigned status = status_for(request, name);

	answer_problem(request, name, status, sr_problem_make(name, status, detail));
}

void sr_request_refused(struct sr_request *request, const char *refusal, enum sr_status status,
                        const struct sr_err *err)
{
	const char *name = refusal && refusal[0] ? refusal : sr_problem_name(status);

	if (strcmp(name, "org.varlink.service.MethodNotFound") == 0)
		name = "NotInThisVersion";
	if (sr_problem_status(name) == 500)
		sr_log(SR_LOG_WARNING, "api: %s %s: %s", request->method,
		       request->match.route ? request->match.route->path : "", err->text);
	answer_problem(request, name, status_for(request, name),
	               sr_problem_of(name, status_for(request, name), err));
}

void sr_request_json(struct sr_request *request, json_t *json)
{
	const unsigned status = request->match.route->status;

	if (status == 204) {
		request->answer.status = status;
		request->answered = true;
		json_decref(json);
		return;
	}
	take_json(request, status, "application/json", json ? json : json_object());
}

/* --- the keeper ------------------------------------------------------------------------------------ */

/* The session is alive, and with a cookie the header token is its own. */
static bool session_is_good(struct sr_request *request)
{
	SR_CLEANUP(sr_json_decrefp) json_t *who = NULL;

	if (!sr_request_ask(request, "WhoAmI", json_object(), &who, NULL))
		return false;
	if (!sr_json_text(who, "user")) {
		sr_request_problem(request, "NotSignedIn", "sign in first");
		return false;
	}
	const char *csrf = sr_json_text(who, "csrf");
	const char *shown = request->header[SR_HEADER_CSRF];
	if (request->auth != SR_AUTH_COOKIE || (csrf && csrf[0] && shown && strlen(csrf) == strlen(shown) &&
	                                        sr_secret_equal(csrf, shown, strlen(csrf))))
		return true;
	sr_request_problem(request, "MissingCsrfToken",
	                   "send the session's csrf as X-CSRF-Token (GET /api/v1/session says it)");
	return false;
}

/* --- the header is whole --------------------------------------------------------------------------- */

static bool is_unsafe(const struct sr_request *request)
{
	return strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0 &&
	       strcmp(request->method, "OPTIONS") != 0;
}

/* Where the body ends must be one program's answer and every program's. */
static bool framing_is_clear(struct sr_request *request)
{
	const char *coding = request->header[SR_HEADER_TRANSFER_ENCODING];
	const char *length = request->header[SR_HEADER_CONTENT_LENGTH];

	if (request->header_count > HEADERS_MAX) {
		sr_request_problem(request, "TooManyHeaders", NULL);
		return false;
	}
	if (request->header_doubled || (coding && (length || strcasecmp(coding, "chunked") != 0)) ||
	    (length && !sr_decimal_parse(length, strlen(length), INT64_MAX, &request->body_declared))) {
		request->body_declared = CHUNKED; /* nobody knows where it ends */
		sr_request_problem(request, "BadRequest",
		                   "headers are doubled, or say two things about where the body ends");
		return false;
	}
	if (coding)
		request->body_declared = CHUNKED;
	return true;
}

static void answer_options(struct sr_request *request)
{
	struct sr_answer *answer = &request->answer;
	char allowed[128];
	struct sr_err err;

	sr_route_allowed(&request->uri, allowed, sizeof(allowed));
	answer->status = 204;
	request->answered = true;
	if (sr_answer_header(answer, &err, "Allow", "%s", allowed) != SR_OK)
		sr_request_problem(request, "NoMemory", NULL);
}

static void apply_override(struct sr_request *request)
{
	const char *other = request->header[SR_HEADER_METHOD_OVERRIDE];
	static const char *const methods[] = { "PATCH", "DELETE", "HEAD" };

	for (size_t i = 0; other && i < SR_COUNT(methods); i++)
		if (strcmp(request->method, "POST") == 0 && strcmp(other, methods[i]) == 0 &&
		    request->uri.segments >= 3 && strcmp(request->uri.segment[2], "uploads") == 0)
			snprintf(request->method, sizeof(request->method), "%s", methods[i]);
}

static bool find_route(struct sr_request *request)
{
	struct sr_err err;
	char allowed[128];

	enum sr_status status = sr_uri_parse(request->target, &request->uri, &err);
	if (status != SR_OK) {
		sr_request_refused(request, status == SR_LIMIT ? "AddressTooLong" : "BadRequest", status,
		                   &err);
		return false;
	}
	apply_override(request);
	sr_route_find(request->method, &request->uri, &request->match);
	if (request->match.route)
		return true;
	if (!request->match.path_known) {
		sr_request_problem(request, "NoSuchPath", NULL);
		return false;
	}
	if (strcmp(request->method, "OPTIONS") == 0) {
		answer_options(request);
		return false;
	}
	sr_request_problem(request, "MethodNotAllowed", NULL);
	sr_route_allowed(&request->uri, allowed, sizeof(allowed));
	if (sr_answer_header(&request->answer, &err, "Allow", "%s", allowed) != SR_OK)
		sr_request_problem(request, "NoMemory", NULL);
	return false;
}

static bool caller_may_try(struct sr_request *request)
{
	const char *site = request->header[SR_HEADER_FETCH_SITE];
	const char *authorization = request->header[SR_HEADER_AUTHORIZATION];
	const unsigned flags = request->match.route->flags;

	if (authorization && sr_cookie_bearer(authorization, request->token))
		request->auth = SR_AUTH_BEARER;
	else if (!authorization && sr_cookie_session(request->header[SR_HEADER_COOKIE], request->token))
		request->auth = SR_AUTH_COOKIE;
	if (is_unsafe(request) && site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
		sr_request_problem(request, "CrossSite", NULL);
		return false;
	}
	if (flags & SR_ROUTE_STRANGERS)
		request->auth = SR_AUTH_NONE; /* what needs no session is not done in anybody's name */
	if (flags & (SR_ROUTE_STRANGERS | SR_ROUTE_MAYBE))
		return true;
	if (request->auth == SR_AUTH_NONE) {
		sr_request_problem(request, "NotSignedIn", "sign in first: POST /api/v1/session");
		return false;
	}
	if (request->auth == SR_AUTH_COOKIE && is_unsafe(request) && !request->header[SR_HEADER_CSRF]) {
		sr_request_problem(request, "MissingCsrfToken", "X-CSRF-Token is missing");
		return false;
	}
	return true;
}

static bool takes_json(const struct sr_route *route)
{
	return route->body || (route->flags & SR_ROUTE_LOOSE);
}

static size_t body_max(const struct sr_route *route)
{
	if (!takes_json(route))
		return 0;
	return route->body_max ? route->body_max : SR_ROUTE_BODY;
}

static bool body_is_welcome(struct sr_request *request)
{
	const struct sr_route *route = request->match.route;
	const char *type = request->header[SR_HEADER_CONTENT_TYPE];

	if (route->begin || request->body_declared == 0)
		return true;
	if (!takes_json(route)) {
		sr_request_problem(request, "BadRequest", "this takes no body");
		return false;
	}
	if (request->body_declared != CHUNKED && request->body_declared > body_max(route)) {
		sr_request_problem(request, "BodyTooLarge", NULL);
		return false;
	}
	if (!type || strncasecmp(type, "application/json", 16) != 0 ||
	    (type[16] && !strchr("; \t", type[16]))) {
		sr_request_problem(request, "UnsupportedMediaType", "send application/json");
		return false;
	}
	return true;
}

static bool tus_is_right(struct sr_request *request)
{
	const char *version = request->header[SR_HEADER_TUS_RESUMABLE];
	struct sr_err err;

	if (!(request->match.route->flags & SR_ROUTE_TUS) || strcmp(request->method, "OPTIONS") == 0 ||
	    (version && strcmp(version, SR_TUS_VERSION) == 0))
		return true;
	sr_request_problem(request, "PreconditionFailed", "Tus-Resumable must be " SR_TUS_VERSION);
	if (sr_answer_header(&request->answer, &err, "Tus-Version", SR_TUS_VERSION) != SR_OK)
		sr_request_problem(request, "NoMemory", NULL);
	return false;
}

void sr_request_begin(struct sr_request *request)
{
	if (!framing_is_clear(request) || !find_route(request) || !caller_may_try(request) ||
	    !tus_is_right(request) || !body_is_welcome(request))
		return;
	const struct sr_route *route = request->match.route;
	if (!route->begin)
		return;
	if (request->auth == SR_AUTH_COOKIE && is_unsafe(request) && !session_is_good(request))
		return;
	route->begin(request);
}

/* --- the body, and the end ------------------------------------------------------------------------- */

void sr_request_body(struct sr_request *request, const uint8_t *data, size_t size)
{
	struct sr_err err;

	if (request->answered || !request->match.route)
		return; /* the rest of what was refused */
	if (request->take_body) {
		request->take_body(request, data, size);
		return;
	}
	if (request->body_dropped || size > body_max(request->match.route) - request->body.size ||
	    sr_buf_add(&request->body, data, size, &err) != SR_OK) {
		request->body_dropped = true;
		sr_request_problem(request, "BodyTooLarge", NULL);
	}
}

bool sr_request_end(struct sr_request *request)
{
	if (request->answered)
		return false;
	if (!(request->match.route->flags & SR_ROUTE_HERE))
		return true;
	request->match.route->run(request);
	return false;
}

static void run_command(struct sr_request *request)
{
	json_t *parameters = NULL, *reply = NULL;

	if (sr_request_parameters(request, &parameters) &&
	    sr_request_ask(request, request->match.route->command, parameters, &reply, NULL))
		sr_request_json(request, reply);
}

void sr_request_run(struct sr_request *request)
{
	const struct sr_route *route = request->match.route;

	if (!route->begin && request->auth != SR_AUTH_NONE && is_unsafe(request) &&
	    (request->auth == SR_AUTH_COOKIE || request->body.size > 0) && !session_is_good(request))
		return;
	if (route->run)
		route->run(request);
	else if (route->flags & SR_ROUTE_JOB)
		sr_jobs_begin(request);
	else
		run_command(request);
	if (!request->answered)
		sr_request_problem(request, "Io", NULL);
}
