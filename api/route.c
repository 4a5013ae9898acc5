/* SPDX-License-Identifier: Apache-2.0 */
#include "api/route.h"

#include <stdio.h>
#include <string.h>

#include "api/routes.h"
#include "appliance/base/text.h"

/* --- the table ------------------------------------------------------------------------------------- */

const struct sr_route *sr_route_at(size_t index)
{
	for (size_t i = 0; i < sr_route_family_count; i++) {
		if (index < sr_route_families[i]->count)
			return &sr_route_families[i]->routes[index];
		index -= sr_route_families[i]->count;
	}
	return NULL;
}

size_t sr_route_index(const struct sr_route *route)
{
	size_t index = 0;

	while (sr_route_at(index) && sr_route_at(index) != route)
		index++;
	return index;
}

/* --- matching -------------------------------------------------------------------------------------- */

static bool ends_segment(char c)
{
	return c == '/' || c == 0;
}

/* What is left of the path, as one text; false when it is too long. */
static bool join_rest(const struct sr_uri *uri, size_t from, struct sr_route_match *out)
{
	size_t used = 0;

	for (size_t i = from; i < uri->segments && used < sizeof(out->rest); i++)
		used += (size_t)snprintf(out->rest + used, sizeof(out->rest) - used, "%s%s",
		                         i > from ? "/" : "", uri->segment[i]);
	return used < sizeof(out->rest);
}

/* A "{…}" of the pattern against a segment; *pattern goes behind it.  False when it does not fit. */
static bool fits_value(const char **pattern, const char *segment)
{
	const char *end = strchr(*pattern, '}');
	const char *colon = memchr(*pattern, ':', (size_t)(end - *pattern));
	uint64_t number;

	*pattern = end + 1;
	return !colon || sr_decimal_parse(segment, strlen(segment), INT64_MAX, &number);
}

static bool matches(const char *pattern, const struct sr_uri *uri, struct sr_route_match *out)
{
	size_t values = 0, i = 0;

	if (strcmp(pattern, "/") == 0)
		return uri->segments == 0;
	for (; *pattern; i++) {
		pattern++; /* '/' */
		const char *star = strpbrk(pattern, "*/");

		if (i == uri->segments)
			return false;
		if (*pattern == '{' && i == 0 && strcmp(uri->segment[0], "api") == 0)
			return false; /* no file of the page has such an address */
		if (*pattern == '{' && star && *star == '*') {
			out->value[values] = out->rest;
			return join_rest(uri, i, out);
		}
		if (*pattern == '{') {
			out->value[values++] = uri->segment[i];
			if (!fits_value(&pattern, uri->segment[i]))
				return false;
			continue;
		}
		const size_t size = strlen(uri->segment[i]);
		if (strncmp(pattern, uri->segment[i], size) != 0 || !ends_segment(pattern[size]))
			return false;
		pattern += size;
	}
	return i == uri->segments;
}

void sr_route_find(const char *method, const struct sr_uri *uri, struct sr_route_match *out)
{
	const struct sr_route *route, *get = NULL;
	struct sr_route_match one = { 0 };

	out->route = NULL;
	out->path_known = false;
	for (size_t i = 0; (route = sr_route_at(i)); i++) {
		if (!matches(route->path, uri, &one))
			continue;
		if (!out->path_known)
			memcpy(out->value, one.value, sizeof(out->value));
		out->path_known = true;
		if (strcmp(route->method, method) == 0) {
			out->route = route;
			break;
		}
		if (strcmp(route->method, "GET") == 0)
			get = route;
	}
	if (!out->route && get && strcmp(method, "HEAD") == 0)
		out->route = get;
	if (!out->route || !matches(out->route->path, uri, out))
		out->route = NULL;
}

static void add_word(char *out, size_t capacity, const char *word)
{
	size_t used = strlen(out);

	snprintf(out + used, capacity - used, "%s%s", used ? ", " : "", word);
}

void sr_route_allowed(const struct sr_uri *uri, char *out, size_t capacity)
{
	struct sr_route_match one;
	const struct sr_route *route;
	bool get = false, head = false;

	out[0] = 0;
	for (size_t i = 0; (route = sr_route_at(i)); i++) {
		if (!matches(route->path, uri, &one) || strcmp(route->method, "OPTIONS") == 0)
			continue;
		get = get || strcmp(route->method, "GET") == 0;
		head = head || strcmp(route->method, "HEAD") == 0;
		add_word(out, capacity, route->method);
	}
	if (get && !head)
		add_word(out, capacity, "HEAD");
	add_word(out, capacity, "OPTIONS");
}

bool sr_route_value_name(const char *path, size_t index, char name[32], const char **kind)
{
	const char *at = strchr(path, '{');

	for (; at && index > 0; index--)
		at = strchr(at + 1, '{');
	if (!at)
		return false;
	const size_t size = strcspn(at + 1, ":*}");
	snprintf(name, 32, "%.*s", (int)size, at + 1);
	*kind = at[1 + size] == ':' ? "count" : at[1 + size] == '*' ? "rest" : "text";
	return true;
}
