/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "fs/names.h"

#define NODES_MAX (1u << 30)

static uint32_t hash(uint32_t folder, const char *name)
{
	uint32_t value = 2166136261u ^ folder * 2654435761u;

	for (; *name; name++)
		value = (value ^ (unsigned char)*name) * 16777619u;
	return value;
}

/* Where that name is, or would be; the table has free places. */
static uint32_t *place_of(const struct sr_fs_tree *tree, uint32_t folder, const char *name)
{
	uint32_t at = hash(folder, name) & (tree->taken_room - 1);

	while (tree->taken[at]) {
		const struct sr_fs_name *there = &tree->names[tree->taken[at] - 1];

		if (there->folder == folder && strcmp(there->text, name) == 0)
			break;
		at = (at + 1) & (tree->taken_room - 1);
	}
	return &tree->taken[at];
}

static enum sr_status grow(void **list, uint32_t *room, size_t each, struct sr_err *err)
{
	uint32_t wanted = *room ? 2 * *room : 256;
	void *grown = wanted <= NODES_MAX ? realloc(*list, wanted * each) : NULL;

	if (!grown)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a grant's files");
	*list = grown;
	*room = wanted;
	return SR_OK;
}

static enum sr_status grow_taken(struct sr_fs_tree *tree, struct sr_err *err)
{
	uint32_t room = tree->taken_room ? 2 * tree->taken_room : 1024;
	uint32_t *taken = calloc(room, sizeof(*taken));

	if (!taken)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a grant's files");
	free(tree->taken);
	tree->taken = taken;
	tree->taken_room = room;
	for (uint32_t i = 0; i < tree->name_count; i++)
		*place_of(tree, tree->names[i].folder, tree->names[i].text) = i + 1;
	return SR_OK;
}

enum sr_status sr_fs_tree_add_node(struct sr_fs_tree *tree, enum sr_fs_kind kind, uint32_t of_case,
                                   uint32_t *out, struct sr_err *err)
{
	if (tree->node_count == tree->node_room) {
		void *list = tree->nodes;

		SR_TRY(grow(&list, &tree->node_room, sizeof(*tree->nodes), err));
		assert(list != NULL);
		tree->nodes = list;
	}
	*out = tree->node_count++;
	tree->nodes[*out] = (struct sr_fs_node){ .kind = kind, .of_case = of_case };
	return SR_OK;
}

static void text_freep(char **text)
{
	free(*text);
}

static enum sr_status put_name(struct sr_fs_tree *tree, uint32_t folder, const char *name, uint32_t node,
                               struct sr_err *err)
{
	if (tree->name_count == tree->name_room) {
		void *list = tree->names;

		SR_TRY(grow(&list, &tree->name_room, sizeof(*tree->names), err));
		tree->names = list;
	}
	if (2 * (tree->name_count + 1) > tree->taken_room)
		SR_TRY(grow_taken(tree, err));
	SR_CLEANUP(text_freep) char *text = strdup(name);

	if (!text)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a grant's files");
	tree->nodes[node].links++;
	if (tree->nodes[node].kind == SR_FS_FOLDER)
		tree->nodes[node].parent = folder;
	*place_of(tree, folder, name) = tree->name_count + 1;
	tree->names[tree->name_count++] =
		(struct sr_fs_name){ .text = SR_MOVE(text), .folder = folder, .node = node };
	return SR_OK;
}

static bool is_taken(const struct sr_fs_tree *tree, uint32_t folder, const char *name)
{
	return tree->taken && *place_of(tree, folder, name);
}

enum sr_status sr_fs_tree_add_name(struct sr_fs_tree *tree, uint32_t folder, const char *name, uint32_t node,
                                   struct sr_err *err)
{
	char other[SR_FS_NAME_BYTES];

	if (!is_taken(tree, folder, name))
		return put_name(tree, folder, name, node, err);
	unsigned number = 1;
	do
		sr_fs_numbered_name(name, ++number, other);
	while (is_taken(tree, folder, other));
	return put_name(tree, folder, other, node, err);
}

enum sr_status sr_fs_tree_new_folder(struct sr_fs_tree *tree, uint32_t folder, const char *name,
                                     uint32_t of_case, uint32_t *out, struct sr_err *err)
{
	SR_TRY(sr_fs_tree_add_node(tree, SR_FS_FOLDER, of_case, out, err));
	tree->nodes[*out].time_s = tree->nodes[folder].time_s;
	return sr_fs_tree_add_name(tree, folder, name, *out, err);
}

enum sr_status sr_fs_tree_folder(struct sr_fs_tree *tree, uint32_t folder, const char *name, uint32_t *out,
                                 struct sr_err *err)
{
	if (is_taken(tree, folder, name)) {
		uint32_t node = tree->names[*place_of(tree, folder, name) - 1].node;

		if (tree->nodes[node].kind == SR_FS_FOLDER) {
			*out = node;
			return SR_OK;
		}
	}
	return sr_fs_tree_new_folder(tree, folder, name, tree->nodes[folder].of_case, out, err);
}

static int in_order(const void *a, const void *b)
{
	const struct sr_fs_name *left = a, *right = b;

	if (left->folder != right->folder)
		return left->folder < right->folder ? -1 : 1;
	return strcmp(left->text, right->text);
}

void sr_fs_tree_finish(struct sr_fs_tree *tree)
{
	free(tree->taken);
	tree->taken = NULL;
	tree->taken_room = 0;
	if (tree->name_count > 0)
		qsort(tree->names, tree->name_count, sizeof(*tree->names), in_order);
	for (uint32_t i = tree->name_count; i > 0; i--) {
		struct sr_fs_node *folder = &tree->nodes[tree->names[i - 1].folder];

		folder->first = i - 1;
		folder->count++;
		if (tree->nodes[tree->names[i - 1].node].kind == SR_FS_FOLDER)
			folder->links++;
	}
	for (uint32_t i = 0; i < tree->node_count; i++)
		if (tree->nodes[i].kind == SR_FS_FOLDER)
			tree->nodes[i].links++;
	tree->nodes[0].links++;
}

bool sr_fs_tree_find(const struct sr_fs_tree *tree, uint32_t folder, const char *name, uint32_t *node)
{
	uint32_t low = tree->nodes[folder].first;
	uint32_t high = low + tree->nodes[folder].count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(tree->names[middle].text, name);

		if (order == 0) {
			*node = tree->names[middle].node;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

enum sr_status sr_fs_tree_new(struct sr_fs_tree **out, struct sr_err *err)
{
	SR_CLEANUP(sr_fs_tree_freep) struct sr_fs_tree *tree = calloc(1, sizeof(*tree));
	uint32_t top;

	if (!tree)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a grant's files");
	SR_TRY(sr_fs_tree_add_node(tree, SR_FS_FOLDER, SR_FS_NO_CASE, &top, err));
	*out = SR_MOVE(tree);
	return SR_OK;
}

void sr_fs_tree_free(struct sr_fs_tree *tree)
{
	if (!tree)
		return;
	for (uint32_t i = 0; i < tree->name_count; i++)
		free(tree->names[i].text);
	for (uint32_t i = 0; i < tree->node_count; i++)
		sr_buf_dispose(&tree->nodes[i].text);
	free(tree->names);
	free(tree->nodes);
	free(tree->cases);
	free(tree->taken);
	free(tree);
}
