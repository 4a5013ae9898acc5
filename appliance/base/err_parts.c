/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/err_parts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"

/* In err->parts: behind each value and form, and behind each part.  No printable text holds them. */
#define VALUE_END '\x1f'
#define PART_END '\x1e'
#define VALUE_BYTES 256
#define VALUES 10

struct writer {
	char text[sizeof(((struct sr_err *)0)->parts)];
	size_t size;
	bool failed;
};

static void put(struct writer *w, const char *bytes, size_t size)
{
	if (size >= sizeof(w->text) - w->size) {
		w->failed = true;
		return;
	}
	memcpy(w->text + w->size, bytes, size);
	w->size += size;
}

static void put_end(struct writer *w, char end)
{
	put(w, &end, 1);
}

/* One conversion of a format: %-5.*llu. */
struct conversion {
	const char *next; /* behind it */
	int precision;    /* -1: none */
	int longs;        /* 0, 1 (l), 2 (ll), 3 (z) */
	char kind;
};

/* Takes the arguments of '*' too; @list is read on. */
static struct conversion parse_conversion(const char *at, va_list *list)
{
	struct conversion c = { .precision = -1 };

	at += strspn(at, "-+ #0123456789");
	if (*at == '.') {
		at++;
		c.precision = 0;
		if (*at == '*') {
			c.precision = va_arg(*list, int);
			at++;
		}
		for (; *at >= '0' && *at <= '9'; at++)
			c.precision = c.precision * 10 + (*at - '0');
	}
	for (; *at == 'l'; at++)
		c.longs++;
	if (*at == 'z') {
		c.longs = 3;
		at++;
	}
	c.kind = *at;
	c.next = *at ? at + 1 : at;
	return c;
}

static long long take_signed(const struct conversion *c, va_list *list)
{
	if (c->longs == 0)
		return va_arg(*list, int);
	if (c->longs == 1)
		return va_arg(*list, long);
	if (c->longs == 2)
		return va_arg(*list, long long);
	return va_arg(*list, ssize_t);
}

static unsigned long long take_unsigned(const struct conversion *c, va_list *list)
{
	if (c->longs == 0)
		return va_arg(*list, unsigned);
	if (c->longs == 1)
		return va_arg(*list, unsigned long);
	if (c->longs == 2)
		return va_arg(*list, unsigned long long);
	return va_arg(*list, size_t);
}

/* False for a conversion that no sentence of ours has. */
static bool take_value(const struct conversion *c, va_list *list, char value[VALUE_BYTES])
{
	const char *text;

	switch (c->kind) {
	case 's':
		text = va_arg(*list, const char *);
		snprintf(value, VALUE_BYTES, "%.*s", c->precision < 0 ? VALUE_BYTES : c->precision,
		         text ? text : "");
		break;
	case 'd':
	case 'i':
		snprintf(value, VALUE_BYTES, "%lld", take_signed(c, list));
		break;
	case 'u':
		snprintf(value, VALUE_BYTES, "%llu", take_unsigned(c, list));
		break;
	case 'x':
		snprintf(value, VALUE_BYTES, "%llx", take_unsigned(c, list));
		break;
	case 'c':
		snprintf(value, VALUE_BYTES, "%c", va_arg(*list, int));
		break;
	default:
		return false;
	}
	sr_text_make_printable(value, VALUE_BYTES);
	return true;
}

/* The form, then each value. */
static void write_part(struct writer *w, const char *fmt, va_list *list)
{
	char values[VALUES][VALUE_BYTES], hole[16];
	size_t count = 0;

	while (*fmt && !w->failed) {
		const size_t plain = strcspn(fmt, "%");

		put(w, fmt, plain);
		fmt += plain;
		if (!*fmt)
			break;
		if (fmt[1] == '%') {
			put_end(w, '%');
			fmt += 2;
			continue;
		}
		const struct conversion c = parse_conversion(fmt + 1, list);
		if (count == VALUES || !take_value(&c, list, values[count])) {
			w->failed = true;
			return;
		}
		fmt = c.next;
		put(w, hole, (size_t)snprintf(hole, sizeof(hole), "{%zu}", count++));
	}
	put_end(w, VALUE_END);
	for (size_t i = 0; i < count; i++) {
		put(w, values[i], strlen(values[i]));
		put_end(w, VALUE_END);
	}
	put_end(w, PART_END);
}

void sr_err_parts_clear(struct sr_err *err)
{
	err->parts[0] = 0;
}

/* All that was written, or nothing. */
static void set_parts(struct sr_err *err, const struct writer *w)
{
	const size_t size = w->failed ? 0 : w->size;

	memcpy(err->parts, w->text, size);
	err->parts[size] = 0;
}

void sr_err_parts_add(struct sr_err *err, const char *fmt, va_list args)
{
	struct writer w = { .size = 0 };
	va_list list;

	va_copy(list, args);
	if (strcmp(fmt, "%s") == 0)
		w.failed = true;
	else
		write_part(&w, fmt, &list);
	va_end(list);
	put(&w, err->parts, strlen(err->parts));
	set_parts(err, &w);
}

/* The text up to @end, which is there; *at goes behind it. */
static json_t *take_text(const char **at, char end)
{
	const char *first = *at, *last = strchr(first, end);

	*at = last + 1;
	return json_stringn(first, (size_t)(last - first));
}

json_t *sr_err_parts_get(const struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parts = json_array();
	const char *at = err->parts;

	if (!*at)
		return NULL;
	while (*at) {
		json_t *form = take_text(&at, VALUE_END);
		json_t *values = json_array();

		while (*at != PART_END) {
			if (json_array_append_new(values, take_text(&at, VALUE_END)) != 0) {
				json_decref(values);
				json_decref(form);
				return NULL;
			}
		}
		at++;
		/* json_pack takes both, also when it fails or one is missing. */
		if (json_array_append_new(parts, json_pack("{s:o,s:o}", "form", form, "values", values)) != 0)
			return NULL;
	}
	return SR_MOVE(parts);
}

static void put_text(struct writer *w, const json_t *text, char end)
{
	const char *string = json_string_value(text);

	if (!string || strpbrk(string, "\x1e\x1f")) {
		w->failed = true;
		return;
	}
	put(w, string, strlen(string));
	put_end(w, end);
}

void sr_err_parts_take(struct sr_err *err, const json_t *parts)
{
	struct writer w = { .size = 0 };
	size_t i, k;
	json_t *part, *value;

	json_array_foreach(parts, i, part) {
		put_text(&w, json_object_get(part, "form"), VALUE_END);
		json_array_foreach(json_object_get(part, "values"), k, value)
			put_text(&w, value, VALUE_END);
		put_end(&w, PART_END);
	}
	set_parts(err, &w);
}
