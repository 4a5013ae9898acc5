/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/key.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "appliance/crypto/cert.h"

/* Room for some thousand private keys; its pages are locked, so not more than unprivileged limits allow. */
#define SECURE_HEAP_BYTES (256u << 10)
#define SECURE_HEAP_MIN 64
#define RSA_BITS_MIN 3072

static pthread_once_t memory_once = PTHREAD_ONCE_INIT;

static void reserve_secure_heap(void)
{
	/* Where the limit on locked memory is too small the heap exists, unlocked: keys still work. */
	if (!CRYPTO_secure_malloc_initialized())
		(void)CRYPTO_secure_malloc_init(SECURE_HEAP_BYTES, SECURE_HEAP_MIN);
}

void sr_key_prepare_memory(void)
{
	(void)pthread_once(&memory_once, reserve_secure_heap);
}

void sr_key_free(struct sr_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

enum sr_status sr_key_wrap(EVP_PKEY *pkey, struct sr_key **out, struct sr_err *err)
{
	struct sr_key *key = calloc(1, sizeof(*key));

	if (!key) {
		EVP_PKEY_free(pkey);
		return sr_fail(err, SR_NO_MEMORY, "no memory for a key");
	}
	key->pkey = pkey;
	*out = key;
	return SR_OK;
}

bool sr_pkey_is_accepted(const EVP_PKEY *pkey)
{
	static const char *const curves[] = { "prime256v1", "secp384r1", "secp521r1" };
	char group[32];

	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_ED25519:
		return true;
	case EVP_PKEY_RSA:
		return EVP_PKEY_get_bits(pkey) >= RSA_BITS_MIN;
	case EVP_PKEY_EC:
		if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) <= 0) {
			ERR_clear_error();
			return false;
		}
		for (size_t i = 0; i < SR_COUNT(curves); i++)
			if (strcmp(group, curves[i]) == 0)
				return true;
		return false;
	default:
		return false;
	}
}

enum sr_status sr_key_generate(enum sr_key_kind kind, struct sr_key **out, struct sr_err *err)
{
	EVP_PKEY *pkey = NULL;

	sr_key_prepare_memory();
	switch (kind) {
	case SR_KEY_P256:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
		break;
	case SR_KEY_ED25519:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	}
	if (!pkey)
		return sr_crypto_fail(err, SR_IO, "cannot make a key");
	return sr_key_wrap(pkey, out, err);
}

bool sr_key_matches(const struct sr_key *key, const struct sr_cert *cert)
{
	const EVP_PKEY *certified = X509_get0_pubkey(cert->x509);

	bool same = certified && EVP_PKEY_eq(certified, key->pkey) == 1;
	ERR_clear_error(); /* keys of two kinds are an error to OpenSSL; here they just differ */
	return same;
}
