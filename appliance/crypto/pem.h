/* SPDX-License-Identifier: Apache-2.0 */
/* Textual encodings (RFC 7468) of untrusted bytes, read strictly.  For public objects: nothing is wiped. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/* One block: @label is what stands behind BEGIN, @der is valid during the call. */
typedef enum sr_status sr_pem_visit(void *context, const char *label, struct sr_bytes der,
                                    struct sr_err *err);

/*
 * Call @visit for each block in order and stop at its first failure.  Between blocks only empty lines may
 * stand; inside only base64 in its one form.  Lines end with LF or CRLF.  SR_LIMIT over
 * SR_LIMIT_TAG_FILE_BYTES, SR_CORRUPT with the line's number otherwise.
 */
SR_CHECKED enum sr_status sr_pem_read(struct sr_bytes pem, sr_pem_visit *visit, void *context,
                                      struct sr_err *err);
