/* SPDX-License-Identifier: Apache-2.0 */
/* A case's classification in the one spelling that cover.json has (docs/FORMAT.md).  Stateless. */
#pragma once

#include <jansson.h>

#define SR_CLASSIFICATION_TEXT 64 /* bytes for all words with commas between, and NUL */

/*
 * The words of @list (a description's "classification"; may be NULL), each once and in the order of
 * docs/CASE.md whatever order they were given in; "none" where there are none.  Foreign words are left out.
 */
void sr_classification_text(const json_t *list, char out[SR_CLASSIFICATION_TEXT]);
