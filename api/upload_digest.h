/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums of uploaded pieces, as the tus extension has them.  One thread at a time. */
#pragma once

#include "api/tus.h"

struct sr_upload_digest;

SR_CHECKED enum sr_status sr_upload_digest_new(enum sr_tus_algorithm algorithm, struct sr_upload_digest **out,
                                               struct sr_err *err);
void sr_upload_digest_free(struct sr_upload_digest *digest); /* NULL is allowed */
void sr_upload_digest_add(struct sr_upload_digest *digest, const void *data, size_t size);
/* Were the bytes those of @wanted?  Ends the digest. */
bool sr_upload_digest_is(struct sr_upload_digest *digest, const struct sr_tus_checksum *wanted);
/* Tell the operator that bytes without proof stay in an upload: they could not be taken back. */
void sr_upload_digest_unproven(const char *upload);
