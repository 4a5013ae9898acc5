/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of what the server answers to (docs/HTTP.md).  The dispatcher, the OpenAPI document and the
 * metrics are made from it.  A path's "{name}" stands for one segment, "{name:count}" for one that is a whole
 * number, "{name*}" at the end for the rest of the path; their values are parameters of the command.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "api/uri.h"

struct sr_request;

#define SR_ROUTE_STRANGERS 1u /* needs no session */
#define SR_ROUTE_HERE 2u      /* answered in the event loop: no keeper is asked */
#define SR_ROUTE_SLOW 4u      /* may take seconds: threads of its own */
#define SR_ROUTE_TUS 8u       /* under the rules of tus 1.0 */
#define SR_ROUTE_LOOSE 16u    /* the body is the parameters, whatever they are: the keeper judges them */
#define SR_ROUTE_MAYBE 64u    /* needs no session, and counts it where there is one */
#define SR_ROUTE_JOB 32u      /* answered with 202; the command goes on in the background */

#define SR_ROUTE_VALUES 4u         /* "{…}" of one path */
#define SR_ROUTE_REST 512u         /* bytes of a "{name*}"; what is longer is at no address */
#define SR_ROUTE_BODY (256u << 10) /* a body's bytes, where the row does not say */

struct sr_route {
	const char *method;
	const char *path;
	const char *command; /* without "org.strongroom."; NULL: none of its own */
	const char *query;   /* as parameters.h: "limit:count? after:text?"; NULL: none */
	const char *body;    /* the same; NULL: none */
	unsigned status;     /* of a good answer */
	unsigned flags;
	size_t body_max; /* 0: SR_ROUTE_BODY */
	/* On a worker's thread, or with SR_ROUTE_HERE in the event loop; fills request->answer. */
	void (*run)(struct sr_request *request);
	/* Before the body is read, in the event loop: takes the body itself, or refuses.  May be NULL. */
	void (*begin)(struct sr_request *request);
	/* A command that the keeper answers at once (SR_METHOD_AT_ONCE), asked before _run together with
	 * others' (asks.h); NULL: none.  @ahead_with, in the event loop, makes its parameters; NULL from it:
	 * not this time; NULL instead of it: there are none. */
	const char *ahead;
	json_t *(*ahead_with)(struct sr_request *request);
	const char *summary;
};

/* NULL behind the last. */
const struct sr_route *sr_route_at(size_t index);
/* Of the table: 0, 1, … */
size_t sr_route_index(const struct sr_route *route);

struct sr_route_match {
	const struct sr_route *route; /* NULL: none with that path and method */
	bool path_known;              /* another method would do */
	const char *value[SR_ROUTE_VALUES];
	char rest[SR_ROUTE_REST]; /* of "{name*}", which value[] points to */
};

/* @method HEAD takes the row of GET where it has none of its own. */
void sr_route_find(const char *method, const struct sr_uri *uri, struct sr_route_match *out);
/* Methods of the path for Allow: "GET, HEAD, POST, OPTIONS". */
void sr_route_allowed(const struct sr_uri *uri, char *out, size_t capacity);

/* The name of "{…}" number @index of @path, and its kind ("text", "count" or "rest"); false behind the last.
 */
bool sr_route_value_name(const char *path, size_t index, char name[32], const char **kind);
