/* SPDX-License-Identifier: Apache-2.0 */
/* The forms that values of case.json take.  docs/CASE.md, "Forms".  Thread-safe. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

enum sr_form {
	SR_FORM_TEXT,
	SR_FORM_BOOLEAN,
	SR_FORM_INTEGER,   /* from 1 to SR_FORM_INTEGER_MAX */
	SR_FORM_MONEY,     /* "1200.50": at most 15 digits, at most 2 of them after the point, no sign */
	SR_FORM_DATE,      /* "2025-03-02" */
	SR_FORM_TIME,      /* RFC 3339, or local time */
	SR_FORM_MOMENT,    /* a time or a date */
	SR_FORM_OFFSET,    /* "00:31:05" into a recording */
	SR_FORM_DIGEST,    /* SHA-256, 64 hexadecimal digits */
	SR_FORM_CHOICE,    /* one of the words */
	SR_FORM_WORD,      /* one of the words; another one is a warning, since the list may grow */
	SR_FORM_PATH,      /* of the member itself */
	SR_FORM_REFERENCE, /* path of a member */
	SR_FORM_RECORD,    /* text; where it begins like a member's path, a reference */
	SR_FORM_OBJECT,
};

#define SR_FORM_INTEGER_MAX 10000000

/* null and blank text count as left out, whatever the form. */
bool sr_form_is_absent(const json_t *value);

/* @word is one of "a|b|c". */
bool sr_form_is_word_of(const char *word, const char *words);

/*
 * A value that is not absent against a form (not SR_FORM_OBJECT) and the words of it.  SR_INVALID says what
 * is expected and what is there; SR_LIMIT for a path that is too long.  SR_FORM_WORD takes any text here.
 */
SR_CHECKED enum sr_status sr_form_check(enum sr_form form, const char *words, const json_t *value,
                                        struct sr_err *err);

/* "a number", "a list", … */
const char *sr_form_type_name(const json_t *value);

/* The path that a value refers to: SR_FORM_REFERENCE, or a SR_FORM_RECORD that is one.  Else NULL. */
const char *sr_form_reference(enum sr_form form, const json_t *value);
