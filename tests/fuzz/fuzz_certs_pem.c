/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile PEM; what is accepted comes back the same from its own encoding. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/crypto/pki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *certs = NULL;
	SR_CLEANUP(sr_certs_freep) struct sr_certs *again = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf first = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf second = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf subject = { 0 };
	struct sr_err err = { 0 };

	if (sr_certs_from_pem((struct sr_bytes){ .data = data, .size = size }, &certs, &err) != SR_OK)
		return 0;
	for (size_t i = 0; i < sr_certs_count(certs); i++) {
		(void)!sr_cert_subject(sr_certs_at(certs, i), &subject, &err);
		(void)sr_cert_not_after_ns(sr_certs_at(certs, i));
	}
	if (sr_certs_to_pem(certs, &first, &err) != SR_OK ||
	    sr_certs_from_pem(sr_buf_bytes(&first), &again, &err) != SR_OK ||
	    sr_certs_to_pem(again, &second, &err) != SR_OK || first.size != second.size ||
	    (first.size > 0 && memcmp(first.data, second.data, first.size) != 0))
		abort();
	return 0;
}
