/* SPDX-License-Identifier: Apache-2.0 */
#include "api/range.h"

#include <string.h>
#include <strings.h>

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* Digits into a number; one that is too large is UINT64_MAX.  False without a digit. */
static bool take_number(const char **at, uint64_t *out)
{
	const char *from = *at;
	uint64_t value = 0;

	for (; **at >= '0' && **at <= '9'; (*at)++)
		if (__builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(**at - '0'), &value))
			value = UINT64_MAX / 10 * 10; /* stays too large for every next digit */
	*out = value;
	return *at > from;
}

enum piece {
	PIECE_WRONG,
	PIECE_OUTSIDE, /* well formed, and beyond the end */
	PIECE_GOOD,
};

/* "first-last", "first-" or "-length". */
static enum piece take_piece(const char **at, uint64_t size, struct sr_byte_range *out)
{
	uint64_t first, last;
	const bool has_first = take_number(at, &first);

	if (*(*at)++ != '-')
		return PIECE_WRONG;
	const bool has_last = take_number(at, &last);
	if (!has_first && !has_last)
		return PIECE_WRONG;
	if (!has_first) {
		if (last == 0 || size == 0)
			return PIECE_OUTSIDE;
		*out = (struct sr_byte_range){ last < size ? size - last : 0, size - 1 };
		return PIECE_GOOD;
	}
	if (has_last && last < first)
		return PIECE_WRONG;
	if (first >= size)
		return PIECE_OUTSIDE;
	*out = (struct sr_byte_range){ first, has_last && last < size ? last : size - 1 };
	return PIECE_GOOD;
}

static bool touch(const struct sr_byte_range *a, const struct sr_byte_range *b)
{
	return a->first <= (b->last == UINT64_MAX ? b->last : b->last + 1) &&
	       b->first <= (a->last == UINT64_MAX ? a->last : a->last + 1);
}

static bool overlap(const struct sr_byte_range *a, const struct sr_byte_range *b)
{
	return a->first <= b->last && b->first <= a->last;
}

static enum sr_range_verdict judge(struct sr_byte_ranges *out)
{
	struct sr_byte_range *r = out->range;

	if (out->count == 0)
		return SR_RANGE_UNSATISFIABLE;
	if (out->count == 2 && touch(&r[0], &r[1])) {
		r[0].first = r[0].first < r[1].first ? r[0].first : r[1].first;
		r[0].last = r[0].last > r[1].last ? r[0].last : r[1].last;
		out->count = 1;
	}
	for (size_t i = 0; i < out->count; i++)
		for (size_t k = i + 1; k < out->count; k++)
			if (overlap(&r[i], &r[k]))
				return SR_RANGE_UNSATISFIABLE;
	return SR_RANGE_SOME;
}

enum sr_range_verdict sr_byte_ranges_parse(const char *header, uint64_t size, struct sr_byte_ranges *out)
{
	bool any = false, many = false;

	out->count = 0;
	if (!header || strncasecmp(header, "bytes=", 6) != 0)
		return SR_RANGE_WHOLE;
	const char *at = header + 6;
	for (;;) {
		struct sr_byte_range range;

		at = skip_blanks(at);
		if (*at && *at != ',') {
			const enum piece piece = take_piece(&at, size, &range);

			if (piece == PIECE_WRONG)
				return SR_RANGE_WHOLE;
			any = true;
			if (piece == PIECE_GOOD && out->count < SR_BYTE_RANGES_MAX)
				out->range[out->count++] = range;
			else if (piece == PIECE_GOOD)
				many = true;
		}
		at = skip_blanks(at);
		if (!*at)
			break;
		if (*at++ != ',')
			return SR_RANGE_WHOLE;
	}
	if (!any)
		return SR_RANGE_WHOLE;
	return many ? SR_RANGE_UNSATISFIABLE : judge(out);
}

/* --- conditions ------------------------------------------------------------------------------------ */

/* Is @etag in the list "a", W/"b", … or is the list "*"?  @weak: a W/ in front does not matter. */
static bool list_has(const char *list, const char *etag, bool weak)
{
	const size_t size = strlen(etag);
	const char *at = skip_blanks(list);

	if (at[0] == '*' && !*skip_blanks(at + 1))
		return true;
	while (*at) {
		const bool is_weak = strncmp(at, "W/", 2) == 0;
		const char *quote = is_weak ? at + 2 : at;

		if (*quote != '"')
			return false;
		const char *end = strchr(quote + 1, '"');
		if (!end)
			return false;
		if ((weak || !is_weak) && (size_t)(end + 1 - quote) == size && memcmp(quote, etag, size) == 0)
			return true;
		at = skip_blanks(end + 1);
		if (*at == ',')
			at = skip_blanks(at + 1);
		else if (*at)
			return false;
	}
	return false;
}

enum sr_precondition sr_precondition_judge(const char *if_match, const char *if_none_match, const char *etag)
{
	if (if_match && !list_has(if_match, etag, false))
		return SR_PRECONDITION_FAILED;
	if (if_none_match && list_has(if_none_match, etag, true))
		return SR_PRECONDITION_NOT_MODIFIED;
	return SR_PRECONDITION_GO_ON;
}

bool sr_precondition_range_counts(const char *if_range, const char *etag)
{
	return !if_range || strcmp(if_range, etag) == 0;
}
