/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting any bytes into search terms and packing them; reading any bytes as packed terms. */
#include "appliance/base/cleanup.h"
#include "appliance/index/fold.h"
#include "appliance/index/terms.h"
#include "tests/fuzz/target.h"

static size_t count_terms(struct sr_bytes packed)
{
	struct sr_cursor walk;
	struct sr_term term;
	struct sr_err err;
	size_t count = 0;

	if (sr_terms_open(packed, &walk, &err) != SR_OK)
		return 0;
	while (sr_terms_next(&walk, &term))
		count += term.bytes.size > 0;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_terms_freep) struct sr_terms *terms = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf once = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf twice = { 0 };
	struct sr_bytes text = { data, size };
	struct sr_party_key key;
	struct sr_bytes packed;
	struct sr_err err;

	count_terms(text);
	if (sr_terms_new(SR_CLASS_PRIVACY, &terms, &err) != SR_OK ||
	    sr_terms_add_text(terms, SR_CLASS_COMMERCIAL, text, &err) != SR_OK ||
	    sr_terms_pack(terms, &packed, &err) != SR_OK)
		return 0;
	count_terms(packed);
	/* Folding what is folded changes nothing. */
	if (sr_fold(text, ' ', &once, &err) != SR_OK ||
	    sr_fold(sr_buf_bytes(&once), ' ', &twice, &err) != SR_OK)
		return 0;
	if (once.size != twice.size || once.size > size)
		__builtin_trap();
	if (sr_party_key(sr_buf_bytes(&once), &key, &err) == SR_OK && key.size > SR_TERM_BYTES)
		__builtin_trap();
	return 0;
}
