/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/path_clash.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

#include "appliance/base/cleanup.h"

struct folded {
	char *key; /* owned; NUL-terminated, since a path contains none */
	size_t index;
};

struct folded_list {
	struct folded *items;
	size_t count;
};

static void dispose_list(struct folded_list *list)
{
	for (size_t i = 0; list->items && i < list->count; i++)
		free(list->items[i].key);
	free(list->items);
}

static void free_bytes(uint8_t **bytes)
{
	free(*bytes);
}

/* toNFD(toCasefold(toNFD(path))) */
static enum sr_status fold(const char *path, char **out, struct sr_err *err)
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
	*out = strndup((const char *)folded, folded_size);
	return *out ? SR_OK : sr_fail(err, SR_NO_MEMORY, "no memory for a path");
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
	SR_CLEANUP(dispose_list)
	struct folded_list list = { .items = calloc(count + 1, sizeof(*list.items)), .count = count };
	size_t first = 0;

	if (!list.items)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %zu paths", count);
	for (size_t i = 0; i < count; i++) {
		list.items[i].index = i;
		SR_TRY(fold(paths[i], &list.items[i].key, err));
	}
	qsort(list.items, count, sizeof(*list.items), compare);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list.items[i].key, list.items[first].key) != 0)
			first = i;
		clash_with[list.items[i].index] = first == i ? SR_PATH_NO_CLASH : list.items[first].index;
	}
	return SR_OK;
}
