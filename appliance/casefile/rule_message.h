/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of rules with places to fill in: "{member} 缺文字说明：{missing}".  docs/RULEBOOK.md, "Texts". */
#pragma once

#include <jansson.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/* Every "{name}" of @text is one of the words "a|b|c"; SR_INVALID (": …") names the first that is not. */
SR_CHECKED enum sr_status sr_message_check(const char *text, const char *names, struct sr_err *err);

/* Append @text with the values, an object of texts, in their places. */
SR_CHECKED enum sr_status sr_message_fill(const char *text, const json_t *values, struct sr_buf *out,
                                          struct sr_err *err);
