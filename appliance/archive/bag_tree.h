/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a bag as they were found, in a folder or a tar: names, sizes, digests, and the content
 * of the texts that BagIt defines.  Bounded by SR_LIMIT_BAG_*.  Not thread-safe; a zeroed struct is an
 * empty tree.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/bag_report.h"
#include "appliance/base/buf.h"
#include "appliance/base/limits.h"
#include "appliance/crypto/digest.h"
#include "appliance/crypto/sha512.h"

struct sr_bag_file {
	size_t name;   /* where its path begins in names */
	uint64_t size; /* bytes */
	struct sr_digest sha256;
	struct sr_sha512 sha512;
	uint32_t listed_by; /* one bit for each manifest that lists it */
	bool has_sha256;
	bool has_sha512;
	bool is_folder; /* its path ends in '/' */
	bool to_fetch;  /* not there; fetch.txt lists it */
};

/* A text that is kept whole: bagit.txt, bag-info.txt, fetch.txt or a manifest. */
struct sr_bag_text {
	char name[48];
	struct sr_buf content;
};

#define SR_BAG_TEXTS (SR_LIMIT_BAG_MANIFESTS + 3)

struct sr_bag_tree {
	struct sr_buf files; /* of struct sr_bag_file */
	size_t sorted;       /* how many of them, from the first, a search sees */
	struct sr_buf names; /* paths from the bag's base folder, '/' between, a NUL behind each */
	struct sr_bag_text texts[SR_BAG_TEXTS];
	size_t text_count;
	size_t text_bytes; /* of all texts together */
};

void sr_bag_tree_dispose(struct sr_bag_tree *tree);

size_t sr_bag_tree_count(const struct sr_bag_tree *tree);
struct sr_bag_file *sr_bag_tree_at(const struct sr_bag_tree *tree, size_t index);
const char *sr_bag_tree_path(const struct sr_bag_tree *tree, const struct sr_bag_file *file);

/* Add a file, or a folder where @path ends in '/'.  SR_LIMIT beyond the bounds. */
SR_CHECKED enum sr_status sr_bag_tree_add(struct sr_bag_tree *tree, const char *path,
                                          const struct sr_bag_file *file, struct sr_err *err);

/* Sort by path: a search sees only what was there at the last sorting. */
void sr_bag_tree_sort(struct sr_bag_tree *tree);
/* The first file or folder with exactly the first @size bytes of @path as its path, or NULL. */
struct sr_bag_file *sr_bag_tree_find(const struct sr_bag_tree *tree, const char *path, size_t size);

/*
 * Report files that are there twice, which are dropped, and files that are folders too: a tar can hold
 * such.  The tree must be sorted.
 */
SR_CHECKED enum sr_status sr_bag_tree_check(struct sr_bag_tree *tree, struct sr_bag_verdict *verdict,
                                            struct sr_err *err);

/* Where to keep the content of the file @path, or NULL where nobody reads it; SR_LIMIT for too many. */
SR_CHECKED enum sr_status sr_bag_tree_keep(struct sr_bag_tree *tree, const char *path,
                                           struct sr_bag_text **out, struct sr_err *err);
/* SR_LIMIT over SR_LIMIT_BAG_TEXT_BYTES in all. */
SR_CHECKED enum sr_status sr_bag_tree_keep_bytes(struct sr_bag_tree *tree, struct sr_bag_text *text,
                                                 const void *data, size_t size, struct sr_err *err);
/* The kept content of @name, or NULL where the bag has none. */
const struct sr_buf *sr_bag_tree_text(const struct sr_bag_tree *tree, const char *name);
