/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of keys: what decodes has one spelling in each case, so encoding it again gives the same text. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/crypto/bech32.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sr_bech32 bech32;
	char prefix[SR_BECH32_TEXT_MAX + 1] = { 0 };
	char again[SR_BECH32_TEXT_MAX + 1];
	bool upper = false;
	struct sr_err err;

	if (sr_bech32_decode((const char *)data, size, &bech32, &err) != SR_OK)
		return 0;
	for (size_t i = 0; i < size; i++)
		upper |= data[i] >= 'A' && data[i] <= 'Z';
	for (size_t i = 0; i < bech32.prefix; i++)
		prefix[i] = (char)(data[i] >= 'A' && data[i] <= 'Z' ? data[i] - 'A' + 'a' : data[i]);
	if (sr_bech32_encode(prefix, upper, bech32.data, bech32.size, again, size + 1, &err) != SR_OK ||
	    strlen(again) != size || memcmp(again, data, size) != 0)
		abort();
	return 0;
}
