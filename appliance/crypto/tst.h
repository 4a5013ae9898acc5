/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an RFC 3161 response, taken apart without trusting it.  Private to this folder. */
#pragma once

#include "appliance/crypto/digest.h"
#include "appliance/crypto/signed_data.h"

struct sr_tst {
	struct sr_bytes token; /* SignedData, DER; part of the input */
	struct sr_signed_data signature;
	struct sr_digest imprint; /* SHA-256 */
	int64_t gen_time_ns;
	struct sr_bytes nonce; /* INTEGER, DER; empty when there is none */
};

/*
 * A stored response: at most SR_LIMIT_STAMP_REPLY_BYTES of DER, status granted and nothing beside it (no
 * text, no failure bits: nothing signs them).  SR_CORRUPT otherwise.
 */
SR_CHECKED enum sr_status sr_tst_parse_stored(struct sr_bytes response, struct sr_tst *out,
                                              struct sr_err *err);

/*
 * An authority's answer: grantedWithMods and a text are allowed.  SR_BUSY with what it said when it refused,
 * SR_CORRUPT when it is no response.
 */
SR_CHECKED enum sr_status sr_tst_parse_answer(struct sr_bytes response, struct sr_tst *out,
                                              struct sr_err *err);
