/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to whoever sits at the terminal: asked on standard error, answered by a line of standard input.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/err.h"

/* Somebody sits there: both standard input and standard error are terminals. */
bool sr_ask_possible(void);

/*
 * Ask @question; the answer, without the blanks around it, goes to out[size].  An empty one means @fallback,
 * or, where that is NULL, the question is asked again.  SR_USAGE at the end of the input, and for an answer
 * that does not fit or is not UTF-8.
 */
SR_CHECKED enum sr_status sr_ask(const char *question, const char *fallback, char *out, size_t size,
                                 struct sr_err *err);
