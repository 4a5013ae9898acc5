/* SPDX-License-Identifier: Apache-2.0 */
#include "api/request.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/wire/parameters.h"

#define QUERY_TEXTS 64u

/* The kind of @key in "a:text b:count?"; false when it is not there. */
static bool kind_of(const char *table, const char *key, char out[16])
{
	const size_t size = strlen(key);

	for (const char *at = table; at && *at; at += strspn(at, " ")) {
		const size_t word = strcspn(at, " ");

		if (word > size && strncmp(at, key, size) == 0 && at[size] == ':') {
			const size_t kind = strcspn(at + size + 1, " ?");
			snprintf(out, 16, "%.*s", (int)kind, at + size + 1);
			return true;
		}
		at += word;
	}
	return false;
}

/* "a,b,c" */
static enum sr_status split(const char *text, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();

	for (;;) {
		const size_t size = strcspn(text, ",");

		if (json_array_size(list) == QUERY_TEXTS)
			return sr_fail(err, SR_INVALID, "at most %u values in one parameter", QUERY_TEXTS);
		SR_TRY(sr_json_append(list, json_stringn(text, size), err));
		if (!text[size])
			break;
		text += size + 1;
	}
	*out = SR_MOVE(list);
	return SR_OK;
}

static enum sr_status convert(const char *kind, const struct sr_uri_pair *pair, json_t **out,
                              struct sr_err *err)
{
	uint64_t number;

	if (strcmp(kind, "count") == 0) {
		if (!sr_decimal_parse(pair->value, strlen(pair->value), INT64_MAX, &number))
			return sr_fail(err, SR_INVALID, "/%s: must be a whole number from 0", pair->key);
		*out = json_integer((json_int_t)number);
		return SR_OK;
	}
	if (strcmp(kind, "flag") == 0) {
		const bool yes = strcmp(pair->value, "true") == 0 || strcmp(pair->value, "1") == 0;

		if (!yes && strcmp(pair->value, "false") != 0 && strcmp(pair->value, "0") != 0)
			return sr_fail(err, SR_INVALID, "/%s: must be true or false", pair->key);
		*out = json_boolean(yes);
		return SR_OK;
	}
	if (strcmp(kind, "texts") == 0)
		return split(pair->value, out, err);
	*out = json_string(pair->value);
	return SR_OK;
}

static enum sr_status add_query(const struct sr_request *request, json_t *parameters, struct sr_err *err)
{
	const struct sr_uri *uri = &request->uri;

	for (size_t i = 0; i < uri->pairs; i++) {
		json_t *value = NULL;
		char kind[16];

		if (!kind_of(request->match.route->query, uri->pair[i].key, kind))
			return sr_fail(err, SR_INVALID, "/%s: is not known here", uri->pair[i].key);
		if (!uri->pair[i].value[0])
			continue; /* a form's empty field */
		SR_TRY(convert(kind, &uri->pair[i], &value, err));
		SR_TRY(sr_json_set(parameters, uri->pair[i].key, value, err));
	}
	return SR_OK;
}

static enum sr_status add_path(const struct sr_request *request, json_t *parameters, struct sr_err *err)
{
	const char *kind;
	char name[32];

	for (size_t i = 0; sr_route_value_name(request->match.route->path, i, name, &kind); i++) {
		const struct sr_uri_pair pair = { name, request->match.value[i] };
		json_t *value = NULL;

		SR_TRY(convert(kind, &pair, &value, err));
		SR_TRY(sr_json_set(parameters, name, value, err));
	}
	return SR_OK;
}

/* What says who calls is not the body's to say. */
static enum sr_status refuse_claims(const json_t *body, struct sr_err *err)
{
	static const char *const keys[] = { "session", "address", "uid", "pid" };

	for (size_t i = 0; i < SR_COUNT(keys); i++)
		if (json_object_get(body, keys[i]))
			return sr_fail(err, SR_INVALID, "/%s: is not known here", keys[i]);
	return SR_OK;
}

static enum sr_status take_body(const struct sr_request *request, json_t **out, struct sr_err *err)
{
	const struct sr_route *route = request->match.route;
	SR_CLEANUP(sr_json_decrefp) json_t *body = NULL;

	if (request->body.size > 0)
		SR_TRY(sr_json_parse(request->body.data, request->body.size, request->body.size, &body, err));
	else
		SR_TRY(SR_JSON_PACK(&body, err, "{}"));
	if (!json_is_object(body))
		return sr_fail(err, SR_INVALID, "/: the body must be an object");
	SR_TRY(refuse_claims(body, err));
	if (!(route->flags & SR_ROUTE_LOOSE))
		SR_TRY(sr_parameters_check(body, route->body ? route->body : "", err));
	*out = SR_MOVE(body);
	return SR_OK;
}

bool sr_request_parameters(struct sr_request *request, json_t **out)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	struct sr_err err;

	enum sr_status status = take_body(request, &parameters, &err);
	if (status == SR_CORRUPT || status == SR_LIMIT) {
		sr_request_refused(request, "BadRequest", SR_INVALID, &err);
		return false;
	}
	if (status == SR_OK)
		status = add_query(request, parameters, &err);
	if (status == SR_OK)
		status = add_path(request, parameters, &err);
	if (status != SR_OK) {
		sr_request_refused(request, "", status, &err);
		return false;
	}
	*out = SR_MOVE(parameters);
	return true;
}

const char *sr_request_value(const struct sr_request *request, const char *name)
{
	const char *kind;
	char one[32];

	for (size_t i = 0; sr_route_value_name(request->match.route->path, i, one, &kind); i++)
		if (strcmp(one, name) == 0)
			return request->match.value[i];
	return NULL;
}
