/* SPDX-License-Identifier: Apache-2.0 */
#include "api/carried.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/tus.h"
#include "appliance/base/clock.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "appliance/base/text.h"

#define BLOCK_BYTES 65536u
#define DRAIN_BYTES (8u << 20)

#define PAGE_POLICY                                                                                          \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "              \
	"media-src 'self' blob:; font-src 'self'; connect-src 'self'; frame-src 'self' blob:; "              \
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
/* Whatever a member holds, it runs nothing.  A browser's viewer of PDF does not work in a sandbox. */
#define CONTENT_POLICY "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
#define PDF_POLICY "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"

/* --- from the library ------------------------------------------------------------------------------ */

struct sr_carried *sr_carried_new(struct sr_server_parts *parts, struct sr_watch *watch, const char *target)
{
	struct sr_carried *carried = calloc(1, sizeof(*carried));

	if (!carried)
		return NULL;
	carried->parts = parts;
	carried->watch = watch;
	carried->target = strndup(target, SR_URI_BYTES + 1);
	if (!carried->target) {
		free(carried);
		return NULL;
	}
	return carried;
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
	(void)kind;
	sr_request_header(context, name, value);
	return MHD_YES;
}

/* "192.0.2.1", "2001:db8::1"; IPv4 within IPv6 as IPv4. */
static void take_address(struct MHD_Connection *connection, char out[SR_REQUEST_ADDRESS])
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info ? info->client_addr : NULL;
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	snprintf(out, SR_REQUEST_ADDRESS, "unknown");
	if (address && address->sa_family == AF_INET) {
		memcpy(&four, address, sizeof(four));
		(void)inet_ntop(AF_INET, &four.sin_addr, out, SR_REQUEST_ADDRESS);
	} else if (address && address->sa_family == AF_INET6) {
		memcpy(&six, address, sizeof(six));
		if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
			(void)inet_ntop(AF_INET, &six.sin6_addr.s6_addr[12], out, SR_REQUEST_ADDRESS);
		else
			(void)inet_ntop(AF_INET6, &six.sin6_addr, out, SR_REQUEST_ADDRESS);
	}
}

bool sr_carried_begin(struct sr_carried *carried, struct MHD_Connection *connection, const char *method)
{
	struct sr_request *request = sr_request_new(carried->parts->service, method, carried->target);

	if (!request)
		return false;
	carried->connection = connection;
	carried->request = request;
	atomic_fetch_add(&carried->parts->under_way, 1);
	take_address(connection, request->address);
	(void)MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, request);
	sr_request_begin(request);
	return true;
}

bool sr_carried_drains(const struct sr_carried *carried)
{
	const uint64_t declared = carried->request->body_declared;

	return declared > 0 && declared <= DRAIN_BYTES &&
	       !MHD_lookup_connection_value(carried->connection, MHD_HEADER_KIND, "Expect");
}

/* --- to the library -------------------------------------------------------------------------------- */

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t room)
{
	struct sr_carried *carried = context;
	const struct sr_stream *stream = &carried->request->answer.stream;
	const ssize_t got = stream->read(stream->context, position, (uint8_t *)out, room);

	sr_watch_more(carried->watch, got > 0 && (uint64_t)got < stream->size - position);
	if (got < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR; /* cut: never a short success */
	atomic_fetch_add(&carried->sent, (uint_fast64_t)got);
	sr_watch_moved(carried->watch, (size_t)got);
	return got;
}

static struct MHD_Response *make_response(struct sr_carried *carried)
{
	static char nothing[1];
	const struct sr_answer *answer = &carried->request->answer;
	const void *data = answer->fixed ? answer->fixed : answer->body.data;
	const size_t size = answer->fixed ? answer->fixed_size : answer->body.size;

	if (answer->stream.read && answer->stream.size > 0)
		return MHD_create_response_from_callback(answer->stream.size, BLOCK_BYTES, read_stream,
		                                         carried, NULL);
	atomic_store(&carried->sent, size);
	sr_watch_moved(carried->watch, size);
	return MHD_create_response_from_buffer(size, size ? (void *)(uintptr_t)data : nothing,
	                                       MHD_RESPMEM_PERSISTENT);
}

static bool add(struct MHD_Response *response, const char *name, const char *value)
{
	return MHD_add_response_header(response, name, value) == MHD_YES;
}

static const char *policy_of(const struct sr_answer *answer)
{
	const char *type = sr_answer_value(answer, "Content-Type");

	if (!answer->content)
		return PAGE_POLICY;
	return type && strcmp(type, "application/pdf") == 0 ? PDF_POLICY : CONTENT_POLICY;
}

static bool add_headers(const struct sr_carried *carried, struct MHD_Response *response)
{
	const struct sr_request *request = carried->request;
	const struct sr_answer *answer = &request->answer;
	const struct sr_route *route = request->match.route;
	bool good = add(response, "X-Content-Type-Options", "nosniff") &&
	            add(response, "Referrer-Policy", "no-referrer") &&
	            add(response, "X-Frame-Options", answer->content ? "SAMEORIGIN" : "DENY") &&
	            add(response, "Cross-Origin-Resource-Policy", "same-origin") &&
	            add(response, "Cross-Origin-Opener-Policy", "same-origin") &&
	            add(response, "Permissions-Policy", "camera=(), microphone=(), geolocation=()") &&
	            add(response, "Strict-Transport-Security", "max-age=31536000") &&
	            add(response, "Content-Security-Policy", policy_of(answer));

	if (answer->type)
		good = good && add(response, "Content-Type", answer->type);
	if (!sr_answer_value(answer, "Cache-Control"))
		good = good && add(response, "Cache-Control", "no-store");
	if (route && (route->flags & SR_ROUTE_TUS))
		good = good && add(response, "Tus-Resumable", SR_TUS_VERSION);
	if (atomic_load(&request->service->stopping))
		good = good && add(response, "Connection", "close");
	for (size_t i = 0; i < answer->headers; i++)
		good = good && add(response, answer->header[i].name, answer->header[i].value);
	return good;
}

enum MHD_Result sr_carried_send(struct sr_carried *carried)
{
	enum MHD_Result result = MHD_NO;

	sr_watch_phase(carried->watch, SR_WATCH_SENDING);
	struct MHD_Response *response = make_response(carried);
	if (response && add_headers(carried, response))
		result = MHD_queue_response(carried->connection, carried->request->answer.status, response);
	if (response)
		MHD_destroy_response(response);
	return result;
}

/* --- the end --------------------------------------------------------------------------------------- */

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SR_SECOND_NS + now.tv_nsec;
}

/* The route's pattern, not the address: what stands in addresses may be a secret, such as a code. */
static void account(const struct sr_carried *carried, bool whole)
{
	const struct sr_request *request = carried->request;
	const struct sr_route *route = request->match.route;
	const int64_t took_ns = now_ns() - request->began_ns;
	const uint64_t sent = atomic_load(&carried->sent);

	sr_metrics_request(carried->parts->service->metrics, route, request->answer.status, took_ns, sent);
	if (carried->parts->access_lines)
		sr_log(SR_LOG_NOTICE, "api: %s %s %s %u %llu %lld us%s", request->address, request->method,
		       route ? route->path : "-", request->answer.status, (unsigned long long)sent,
		       (long long)(took_ns / 1000), whole ? "" : " cut");
}

void sr_carried_end(struct sr_carried *carried, bool whole)
{
	sr_watch_more(carried->watch, false);
	if (carried->request) {
		account(carried, whole);
		atomic_fetch_sub(&carried->parts->under_way, 1);
		sr_request_free(carried->request);
	}
	sr_wipe(carried->target, strlen(carried->target));
	free(carried->target);
	free(carried);
}
