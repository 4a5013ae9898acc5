/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of a bag; the first byte says which: bagit.txt, bag-info.txt, manifests, fetch.txt, names. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/archive/bag_listing.h"
#include "appliance/archive/bag_text.h"
#include "appliance/base/cleanup.h"

static void must(enum sr_status status)
{
	if (status != SR_OK && status != SR_LIMIT)
		abort();
}

/* A tree that has one payload file, and each line of @text as a file if @lines. */
static void fill_tree(struct sr_bag_tree *tree, struct sr_bytes text, bool lines)
{
	static const struct sr_bag_file file = { .has_sha256 = true, .has_sha512 = true };
	struct sr_bag_lines rest = { .left = text };
	struct sr_bytes line;
	struct sr_err err;

	must(sr_bag_tree_add(tree, "data/a.txt", &file, &err));
	while (lines && sr_bag_lines_next(&rest, &line)) {
		char path[SR_LIMIT_BAG_PATH_BYTES + 1];
		size_t size = line.size < sizeof(path) ? line.size : sizeof(path) - 1;

		memcpy(path, line.data, size);
		path[size] = 0;
		must(sr_bag_tree_add(tree, path, &file, &err));
	}
	sr_bag_tree_sort(tree);
}

static void check_manifest(const char *name, struct sr_bytes text, struct sr_bag_verdict *verdict)
{
	SR_CLEANUP(sr_bag_tree_dispose) struct sr_bag_tree tree = { 0 };
	SR_CLEANUP(sr_bag_names_dispose) struct sr_bag_names names = { 0 };
	struct sr_bag_listing listing = { .name = name, .text = text, .bit = 1 };
	struct sr_err err;

	if (sr_bag_manifest_name(name, &listing.manifest) != SR_BAG_NAME_MANIFEST)
		abort();
	fill_tree(&tree, text, false);
	must(sr_bag_names_init(&names, &tree, &err));
	must(sr_bag_listing_check(&listing, &tree, &names, verdict, &err));
}

static void check_fetch(struct sr_bytes text, struct sr_bag_verdict *verdict)
{
	SR_CLEANUP(sr_bag_tree_dispose) struct sr_bag_tree tree = { 0 };
	struct sr_bag_text *kept;
	uint64_t listed;
	uint64_t absent;
	struct sr_err err;

	fill_tree(&tree, text, false);
	must(sr_bag_tree_keep(&tree, "fetch.txt", &kept, &err));
	must(sr_bag_tree_keep_bytes(&tree, kept, text.data, text.size, &err));
	must(sr_bag_fetch_check(&tree, verdict, &listed, &absent, &err));
	if (absent > listed)
		abort();
}

/* Each line is a file's name: the index, its twins, and a search for each. */
static void check_names(struct sr_bytes text, struct sr_bag_verdict *verdict)
{
	SR_CLEANUP(sr_bag_tree_dispose) struct sr_bag_tree tree = { 0 };
	SR_CLEANUP(sr_bag_names_dispose) struct sr_bag_names names = { 0 };
	struct sr_err err;

	fill_tree(&tree, text, true);
	must(sr_bag_names_init(&names, &tree, &err));
	must(sr_bag_names_check(&names, verdict, &err));
	for (size_t i = 0; i < sr_bag_tree_count(&tree); i++) {
		const char *path = sr_bag_tree_path(&tree, sr_bag_tree_at(&tree, i));
		struct sr_bag_manifest manifest;

		if (!sr_bag_tree_find(&tree, path, strlen(path)))
			abort();
		(void)sr_bag_path_refusal(path);
		(void)sr_bag_path_remark(path);
		(void)sr_bag_manifest_name(path, &manifest);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_bag_verdict_dispose) struct sr_bag_verdict verdict = { 0 };
	SR_CLEANUP(sr_bag_report_dispose) struct sr_bag_report report = { 0 };
	static const char *const names[] = { "manifest-sha256.txt", "manifest-sha512.txt",
		                             "tagmanifest-sha256.txt", "manifest-other.txt" };
	struct sr_bag_info info;
	struct sr_err err;
	bool supported;

	if (size == 0)
		return 0;
	struct sr_bytes text = { .data = data + 1, .size = size - 1 };
	size_t kind = data[0] % 8;
	if (kind == 0)
		must(sr_bag_declaration_check(text, &verdict, &supported, &err));
	else if (kind == 1)
		must(sr_bag_info_check(text, &verdict, &info, &err));
	else if (kind == 2)
		check_fetch(text, &verdict);
	else if (kind == 3)
		check_names(text, &verdict);
	else
		check_manifest(names[kind - 4], text, &verdict);
	must(sr_bag_verdict_finish(&verdict, &report, &err));
	return 0;
}
