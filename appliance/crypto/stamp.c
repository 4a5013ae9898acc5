/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/stamp.h"

#include <string.h>

#include "appliance/base/limits.h"
#include "appliance/base/random.h"
#include "appliance/crypto/der.h"
#include "appliance/crypto/signature.h"
#include "appliance/crypto/stamp_http.h"
#include "appliance/crypto/stamp_local.h"
#include "appliance/crypto/stamp_query.h"
#include "appliance/crypto/tst.h"

#define NONCE_BYTES 8

/* --- making ---------------------------------------------------------------------------------------- */

/* An INTEGER of fixed length: positive, first byte not zero. */
static enum sr_status make_nonce(uint8_t out[2 + NONCE_BYTES], struct sr_err *err)
{
	out[0] = SR_DER_INTEGER;
	out[1] = NONCE_BYTES;
	SR_TRY(sr_random_fill(out + 2, NONCE_BYTES, err));
	out[2] = (uint8_t)((out[2] & 0x7f) | 0x40);
	return SR_OK;
}

/*
 * What is stored is the token in a response that says 'granted' and nothing else: the authority's texts are
 * signed by nobody, and the verifier refuses them.
 */
static enum sr_status add_response(struct sr_bytes token, struct sr_buf *out, struct sr_err *err)
{
	static const uint8_t granted[] = { SR_DER_SEQUENCE, 3, SR_DER_INTEGER, 1, 0 };

	SR_TRY(sr_der_add_head(out, SR_DER_SEQUENCE, sizeof(granted) + token.size, err));
	SR_TRY(sr_buf_add(out, granted, sizeof(granted), err));
	return sr_buf_add(out, token.data, token.size, err);
}

static enum sr_status check_answer(const struct sr_tst *tst, const struct sr_digest *imprint,
                                   struct sr_bytes nonce, struct sr_err *err)
{
	if (!sr_digest_equal(&tst->imprint, imprint))
		return sr_fail(err, SR_BUSY, "its time stamp is over something else");
	if (!sr_bytes_equal(tst->nonce, nonce))
		return sr_fail(err, SR_BUSY, "its time stamp answers another request (nonce)");
	return SR_OK;
}

static enum sr_status parse_answer(struct sr_bytes reply, const struct sr_digest *imprint,
                                   struct sr_bytes nonce, struct sr_tst *tst, struct sr_err *err)
{
	enum sr_status status = sr_tst_parse_answer(reply, tst, err);

	if (status == SR_CORRUPT)
		return sr_fail_in(err, SR_BUSY, "its answer is no time stamp: ");
	if (status != SR_OK)
		return status;
	return check_answer(tst, imprint, nonce, err);
}

static enum sr_status stamp_outside(const char *url, const struct sr_digest *imprint, struct sr_buf *out,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf query = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf reply = { 0 };
	uint8_t nonce_der[2 + NONCE_BYTES];
	struct sr_tst tst;

	SR_TRY(make_nonce(nonce_der, err));
	const struct sr_bytes nonce = { .data = nonce_der, .size = sizeof(nonce_der) };
	SR_TRY(sr_stamp_query(imprint, nonce, &query, err));
	SR_TRY(sr_stamp_http_post(url, sr_buf_bytes(&query), &reply, err));
	enum sr_status status = parse_answer(sr_buf_bytes(&reply), imprint, nonce, &tst, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "time stamp authority %s: ", url);
	return add_response(tst.token, out, err);
}

enum sr_status sr_stamp_make(const struct sr_stamper *stamper, struct sr_bytes data, int64_t now_ns,
                             struct sr_buf *out, struct sr_err *err)
{
	struct sr_digest imprint;

	SR_TRY(sr_digest_of(data.data, data.size, &imprint, err));
	if (stamper->url)
		return stamp_outside(stamper->url, &imprint, out, err);
	return sr_stamp_local(stamper, &imprint, now_ns, out, err);
}

/* --- verifying ------------------------------------------------------------------------------------- */

enum sr_status sr_stamp_verify(struct sr_bytes response, struct sr_bytes data, const struct sr_certs *roots,
                               const struct sr_certs *others, int64_t *gen_time_ns, struct sr_err *err)
{
	struct sr_digest imprint;
	struct sr_tst tst;

	SR_TRY(sr_tst_parse_stored(response, &tst, err));
	SR_TRY(sr_digest_of(data.data, data.size, &imprint, err));
	if (!sr_digest_equal(&tst.imprint, &imprint))
		return sr_fail(err, SR_TAMPERED, "the time stamp is over something else");
	const struct sr_trust trust = {
		.roots = roots, .others = others, .at_ns = tst.gen_time_ns, .use = SR_USE_STAMP
	};
	enum sr_status status = sr_signature_verify(tst.token, &tst.signature, NULL, &trust, NULL, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "time stamp: ");
	*gen_time_ns = tst.gen_time_ns;
	return SR_OK;
}

enum sr_status sr_stamp_peek(struct sr_bytes response, int64_t *gen_time_ns, struct sr_err *err)
{
	struct sr_tst tst;

	SR_TRY(sr_tst_parse_stored(response, &tst, err));
	*gen_time_ns = tst.gen_time_ns;
	return SR_OK;
}
