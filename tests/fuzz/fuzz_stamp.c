/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile time stamp response, stored and as an outside authority's answer. */
#include "tests/fuzz/target.h"

#include "appliance/crypto/stamp.h"
#include "appliance/crypto/tst.h"
#include "tests/fuzz/pki_fixed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sr_certs *chain;
	const struct sr_bytes input = { .data = data, .size = size };
	struct sr_err err = { 0 };
	struct sr_tst answer;
	int64_t verified_ns, peeked_ns;

	if (!chain)
		chain = fixed_certs(fixed_chain_pem);
	if (sr_stamp_verify(input, fixed_text("content"), NULL, chain, &verified_ns, &err) == SR_OK) {
		fixed_must(sr_stamp_peek(input, &peeked_ns, &err), &err);
		if (peeked_ns != verified_ns)
			abort();
		if (sr_stamp_verify(input, fixed_text("Content"), NULL, chain, &verified_ns, &err) == SR_OK)
			abort();
	}
	(void)!sr_tst_parse_answer(input, &answer, &err);
	return 0;
}
