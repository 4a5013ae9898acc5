/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in time stamp authority.  Private to this folder. */
#pragma once

#include "appliance/crypto/digest.h"
#include "appliance/crypto/stamp.h"

/* Append the response of the built-in authority over @imprint, with genTime @now_ns in seconds. */
SR_CHECKED enum sr_status sr_stamp_local(const struct sr_stamper *stamper, const struct sr_digest *imprint,
                                         int64_t now_ns, struct sr_buf *out, struct sr_err *err);
