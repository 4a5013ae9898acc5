/* SPDX-License-Identifier: Apache-2.0 */
/* A PKCS#8 key under a passphrase (RFC 5958, EncryptedPrivateKeyInfo).  Private to this folder. */
#pragma once

#include "appliance/base/secret.h"
#include "appliance/crypto/ossl.h"

/* PBES2 (RFC 8018) with scrypt and AES-256-CBC; the caller owns *out. */
SR_CHECKED enum sr_status sr_pbes2_encrypt(PKCS8_PRIV_KEY_INFO *plain, const struct sr_secret *passphrase,
                                           X509_SIG **out, struct sr_err *err);

/* Whatever OpenSSL decrypts; SR_DENIED when the passphrase is wrong.  The caller owns *out. */
SR_CHECKED enum sr_status sr_pbes2_decrypt(const X509_SIG *encrypted, const struct sr_secret *passphrase,
                                           PKCS8_PRIV_KEY_INFO **out, struct sr_err *err);
