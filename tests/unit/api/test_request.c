/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to the keeper's command and back, and the table of routes. */
#include "tests/unit/unit.h"

#include "api/openapi.h"
#include "api/special.h"
#include "appliance/base/cleanup.h"
#include "appliance/keeper/methods.h"
#include "appliance/keeper/wire/wire_error.h"
#include "tests/unit/api/stand_in.h"

#define SESSION "Authorization", "Bearer tok"
#define JSON "Content-Type", "application/json"

static struct stand_in keeper;
static struct sr_service *service;

static int open_service(void **state)
{
	const struct sr_keeper_link link = { .ask = stand_in_ask, .context = &keeper };
	struct sr_err err;

	(void)state;
	return sr_service_open(&link, &service, &err) == SR_OK ? 0 : -1;
}

static int close_service(void **state)
{
	(void)state;
	sr_service_close(service);
	json_decref(keeper.parameters);
	keeper = (struct stand_in){ 0 };
	return 0;
}

/* Status of the answer; the request is gone. */
static unsigned answer_to(const char *method, const char *target, const char *const *headers,
                          const char *body)
{
	SR_CLEANUP(sr_request_freep)
	struct sr_request *request =
		stand_in_send(service, method, target, headers, body, body ? strlen(body) : 0);

	return request->answer.status;
}

static void path_query_and_body_become_parameters(void **state)
{
	const char *const headers[] = { SESSION, JSON, NULL };

	(void)state;
	assert_int_equal(answer_to("POST", "/api/v1/requests/R00001/decision", headers,
	                           "{\"decision\":\"approve\",\"days\":3}"),
	                 200);
	assert_string_equal(keeper.command, "DecideRequest");
	assert_string_equal(sr_json_text(keeper.parameters, "request"), "R00001");
	assert_string_equal(sr_json_text(keeper.parameters, "decision"), "approve");
	assert_int_equal(json_integer_value(json_object_get(keeper.parameters, "days")), 3);
	assert_string_equal(sr_json_text(keeper.parameters, "session"), "tok");
	assert_string_equal(sr_json_text(keeper.parameters, "address"), "192.0.2.1");
	assert_int_equal(answer_to("GET", "/api/v1/cases?q=%E8%8D%AF&limit=5&after=", headers, NULL), 200);
	assert_string_equal(sr_json_text(keeper.parameters, "q"), "药");
	assert_int_equal(json_integer_value(json_object_get(keeper.parameters, "limit")), 5);
	assert_null(json_object_get(keeper.parameters, "after")); /* a form's empty field */
	assert_int_equal(answer_to("GET", "/api/v1/ledger/tile/0/x001/234.p/5", headers, NULL), 200);
	assert_string_equal(sr_json_text(keeper.parameters, "path"), "tile/0/x001/234.p/5");
}

static void what_is_wrong_never_reaches_the_keeper(void **state)
{
	static const char *const with[] = { SESSION, JSON, NULL }, *const without[] = { JSON, NULL },
				 *const cookie[] = { "Cookie", "__Host-session=tok", JSON, NULL },
				 *const wrong_csrf[] = { "Cookie",       "__Host-session=tok",
		                                         "X-CSRF-Token", "no",
		                                         JSON,           NULL },
				 *const csrf[] = { "Cookie",       "__Host-session=tok",
		                                   "X-CSRF-Token", STAND_IN_CSRF,
		                                   JSON,           NULL },
				 *const twice[] = { SESSION, SESSION, JSON, NULL },
				 *const chunked[] = { SESSION, "Transfer-Encoding", "chunked", JSON, NULL },
				 *const site[] = { SESSION, "Sec-Fetch-Site", "cross-site", JSON, NULL },
				 *const text[] = { SESSION, "Content-Type", "application/jsonx", NULL };
	static const struct {
		const char *why, *method, *target;
		const char *const *headers;
		const char *body;
		unsigned status;
	} cases[] = {
		{ "no session", "POST", "/api/v1/grants/G/revoke", without, "{\"reason\":\"x\"}", 401 },
		{ "no header token", "POST", "/api/v1/grants/G/revoke", cookie, "{\"reason\":\"x\"}", 403 },
		{ "wrong header token", "POST", "/api/v1/grants/G/revoke", wrong_csrf, "{\"reason\":\"x\"}",
		  403 },
		{ "right header token", "POST", "/api/v1/grants/G/revoke", csrf, "{\"reason\":\"x\"}", 200 },
		{ "two tokens", "POST", "/api/v1/grants/G/revoke", twice, "{\"reason\":\"x\"}", 400 },
		{ "two lengths of a body", "POST", "/api/v1/grants/G/revoke", chunked, "{\"reason\":\"x\"}",
		  400 },
		{ "another site", "POST", "/api/v1/grants/G/revoke", site, "{\"reason\":\"x\"}", 403 },
		{ "another type", "POST", "/api/v1/grants/G/revoke", text, "{\"reason\":\"x\"}", 415 },
		{ "missing", "POST", "/api/v1/grants/G/revoke", with, "{}", 422 },
		{ "unknown", "POST", "/api/v1/grants/G/revoke", with, "{\"reason\":\"x\",\"y\":1}", 422 },
		{ "another kind", "POST", "/api/v1/grants/G/revoke", with, "{\"reason\":1}", 422 },
		{ "who calls", "POST", "/api/v1/commands/FindCases", with, "{\"session\":\"x\"}", 422 },
		{ "a list", "POST", "/api/v1/grants/G/revoke", with, "[]", 422 },
		{ "no JSON", "POST", "/api/v1/grants/G/revoke", with, "{", 400 },
		{ "a body for GET", "GET", "/api/v1/grants", with, "{}", 400 },
		{ "no such path", "GET", "/api/v1/grant", with, NULL, 404 },
		{ "no such method", "PUT", "/api/v1/grants", with, NULL, 405 },
		{ "POST to a file of the page", "POST", "/nothing", with, NULL, 405 },
		{ "no number", "GET", "/api/v1/ledger/proof/x", with, NULL, 404 },
		{ "a number too large", "GET", "/api/v1/ledger/proof/99999999999999999999", with, NULL, 404 },
		{ "a command with a key", "POST", "/api/v1/commands/OpenMember", with, "{}", 404 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		keeper.command[0] = 0;
		assert_int_equal(answer_to(cases[i].method, cases[i].target, cases[i].headers, cases[i].body),
		                 cases[i].status);
		assert_int_equal(keeper.command[0] != 0, cases[i].status == 200);
	}
}

static void a_body_that_grows_beyond_its_bound_is_refused(void **state)
{
	const char *const headers[] = { SESSION, JSON, "Transfer-Encoding", "chunked", NULL };
	struct sr_request *request = sr_request_new(service, "POST", "/api/v1/requests");
	static uint8_t piece[65536];

	(void)state;
	for (size_t i = 0; headers[i]; i += 2)
		sr_request_header(request, headers[i], headers[i + 1]);
	sr_request_begin(request);
	for (int i = 0; i < 100; i++)
		sr_request_body(request, piece, sizeof(piece));
	assert_false(sr_request_end(request));
	assert_int_equal(request->answer.status, 413);
	assert_true(request->body.size <= SR_ROUTE_BODY);
	sr_request_free(request);
}

/* The kind of @key in a table such as "a:text b:count?"; "" when it is not there. */
static void kind_in(const char *table, const char *key, char out[24])
{
	char word[64];

	snprintf(word, sizeof(word), "%s:", key);
	const char *at = table ? strstr(table, word) : NULL;
	while (at && at > table && at[-1] != ' ')
		at = strstr(at + 1, word);
	out[0] = 0;
	if (at)
		sscanf(at + strlen(word), "%23[a-z]", out);
}

/* Each "key:kind" of @table must be in the command's own. */
static void agree(const struct sr_route *route, const char *table, const struct sr_method *method)
{
	char *copy = strdup(table ? table : ""), *save = NULL;

	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char kind[24], wanted[24];

		*strchr(word, ':') = 0;
		kind_in(table, word, kind);
		kind_in(method->parameters, word, wanted);
		if (strcmp(kind, wanted) != 0)
			print_message("%s %s: %s is \"%s\" there and \"%s\" here\n", route->method,
			              route->path, word, wanted, kind);
		assert_string_equal(kind, wanted);
	}
	free(copy);
}

static void routes_agree_with_the_keepers_commands(void **state)
{
	const struct sr_route *route;
	size_t compared = 0;

	(void)state;
	for (size_t i = 0; (route = sr_route_at(i)); i++) {
		char name[128];

		assert_non_null(route->summary);
		if (!route->command || route->run)
			continue;
		snprintf(name, sizeof(name), SR_WIRE_PREFIX "%s", route->command);
		const struct sr_method *method = sr_method_find(name);
		if (!method)
			continue; /* answered with 501 by such a keeper */
		assert_true(method->doors & SR_DOOR_API);
		agree(route, route->query, method);
		agree(route, route->body, method);
		compared++;
	}
	assert_true(compared > 30);
}

static void commands_that_give_out_keys_or_sessions_are_closed(void **state)
{
	static const char *const closed[] = { "OpenMember",   "CloseMember", "OpenSession", "RedeemPass",
		                              "CreateUpload", "UploadState", "ExportGrant", "ReportFixity",
		                              "Backup",       "SealFolder",  "AddMember" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(closed); i++)
		assert_false(sr_special_is_open(closed[i]));
	assert_true(sr_special_is_open("FindCases"));
}

static bool has_an_address(const char *command)
{
	const struct sr_route *route;

	for (size_t i = 0; (route = sr_route_at(i)); i++)
		if (route->command && strcmp(route->command, command) == 0)
			return true;
	return false;
}

/* Whoever asks them together waits for the slowest. */
static void only_commands_that_are_answered_at_once_are_asked_ahead(void **state)
{
	const struct sr_route *route;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; (route = sr_route_at(i)); i++) {
		char name[128];

		if (!route->ahead)
			continue;
		snprintf(name, sizeof(name), SR_WIRE_PREFIX "%s", route->ahead);
		assert_true(sr_method_find(name)->flags & SR_METHOD_AT_ONCE);
		assert_null(route->body);
		count++;
	}
	assert_true(count > 0);
}

/* What programs can do, browsers can: but for what a front end says of itself, and what hands out keys. */
static void every_command_that_has_the_door_can_be_given(void **state)
{
	static const char *const inner[] = { "CheckMember", "CloseMember", "ExportGrant", "FinishExport",
		                             "ReportFixity" };
	const struct sr_method *method;

	(void)state;
	for (size_t i = 0; (method = sr_method_at(i)); i++) {
		bool is_inner = false;

		for (size_t k = 0; k < SR_COUNT(inner); k++)
			is_inner = is_inner || strcmp(inner[k], method->name) == 0;
		const bool may = sr_special_is_open(method->name) || has_an_address(method->name);
		if (may != (!is_inner && (method->doors & SR_DOOR_API)))
			fail_msg("%s has %s address", method->name, may ? "an" : "no");
	}
}

static void commands_that_are_open_by_name_are_the_keepers(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *document = NULL;
	struct sr_err err;

	(void)state;
	assert_ok(sr_openapi_make(&text, &err));
	assert_ok(sr_json_parse(text.data, text.size, 1 << 20, &document, &err));
	const json_t *paths = json_object_get(document, "paths");
	const json_t *post = json_object_get(json_object_get(paths, "/api/v1/commands/{command}"), "post");
	const json_t *roles =
		json_object_get(json_object_get(post, "x-strongroom-commands"), "DropApplication");
	assert_int_equal(json_array_size(roles), 1);
	assert_string_equal(json_string_value(json_array_get(roles, 0)), "archivist");
}

static void the_document_names_every_route(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *document = NULL;
	const char *path;
	json_t *methods;
	struct sr_err err;
	size_t count = 0, routes = 0;

	(void)state;
	assert_ok(sr_openapi_make(&text, &err));
	assert_ok(sr_json_parse(text.data, text.size, 1 << 20, &document, &err));
	json_object_foreach(json_object_get(document, "paths"), path, methods)
		count += json_object_size(methods);
	while (sr_route_at(routes))
		routes++;
	assert_int_equal(count, routes);
	assert_non_null(json_object_get(json_object_get(document, "paths"),
	                                "/api/v1/grants/{grant}/cases/{case}/members/{member}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_query_and_body_become_parameters),
		cmocka_unit_test(what_is_wrong_never_reaches_the_keeper),
		cmocka_unit_test(a_body_that_grows_beyond_its_bound_is_refused),
		cmocka_unit_test(routes_agree_with_the_keepers_commands),
		cmocka_unit_test(commands_that_give_out_keys_or_sessions_are_closed),
		cmocka_unit_test(only_commands_that_are_answered_at_once_are_asked_ahead),
		cmocka_unit_test(every_command_that_has_the_door_can_be_given),
		cmocka_unit_test(commands_that_are_open_by_name_are_the_keepers),
		cmocka_unit_test(the_document_names_every_route),
	};
	return cmocka_run_group_tests(tests, open_service, close_service);
}
