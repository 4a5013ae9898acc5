/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How texts are cut into what can be looked up, the same for a case that is filed and for a question. Chinese
 * becomes pairs of neighbouring characters (and single ones), everything else words in lower case; full-width
 * forms count as ASCII.  docs/INDEX.md.
 */
#pragma once

#include <stdbool.h>

#include "appliance/base/buf.h"

#define SR_WORD_BYTES 48u /* a longer word is known by its beginning */

/*
 * Append @text in its form for comparing: case and width folded, @gap (0: nothing) for each run of spaces and
 * punctuation between other characters.  Bytes that are no UTF-8 count as punctuation.
 */
SR_CHECKED enum sr_status sr_fold(struct sr_bytes text, char gap, struct sr_buf *out, struct sr_err *err);

/* Bytes of the first @length characters of a folded text, or all it has; *got: characters. */
size_t sr_fold_prefix(struct sr_bytes folded, size_t length, size_t *got);

/*
 * Call @each with every word, pair and single character of @text.  @question leaves out single characters
 * that a pair covers.
 */
SR_CHECKED enum sr_status sr_cut(struct sr_bytes text, bool question,
                                 enum sr_status (*each)(void *context, struct sr_bytes word,
                                                        struct sr_err *err),
                                 void *context, struct sr_err *err);
