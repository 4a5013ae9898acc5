/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of tus 1.0.0 (resumable uploads): Upload-Metadata, Upload-Checksum.  Thread-safe: no state. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

#define SR_TUS_VERSION "1.0.0"
#define SR_TUS_EXTENSIONS "creation,termination,checksum,expiration"
#define SR_TUS_CHECKSUMS "sha1,sha256"
#define SR_TUS_METADATA_BYTES 4096u
#define SR_TUS_METADATA_KEYS 32u
#define SR_TUS_DIGEST_BYTES 32u

/*
 * Check an Upload-Metadata header: "key base64,key base64,key".  SR_INVALID for empty or doubled keys, keys
 * with blanks, commas or other than printable ASCII, and values that are not base64; SR_LIMIT beyond the
 * bounds.  Where there is a key "filename", its value (UTF-8 without control characters, else SR_INVALID) is
 * appended to @filename.
 */
SR_CHECKED enum sr_status sr_tus_metadata_check(const char *header, struct sr_buf *filename,
                                                struct sr_err *err);

enum sr_tus_algorithm {
	SR_TUS_NONE,
	SR_TUS_SHA1,
	SR_TUS_SHA256,
};

struct sr_tus_checksum {
	enum sr_tus_algorithm algorithm;
	uint8_t digest[SR_TUS_DIGEST_BYTES];
	size_t size; /* 20 or 32 */
};

/* "sha1 base64".  SR_INVALID for another algorithm, no base64, or a digest of another length. */
SR_CHECKED enum sr_status sr_tus_checksum_parse(const char *header, struct sr_tus_checksum *out,
                                                struct sr_err *err);

/* The id at the end of an upload's address: "/api/v1/uploads/ID", "https://HOST/api/v1/uploads/ID", or the id
 * alone; NULL when it is none of them. */
const char *sr_tus_upload_id(const char *url);
