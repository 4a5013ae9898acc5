/* SPDX-License-Identifier: Apache-2.0 */
/* What a pack says besides its rules and tables: names, dates, labels, words.  docs/RULEBOOK.md, "A pack". */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/err.h"

/* Small letters, digits and hyphens, at most 63. */
bool sr_rulebook_is_name(const char *name);

/* An untrusted pack without its rules and tables; SR_INVALID with the place ("/labels/title: …"). */
SR_CHECKED enum sr_status sr_rulebook_check_head(const json_t *root, struct sr_err *err);
