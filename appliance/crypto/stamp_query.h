/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3161 requests.  Private to this folder. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/crypto/digest.h"

/* Append a DER TimeStampReq over @imprint that asks for certificates; @nonce is a DER INTEGER or empty. */
SR_CHECKED enum sr_status sr_stamp_query(const struct sr_digest *imprint, struct sr_bytes nonce,
                                         struct sr_buf *out, struct sr_err *err);
