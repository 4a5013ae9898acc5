/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of the printable papers: one HTML page each, its styles inside, black on white A4.  No state. */
#pragma once

#include <jansson.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/* The page up to its heading; @landscape turns it. */
SR_CHECKED enum sr_status sr_paper_begin(struct sr_buf *out, const char *title, bool landscape,
                                         struct sr_err *err);
SR_CHECKED enum sr_status sr_paper_end(struct sr_buf *out, struct sr_err *err);

/* Text with everything that HTML takes for its own escaped, line breaks kept; nothing for NULL.  Control
 * characters and marks that turn the direction of writing become U+FFFD. */
SR_CHECKED enum sr_status sr_paper_text(struct sr_buf *out, const char *text, struct sr_err *err);
/* The same, cut behind so many characters with a note that the rest stands in the electronic catalogue. */
#define SR_PAPER_CHARACTERS 400 /* of a cell */
SR_CHECKED enum sr_status sr_paper_short(struct sr_buf *out, const char *text, size_t characters,
                                         struct sr_err *err);
/* A row of a table with a head cell and what is said; "" where @text is NULL. */
SR_CHECKED enum sr_status sr_paper_row(struct sr_buf *out, const char *head, const char *text,
                                       struct sr_err *err);
/* One cell; @class is that of a style ("", "c" centred). */
SR_CHECKED enum sr_status sr_paper_cell(struct sr_buf *out, const char *class, const char *text,
                                        struct sr_err *err);

/* QR code (ISO/IEC 18004, level M) of @text as inline SVG, @millimetres wide. */
SR_CHECKED enum sr_status sr_paper_qr(struct sr_buf *out, const char *text, unsigned millimetres,
                                      struct sr_err *err);

/* Chinese for a word of case.json ("penalty", "30y", "privacy" …); the word itself where there is none.
 * Borrowed. */
const char *sr_paper_word(const char *word);
/* The texts of @list, or those under @key of its objects, joined by 、 */
SR_CHECKED enum sr_status sr_paper_join(const json_t *list, const char *key, struct sr_buf *out,
                                        struct sr_err *err);
