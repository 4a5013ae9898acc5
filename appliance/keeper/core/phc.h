/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of an argon2id hash, as the PHC string format has it: "$argon2id$v=19$m=M,t=T,p=P$salt$hash",
 * numbers without leading zeros, unpadded canonical base64.  One text a value: what decodes encodes to the
 * same bytes.
 */
#pragma once

#include "appliance/keeper/core/password.h"

#define SR_PHC_BYTES_MIN 8
#define SR_PHC_BYTES_MAX 64

struct sr_phc {
	struct sr_password_cost cost;
	size_t salt_size; /* 8 to 64 */
	size_t hash_size; /* 16 to 64 */
	uint8_t salt[SR_PHC_BYTES_MAX];
	uint8_t hash[SR_PHC_BYTES_MAX];
};

/* Within the bounds of struct sr_password_cost? */
bool sr_phc_cost_is_valid(const struct sr_password_cost *cost);

/* SR_CORRUPT for any other text and for a cost out of its bounds. */
SR_CHECKED enum sr_status sr_phc_decode(const char *text, struct sr_phc *out, struct sr_err *err);
SR_CHECKED enum sr_status sr_phc_encode(const struct sr_phc *phc, char out[SR_PASSWORD_HASH_TEXT],
                                        struct sr_err *err);
