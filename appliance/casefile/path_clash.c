/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/path_clash.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"

struct folded {
	size_t offset;   /* in the buffer of keys, while it may move */
	const char *key; /* NUL-terminated, since a path contains none */
	size_t index;
};

static void free_items(struct folded **items)
{
	free(*items);
}

static void free_bytes(uint8_t **bytes)
{
	free(*bytes);
}

/* Append toNFD(toCasefold(toNFD(path))) and a NUL. */
static enum sr_status fold(const char *path, struct sr_buf *keys, struct sr_err *err)
{
	size_t size = strlen(path);
	SR_CLEANUP(free_bytes)
	uint8_t *plain = u8_normalize(UNINORM_NFD, (const uint8_t *)path, size, NULL, &size);

	if (!plain)
		return sr_fail_errno(err, "cannot normalise \"%.128s\"", path);
	size_t folded_size = 0;
	SR_CLEANUP(free_bytes)
	uint8_t *folded = u8_casefold(plain, size, NULL, UNINORM_NFD, NULL, &folded_size);

	if (!folded)
		return sr_fail_errno(err, "cannot fold the case of \"%.128s\"", path);
	SR_TRY(sr_buf_add(keys, folded, folded_size, err));
	return sr_buf_add(keys, "", 1, err);
}

static int compare(const void *a, const void *b)
{
	const struct folded *left = a;
	const struct folded *right = b;
	int order = strcmp(left->key, right->key);

	if (order != 0)
		return order;
	return (left->index > right->index) - (left->index < right->index);
}

enum sr_status sr_path_clashes(const char *const *paths, size_t count, size_t *clash_with, struct sr_err *err)
{
	SR_CLEANUP(free_items) struct folded *items = calloc(count + 1, sizeof(*items));
	SR_CLEANUP(sr_buf_dispose) struct sr_buf keys = { 0 };
	size_t first = 0;

	if (!items)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %zu paths", count);
	for (size_t i = 0; i < count; i++) {
		items[i] = (struct folded){ .offset = keys.size, .index = i };
		SR_TRY(fold(paths[i], &keys, err));
	}
	for (size_t i = 0; i < count; i++)
		items[i].key = (const char *)keys.data + items[i].offset;
	qsort(items, count, sizeof(*items), compare);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(items[i].key, items[first].key) != 0)
			first = i;
		clash_with[items[i].index] = first == i ? SR_PATH_NO_CLASH : items[first].index;
	}
	return SR_OK;
}
