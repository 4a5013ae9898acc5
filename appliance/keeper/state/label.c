/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/label.h"

#include <assert.h>
#include <string.h>

#include "appliance/base/text.h"

bool sr_label_is_valid(const char *text)
{
	size_t size = text ? strnlen(text, SR_LABEL_BYTES) : 0;

	if (size == 0 || size == SR_LABEL_BYTES || sr_text_is_blank(text))
		return false;
	for (size_t at = 0; at < size;) {
		uint32_t c;
		size_t bytes = sr_utf8_decode((const uint8_t *)text + at, size - at, &c);

		if (bytes == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0))
			return false;
		at += bytes;
	}
	return true;
}

void sr_label_copy(char out[SR_LABEL_BYTES], const char *text)
{
	size_t size = strlen(text);

	assert(size < SR_LABEL_BYTES);
	memset(out, 0, SR_LABEL_BYTES);
	memcpy(out, text, size + 1);
}
