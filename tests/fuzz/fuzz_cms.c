/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile blob as signature and as wrapped key, judged with fixed certificates and a fixed key. */
#include "tests/fuzz/target.h"

#include "appliance/base/cleanup.h"
#include "appliance/crypto/cms.h"
#include "tests/fuzz/pki_fixed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sr_certs *chain, *recipient;
	static struct sr_key *key;
	const struct sr_bytes input = { .data = data, .size = size };
	struct sr_err err = { 0 };

	if (!chain) {
		chain = fixed_certs(fixed_chain_pem);
		recipient = fixed_certs(fixed_wrap_cert_pem);
		key = fixed_key(fixed_wrap_key_pem);
	}
	/* What is over one content is never over another as well. */
	if (sr_cms_verify(input, fixed_text("content"), NULL, chain, FIXED_TIME_NS, NULL, &err) == SR_OK &&
	    sr_cms_verify(input, fixed_text("Content"), NULL, chain, FIXED_TIME_NS, NULL, &err) == SR_OK)
		abort();

	SR_CLEANUP(sr_secret_freep) struct sr_secret *named = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *unnamed = NULL;
	enum sr_status status = sr_cms_unwrap(input, key, sr_certs_at(recipient, 0), &named, &err);
	/* What opens for the named certificate opens for the key alone. */
	if (sr_cms_unwrap(input, key, NULL, &unnamed, &err) != SR_OK && status == SR_OK)
		abort();
	return 0;
}
