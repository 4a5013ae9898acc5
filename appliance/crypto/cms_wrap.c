/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/cms_wrap.h"

#include <limits.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "appliance/base/limits.h"
#include "appliance/crypto/cert.h"
#include "appliance/crypto/certs.h"
#include "appliance/crypto/der.h"
#include "appliance/crypto/enveloped.h"
#include "appliance/crypto/key.h"

/* --- wrapping -------------------------------------------------------------------------------------- */

/* OpenSSL encrypts to any certificate, to one for signatures alone too: RFC 5280 section 4.2.1.3 is ours. */
static enum sr_status require_recipient(const struct sr_cert *cert, struct sr_err *err)
{
	X509 *x509 = cert->x509;
	const EVP_PKEY *pkey = X509_get0_pubkey(x509);
	int type = EVP_PKEY_get_base_id(pkey);
	uint32_t wanted = type == EVP_PKEY_EC ? KU_KEY_AGREEMENT : KU_KEY_ENCIPHERMENT;

	if ((type != EVP_PKEY_EC && type != EVP_PKEY_RSA) || !sr_pkey_is_accepted(pkey))
		return sr_fail(err, SR_INVALID,
		               "a recipient's key must be EC P-256, P-384 or P-521, or RSA of "
		               "3072 bits or more");
	uint32_t flags = X509_get_extension_flags(x509);
	if ((flags & EXFLAG_INVALID) || !(flags & EXFLAG_KUSAGE) || !(X509_get_key_usage(x509) & wanted))
		return sr_fail(err, SR_INVALID,
		               "a recipient's certificate is not for encryption: its key usage "
		               "must have %s",
		               type == EVP_PKEY_EC ? "keyAgreement" : "keyEncipherment");
	if (!X509_get0_subject_key_id(x509))
		return sr_fail(err, SR_INVALID, "a recipient's certificate has no subject key identifier");
	return SR_OK;
}

static bool set_transport(EVP_PKEY_CTX *context)
{
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) > 0;
}

static enum sr_status add_recipient(CMS_ContentInfo *cms, const struct sr_cert *cert, struct sr_err *err)
{
	SR_TRY(require_recipient(cert, err));
	CMS_RecipientInfo *info = CMS_add1_recipient_cert(cms, cert->x509, CMS_USE_KEYID | CMS_KEY_PARAM);
	EVP_PKEY_CTX *context = info ? CMS_RecipientInfo_get0_pkey_ctx(info) : NULL;
	if (!context)
		return sr_crypto_fail(err, SR_INVALID, "cannot add a recipient");
	/* The defaults are PKCS #1 v1.5, and ECDH with a SHA-1 KDF. */
	bool good = CMS_RecipientInfo_type(info) == CMS_RECIPINFO_AGREE
	                    ? EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) > 0
	                    : set_transport(context);
	return good ? SR_OK : sr_crypto_fail(err, SR_IO, "cannot set a recipient's algorithms");
}

/* Straight into the cipher: CMS_final would leave a copy on the stack. */
static enum sr_status encrypt(CMS_ContentInfo *cms, const struct sr_secret *plain, struct sr_err *err)
{
	if (CMS_set_detached(cms, 0) != 1)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a wrapped key");
	SR_CLEANUP(sr_bio_freep) BIO *content = CMS_dataInit(cms, NULL);
	if (!content || BIO_write(content, plain->data, (int)plain->size) != (int)plain->size ||
	    BIO_flush(content) != 1 || CMS_dataFinal(cms, content) != 1)
		return sr_crypto_fail(err, SR_IO, "cannot wrap a key");
	return SR_OK;
}

enum sr_status sr_cms_wrap(const struct sr_certs *recipients, const struct sr_secret *plain,
                           struct sr_buf *out, struct sr_err *err)
{
	if (recipients->count == 0)
		return sr_fail(err, SR_INVALID, "no recipient to wrap a key for");
	if (plain->size == 0 || plain->size > SR_LIMIT_SIGNATURE_BYTES)
		return sr_fail(err, SR_LIMIT, "a key of 1 to %u bytes can be wrapped",
		               SR_LIMIT_SIGNATURE_BYTES);
	sr_key_prepare_memory();
	SR_CLEANUP(sr_cms_freep) CMS_ContentInfo *cms = CMS_AuthEnvelopedData_create(EVP_aes_256_gcm());
	if (!cms)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a wrapped key");
	for (size_t i = 0; i < recipients->count; i++) {
		enum sr_status status = add_recipient(cms, recipients->certs[i], err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "recipient %zu: ", i + 1);
	}
	SR_TRY(encrypt(cms, plain, err));
	return sr_ossl_append_cms(cms, "cannot encode a wrapped key", out, err);
}

/* --- unwrapping ------------------------------------------------------------------------------------ */

/* What a recipient's entry gave. */
enum attempt {
	NOT_MINE, /* named another certificate, or is for another kind of key */
	FAILED,   /* the key does not open it */
	OPENED,
};

static enum attempt try_transport(CMS_ContentInfo *cms, CMS_RecipientInfo *info, EVP_PKEY *pkey, X509 *x509)
{
	if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA ||
	    (x509 && CMS_RecipientInfo_ktri_cert_cmp(info, x509) != 0))
		return NOT_MINE;
	EVP_PKEY_up_ref(pkey);
	if (CMS_RecipientInfo_set0_pkey(info, pkey) != 1) {
		EVP_PKEY_free(pkey);
		return FAILED;
	}
	int opened = CMS_RecipientInfo_decrypt(cms, info);
	(void)CMS_RecipientInfo_set0_pkey(info, NULL);
	return opened == 1 ? OPENED : FAILED;
}

static enum attempt try_agreement(CMS_ContentInfo *cms, CMS_RecipientInfo *info, EVP_PKEY *pkey, X509 *x509)
{
	STACK_OF(CMS_RecipientEncryptedKey) *keys = CMS_RecipientInfo_kari_get0_reks(info);
	enum attempt result = NOT_MINE;

	for (int i = 0; i < sk_CMS_RecipientEncryptedKey_num(keys) && result != OPENED; i++) {
		CMS_RecipientEncryptedKey *key = sk_CMS_RecipientEncryptedKey_value(keys, i);

		if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_EC ||
		    (x509 && CMS_RecipientEncryptedKey_cert_cmp(key, x509) != 0))
			continue;
		result = FAILED;
		if (CMS_RecipientInfo_kari_set0_pkey(info, pkey) == 1 &&
		    CMS_RecipientInfo_kari_decrypt(cms, info, key) == 1)
			result = OPENED;
		(void)CMS_RecipientInfo_kari_set0_pkey(info, NULL);
	}
	return result;
}

/*
 * Not CMS_decrypt: it answers a wrong RSA key with a random content key, against padding oracles that OAEP
 * does not have, and so could not tell "not for this key" from "tampered".
 */
static enum sr_status unlock(CMS_ContentInfo *cms, const struct sr_key *key, const struct sr_cert *cert,
                             struct sr_err *err)
{
	STACK_OF(CMS_RecipientInfo) *infos = CMS_get0_RecipientInfos(cms);
	X509 *x509 = cert ? cert->x509 : NULL;
	bool named = false;

	for (int i = 0; i < sk_CMS_RecipientInfo_num(infos); i++) {
		CMS_RecipientInfo *info = sk_CMS_RecipientInfo_value(infos, i);
		enum attempt result = CMS_RecipientInfo_type(info) == CMS_RECIPINFO_TRANS
		                              ? try_transport(cms, info, key->pkey, x509)
		                              : try_agreement(cms, info, key->pkey, x509);

		if (result == OPENED) {
			ERR_clear_error();
			return SR_OK;
		}
		named = named || (result == FAILED && cert);
	}
	ERR_clear_error();
	if (named)
		return sr_fail(err, SR_TAMPERED, "the wrapped key names this recipient but does not open");
	return sr_fail(err, SR_DENIED, "the key is not wrapped for this recipient");
}

static enum sr_status decrypt(CMS_ContentInfo *cms, size_t size, struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *plain = NULL;
	SR_CLEANUP(sr_bio_freep) BIO *content = CMS_dataInit(cms, NULL);
	size_t done = 0;
	uint8_t beyond;

	if (!content)
		return sr_crypto_fail(err, SR_TAMPERED, "cannot unwrap a key");
	SR_TRY(sr_secret_new(size, &plain, err));
	while (done < size) {
		int n = BIO_read(content, plain->data + done, (int)(size - done));

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	/* The tag is checked when the end is read. */
	if (BIO_read(content, &beyond, 1) > 0 || done != size || BIO_get_cipher_status(content) != 1)
		return sr_crypto_fail(err, SR_TAMPERED, "the wrapped key fails its authentication");
	*out = SR_MOVE(plain);
	return SR_OK;
}

enum sr_status sr_cms_unwrap(struct sr_bytes der, const struct sr_key *key, const struct sr_cert *cert,
                             struct sr_secret **out, struct sr_err *err)
{
	struct sr_enveloped parts = { 0 };
	const unsigned char *at = der.data;

	if (der.size > SR_LIMIT_SIGNATURE_BYTES)
		return sr_fail(err, SR_LIMIT, "a wrapped key of %zu bytes", der.size);
	SR_TRY(sr_der_check(der, err));
	SR_TRY(sr_enveloped_parse(der, &parts, err));
	if (cert && !sr_key_matches(key, cert))
		return sr_fail(err, SR_DENIED, "the key is not that of the recipient's certificate");
	SR_CLEANUP(sr_cms_freep) CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.size);
	if (!cms || at != der.data + der.size)
		return sr_crypto_fail(err, SR_CORRUPT, "not a CMS AuthEnvelopedData");
	SR_TRY(unlock(cms, key, cert, err));
	return decrypt(cms, parts.plain_size, out, err);
}
