/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/failure.h"

#include <openssl/err.h>

enum sr_status sr_crypto_fail(struct sr_err *err, enum sr_status status, const char *what)
{
	unsigned long code = ERR_get_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	if (code && ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		status = SR_NO_MEMORY;
	if (reason)
		return sr_fail(err, status, "%s: %s", what, reason);
	return sr_fail(err, status, "%s", what);
}
