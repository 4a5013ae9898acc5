/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/uuid.h"

#include <string.h>

#include "appliance/base/random.h"
#include "appliance/base/text.h"

enum sr_status sr_uuid_make(int64_t time_ns, char out[SR_UUID_TEXT], struct sr_err *err)
{
	static const int group[] = { 4, 2, 2, 2, 6 };
	uint64_t milliseconds = (uint64_t)(time_ns / 1000000);
	uint8_t bytes[16];
	size_t from = 0;
	size_t to = 0;

	SR_TRY(sr_random_fill(bytes, sizeof(bytes), err));
	for (size_t i = 0; i < 6; i++)
		bytes[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
	bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0f));
	bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
	for (size_t g = 0; g < 5; g++) {
		sr_hex_encode(bytes + from, (size_t)group[g], out + to);
		from += (size_t)group[g];
		to += 2 * (size_t)group[g];
		out[to++] = g < 4 ? '-' : 0;
	}
	return SR_OK;
}

bool sr_uuid_is_valid(const char *text)
{
	if (strlen(text) != SR_UUID_TEXT - 1)
		return false;
	for (size_t i = 0; i < SR_UUID_TEXT - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return text[14] == '7' && strchr("89ab", text[19]) != NULL;
}
