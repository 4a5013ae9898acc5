/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/stamp_query.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/crypto/der.h"

enum sr_status sr_stamp_query(const struct sr_digest *imprint, struct sr_bytes nonce, struct sr_buf *out,
                              struct sr_err *err)
{
	/* RFC 3161 section 2.4.1: version 1; SHA-256 with NULL, which every authority knows. */
	static const uint8_t head[] =
		"\x02\x01\x01\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
		"\x05\x00\x04\x20";
	static const uint8_t cert_req[] = "\x01\x01\xff";
	const size_t head_size = sizeof(head) - 1, cert_req_size = sizeof(cert_req) - 1;

	SR_TRY(sr_der_add_head(out, SR_DER_SEQUENCE,
	                       head_size + sizeof(imprint->bytes) + nonce.size + cert_req_size, err));
	SR_TRY(sr_buf_add(out, head, head_size, err));
	SR_TRY(sr_buf_add(out, imprint->bytes, sizeof(imprint->bytes), err));
	SR_TRY(sr_buf_add(out, nonce.data, nonce.size, err));
	return sr_buf_add(out, cert_req, cert_req_size, err);
}
