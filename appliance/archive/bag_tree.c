/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/bag_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/archive/bag_manifest.h"
#include "appliance/base/text.h"

void sr_bag_tree_dispose(struct sr_bag_tree *tree)
{
	sr_buf_dispose(&tree->files);
	sr_buf_dispose(&tree->names);
	for (size_t i = 0; i < tree->text_count; i++)
		sr_buf_dispose(&tree->texts[i].content);
	tree->text_count = 0;
}

size_t sr_bag_tree_count(const struct sr_bag_tree *tree)
{
	return tree->files.size / sizeof(struct sr_bag_file);
}

struct sr_bag_file *sr_bag_tree_at(const struct sr_bag_tree *tree, size_t index)
{
	return (struct sr_bag_file *)(void *)tree->files.data + index;
}

const char *sr_bag_tree_path(const struct sr_bag_tree *tree, const struct sr_bag_file *file)
{
	return (const char *)tree->names.data + file->name;
}

enum sr_status sr_bag_tree_add(struct sr_bag_tree *tree, const char *path, const struct sr_bag_file *file,
                               struct sr_err *err)
{
	struct sr_bag_file copy = *file;
	size_t size = strlen(path);
	size_t depth = 1;

	for (size_t i = 0; i + 1 < size; i++)
		depth += path[i] == '/';
	if (sr_bag_tree_count(tree) >= SR_LIMIT_BAG_FILES)
		return sr_fail(err, SR_LIMIT, "the bag has more than %u files and folders",
		               SR_LIMIT_BAG_FILES);
	if (size > SR_LIMIT_BAG_PATH_BYTES || depth > SR_LIMIT_BAG_DEPTH)
		return sr_fail(err, SR_LIMIT, "a path of the bag has more than %u bytes or %u components",
		               SR_LIMIT_BAG_PATH_BYTES, SR_LIMIT_BAG_DEPTH);
	if (tree->names.size + size >= SR_LIMIT_BAG_NAMES_BYTES)
		return sr_fail(err, SR_LIMIT, "the paths of the bag have more than %u bytes together",
		               SR_LIMIT_BAG_NAMES_BYTES);
	copy.name = tree->names.size;
	copy.is_folder = size > 0 && path[size - 1] == '/';
	SR_TRY(sr_buf_add(&tree->names, path, size + 1, err));
	return sr_buf_add(&tree->files, &copy, sizeof(copy), err);
}

static int compare(const void *a, const void *b, void *names)
{
	const struct sr_bag_file *left = a;
	const struct sr_bag_file *right = b;

	return strcmp((const char *)names + left->name, (const char *)names + right->name);
}

void sr_bag_tree_sort(struct sr_bag_tree *tree)
{
	if (tree->files.size > 0)
		qsort_r(tree->files.data, sr_bag_tree_count(tree), sizeof(struct sr_bag_file), compare,
		        tree->names.data);
	tree->sorted = sr_bag_tree_count(tree);
}

struct sr_bag_file *sr_bag_tree_find(const struct sr_bag_tree *tree, const char *path, size_t size)
{
	size_t low = 0;
	size_t high = tree->sorted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *there = sr_bag_tree_path(tree, sr_bag_tree_at(tree, middle));
		int order = strncmp(there, path, size);

		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == tree->sorted)
		return NULL;
	struct sr_bag_file *file = sr_bag_tree_at(tree, low);
	const char *found = sr_bag_tree_path(tree, file);
	return strncmp(found, path, size) == 0 && found[size] == 0 ? file : NULL;
}

/* Whether some folder that @path lies in is a file as well. */
static bool lies_in_a_file(const struct sr_bag_tree *tree, const char *path)
{
	for (size_t i = 1; path[i]; i++) {
		if (path[i] == '/' && sr_bag_tree_find(tree, path, i))
			return true;
	}
	return false;
}

enum sr_status sr_bag_tree_check(struct sr_bag_tree *tree, struct sr_bag_verdict *verdict, struct sr_err *err)
{
	const char *before = "";
	size_t to = 0;

	for (size_t i = 0; i < sr_bag_tree_count(tree); i++) {
		const struct sr_bag_file file = *sr_bag_tree_at(tree, i);
		const char *path = sr_bag_tree_path(tree, &file);
		bool is_repeated = strcmp(before, path) == 0;

		if (is_repeated && !file.is_folder)
			SR_TRY(sr_bag_add_problem(verdict, err, path, "is in the tar more than once"));
		if (is_repeated)
			continue;
		*sr_bag_tree_at(tree, to++) = file;
		before = path;
	}
	tree->files.size = to * sizeof(struct sr_bag_file);
	tree->sorted = to;
	for (size_t i = 0; i < to; i++) {
		const char *path = sr_bag_tree_path(tree, sr_bag_tree_at(tree, i));

		if (lies_in_a_file(tree, path))
			SR_TRY(sr_bag_add_problem(verdict, err, path, "lies in a file, not in a folder"));
	}
	return SR_OK;
}

enum sr_status sr_bag_tree_keep(struct sr_bag_tree *tree, const char *path, struct sr_bag_text **out,
                                struct sr_err *err)
{
	*out = NULL;
	if (!sr_bag_is_text(path))
		return SR_OK;
	if (tree->text_count == SR_BAG_TEXTS)
		return sr_fail(err, SR_LIMIT, "the bag has more than %u manifests", SR_LIMIT_BAG_MANIFESTS);
	struct sr_bag_text *text = &tree->texts[tree->text_count++];
	snprintf(text->name, sizeof(text->name), "%s", path);
	*out = text;
	return SR_OK;
}

enum sr_status sr_bag_tree_keep_bytes(struct sr_bag_tree *tree, struct sr_bag_text *text, const void *data,
                                      size_t size, struct sr_err *err)
{
	if (size > SR_LIMIT_BAG_TEXT_BYTES - tree->text_bytes)
		return sr_fail(err, SR_LIMIT, "the manifests of the bag have more than %u bytes together",
		               SR_LIMIT_BAG_TEXT_BYTES);
	tree->text_bytes += size;
	return sr_buf_add(&text->content, data, size, err);
}

const struct sr_buf *sr_bag_tree_text(const struct sr_bag_tree *tree, const char *name)
{
	for (size_t i = 0; i < tree->text_count; i++) {
		if (strcmp(tree->texts[i].name, name) == 0)
			return &tree->texts[i].content;
	}
	return NULL;
}
