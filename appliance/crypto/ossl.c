/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/ossl.h"

#include <limits.h>

#include <openssl/crypto.h>

#include "appliance/base/limits.h"

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

enum sr_status sr_ossl_append_cms(CMS_ContentInfo *cms, const char *what, struct sr_buf *out,
                                  struct sr_err *err)
{
	unsigned char *der = NULL;
	int size = i2d_CMS_ContentInfo(cms, &der);
	enum sr_status status;

	if (size <= 0)
		return sr_crypto_fail(err, SR_NO_MEMORY, what);
	if ((size_t)size > SR_LIMIT_SIGNATURE_BYTES)
		status = sr_fail(err, SR_LIMIT, "%s: more than %u bytes; use fewer or shorter certificates",
		                 what, SR_LIMIT_SIGNATURE_BYTES);
	else
		status = sr_buf_add(out, der, (size_t)size, err);
	OPENSSL_free(der);
	return status;
}
