/* SPDX-License-Identifier: Apache-2.0 */
/* cover.json: what a custodian without keys may know.  No names of people, no case number, no titles. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/base/uuid.h"
#include "appliance/crypto/digest.h"

struct sr_cover {
	char case_id[SR_UUID_TEXT];
	unsigned part;             /* 1 to SR_LIMIT_PARTS */
	bool has_previous;         /* part > 1 */
	struct sr_digest previous; /* seal digest of the part before */
	char organ[256];           /* name; may be empty */
	char organ_code[64];       /* may be empty */
	int64_t sealed_at_ns;      /* whole seconds */
	char retention[16];        /* "permanent", "30y", "10y" */
	char retention_until[16];  /* date, or empty for permanent */
	char classification[64];   /* comma-separated: "none", "privacy,commercial" */
	uint64_t members;
	uint64_t bytes; /* of plaintext */
	char suite[32];
};

SR_CHECKED enum sr_status sr_cover_encode(const struct sr_cover *cover, struct sr_buf *out,
                                          struct sr_err *err);
/* Untrusted.  SR_CORRUPT for unknown keys, formats, suites or values. */
SR_CHECKED enum sr_status sr_cover_decode(struct sr_bytes text, struct sr_cover *out, struct sr_err *err);
