/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/output.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"

#define CELL_BYTES 1200

enum sr_status sr_output_json(const json_t *json, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_json_write_pretty(json, &text, err));
	if (fwrite(text.data, 1, text.size, stdout) != text.size || fflush(stdout) != 0)
		return sr_fail_errno(err, "write to standard output");
	return SR_OK;
}

/* East Asian Wide and Fullwidth, near enough for a table. */
static bool is_wide(uint32_t c)
{
	return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
	       (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
	       (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
	       (c >= 0x20000 && c <= 0x3fffd);
}

static bool is_combining(uint32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0x200d;
}

/* Bytes and columns of the character that @text begins with; what is not UTF-8 counts one each. */
static size_t measure(const char *text, size_t *columns)
{
	uint32_t c;
	size_t bytes = sr_utf8_decode((const uint8_t *)text, strlen(text), &c);

	*columns = bytes == 0 ? 1 : is_combining(c) ? 0 : is_wide(c) ? 2 : 1;
	return bytes == 0 ? 1 : bytes;
}

size_t sr_output_width(const char *text)
{
	size_t width = 0;

	while (*text) {
		size_t columns;

		text += measure(text, &columns);
		width += columns;
	}
	return width;
}

void sr_output_clip(char *text, size_t columns)
{
	while (*text) {
		size_t width;
		size_t bytes = measure(text, &width);

		if (width > columns)
			*text = 0;
		else
			text += bytes;
		columns -= width > columns ? 0 : width;
	}
}

/* A point in time as objects have it ("2026-11-21T08:15:00Z"), for people: in the appliance's zone. */
static bool is_time(const char *text, char out[SR_TIME_TEXT])
{
	size_t size = strlen(text);
	int64_t time_ns;

	if (size < strlen("2026-11-21T08:15:00Z") || text[10] != 'T' || text[size - 1] != 'Z' ||
	    !sr_time_parse(text, &time_ns))
		return false;
	sr_time_format_local(time_ns, out);
	return true;
}

static void cell_text(const json_t *value, char out[CELL_BYTES])
{
	char local[SR_TIME_TEXT];

	out[0] = 0;
	if (json_is_string(value) && is_time(json_string_value(value), local))
		snprintf(out, CELL_BYTES, "%s", local);
	else if (json_is_string(value))
		snprintf(out, CELL_BYTES, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(out, CELL_BYTES, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_boolean(value))
		snprintf(out, CELL_BYTES, "%s", json_is_true(value) ? "yes" : "no");
	sr_text_make_printable(out, CELL_BYTES);
}

static void print_cell(const char *text, size_t width, bool last)
{
	size_t used = sr_output_width(text);

	fputs(text, stdout);
	for (size_t i = used; !last && i < width + 2; i++)
		putchar(' ');
}

enum sr_status sr_output_table(const json_t *rows, const struct sr_column *columns, size_t count,
                               struct sr_err *err)
{
	size_t *widths = calloc(count, sizeof(*widths));
	char text[CELL_BYTES];
	size_t index;
	json_t *row;

	if (!widths)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a table");
	for (size_t c = 0; c < count; c++)
		widths[c] = sr_output_width(columns[c].head);
	json_array_foreach(rows, index, row) {
		for (size_t c = 0; c < count; c++) {
			cell_text(json_object_get(row, columns[c].key), text);
			size_t width = sr_output_width(text);
			if (width > widths[c])
				widths[c] = width;
		}
	}
	for (size_t c = 0; c < count; c++)
		print_cell(columns[c].head, widths[c], c + 1 == count);
	putchar('\n');
	json_array_foreach(rows, index, row) {
		for (size_t c = 0; c < count; c++) {
			cell_text(json_object_get(row, columns[c].key), text);
			print_cell(text, widths[c], c + 1 == count);
		}
		putchar('\n');
	}
	free(widths);
	return SR_OK;
}

void sr_output_text(const char *text)
{
	char safe[4 * CELL_BYTES];

	snprintf(safe, sizeof(safe), "%s", text);
	sr_text_make_printable(safe, sizeof(safe));
	fputs(safe, stdout);
}

void sr_output_field(const char *label, const char *value)
{
	char local[SR_TIME_TEXT];

	if (!value)
		return;
	printf("%s: ", label);
	sr_output_text(is_time(value, local) ? local : value);
	putchar('\n');
}

void sr_output_size(uint64_t bytes, char out[SR_SIZE_TEXT])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(out, SR_SIZE_TEXT, "%" PRIu64 " bytes", bytes);
		return;
	}
	value /= 1024;
	while (value >= 1024 && unit + 1 < SR_COUNT(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(out, SR_SIZE_TEXT, "%.2f %s", value, units[unit]);
}

enum sr_status sr_output_file(const char *path, const struct sr_buf *text, struct sr_err *err)
{
	const char *slash = strrchr(path, '/');
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	char parent[PATH_MAX] = ".";

	if (slash && snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path + 1), path) >= PATH_MAX)
		return sr_fail(err, SR_LIMIT, "the path %.200s is too long", path);
	folder = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return sr_fail_errno(err, "open the folder of %s", path);
	return sr_fd_write_file(folder, slash ? slash + 1 : path, 0600, text->data, text->size, err);
}
