/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/bag_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

/*
 * First bytes of SHA-256.  Case variants of one name can be many, so a search goes by both hashes: what
 * shares both is the same name but for its normalisation.
 */
struct key {
	uint64_t folded; /* of the path without case, in NFC */
	uint64_t normal; /* of the path in NFC */
	size_t index;    /* in the tree */
};

static void free_text(uint8_t **text)
{
	free(*text);
	*text = NULL;
}

/* @text, which may be NULL, is released. */
static enum sr_status hash_of(uint8_t *text, size_t size, uint64_t *out, struct sr_err *err)
{
	SR_CLEANUP(free_text) uint8_t *owned = text;
	struct sr_digest digest;

	if (!owned)
		return sr_fail_errno(err, "normalise a path of the bag");
	SR_TRY(sr_digest_of(owned, size, &digest, err));
	memcpy(out, digest.bytes, sizeof(*out));
	return SR_OK;
}

static enum sr_status key_of(const char *path, struct key *out, struct sr_err *err)
{
	const uint8_t *text = (const uint8_t *)path;
	size_t length = strlen(path);
	size_t size = 0;
	uint8_t *changed = u8_casefold(text, length, NULL, UNINORM_NFC, NULL, &size);

	SR_TRY(hash_of(changed, size, &out->folded, err));
	changed = u8_normalize(UNINORM_NFC, text, length, NULL, &size);
	return hash_of(changed, size, &out->normal, err);
}

static int compare(const void *a, const void *b)
{
	const struct key *left = a;
	const struct key *right = b;

	if (left->folded != right->folded)
		return left->folded < right->folded ? -1 : 1;
	if (left->normal != right->normal)
		return left->normal < right->normal ? -1 : 1;
	return left->index < right->index ? -1 : left->index > right->index;
}

static size_t count_of(const struct sr_bag_names *names)
{
	return names->keys.size / sizeof(struct key);
}

static const struct key *key_at(const struct sr_bag_names *names, size_t index)
{
	return (const struct key *)(const void *)names->keys.data + index;
}

static const char *path_at(const struct sr_bag_names *names, size_t index)
{
	return sr_bag_tree_path(names->tree, sr_bag_tree_at(names->tree, key_at(names, index)->index));
}

void sr_bag_names_dispose(struct sr_bag_names *names)
{
	sr_buf_dispose(&names->keys);
}

enum sr_status sr_bag_names_init(struct sr_bag_names *names, const struct sr_bag_tree *tree,
                                 struct sr_err *err)
{
	*names = (struct sr_bag_names){ .tree = tree };
	for (size_t i = 0; i < sr_bag_tree_count(tree); i++) {
		const struct sr_bag_file *file = sr_bag_tree_at(tree, i);
		const char *path = sr_bag_tree_path(tree, file);
		struct key key = { .index = i };

		if (file->to_fetch || !sr_utf8_is_valid(path, strlen(path)))
			continue; /* not there, or a problem of its own */
		SR_TRY(key_of(path, &key, err));
		SR_TRY(sr_buf_add(&names->keys, &key, sizeof(key), err));
	}
	if (names->keys.size > 0)
		qsort(names->keys.data, count_of(names), sizeof(struct key), compare);
	return SR_OK;
}

static enum sr_status equal_in_nfc(const char *a, const char *b, bool *out, struct sr_err *err)
{
	int order;

	if (u8_normcmp((const uint8_t *)a, strlen(a), (const uint8_t *)b, strlen(b), UNINORM_NFC, &order) !=
	    0)
		return sr_fail_errno(err, "normalise a path of the bag");
	*out = order == 0;
	return SR_OK;
}

enum sr_status sr_bag_names_find(const struct sr_bag_names *names, const char *path, struct sr_bag_file **out,
                                 struct sr_err *err)
{
	size_t low = 0;
	size_t high = count_of(names);
	struct key key = { .index = 0 };

	*out = NULL;
	SR_TRY(key_of(path, &key, err));
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(key_at(names, middle), &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == count_of(names) || key_at(names, low)->normal != key.normal)
		return SR_OK;
	bool equal = false;
	SR_TRY(equal_in_nfc(path, path_at(names, low), &equal, err));
	struct sr_bag_file *file = sr_bag_tree_at(names->tree, key_at(names, low)->index);
	if (equal && !file->is_folder)
		*out = file;
	return SR_OK;
}

static enum sr_status tell_twins(const char *path, const char *other, struct sr_bag_verdict *verdict,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf spelt = { 0 };
	const char *text;
	bool equal = false;

	SR_TRY(equal_in_nfc(path, other, &equal, err));
	SR_TRY(sr_bag_names_spell(path, &spelt, err));
	SR_TRY(sr_buf_add_text(&spelt, " and ", err));
	SR_TRY(sr_bag_names_spell(other, &spelt, err));
	SR_TRY(sr_buf_text(&spelt, &text, err));
	return sr_bag_add_note(verdict, err, path, "two names differ only in %s: %s",
	                       equal ? "Unicode normalisation" : "case", text);
}

enum sr_status sr_bag_names_check(const struct sr_bag_names *names, struct sr_bag_verdict *verdict,
                                  struct sr_err *err)
{
	for (size_t i = 1; i < count_of(names); i++) {
		const char *path = path_at(names, i - 1);
		const char *other = path_at(names, i);

		if (key_at(names, i - 1)->folded == key_at(names, i)->folded && strcmp(path, other) != 0)
			SR_TRY(tell_twins(path, other, verdict, err));
	}
	return SR_OK;
}

enum sr_status sr_bag_names_spell(const char *path, struct sr_buf *out, struct sr_err *err)
{
	const uint8_t *at = (const uint8_t *)path;
	size_t left = strlen(path);

	while (left > 0) {
		uint32_t character;
		size_t bytes = sr_utf8_decode(at, left, &character);

		if (bytes == 0)
			return sr_fail(err, SR_CORRUPT, "a path of the bag is not UTF-8");
		if (bytes == 1)
			SR_TRY(sr_buf_add(out, at, 1, err));
		else
			SR_TRY(sr_buf_printf(out, err, "\\u{%04X}", character));
		at += bytes;
		left -= bytes;
	}
	return SR_OK;
}
