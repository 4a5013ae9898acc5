/* SPDX-License-Identifier: Apache-2.0 */
#include "api/openapi.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "api/route.h"
#include "api/special.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/methods.h"
#include "appliance/keeper/wire/wire_error.h"

/* --- schemas --------------------------------------------------------------------------------------- */

static json_t *schema_of(const char *kind)
{
	if (strcmp(kind, "count") == 0)
		return json_pack("{s:s,s:i}", "type", "integer", "minimum", 0);
	if (strcmp(kind, "flag") == 0)
		return json_pack("{s:s}", "type", "boolean");
	if (strcmp(kind, "texts") == 0)
		return json_pack("{s:s,s:{s:s}}", "type", "array", "items", "type", "string");
	if (strcmp(kind, "counts") == 0)
		return json_pack("{s:s,s:{s:s}}", "type", "array", "items", "type", "integer");
	if (strcmp(kind, "object") == 0)
		return json_pack("{s:s}", "type", "object");
	if (strcmp(kind, "objects") == 0)
		return json_pack("{s:s,s:{s:s}}", "type", "array", "items", "type", "object");
	if (strcmp(kind, "any") == 0)
		return json_object();
	return json_pack("{s:s,s:i,s:i}", "type", "string", "minLength", 1, "maxLength",
	                 strcmp(kind, "prose") == 0 ? 65536 : 4096);
}

struct word {
	char name[32], kind[16];
	bool optional;
};

/* The next of "a:text b:count?"; false at the end. */
static bool next_word(const char **at, struct word *out)
{
	*at += strspn(*at, " ");
	const size_t size = strcspn(*at, " ");
	const char *colon = memchr(*at, ':', size);

	if (size == 0 || !colon)
		return false;
	out->optional = (*at)[size - 1] == '?';
	snprintf(out->name, sizeof(out->name), "%.*s", (int)(colon - *at), *at);
	snprintf(out->kind, sizeof(out->kind), "%.*s",
	         (int)(size - (size_t)(colon + 1 - *at) - out->optional), colon + 1);
	*at += size;
	return true;
}

static enum sr_status add_parameter(json_t *list, const char *place, const char *name, bool required,
                                    const char *kind, struct sr_err *err)
{
	return sr_json_append(list,
	                      json_pack("{s:s,s:s,s:b,s:o}", "name", name, "in", place, "required", required,
	                                "schema", schema_of(kind)),
	                      err);
}

static enum sr_status parameters_of(const struct sr_route *route, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	const char *kind, *at = route->query ? route->query : "";
	struct word word;
	char name[32];

	for (size_t i = 0; sr_route_value_name(route->path, i, name, &kind); i++)
		SR_TRY(add_parameter(list, "path", name, true, kind, err));
	while (next_word(&at, &word))
		SR_TRY(add_parameter(list, "query", word.name, !word.optional, word.kind, err));
	*out = SR_MOVE(list);
	return SR_OK;
}

static enum sr_status body_of(const struct sr_route *route, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *properties = json_object();
	SR_CLEANUP(sr_json_decrefp) json_t *required = json_array();
	const char *at = route->body ? route->body : "";
	struct word word;

	while (next_word(&at, &word)) {
		SR_TRY(sr_json_set(properties, word.name, schema_of(word.kind), err));
		if (!word.optional)
			SR_TRY(sr_json_append(required, json_string(word.name), err));
	}
	const bool needed = json_array_size(required) > 0;
	return SR_JSON_PACK(out, err, "{s:b,s:{s:{s:{s:s,s:O,s:O,s:b}}}}", "required", needed, "content",
	                    "application/json", "schema", "type", "object", "properties", properties,
	                    "required", required, "additionalProperties",
	                    (route->flags & SR_ROUTE_LOOSE) != 0);
}

/* --- the document ---------------------------------------------------------------------------------- */

static enum sr_status responses_of(const struct sr_route *route, json_t **out, struct sr_err *err)
{
	char status[8];

	snprintf(status, sizeof(status), "%u", route->status);
	return SR_JSON_PACK(out, err, "{s:{s:s},s:{s:s}}", status, "description", route->summary, "default",
	                    "$ref", "#/components/responses/Problem");
}

/* The words of the roles that may give a command; null: it needs no session, so roles do not count. */
static enum sr_status roles_of(const struct sr_method *method, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *roles = NULL;

	if (!(method->flags & SR_METHOD_STRANGERS)) {
		roles = json_array();
		for (int role = 0; role < SR_ROLE_COUNT; role++)
			if (method->roles & 1u << role)
				SR_TRY(sr_json_append(roles, json_string(sr_role_name((enum sr_role)role)),
				                      err));
	} else {
		roles = json_null();
	}
	*out = SR_MOVE(roles);
	return SR_OK;
}

/* Which command of the keeper stands behind an address, and who may give it: its own table says so. */
static enum sr_status add_command(json_t *operation, const char *command, struct sr_err *err)
{
	json_t *roles = NULL;
	char name[128];

	snprintf(name, sizeof(name), SR_WIRE_PREFIX "%s", command);
	const struct sr_method *method = sr_method_find(name);
	SR_TRY(sr_json_set(operation, "x-strongroom-command", json_string(command), err));
	if (!method)
		return SR_OK;
	SR_TRY(roles_of(method, &roles, err));
	return sr_json_set(operation, "x-strongroom-roles", roles, err);
}

/* {"FindCases":["handler",…],…}: what may be given by its name. */
static enum sr_status add_open_commands(json_t *operation, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *commands = json_object();
	const struct sr_method *method;

	for (size_t i = 0; (method = sr_method_at(i)); i++) {
		json_t *roles = NULL;

		if (!sr_special_is_open(method->name))
			continue;
		SR_TRY(roles_of(method, &roles, err));
		SR_TRY(sr_json_set(commands, method->name, roles, err));
	}
	return sr_json_set(operation, "x-strongroom-commands", json_incref(commands), err);
}

static enum sr_status operation_of(const struct sr_route *route, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *operation = NULL;
	json_t *part = NULL;

	SR_TRY(SR_JSON_PACK(&operation, err, "{s:s}", "summary", route->summary));
	SR_TRY(parameters_of(route, &part, err));
	SR_TRY(sr_json_set(operation, "parameters", SR_MOVE(part), err));
	if (route->body || (route->flags & SR_ROUTE_LOOSE)) {
		SR_TRY(body_of(route, &part, err));
		SR_TRY(sr_json_set(operation, "requestBody", SR_MOVE(part), err));
	}
	if (route->flags & SR_ROUTE_STRANGERS)
		SR_TRY(sr_json_set(operation, "security", json_array(), err));
	if (route->flags & SR_ROUTE_MAYBE)
		SR_TRY(sr_json_set(operation, "security", json_pack("[{},{s:[]},{s:[]}]", "bearer", "cookie"),
		                   err));
	if (route->command)
		SR_TRY(add_command(operation, route->command, err));
	if (route->flags & SR_ROUTE_LOOSE)
		SR_TRY(add_open_commands(operation, err));
	SR_TRY(responses_of(route, &part, err));
	SR_TRY(sr_json_set(operation, "responses", SR_MOVE(part), err));
	*out = SR_MOVE(operation);
	return SR_OK;
}

/* "{member:count}" and "{path*}" are "{member}" and "{path}" there. */
static void plain_path(const char *path, char out[256])
{
	size_t made = 0;
	bool inside = false, skip = false;

	for (; *path && made < 255; path++) {
		if (*path == '{')
			inside = true;
		if (inside && (*path == ':' || *path == '*'))
			skip = true;
		if (*path == '}')
			inside = skip = false;
		if (!skip)
			out[made++] = *path;
	}
	out[made] = 0;
}

static enum sr_status add_route(json_t *paths, const struct sr_route *route, struct sr_err *err)
{
	json_t *operation = NULL;
	char path[256], method[16];

	plain_path(route->path, path);
	snprintf(method, sizeof(method), "%s", route->method);
	for (char *c = method; *c; c++)
		*c = (char)(*c | 0x20);
	if (!json_object_get(paths, path))
		SR_TRY(sr_json_set(paths, path, json_object(), err));
	SR_TRY(operation_of(route, &operation, err));
	return sr_json_set(json_object_get(paths, path), method, operation, err);
}

static enum sr_status components(json_t **out, struct sr_err *err)
{
	return SR_JSON_PACK(out, err,
	                    "{s:{s:{s:s,s:s},s:{s:s,s:s,s:s}},s:{s:{s:s,s:{s:{s:{s:s,s:{s:{s:s},s:{s:s},s:{s:"
	                    "s},s:{s:s},s:{s:s,s:s,s:{s:s,s:{s:{s:s},s:{s:s,s:{s:s}}}}}}}}}}}}",
	                    "securitySchemes", "bearer", "type", "http", "scheme", "bearer", "cookie", "type",
	                    "apiKey", "in", "cookie", "name", "__Host-session", "responses", "Problem",
	                    "description", "a problem (RFC 9457); its type is stable", "content",
	                    "application/problem+json", "schema", "type", "object", "properties", "type",
	                    "type", "string", "title", "type", "string", "status", "type", "integer",
	                    "detail", "type", "string", "parts", "type", "array", "description",
	                    "the detail in parts, outermost first: a sentence with {0}, {1}, … and what they "
	                    "stand for",
	                    "items", "type", "object", "properties", "form", "type", "string", "values",
	                    "type", "array", "items", "type", "string");
}

enum sr_status sr_openapi_make(struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *document = NULL;
	json_t *part = NULL;
	const struct sr_route *route;

	SR_TRY(SR_JSON_PACK(&document, err, "{s:s,s:{s:s,s:s},s:{},s:[{s:[]},{s:[]}]}", "openapi", "3.1.0",
	                    "info", "title", "Strongroom (案卷库)", "version", SR_VERSION, "paths",
	                    "security", "bearer", "cookie"));
	for (size_t i = 0; (route = sr_route_at(i)); i++)
		SR_TRY(add_route(json_object_get(document, "paths"), route, err));
	SR_TRY(components(&part, err));
	SR_TRY(sr_json_set(document, "components", part, err));
	return sr_json_write(document, out, err);
}
