/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request from its first line to its answer, without the library that carries it: so the whole path can
 * be driven by tests and by the fuzzer with a stand-in keeper.  One thread at a time.
 *
 *	sr_request_new      the method and target are known
 *	sr_request_begin    the header is whole: finds the route, judges what can be judged; may answer at
 *once sr_request_body     pieces of the body sr_request_end      the body is whole; true: sr_request_run is
 *to be called, on a worker's thread sr_request_run      asks the keeper and answers sr_request_free
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/answer.h"
#include "api/asks.h"
#include "api/cookie.h"
#include "api/keeper_link.h"
#include "api/route.h"
#include "appliance/base/buf.h"

#define SR_REQUEST_ADDRESS 64u

/* Headers that mean something here; any of them given twice is refused. */
enum sr_header {
	SR_HEADER_AUTHORIZATION,
	SR_HEADER_CONTENT_LENGTH,
	SR_HEADER_CONTENT_TYPE,
	SR_HEADER_COOKIE,
	SR_HEADER_CSRF,
	SR_HEADER_FETCH_SITE,
	SR_HEADER_HOST,
	SR_HEADER_IF_MATCH,
	SR_HEADER_IF_NONE_MATCH,
	SR_HEADER_IF_RANGE,
	SR_HEADER_METHOD_OVERRIDE,
	SR_HEADER_RANGE,
	SR_HEADER_TRANSFER_ENCODING,
	SR_HEADER_TUS_RESUMABLE,
	SR_HEADER_UPLOAD_CHECKSUM,
	SR_HEADER_UPLOAD_DEFER,
	SR_HEADER_UPLOAD_LENGTH,
	SR_HEADER_UPLOAD_METADATA,
	SR_HEADER_UPLOAD_OFFSET,
	SR_HEADERS,
};

enum sr_request_auth {
	SR_AUTH_NONE,
	SR_AUTH_BEARER,
	SR_AUTH_COOKIE,
};

struct sr_service; /* service.h */

struct sr_request {
	struct sr_service *service;
	char *target; /* decoded where it stands by _begin */
	size_t target_size;
	char method[16];
	const char *header[SR_HEADERS]; /* borrowed from the carrier; NULL: not there */
	unsigned header_count;
	bool header_doubled;
	char address[SR_REQUEST_ADDRESS];

	struct sr_uri uri;
	struct sr_route_match match;
	enum sr_request_auth auth;
	char token[SR_COOKIE_TOKEN_BYTES];
	uint64_t body_declared; /* Content-Length; UINT64_MAX: chunked */
	struct sr_buf body;     /* wiped: a password may be in it */
	bool body_dropped;
	/* A route that takes the body itself: a piece of it.  Answers on failure. */
	void (*take_body)(struct sr_request *request, const uint8_t *data, size_t size);

	struct sr_ask ahead; /* what the keeper was asked before _run */
	bool answered;
	struct sr_answer answer;
	void *work; /* the route's own */
	void (*work_free)(void *work);
	int64_t began_ns; /* CLOCK_MONOTONIC */
};

/* NULL: no memory.  @method and @target are copied. */
struct sr_request *sr_request_new(struct sr_service *service, const char *method, const char *target);
void sr_request_free(struct sr_request *request); /* NULL is allowed */
static inline void sr_request_freep(struct sr_request **request)
{
	sr_request_free(*request);
	*request = NULL;
}

/* Note a header; the texts stay the carrier's. */
void sr_request_header(struct sr_request *request, const char *name, const char *value);

void sr_request_begin(struct sr_request *request);
void sr_request_body(struct sr_request *request, const uint8_t *data, size_t size);
bool sr_request_end(struct sr_request *request);
/*
 * Behind sr_request_end, in the event loop: true where the route knows what the keeper must be asked first
 * and answers at once.  Then request->ahead is put to it, and sr_request_run goes on with its answer: here
 * and now where that is good, on a worker's thread where it is a refusal.
 */
bool sr_request_asks_ahead(struct sr_request *request);
void sr_request_run(struct sr_request *request);

/* --- for routes ------------------------------------------------------------------------------------ */

/* Answer with a problem (RFC 9457): @name is the keeper's or one of problem.h's. */
void sr_request_problem(struct sr_request *request, const char *name, const char *detail);
/* The same for whatever a call of the keeper gave; @refusal is the full name or "". */
void sr_request_refused(struct sr_request *request, const char *refusal, enum sr_status status,
                        const struct sr_err *err);
/* Answer with the route's status and @json, which is taken; NULL: without a body. */
void sr_request_json(struct sr_request *request, json_t *json);
/* Parameters of the route's command, from path, query and body.  False: it was answered already. */
bool sr_request_parameters(struct sr_request *request, json_t **out);
/*
 * Give a command in the name of the request's session.  @parameters is taken.  False: it was answered
 * already.  @got may be NULL.
 */
bool sr_request_ask(struct sr_request *request, const char *command, json_t *parameters, json_t **reply,
                    struct sr_descriptors *got);
/* Add who calls: session and address. */
SR_CHECKED enum sr_status sr_request_claim(const struct sr_request *request, json_t *parameters,
                                           struct sr_err *err);
/* The value of "{name}" of the path; NULL: there is none. */
const char *sr_request_value(const struct sr_request *request, const char *name);
