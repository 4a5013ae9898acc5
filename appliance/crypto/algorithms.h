/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL algorithms, fetched once a process: an implicit fetch in every call costs more than a
 * small hash and does not scale over threads.  Private to this folder; thread-safe.
 */
#pragma once

#include <openssl/evp.h>

#include "appliance/base/err.h"

struct sr_algorithms {
	EVP_MD *sha256;
	EVP_MD *sha512;
	EVP_CIPHER *chacha20_poly1305;
	EVP_MAC_CTX *hmac_sha256; /* a template without key: EVP_MAC_CTX_dup it, never use it */
};

/* The one set of this process; lives as long as the process does.  SR_IO when OpenSSL lacks one. */
SR_CHECKED enum sr_status sr_algorithms_get(const struct sr_algorithms **out, struct sr_err *err);
