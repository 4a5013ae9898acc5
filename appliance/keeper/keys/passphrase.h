/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The passphrase of DATA/keys: every private key there is PKCS#8 under PBES2 with scrypt (key_file.h), or
 * none is.  It comes from whoever starts a keeper, is kept in locked memory for as long as the keeper runs,
 * and is in no argument, environment variable, log or database.
 */
#pragma once

#include <stdbool.h>

#include "appliance/base/err.h"
#include "appliance/base/secret.h"

/* A new one has at least this many bytes; none has more than SR_LIMIT_PASSPHRASE_BYTES. */
#define SR_PASSPHRASE_MIN 12u

enum sr_passphrase_use {
	SR_PASSPHRASE_OPEN,   /* the one that the keys have */
	SR_PASSPHRASE_CHOOSE, /* a new one */
};

/* Where it is asked for: the command line's terminal, descriptor or credential; the supervisor's pipe. */
struct sr_passphrase_source {
	/* SR_DENIED, with what to do, where it cannot be had. */
	enum sr_status (*ask)(void *context, enum sr_passphrase_use use, struct sr_secret **out,
	                      struct sr_err *err);
	void *context;
	unsigned tries; /* over 1: a person answers, and is asked again after a wrong one */
};

/*
 * Are the keys in the folder under one?  False too where the key that tells is not there.  Its first line
 * alone is read: the supervisor holds no key.
 */
SR_CHECKED enum sr_status sr_passphrase_is_needed(int keys_fd, bool *out, struct sr_err *err);

/* The same of the bytes of one key file. */
bool sr_passphrase_protects(const struct sr_secret *file);

/*
 * *out (caller owns) is the passphrase of the keys in the folder, or NULL when they have none.  With @check
 * it is tried on a key here; without, only where a person may be asked again, and else reading the keys
 * tells.  SR_DENIED when it is wrong or @source is NULL.
 */
SR_CHECKED enum sr_status sr_passphrase_open(int keys_fd, const struct sr_passphrase_source *source,
                                             bool check, struct sr_secret **out, struct sr_err *err);

/* SR_INVALID when a new one is too short. */
SR_CHECKED enum sr_status sr_passphrase_require(const struct sr_secret *passphrase, struct sr_err *err);

/* Ask for a new one; SR_INVALID when it is too short or too long.  SR_DENIED when @source is NULL. */
SR_CHECKED enum sr_status sr_passphrase_choose(const struct sr_passphrase_source *source,
                                               struct sr_secret **out, struct sr_err *err);

/*
 * Everything up to the end or a line's end that the descriptor gives, into locked memory; *out is NULL when
 * there is nothing.  SR_LIMIT over SR_LIMIT_PASSPHRASE_BYTES.
 */
SR_CHECKED enum sr_status sr_passphrase_read(int fd, struct sr_secret **out, struct sr_err *err);

/*
 * A pipe's reading end that gives @passphrase (NULL: nothing) and then its end.  The kernel does not swap
 * what is in a pipe.  The caller owns *fd.
 */
SR_CHECKED enum sr_status sr_passphrase_pipe(const struct sr_secret *passphrase, int *fd, struct sr_err *err);
