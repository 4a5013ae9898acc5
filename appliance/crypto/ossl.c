/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/ossl.h"

#include <limits.h>

BIO *sr_ossl_reader(struct sr_bytes bytes)
{
	if (bytes.size > INT_MAX)
		return NULL;
	/* A NULL pointer is an error to OpenSSL even for nothing. */
	return BIO_new_mem_buf(bytes.size > 0 ? (const void *)bytes.data : "", (int)bytes.size);
}

enum sr_status sr_ossl_append(BIO *from, struct sr_buf *out, struct sr_err *err)
{
	char *data = NULL;
	long size = BIO_get_mem_data(from, &data);

	if (size < 0)
		return sr_crypto_fail(err, SR_NO_MEMORY, "cannot read a memory buffer");
	return sr_buf_add(out, data, (size_t)size, err);
}
