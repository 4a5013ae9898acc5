/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is below one grant's folder: nodes (folders, members, generated texts) and the names by which folders
 * hold them; a member has two names, one in its original folder and one by catalogue order.  Made whole, then
 * immutable: any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"
#include "appliance/base/uuid.h"

enum sr_fs_kind {
	SR_FS_FOLDER,
	SR_FS_MEMBER,
	SR_FS_TEXT, /* generated */
};

struct sr_fs_node {
	enum sr_fs_kind kind;
	uint32_t links;
	uint32_t first, count; /* a folder's names in tree->names */
	uint32_t parent;       /* of a folder */
	uint32_t of_case;      /* in tree->cases; SR_FS_NO_CASE for the grant's folder */
	uint32_t part, member; /* of a member */
	uint64_t bytes;
	int64_t time_s;
	char sha256[65];    /* of a member; else "" */
	char seal[65];      /* of its part; else "" */
	struct sr_buf text; /* of a generated file */
};
#define SR_FS_NO_CASE UINT32_MAX

struct sr_fs_name {
	char *text;
	uint32_t folder, node;
};

struct sr_fs_tree {
	struct sr_fs_node *nodes; /* the first is the grant's folder */
	struct sr_fs_name *names; /* by folder, then by bytes */
	char (*cases)[SR_UUID_TEXT];
	uint32_t node_count, name_count, case_count;
	uint32_t node_room, name_room;
	uint32_t *taken; /* while it is made: a hash table of names, 0 or number + 1 */
	uint32_t taken_room;
	uint64_t bytes; /* of all members */
};

SR_CHECKED enum sr_status sr_fs_tree_new(struct sr_fs_tree **out, struct sr_err *err);
void sr_fs_tree_free(struct sr_fs_tree *tree); /* NULL is allowed */
static inline void sr_fs_tree_freep(struct sr_fs_tree **tree)
{
	sr_fs_tree_free(*tree);
	*tree = NULL;
}

/* --- making ---------------------------------------------------------------------------------------- */

/* A node without a name; valid until the next one is added. */
SR_CHECKED enum sr_status sr_fs_tree_add_node(struct sr_fs_tree *tree, enum sr_fs_kind kind, uint32_t of_case,
                                              uint32_t *out, struct sr_err *err);
/* Give a node a name in a folder; where the name is taken, one with a number.  @name is a safe one. */
SR_CHECKED enum sr_status sr_fs_tree_add_name(struct sr_fs_tree *tree, uint32_t folder, const char *name,
                                              uint32_t node, struct sr_err *err);
/* The folder of that name, made where there is none. */
SR_CHECKED enum sr_status sr_fs_tree_folder(struct sr_fs_tree *tree, uint32_t folder, const char *name,
                                            uint32_t *out, struct sr_err *err);
/* A new folder, under another name where that one is taken. */
SR_CHECKED enum sr_status sr_fs_tree_new_folder(struct sr_fs_tree *tree, uint32_t folder, const char *name,
                                                uint32_t of_case, uint32_t *out, struct sr_err *err);
/* Put all in order; nothing is added afterwards. */
void sr_fs_tree_finish(struct sr_fs_tree *tree);

/* --- looking --------------------------------------------------------------------------------------- */

/* False when the folder has no such name. */
bool sr_fs_tree_find(const struct sr_fs_tree *tree, uint32_t folder, const char *name, uint32_t *node);
