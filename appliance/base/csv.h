/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comma-separated values (RFC 4180): fields may be quoted, quotes within are doubled, lines end with LF or
 * CRLF, and quoted fields may have such ends and tabs in them.  No state but the struct; any thread.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

#define SR_CSV_FIELDS 64u

struct sr_csv {
	struct sr_bytes text; /* UTF-8; what is left of it */
	unsigned line;        /* of the row that was read last, from 1 */
	unsigned next_line;   /* set to 1 before the first row */
};

/*
 * The next row as an array of texts without spaces around them; empty lines are passed over.  *row (caller
 * owns) is NULL behind the last.  SR_INVALID names the line: an open quote, something behind a closed one, a
 * control character, no UTF-8; SR_LIMIT over SR_CSV_FIELDS.
 */
SR_CHECKED enum sr_status sr_csv_next(struct sr_csv *csv, json_t **row, struct sr_err *err);
