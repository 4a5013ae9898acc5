/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys in files: PKCS#8 (RFC 5958) in PEM (RFC 7468), encrypted with PBES2 (RFC 8018).  Part of
 * pki.h. Nothing here ever asks a terminal for a passphrase.
 */
#pragma once

#include "appliance/base/err.h"
#include "appliance/base/secret.h"

struct sr_key;

/* PKCS#8 PEM, written durably with mode 0600 and never over an existing file; encrypted (PBES2, AES-256) when
 * @passphrase is not NULL. */
SR_CHECKED enum sr_status sr_key_write(const struct sr_key *key, int dir_fd, const char *name,
                                       const struct sr_secret *passphrase, struct sr_err *err);
/* The same bytes in memory; *out is the caller's. */
SR_CHECKED enum sr_status sr_key_compose(const struct sr_key *key, const struct sr_secret *passphrase,
                                         struct sr_secret **out, struct sr_err *err);
/*
 * The bytes of a file that holds a key or an age identity, of 1 to SR_LIMIT_KEY_FILE_BYTES.  SR_DENIED as in
 * sr_key_read: what others could read or write is no secret.
 */
SR_CHECKED enum sr_status sr_key_file_read(int dir_fd, const char *name, struct sr_secret **out,
                                           struct sr_err *err);
/* A private key from such bytes; SR_DENIED and SR_CORRUPT as in sr_key_read. */
SR_CHECKED enum sr_status sr_key_parse(const struct sr_secret *file, const struct sr_secret *passphrase,
                                       struct sr_key **out, struct sr_err *err);

/* SR_DENIED when others than the owner can read or write the file, or it belongs to neither caller nor root
 * (the text says chmod 600), or the passphrase is missing or wrong; SR_CORRUPT when it is no key.  @dir_fd
 * may be AT_FDCWD. */
SR_CHECKED enum sr_status sr_key_read(int dir_fd, const char *name, const struct sr_secret *passphrase,
                                      struct sr_key **out, struct sr_err *err);
