/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Range and conditional headers: "SIZE\n" in decimal, then the header.  What is taken lies within the content
 * and is in no part asked for twice; a single range that is written out again is that range.
 */
#include "tests/fuzz/target.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/range.h"

static void judge_again(const struct sr_byte_range *range, uint64_t size)
{
	struct sr_byte_ranges again;
	char text[64];

	snprintf(text, sizeof(text), "bytes=%" PRIu64 "-%" PRIu64, range->first, range->last);
	if (sr_byte_ranges_parse(text, size, &again) != SR_RANGE_SOME || again.count != 1 ||
	    again.range[0].first != range->first || again.range[0].last != range->last)
		abort();
}

static void judge(const struct sr_byte_ranges *ranges, uint64_t size)
{
	if (ranges->count == 0 || ranges->count > SR_BYTE_RANGES_MAX)
		abort();
	for (size_t i = 0; i < ranges->count; i++) {
		const struct sr_byte_range *one = &ranges->range[i];

		if (one->first > one->last || one->last >= size)
			abort();
		for (size_t j = 0; j < i; j++)
			if (one->first <= ranges->range[j].last && ranges->range[j].first <= one->last)
				abort();
		judge_again(one, size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[4096];
	struct sr_byte_ranges ranges;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	char *header = strchr(text, '\n');
	if (!header)
		return 0;
	*header++ = 0;
	uint64_t content = strtoull(text, NULL, 10);
	if (sr_byte_ranges_parse(header, content, &ranges) == SR_RANGE_SOME)
		judge(&ranges, content);
	(void)sr_precondition_judge(header, NULL, "\"x\"");
	(void)sr_precondition_judge(NULL, header, "\"x\"");
	if (sr_precondition_range_counts(header, "\"x\"") && !strstr(header, "\"x\""))
		abort();
	return 0;
}
