/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords: rules, argon2id (RFC 9106) and random ones.  Hashing takes some 0.2 s and 64 MiB: never on the
 * thread that writes; password_pool.h runs it in workers.  Thread-safe: no state.  docs/KEEPER.md,
 * "Passwords".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/secret.h"

#define SR_PASSWORD_BYTES_MIN 8
#define SR_PASSWORD_BYTES_MAX 1024
#define SR_PASSWORD_HASH_TEXT 224   /* bytes of any encoded hash, with NUL */
#define SR_PASSWORD_RANDOM_BYTES 29 /* a random password: 5 groups of 5 and 4 hyphens */

struct sr_password_cost {
	uint32_t memory_kib; /* 8 a lane at least, at most 262,144 */
	uint32_t passes;     /* 1 to 16 */
	uint32_t lanes;      /* 1 to 8; they are worked on by one thread */
};

/* 64 MiB, 3 passes, 1 lane. */
extern const struct sr_password_cost sr_password_cost;

/*
 * May @password be this user's new one?  SR_INVALID says what is wrong: 8 to 1,024 bytes of UTF-8, no control
 * characters, not blank, not the user's name in capitals or small letters.
 */
SR_CHECKED enum sr_status sr_password_check(const struct sr_secret *password, const char *user_name,
                                            struct sr_err *err);

/*
 * A new salted hash in PHC form, "$argon2id$v=19$m=65536,t=3,p=1$<salt>$<hash>".  SR_INVALID for a cost out
 * of its bounds or a password over the maximum; SR_NO_MEMORY.
 */
SR_CHECKED enum sr_status sr_password_hash(const struct sr_secret *password,
                                           const struct sr_password_cost *cost,
                                           char out[SR_PASSWORD_HASH_TEXT], struct sr_err *err);

/*
 * Is this the password of @encoded?  SR_OK, or SR_DENIED; both after the same work.  With @encoded NULL (no
 * such user) the work of @wanted is done all the same and the answer is SR_DENIED.  *outdated: the stored
 * hash is cheaper than @wanted and should be made anew while the password is at hand.  SR_CORRUPT when
 * @encoded does not parse or asks for more than the bounds above, before any work.
 */
SR_CHECKED enum sr_status sr_password_verify(const struct sr_secret *password, const char *encoded,
                                             const struct sr_password_cost *wanted, bool *outdated,
                                             struct sr_err *err);

/* 125 random bits as "xxxxx-xxxxx-xxxxx-xxxxx-xxxxx", digits and letters without i, l, o and u. */
SR_CHECKED enum sr_status sr_password_make_random(struct sr_secret **out, struct sr_err *err);
