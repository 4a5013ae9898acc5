/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an error says in parts, so that a reader of another language can be told the same (docs/WIRE.md,
 * errors): each part is the sentence as the code has it, its values replaced by {0}, {1}, …, and the values.
 * Thread-safe: no state.
 */
#pragma once

#include <jansson.h>
#include <stdarg.h>

#include "appliance/base/err.h"

/*
 * Put the part that @fmt and @args are in front of those that @err has.  What does not fit, and a sentence
 * that is nothing but somebody else's text ("%s"), leaves an error without parts: its text stands alone.
 */
void sr_err_parts_add(struct sr_err *err, const char *fmt, va_list args);
/* The text is not of one language's sentence alone (an errno's words, another program's). */
void sr_err_parts_clear(struct sr_err *err);

/* [{"form","values":[…]},…], outermost first; NULL when there are none, or no memory.  The caller's. */
json_t *sr_err_parts_get(const struct sr_err *err);
/* As sr_err_parts_get made them, from the other end of the wire; anything else leaves none. */
void sr_err_parts_take(struct sr_err *err, const json_t *parts);
