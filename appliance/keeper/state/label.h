/* SPDX-License-Identifier: Apache-2.0 */
/* Short texts that name something (a user, an organ, a grant, an address), held by value in bounded records.
 */
#pragma once

#include <stdbool.h>

#define SR_LABEL_BYTES 64 /* with NUL */

/* 1 to 63 bytes of UTF-8, no control characters, not blank.  NULL is none. */
bool sr_label_is_valid(const char *text);

/* Copy @text, which must be a label or empty. */
void sr_label_copy(char out[SR_LABEL_BYTES], const char *text);
