/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passes: what an archivist hands to a party over the counter, "A00001-xxxxx-xxxxx-xxxxx-xxxxx-xxxxx".  The
 * number is public; of the code behind it, 125 random bits, the SHA-256 is kept in SR_DB_SECRETS until the
 * pass is used or another one is issued for the grant.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "appliance/crypto/digest.h"
#include "appliance/index/txn.h"
#include "appliance/keeper/state/label.h"

#define SR_PASS_TEXT 96

/* Small letters and digits of a code that somebody typed from paper; false when they do not fit @size. */
bool sr_pass_squeeze(const char *typed, char *out, size_t size);

/* What somebody typed from paper: capitals, and spaces or no hyphens, are the same pass. */
struct sr_pass_code {
	char id[SR_LABEL_BYTES];
	struct sr_digest hash;
};
/* False where it cannot be a pass. */
bool sr_pass_parse(const char *typed, struct sr_pass_code *out);

/* Store the code of a new pass of @grant, in the place of the grant's former one. */
SR_CHECKED enum sr_status sr_pass_put(struct sr_txn *txn, const char *grant, const struct sr_pass_code *code,
                                      struct sr_err *err);
/* The grant of a pass that can still be used; "" for any other, and for another code. */
SR_CHECKED enum sr_status sr_pass_grant(struct sr_txn *txn, const struct sr_pass_code *code,
                                        char grant[SR_LABEL_BYTES], struct sr_err *err);
/* It is used up. */
SR_CHECKED enum sr_status sr_pass_drop(struct sr_txn *txn, const struct sr_pass_code *code,
                                       struct sr_err *err);

/* Whether a party may be under @grant at that time: it lives, is not over, and is no user's. */
SR_CHECKED enum sr_status sr_pass_may_enter(struct sr_txn *txn, const char *grant, int64_t now_ns, bool *out,
                                            struct sr_err *err);
