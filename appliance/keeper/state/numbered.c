/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/numbered.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/index/walk.h"
#include "appliance/keeper/state/counter.h"
#include "appliance/keeper/state/record.h"

#define DIGITS "0123456789"
#define DIGITS_MIN 5 /* as counter.c writes them */

/* How many digits stand behind the first @skip bytes. */
static size_t digits_in(struct sr_bytes key, size_t skip)
{
	size_t count = 0;

	while (skip + count < key.size && strchr(DIGITS, key.data[skip + count]))
		count++;
	return count;
}

/* The keys of one number of digits, downwards; in this range the order of texts is that of numbers. */
static enum sr_status walk_length(struct sr_txn *txn, const struct sr_numbered *walk, size_t digits,
                                  const char *to, bool *enough, struct sr_err *err)
{
	const size_t skip = strlen(walk->prefix);
	const struct sr_range range = { .from = { (const uint8_t *)walk->prefix, skip },
		                        .to = { (const uint8_t *)to, strlen(to) } };
	SR_CLEANUP(sr_walk_closep) struct sr_walk *keys = NULL;
	struct sr_bytes key, value;
	bool more;

	SR_TRY(sr_walk_open(txn, walk->db, &range, SR_DOWN, &keys, err));
	for (;;) {
		SR_TRY(sr_walk_next(keys, &more, &key, &value, err));
		if (!more)
			return SR_OK;
		if (digits_in(key, skip) != digits)
			continue;
		SR_TRY(walk->each(walk->context, key, value, enough, err));
		if (*enough)
			return SR_OK;
	}
}

enum sr_status sr_numbered_down(struct sr_txn *txn, const struct sr_numbered *walk, struct sr_err *err)
{
	const size_t skip = strlen(walk->prefix);
	char highest[SR_LABEL_BYTES], to[SR_RECORD_KEY];
	const char *first = walk->after;
	bool enough = false;

	if (!first) {
		SR_TRY(sr_counter_next(txn, walk->prefix[skip - 1], highest, err));
		first = highest;
	}
	size_t digits = strspn(first + 1, DIGITS);
	if (digits < DIGITS_MIN || digits > SR_LABEL_BYTES)
		return SR_OK; /* no number of ours: nothing is lower */
	for (size_t length = digits; length >= DIGITS_MIN && !enough; length--) {
		/* ':' comes after the digits. */
		if (walk->after && length == digits)
			snprintf(to, sizeof(to), "%s%.*s", walk->prefix, (int)digits, first + 1);
		else
			snprintf(to, sizeof(to), "%s:", walk->prefix);
		SR_TRY(walk_length(txn, walk, length, to, &enough, err));
	}
	return SR_OK;
}

/* --- sorting --------------------------------------------------------------------------------------- */

struct row {
	const char *id;
	size_t digits, index;
	json_t *row; /* borrowed */
};

static int compare(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	if (left->digits != right->digits)
		return left->digits < right->digits ? -1 : 1;
	int order = strcmp(left->id, right->id);
	if (order != 0)
		return order;
	return left->index < right->index ? -1 : 1;
}

static void free_rows(struct row **rows)
{
	free(*rows);
}

enum sr_status sr_numbered_sort(json_t *rows, const char *key, struct sr_err *err)
{
	const size_t count = json_array_size(rows);
	SR_CLEANUP(free_rows) struct row *list = calloc(count ? count : 1, sizeof(*list));
	SR_CLEANUP(sr_json_decrefp) json_t *sorted = json_array();

	if (!list)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	for (size_t i = 0; i < count; i++) {
		json_t *row = json_array_get(rows, i);
		const char *id = sr_json_text(row, key);

		list[i] = (struct row){ .id = id ? id : "", .index = i, .row = row };
		list[i].digits = list[i].id[0] ? strspn(list[i].id + 1, DIGITS) : 0;
	}
	qsort(list, count, sizeof(*list), compare);
	for (size_t i = 0; i < count; i++)
		SR_TRY(sr_json_append(sorted, json_incref(list[i].row), err));
	if (json_array_clear(rows) < 0 || json_array_extend(rows, sorted) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	return SR_OK;
}
