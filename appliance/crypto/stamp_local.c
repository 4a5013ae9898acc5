/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/stamp_local.h"

#include "appliance/base/random.h"
#include "appliance/crypto/cert.h"
#include "appliance/crypto/certs.h"
#include "appliance/crypto/key.h"
#include "appliance/crypto/stamp_query.h"

#define SERIAL_BYTES 16

static ASN1_INTEGER *make_serial(TS_RESP_CTX *context, void *data)
{
	uint8_t random[SERIAL_BYTES];
	struct sr_err err;

	(void)data;
	if (sr_random_fill(random, sizeof(random), &err) != SR_OK) {
		TS_RESP_CTX_set_status_info(context, TS_STATUS_REJECTION, err.text);
		return NULL;
	}
	random[0] = (uint8_t)((random[0] & 0x7f) | 0x40); /* positive, and of full length */
	SR_CLEANUP(sr_bn_freep) BIGNUM *number = BN_bin2bn(random, sizeof(random), NULL);
	return number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
}

static int give_time(TS_RESP_CTX *context, void *data, long *seconds, long *microseconds)
{
	const int64_t *now_ns = data;

	(void)context;
	*seconds = (long)sr_ossl_seconds(*now_ns);
	*microseconds = 0;
	return 1;
}

static enum sr_status set_certs(TS_RESP_CTX *context, const struct sr_stamper *stamper, struct sr_err *err)
{
	SR_CLEANUP(sr_x509_viewp) STACK_OF(X509) *certs = sk_X509_new_null();

	if (!certs)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a time stamp");
	for (size_t i = 0; stamper->chain && i < stamper->chain->count; i++) {
		X509 *x509 = stamper->chain->certs[i]->x509;

		if (X509_cmp(x509, stamper->cert->x509) != 0 && sk_X509_push(certs, x509) <= 0)
			return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a time stamp");
	}
	/* The context takes references of its own. */
	if (TS_RESP_CTX_set_certs(context, certs) != 1)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a time stamp");
	return SR_OK;
}

static enum sr_status prepare(TS_RESP_CTX *context, const struct sr_stamper *stamper, int64_t *now_ns,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_asn1_object_freep) ASN1_OBJECT *policy = OBJ_txt2obj(SR_STAMP_POLICY, 1);

	if (!sr_key_matches(stamper->key, stamper->cert))
		return sr_fail(err, SR_INVALID, "the time stamp key is not that of its certificate");
	if (TS_RESP_CTX_set_signer_cert(context, stamper->cert->x509) != 1)
		return sr_crypto_fail(err, SR_INVALID, "the certificate is not for time stamps");
	TS_RESP_CTX_set_serial_cb(context, make_serial, NULL);
	TS_RESP_CTX_set_time_cb(context, give_time, now_ns);
	if (!policy || TS_RESP_CTX_set_def_policy(context, policy) != 1 ||
	    TS_RESP_CTX_set_signer_key(context, stamper->key->pkey) != 1 ||
	    TS_RESP_CTX_set_signer_digest(context, EVP_sha256()) != 1 ||
	    TS_RESP_CTX_set_ess_cert_id_digest(context, EVP_sha256()) != 1 ||
	    TS_RESP_CTX_add_md(context, EVP_sha256()) != 1)
		return sr_crypto_fail(err, SR_IO, "cannot prepare a time stamp");
	return set_certs(context, stamper, err);
}

static enum sr_status encode(TS_RESP *response, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_bio_freep) BIO *der = BIO_new(BIO_s_mem());

	if (!der || i2d_TS_RESP_bio(der, response) != 1)
		return sr_crypto_fail(err, SR_NO_MEMORY, "cannot encode a time stamp");
	return sr_ossl_append(der, out, err);
}

enum sr_status sr_stamp_local(const struct sr_stamper *stamper, const struct sr_digest *imprint,
                              int64_t now_ns, struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf query = { 0 };
	SR_CLEANUP(sr_ts_resp_ctx_freep) TS_RESP_CTX *context = TS_RESP_CTX_new();

	if (!context)
		return sr_crypto_fail(err, SR_NO_MEMORY, "no memory for a time stamp");
	SR_TRY(prepare(context, stamper, &now_ns, err));
	SR_TRY(sr_stamp_query(imprint, (struct sr_bytes){ 0 }, &query, err));
	SR_CLEANUP(sr_bio_freep) BIO *input = sr_ossl_reader(sr_buf_bytes(&query));
	SR_CLEANUP(sr_ts_resp_freep)
	TS_RESP *response = input ? TS_RESP_create_response(context, input) : NULL;
	/* It answers with a refusal where it fails inside. */
	if (!response || ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response))) !=
	                         TS_STATUS_GRANTED)
		return sr_crypto_fail(err, SR_IO, "cannot make a time stamp");
	return encode(response, out, err);
}
