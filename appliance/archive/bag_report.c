/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/bag_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"

#define WHAT_BYTES 1024 /* of one problem's text */

static void dispose_items(struct sr_bag_problem *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(items[i].path);
		free(items[i].what);
	}
	free(items);
}

void sr_bag_report_dispose(struct sr_bag_report *report)
{
	dispose_items(report->problems, report->problem_count);
	dispose_items(report->notes, report->note_count);
	*report = (struct sr_bag_report){ 0 };
}

static size_t count_of(const struct sr_buf *items)
{
	return items->size / sizeof(struct sr_bag_problem);
}

/* The items themselves; the buffer is empty afterwards. */
static struct sr_bag_problem *take_items(struct sr_buf *items)
{
	void *data = items->data;

	*items = (struct sr_buf){ 0 };
	return data;
}

void sr_bag_verdict_dispose(struct sr_bag_verdict *verdict)
{
	size_t problems = count_of(&verdict->problems);
	size_t notes = count_of(&verdict->notes);

	dispose_items(take_items(&verdict->problems), problems);
	dispose_items(take_items(&verdict->notes), notes);
}

/* Whether a character of @bytes bytes can be shown as it is. */
static bool is_printable(const uint8_t *at, size_t bytes)
{
	char before[8] = "";
	char after[8];

	memcpy(before, at, bytes);
	memcpy(after, before, sizeof(after));
	sr_text_make_printable(after, sizeof(after));
	return memcmp(before, after, sizeof(after)) == 0;
}

static enum sr_status show_path(const char *path, struct sr_buf *out, struct sr_err *err)
{
	const uint8_t *at = (const uint8_t *)path;
	size_t left = strlen(path);

	while (left > 0) {
		uint32_t character;
		size_t bytes = sr_utf8_decode(at, left, &character);

		if (bytes > 0 && *at != '%' && is_printable(at, bytes)) {
			SR_TRY(sr_buf_add(out, at, bytes, err));
		} else {
			bytes = bytes > 0 ? bytes : 1;
			for (size_t i = 0; i < bytes; i++)
				SR_TRY(sr_buf_printf(out, err, "%%%02X", at[i]));
		}
		at += bytes;
		left -= bytes;
	}
	return SR_OK;
}

static enum sr_status append(struct sr_buf *items, const char *path, const char *what, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf shown = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_bag_problem item;

	SR_TRY(show_path(path, &shown, err));
	SR_TRY(sr_buf_add(&shown, "", 1, err));
	SR_TRY(sr_buf_add(&text, what, strlen(what) + 1, err));
	item = (struct sr_bag_problem){ .path = (char *)shown.data, .what = (char *)text.data };
	SR_TRY(sr_buf_add(items, &item, sizeof(item), err));
	shown = (struct sr_buf){ 0 }; /* the item has them now */
	text = (struct sr_buf){ 0 };
	return SR_OK;
}

/* @what is made printable in place; beyond the bound it is only counted in @more. */
static enum sr_status append_bounded(struct sr_buf *items, uint64_t *more, const char *path,
                                     char what[WHAT_BYTES], struct sr_err *err)
{
	if (count_of(items) >= SR_LIMIT_BAG_PROBLEMS) {
		++*more;
		return SR_OK;
	}
	sr_text_make_printable(what, WHAT_BYTES);
	return append(items, path, what, err);
}

enum sr_status sr_bag_add_problem(struct sr_bag_verdict *verdict, struct sr_err *err, const char *path,
                                  const char *fmt, ...)
{
	char what[WHAT_BYTES];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return append_bounded(&verdict->problems, &verdict->more_problems, path, what, err);
}

enum sr_status sr_bag_add_note(struct sr_bag_verdict *verdict, struct sr_err *err, const char *path,
                               const char *fmt, ...)
{
	char what[WHAT_BYTES];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return append_bounded(&verdict->notes, &verdict->more_notes, path, what, err);
}

enum sr_status sr_bag_verdict_finish(struct sr_bag_verdict *verdict, struct sr_bag_report *out,
                                     struct sr_err *err)
{
	char what[64];

	if (verdict->more_problems > 0) {
		snprintf(what, sizeof(what), "%" PRIu64 " more problems", verdict->more_problems);
		SR_TRY(append(&verdict->problems, "", what, err));
	}
	if (verdict->more_notes > 0) {
		snprintf(what, sizeof(what), "%" PRIu64 " more notes", verdict->more_notes);
		SR_TRY(append(&verdict->notes, "", what, err));
	}
	*out = (struct sr_bag_report){
		.valid = verdict->problems.size == 0,
		.files = verdict->files,
		.bytes = verdict->bytes,
		.problem_count = count_of(&verdict->problems),
		.note_count = count_of(&verdict->notes),
	};
	out->problems = take_items(&verdict->problems);
	out->notes = take_items(&verdict->notes);
	return SR_OK;
}
