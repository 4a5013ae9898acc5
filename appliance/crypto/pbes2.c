/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/pbes2.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/pkcs12.h>

#include "appliance/base/limits.h"
#include "appliance/base/random.h"
#include "appliance/crypto/scrypt_key.h"

/* 16 MiB and some 0.2 s a guess; more memory than OpenSSL's own limit would not open. */
static const struct sr_scrypt_cost our_cost = { .n = 16384, .r = 8, .p = 5 };

#define IV_BYTES 16

SR_OSSL_RELEASE(algorithm_freep, X509_ALGOR, X509_ALGOR_free)
SR_OSSL_RELEASE(sig_freep, X509_SIG, X509_SIG_free)
SR_OSSL_RELEASE(cipher_freep, EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
SR_OSSL_RELEASE(pbe2_freep, PBE2PARAM, PBE2PARAM_free)
SR_OSSL_RELEASE(scrypt_freep, SCRYPT_PARAMS, SCRYPT_PARAMS_free)

/* What AES-256-CBC makes of bytes, or of what it made; in OpenSSL's secure heap. */
struct text {
	unsigned char *data;
	size_t room, size;
};

static void text_dispose(struct text *text)
{
	OPENSSL_secure_clear_free(text->data, text->room);
}

static enum sr_status text_reserve(struct text *text, size_t room, struct sr_err *err)
{
	text->data = OPENSSL_secure_malloc(room);
	text->room = text->data ? room : 0;
	return text->data ? SR_OK : sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a key");
}

/* False: the padding is wrong, as it is with a wrong key. */
static bool run_cipher(const uint8_t *key, const uint8_t *iv, struct sr_bytes from, bool encrypt,
                       struct text *out)
{
	SR_CLEANUP(cipher_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int part, rest;

	if (!ctx || EVP_CipherInit_ex(ctx, EVP_aes_256_cbc(), NULL, key, iv, encrypt) != 1 ||
	    EVP_CipherUpdate(ctx, out->data, &part, from.data, (int)from.size) != 1 ||
	    EVP_CipherFinal_ex(ctx, out->data + part, &rest) != 1)
		return false;
	out->size = (size_t)part + (size_t)rest;
	return true;
}

/* --- encrypting ------------------------------------------------------------------------------------- */

static enum sr_status encode(const PKCS8_PRIV_KEY_INFO *plain, struct text *out, struct sr_err *err)
{
	int size = i2d_PKCS8_PRIV_KEY_INFO(plain, NULL);

	if (size <= 0 || size > (int)SR_LIMIT_KEY_FILE_BYTES)
		return sr_crypto_fail(err, SR_IO, "cannot encode the key");
	SR_TRY(text_reserve(out, (size_t)size, err));
	unsigned char *at = out->data;
	if (i2d_PKCS8_PRIV_KEY_INFO(plain, &at) != size)
		return sr_crypto_fail(err, SR_IO, "cannot encode the key");
	out->size = (size_t)size;
	return SR_OK;
}

static enum sr_status put_together(const X509_ALGOR *scheme, const struct text *sealed, X509_SIG **out,
                                   struct sr_err *err)
{
	SR_CLEANUP(sig_freep) X509_SIG *sig = X509_SIG_new();
	ASN1_OCTET_STRING *bytes = NULL;
	X509_ALGOR *algorithm = NULL;

	if (sig)
		X509_SIG_getm(sig, &algorithm, &bytes);
	if (!sig || X509_ALGOR_copy(algorithm, scheme) != 1 ||
	    ASN1_OCTET_STRING_set(bytes, sealed->data, (int)sealed->size) != 1)
		return sr_crypto_fail(err, SR_NO_MEMORY, "cannot encrypt the key");
	*out = SR_MOVE(sig);
	return SR_OK;
}

enum sr_status sr_pbes2_encrypt(PKCS8_PRIV_KEY_INFO *plain, const struct sr_secret *passphrase,
                                X509_SIG **out, struct sr_err *err)
{
	uint8_t salt[SR_SCRYPT_SALT_BYTES], iv[IV_BYTES], key[SR_SCRYPT_KEY_BYTES];
	SR_CLEANUP(text_dispose) struct text clear = { 0 };
	SR_CLEANUP(text_dispose) struct text sealed = { 0 };

	SR_TRY(encode(plain, &clear, err));
	SR_TRY(text_reserve(&sealed, clear.size + IV_BYTES, err));
	SR_TRY(sr_scrypt_salt(passphrase, &our_cost, salt, err));
	SR_TRY(sr_random_fill(iv, sizeof(iv), err));
	SR_TRY(sr_scrypt_key(passphrase, (struct sr_bytes){ salt, sizeof(salt) }, &our_cost, key, err));
	bool done = run_cipher(key, iv, (struct sr_bytes){ clear.data, clear.size }, true, &sealed);
	sr_wipe(key, sizeof(key));
	if (!done)
		return sr_crypto_fail(err, SR_IO, "cannot encrypt the key");
	SR_CLEANUP(algorithm_freep)
	X509_ALGOR *scheme = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof(salt), iv, our_cost.n,
	                                           our_cost.r, our_cost.p);
	if (!scheme)
		return sr_crypto_fail(err, SR_NO_MEMORY, "key encryption");
	return put_together(scheme, &sealed, out, err);
}

/* --- decrypting ------------------------------------------------------------------------------------- */

static const void *parameters_of(const X509_ALGOR *algorithm, int nid, int type)
{
	const ASN1_OBJECT *object;
	const void *value;
	int kind;

	if (!algorithm)
		return NULL;
	X509_ALGOR_get0(&object, &kind, &value, algorithm);
	return OBJ_obj2nid(object) == nid && kind == type ? value : NULL;
}

static bool number_of(const ASN1_INTEGER *integer, uint64_t *out)
{
	return integer && ASN1_INTEGER_get_uint64(out, integer) == 1;
}

/* PBES2 with scrypt and AES-256-CBC, taken apart; of any other scheme @ours is false. */
struct scheme {
	bool ours;
	PBE2PARAM *both;
	SCRYPT_PARAMS *scrypt;
	struct sr_scrypt_cost cost;
	struct sr_bytes salt;
	const uint8_t *iv;
};

static void scheme_dispose(struct scheme *scheme)
{
	pbe2_freep(&scheme->both);
	scrypt_freep(&scheme->scrypt);
}

static void take_apart(const X509_ALGOR *algorithm, struct scheme *out)
{
	const ASN1_STRING *sequence = parameters_of(algorithm, NID_pbes2, V_ASN1_SEQUENCE);

	out->both = sequence ? ASN1_item_unpack(sequence, ASN1_ITEM_rptr(PBE2PARAM)) : NULL;
	if (!out->both)
		return;
	sequence = parameters_of(out->both->keyfunc, NID_id_scrypt, V_ASN1_SEQUENCE);
	const ASN1_STRING *iv = parameters_of(out->both->encryption, NID_aes_256_cbc, V_ASN1_OCTET_STRING);
	out->scrypt = sequence ? ASN1_item_unpack(sequence, ASN1_ITEM_rptr(SCRYPT_PARAMS)) : NULL;
	if (!out->scrypt || !iv || ASN1_STRING_length(iv) != IV_BYTES)
		return;
	out->iv = ASN1_STRING_get0_data(iv);
	out->salt = (struct sr_bytes){ ASN1_STRING_get0_data(out->scrypt->salt),
		                       (size_t)ASN1_STRING_length(out->scrypt->salt) };
	uint64_t length = SR_SCRYPT_KEY_BYTES;
	out->ours = number_of(out->scrypt->costParameter, &out->cost.n) &&
	            number_of(out->scrypt->blockSize, &out->cost.r) &&
	            number_of(out->scrypt->parallelizationParameter, &out->cost.p) &&
	            (!out->scrypt->keyLength || number_of(out->scrypt->keyLength, &length)) &&
	            length == SR_SCRYPT_KEY_BYTES;
}

static enum sr_status open_ours(const struct scheme *scheme, struct sr_bytes sealed,
                                const struct sr_secret *passphrase, PKCS8_PRIV_KEY_INFO **out,
                                struct sr_err *err)
{
	SR_CLEANUP(text_dispose) struct text clear = { 0 };
	uint8_t key[SR_SCRYPT_KEY_BYTES];

	SR_TRY(text_reserve(&clear, sealed.size + IV_BYTES, err));
	SR_TRY(sr_scrypt_key(passphrase, scheme->salt, &scheme->cost, key, err));
	bool done = run_cipher(key, scheme->iv, sealed, false, &clear);
	sr_wipe(key, sizeof(key));
	const unsigned char *at = clear.data;
	*out = done ? d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)clear.size) : NULL;
	return *out ? SR_OK : sr_crypto_fail(err, SR_DENIED, "wrong passphrase");
}

enum sr_status sr_pbes2_decrypt(const X509_SIG *encrypted, const struct sr_secret *passphrase,
                                PKCS8_PRIV_KEY_INFO **out, struct sr_err *err)
{
	SR_CLEANUP(scheme_dispose) struct scheme scheme = { 0 };
	const ASN1_OCTET_STRING *bytes;
	const X509_ALGOR *algorithm;

	X509_SIG_get0(encrypted, &algorithm, &bytes);
	const struct sr_bytes sealed = { ASN1_STRING_get0_data(bytes), (size_t)ASN1_STRING_length(bytes) };
	take_apart(algorithm, &scheme);
	if (scheme.ours)
		return open_ours(&scheme, sealed, passphrase, out, err);
	*out = PKCS8_decrypt(encrypted, (const char *)passphrase->data, (int)passphrase->size);
	return *out ? SR_OK : sr_crypto_fail(err, SR_DENIED, "wrong passphrase");
}
