/* SPDX-License-Identifier: Apache-2.0 */
/* Text of a file as UTF-8: what it is gets looked at, not declared.  Thread-safe. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/*
 * *out is @text as UTF-8 without a byte-order mark: @text itself where it is UTF-8 already, else what GB18030
 * (GB 18030-2005, as iconv(3) knows it) makes of it, held by @converted.  SR_INVALID with the byte where each
 * of the two fails.
 */
SR_CHECKED enum sr_status sr_encoding_to_utf8(struct sr_bytes text, struct sr_buf *converted,
                                              struct sr_bytes *out, struct sr_err *err);
