/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/algorithms.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <pthread.h>

#include "appliance/crypto/failure.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct sr_algorithms fetched;
static struct sr_err fetch_err; /* why it failed, for every caller */
static enum sr_status fetch_status;

static enum sr_status make_hmac_template(EVP_MAC_CTX **out, struct sr_err *err)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *template = mac ? EVP_MAC_CTX_new(mac) : NULL;

	EVP_MAC_free(mac); /* the context holds its own reference */
	if (!template || EVP_MAC_CTX_set_params(template, params) != 1) {
		EVP_MAC_CTX_free(template);
		return sr_crypto_fail(err, SR_IO, "OpenSSL has no HMAC-SHA-256");
	}
	*out = template;
	return SR_OK;
}

static enum sr_status fetch(struct sr_algorithms *out, struct sr_err *err)
{
	out->sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	if (!out->sha256)
		return sr_crypto_fail(err, SR_IO, "OpenSSL has no SHA-256");
	out->sha512 = EVP_MD_fetch(NULL, "SHA2-512", NULL);
	if (!out->sha512)
		return sr_crypto_fail(err, SR_IO, "OpenSSL has no SHA-512");
	out->chacha20_poly1305 = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
	if (!out->chacha20_poly1305)
		return sr_crypto_fail(err, SR_IO, "OpenSSL has no ChaCha20-Poly1305");
	return make_hmac_template(&out->hmac_sha256, err);
}

static void fetch_once(void)
{
	fetch_status = fetch(&fetched, &fetch_err);
}

enum sr_status sr_algorithms_get(const struct sr_algorithms **out, struct sr_err *err)
{
	pthread_once(&once, fetch_once);
	if (fetch_status != SR_OK)
		return sr_fail(err, fetch_status, "%s", fetch_err.text);
	*out = &fetched;
	return SR_OK;
}
