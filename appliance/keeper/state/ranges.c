/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/ranges.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

#define GIVEN_MAX 4096

static void unite(struct sr_ranges *ranges, size_t at)
{
	struct sr_range *a = &ranges->list[at], *b = a + 1;

	if (b->last > a->last)
		a->last = b->last;
	memmove(b, b + 1, (ranges->count - at - 2) * sizeof(*b));
	ranges->count--;
}

static void unite_nearest(struct sr_ranges *ranges)
{
	size_t best = 0;

	for (size_t i = 1; i + 1 < ranges->count; i++)
		if (ranges->list[i + 1].first - ranges->list[i].last <
		    ranges->list[best + 1].first - ranges->list[best].last)
			best = i;
	unite(ranges, best);
}

void sr_ranges_add(struct sr_ranges *ranges, uint64_t first, uint64_t last)
{
	size_t at = 0;

	while (at < ranges->count && ranges->list[at].first <= first)
		at++;
	memmove(&ranges->list[at + 1], &ranges->list[at], (ranges->count - at) * sizeof(ranges->list[0]));
	ranges->list[at] = (struct sr_range){ .first = first, .last = last };
	ranges->count++;
	if (at > 0)
		at--;
	/* Those that touch: a range may swallow several behind it. */
	while (at + 1 < ranges->count) {
		if (ranges->list[at].last == UINT64_MAX ||
		    ranges->list[at + 1].first <= ranges->list[at].last + 1)
			unite(ranges, at);
		else if (ranges->list[at + 1].first > last)
			break;
		else
			at++;
	}
	if (ranges->count > SR_RANGES_MAX)
		unite_nearest(ranges);
}

enum sr_status sr_ranges_to_json(const struct sr_ranges *ranges, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();

	for (size_t i = 0; i < ranges->count; i++) {
		json_t *pair = json_pack("[I,I]", (json_int_t)ranges->list[i].first,
		                         (json_int_t)ranges->list[i].last);

		SR_TRY(sr_json_append(list, pair, err));
	}
	*out = SR_MOVE(list);
	return SR_OK;
}

enum sr_status sr_ranges_from_json(const json_t *json, uint64_t bytes, struct sr_ranges *out,
                                   struct sr_err *err)
{
	struct sr_ranges ranges = { 0 };
	size_t index;
	json_t *pair;

	if (!json_is_array(json) || json_array_size(json) > GIVEN_MAX)
		return sr_fail(err, SR_INVALID, "/ranges: must be a list of at most %d pairs", GIVEN_MAX);
	json_array_foreach(json, index, pair) {
		const json_t *first = json_array_get(pair, 0), *last = json_array_get(pair, 1);

		if (json_array_size(pair) != 2 || !json_is_integer(first) || !json_is_integer(last) ||
		    json_integer_value(first) < 0 || json_integer_value(last) < json_integer_value(first))
			return sr_fail(err, SR_INVALID, "/ranges/%zu: must be [first,last]", index);
		if ((uint64_t)json_integer_value(last) >= bytes)
			return sr_fail(err, SR_INVALID, "/ranges/%zu: is beyond the member's end", index);
		sr_ranges_add(&ranges, (uint64_t)json_integer_value(first),
		              (uint64_t)json_integer_value(last));
	}
	*out = ranges;
	return SR_OK;
}
