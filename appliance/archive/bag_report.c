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

struct list {
	struct sr_bag_problem **items;
	size_t *count;
	uint64_t *more;
};

static void dispose_list(struct sr_bag_problem **items, size_t *count)
{
	for (size_t i = 0; i < *count; i++) {
		free((*items)[i].path);
		free((*items)[i].what);
	}
	free(*items);
	*items = NULL;
	*count = 0;
}

void sr_bag_report_dispose(struct sr_bag_report *report)
{
	dispose_list(&report->problems, &report->problem_count);
	dispose_list(&report->notes, &report->note_count);
}

void sr_bag_verdict_dispose(struct sr_bag_verdict *verdict)
{
	sr_bag_report_dispose(&verdict->report);
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

/* The item is in the list, and so owned, before its texts are made. */
static enum sr_status append(struct list list, const char *path, const char *what, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf shown = { 0 };
	const char *text;

	if (!*list.items)
		*list.items = calloc(SR_LIMIT_BAG_PROBLEMS + 1, sizeof(**list.items));
	if (!*list.items)
		return sr_fail(err, SR_NO_MEMORY, "cannot note a problem of the bag");
	SR_TRY(show_path(path, &shown, err));
	SR_TRY(sr_buf_text(&shown, &text, err));

	struct sr_bag_problem *item = &(*list.items)[(*list.count)++];
	item->path = strdup(text);
	item->what = strdup(what);
	if (!item->path || !item->what)
		return sr_fail(err, SR_NO_MEMORY, "cannot note a problem of the bag");
	return SR_OK;
}

static enum sr_status append_format(struct list list, const char *path, struct sr_err *err, const char *fmt,
                                    va_list args) SR_PRINTF(4, 0);

static enum sr_status append_format(struct list list, const char *path, struct sr_err *err, const char *fmt,
                                    va_list args)
{
	char what[1024];

	if (*list.count >= SR_LIMIT_BAG_PROBLEMS) {
		++*list.more;
		return SR_OK;
	}
	vsnprintf(what, sizeof(what), fmt, args);
	sr_text_make_printable(what, sizeof(what));
	return append(list, path, what, err);
}

static struct list problems_of(struct sr_bag_verdict *verdict)
{
	return (struct list){ &verdict->report.problems, &verdict->report.problem_count,
		              &verdict->more_problems };
}

static struct list notes_of(struct sr_bag_verdict *verdict)
{
	return (struct list){ &verdict->report.notes, &verdict->report.note_count, &verdict->more_notes };
}

enum sr_status sr_bag_add_problem(struct sr_bag_verdict *verdict, struct sr_err *err, const char *path,
                                  const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	enum sr_status status = append_format(problems_of(verdict), path, err, fmt, args);
	va_end(args);
	return status;
}

enum sr_status sr_bag_add_note(struct sr_bag_verdict *verdict, struct sr_err *err, const char *path,
                               const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	enum sr_status status = append_format(notes_of(verdict), path, err, fmt, args);
	va_end(args);
	return status;
}

enum sr_status sr_bag_verdict_finish(struct sr_bag_verdict *verdict, struct sr_bag_report *out,
                                     struct sr_err *err)
{
	char what[64];

	if (verdict->more_problems > 0) {
		snprintf(what, sizeof(what), "%" PRIu64 " more problems", verdict->more_problems);
		SR_TRY(append(problems_of(verdict), "", what, err));
	}
	if (verdict->more_notes > 0) {
		snprintf(what, sizeof(what), "%" PRIu64 " more notes", verdict->more_notes);
		SR_TRY(append(notes_of(verdict), "", what, err));
	}
	verdict->report.valid = verdict->report.problem_count == 0;
	*out = verdict->report;
	*verdict = (struct sr_bag_verdict){ 0 };
	return SR_OK;
}
