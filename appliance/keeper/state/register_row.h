/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of the register of matters (案件台账): which columns there are and what they hold.  docs/RULEBOOK.md,
 * "The register".  No state; any thread.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/keeper/state/record.h"

#define SR_REGISTER_ROWS 20000u       /* of one import */
#define SR_REGISTER_BYTES (8u << 20)  /* of its file */
#define SR_REGISTER_NUMBER_BYTES 150u /* of a case number in the register */

/* The column that a head names (English, or the Chinese one); NULL where there is none.  Static. */
const char *sr_register_column(const char *head);
/* Names of all columns in the file's order; NULL behind the last. */
const char *sr_register_column_at(size_t index);

/*
 * Check a row {"number":…,…} of texts: known columns, each in its form, a number.  Empty texts are taken out.
 * SR_INVALID names the column.
 */
SR_CHECKED enum sr_status sr_register_row_check(json_t *row, struct sr_err *err);

/* A file with a head line, as UTF-8 or GB18030.  *rows (caller owns): [{"line":N,"row":{…}},…], each checked.
 * SR_INVALID names line and column; the same organ and number twice is one, too. */
SR_CHECKED enum sr_status sr_register_read(struct sr_bytes file, json_t **rows, struct sr_err *err);

/* Key of SR_DB_REGISTER. */
SR_CHECKED enum sr_status sr_register_key(const char *organ, const char *number, char out[SR_RECORD_KEY],
                                          struct sr_err *err);

/* Day (since 1970-01-01, in the appliance's zone) that a column says; false where it is empty. */
bool sr_register_day(const json_t *row, const char *column, int64_t *day);
/* The day by which the case is to be archived (内蒙古 第二十三条): 30 days after the end of execution, of the
 * closing where nothing was to be executed.  False while neither is known. */
bool sr_register_due(const json_t *row, int64_t *day);
/* Whether a column with yes or no, such as "litigation", says yes. */
bool sr_register_says_yes(const json_t *row, const char *column);
/* Whether somebody of that name is among the officers (承办人), separated by 、 , ; / or blanks. */
bool sr_register_names_officer(const json_t *row, const char *name);
