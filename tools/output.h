/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs print: JSON for programs, tables for people, a progress bar on a terminal. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/base/progress.h"

/* One JSON document on standard output. */
SR_CHECKED enum sr_status sr_output_json(const json_t *json, struct sr_err *err);

/*
 * A table of the objects in @rows: one column a key, heads above, columns as wide as their widest text
 * (Chinese counts two).  Numbers and texts are printed, null is empty; points in time in the appliance's
 * zone. Control characters are replaced.
 */
struct sr_column {
	const char *key;
	const char *head;
};
SR_CHECKED enum sr_status sr_output_table(const json_t *rows, const struct sr_column *columns, size_t count,
                                          struct sr_err *err);

/* Print "label: value" with control characters replaced, a point in time in the appliance's zone; nothing for
 * NULL. */
void sr_output_field(const char *label, const char *value);

/* A file that only its owner reads, whole or not at all, at @path, whatever was there. */
SR_CHECKED enum sr_status sr_output_file(const char *path, const struct sr_buf *text, struct sr_err *err);

/* Text with control characters replaced, to standard output. */
void sr_output_text(const char *text);

/* "4.00 GiB" */
#define SR_SIZE_TEXT 24
void sr_output_size(uint64_t bytes, char out[SR_SIZE_TEXT]);

/* Columns that a text takes on a terminal. */
size_t sr_output_width(const char *text);

/* Cut @text where it would take more than @columns; it is UTF-8. */
void sr_output_clip(char *text, size_t columns);
