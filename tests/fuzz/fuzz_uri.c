/* SPDX-License-Identifier: Apache-2.0 */
/* A request's target: whatever is taken has no way up, no slash within a segment and no control characters.
 */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "api/uri.h"
#include "appliance/base/text.h"

static void judge_text(const char *text)
{
	if (!sr_utf8_is_valid(text, strlen(text)))
		abort();
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sr_uri uri;
	char text[SR_URI_BYTES + 2];
	struct sr_err err;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	if (sr_uri_parse(text, &uri, &err) != SR_OK)
		return 0;
	if (uri.segments > SR_URI_SEGMENTS || uri.pairs > SR_URI_PAIRS)
		abort();
	for (size_t i = 0; i < uri.segments; i++) {
		const char *one = uri.segment[i];

		judge_text(one);
		if (strchr(one, '/') || !strcmp(one, ".") || !strcmp(one, "..") || !one[0])
			abort();
	}
	for (size_t i = 0; i < uri.pairs; i++) {
		judge_text(uri.pair[i].key);
		judge_text(uri.pair[i].value);
		if (!uri.pair[i].key[0] || sr_uri_value(&uri, uri.pair[i].key) != uri.pair[i].value)
			abort();
	}
	return 0;
}
