/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/phc.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

#define HASH_BYTES_MIN 16
#define MEMORY_KIB_MAX 262144u
#define PASSES_MAX 16u
#define LANES_MAX 8u
#define HEAD "$argon2id$v=19$"

bool sr_phc_cost_is_valid(const struct sr_password_cost *cost)
{
	return cost->lanes >= 1 && cost->lanes <= LANES_MAX && cost->passes >= 1 &&
	       cost->passes <= PASSES_MAX && cost->memory_kib >= 8 * cost->lanes &&
	       cost->memory_kib <= MEMORY_KIB_MAX;
}

/* "x=NUMBER" up to @end, which is consumed. */
static bool take_number(const char **at, char name, char end, uint32_t *out)
{
	const char *stop = strchr(*at, end);
	uint64_t value;

	if (!stop || (*at)[0] != name || (*at)[1] != '=' ||
	    !sr_decimal_parse(*at + 2, (size_t)(stop - *at) - 2, UINT32_MAX, &value))
		return false;
	*out = (uint32_t)value;
	*at = stop + 1;
	return true;
}

/* Base64 of @min to SR_PHC_BYTES_MAX bytes. */
static bool take_bytes(const char *text, size_t size, size_t min, uint8_t out[SR_PHC_BYTES_MAX],
                       size_t *out_size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	struct sr_err err;

	if (sr_base64_decode(SR_BASE64_RAW, text, size, &bytes, &err) != SR_OK || bytes.size < min ||
	    bytes.size > SR_PHC_BYTES_MAX)
		return false;
	memcpy(out, bytes.data, bytes.size);
	*out_size = bytes.size;
	return true;
}

static bool decode(const char *text, struct sr_phc *out)
{
	const char *at = text + strlen(HEAD);

	if (strncmp(text, HEAD, strlen(HEAD)) != 0 || !take_number(&at, 'm', ',', &out->cost.memory_kib) ||
	    !take_number(&at, 't', ',', &out->cost.passes) || !take_number(&at, 'p', '$', &out->cost.lanes))
		return false;
	const char *salt_end = strchr(at, '$');
	return salt_end &&
	       take_bytes(at, (size_t)(salt_end - at), SR_PHC_BYTES_MIN, out->salt, &out->salt_size) &&
	       take_bytes(salt_end + 1, strlen(salt_end + 1), HASH_BYTES_MIN, out->hash, &out->hash_size);
}

enum sr_status sr_phc_decode(const char *text, struct sr_phc *out, struct sr_err *err)
{
	struct sr_phc phc = { 0 };

	if (strnlen(text, SR_PASSWORD_HASH_TEXT) == SR_PASSWORD_HASH_TEXT || !decode(text, &phc))
		return sr_fail(err, SR_CORRUPT,
		               "a stored password hash is not one of argon2id; give the user a new password");
	if (!sr_phc_cost_is_valid(&phc.cost))
		return sr_fail(err, SR_CORRUPT,
		               "a stored password hash asks for m=%u,t=%u,p=%u, out of bounds; "
		               "give the user a new password",
		               phc.cost.memory_kib, phc.cost.passes, phc.cost.lanes);
	*out = phc;
	return SR_OK;
}

enum sr_status sr_phc_encode(const struct sr_phc *phc, char out[SR_PASSWORD_HASH_TEXT], struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const char *whole;

	SR_TRY(sr_buf_printf(&text, err, HEAD "m=%u,t=%u,p=%u$", phc->cost.memory_kib, phc->cost.passes,
	                     phc->cost.lanes));
	SR_TRY(sr_base64_encode(SR_BASE64_RAW, phc->salt, phc->salt_size, &text, err));
	SR_TRY(sr_buf_add_text(&text, "$", err));
	SR_TRY(sr_base64_encode(SR_BASE64_RAW, phc->hash, phc->hash_size, &text, err));
	SR_TRY(sr_buf_text(&text, &whole, err));
	if (text.size >= SR_PASSWORD_HASH_TEXT)
		return sr_fail(err, SR_LIMIT, "an encoded password hash of %zu bytes", text.size);
	memcpy(out, whole, text.size + 1);
	return SR_OK;
}
