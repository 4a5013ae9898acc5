/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/bag_listing.h"

#include <stdio.h>
#include <string.h>

#include "appliance/archive/bag_text.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

#define FETCH "fetch.txt"

static struct sr_bag_file *find(const struct sr_bag_tree *tree, const char *path)
{
	return sr_bag_tree_find(tree, path, strlen(path));
}

/* The folder @path, which the tree keeps with a '/' behind. */
static bool is_folder(const struct sr_bag_tree *tree, const char *path)
{
	char name[SR_LIMIT_BAG_PATH_BYTES + 2];

	snprintf(name, sizeof(name), "%s/", path); /* a path of a manifest is that much shorter */
	return find(tree, name) != NULL;
}

/* NULL, or what is wrong with @path in this manifest. */
static const char *path_refusal(const struct sr_bag_manifest *manifest, const char *path)
{
	const char *refusal = sr_bag_path_refusal(path);

	if (refusal)
		return refusal;
	bool is_payload = sr_text_starts_with(path, "data/");
	if (!manifest->is_tag && !is_payload)
		return "a payload manifest lists files below data/ only";
	if (manifest->is_tag && is_payload)
		return "a tag manifest must not list payload files";
	if (manifest->is_tag && sr_text_starts_with(path, "tagmanifest-") && !strchr(path, '/'))
		return "a tag manifest must not list tag manifests";
	return NULL;
}

/*
 * The path that a line means.  sha256sum --binary writes "digest *path"; a tag file may have such a name
 * of its own, a payload file may not (RFC 8493 section 6.1.3).
 */
static const char *path_of(struct sr_bag_listing *listing, const struct sr_bag_tree *tree,
                           const struct sr_bag_entry *entry)
{
	if (!entry->is_starred || (listing->manifest.is_tag && find(tree, entry->path)))
		return entry->path;
	listing->has_star = true;
	return entry->path + 1;
}

static bool digest_matches(const struct sr_bag_manifest *manifest, const struct sr_bag_entry *entry,
                           const struct sr_bag_file *file)
{
	if (manifest->digest_bytes == SR_DIGEST_BYTES)
		return file->has_sha256 && memcmp(entry->digest, file->sha256.bytes, SR_DIGEST_BYTES) == 0;
	return file->has_sha512 && memcmp(entry->digest, file->sha512.bytes, SR_SHA512_BYTES) == 0;
}

static enum sr_status tell_normalisation(const struct sr_bag_listing *listing, const char *path,
                                         const char *stored, struct sr_bag_verdict *verdict,
                                         struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf spelt = { 0 };
	const char *text;

	SR_TRY(sr_buf_add_text(&spelt, "listed as ", err));
	SR_TRY(sr_bag_names_spell(path, &spelt, err));
	SR_TRY(sr_buf_add_text(&spelt, ", stored as ", err));
	SR_TRY(sr_bag_names_spell(stored, &spelt, err));
	SR_TRY(sr_buf_text(&spelt, &text, err));
	return sr_bag_add_problem(verdict, err, path,
	                          "matches a file only after Unicode normalisation: %s (%s); rename the file",
	                          text, listing->name);
}

/* A listed path that is no file of the bag. */
static enum sr_status tell_absent(const struct sr_bag_listing *listing, const char *path,
                                  const struct sr_bag_tree *tree, const struct sr_bag_names *names,
                                  struct sr_bag_verdict *verdict, struct sr_err *err)
{
	struct sr_bag_file *alike;

	if (is_folder(tree, path))
		return sr_bag_add_problem(verdict, err, path,
		                          "is a folder, but %s lists it; manifests list files only",
		                          listing->name);
	SR_TRY(sr_bag_names_find(names, path, &alike, err));
	if (!alike)
		return sr_bag_add_problem(verdict, err, path, "is missing, but %s lists it", listing->name);
	alike->listed_by |= listing->bit;
	return tell_normalisation(listing, path, sr_bag_tree_path(tree, alike), verdict, err);
}

static enum sr_status check_line(struct sr_bag_listing *listing, struct sr_bytes line, size_t number,
                                 const struct sr_bag_tree *tree, const struct sr_bag_names *names,
                                 struct sr_bag_verdict *verdict, struct sr_err *err)
{
	struct sr_bag_entry entry;
	const char *wrong = sr_bag_manifest_line(line, listing->manifest.digest_bytes, &entry);

	if (wrong)
		return sr_bag_add_problem(verdict, err, listing->name, "line %zu %s", number, wrong);
	const char *path = path_of(listing, tree, &entry);
	listing->has_percent |= entry.has_percent;
	wrong = path_refusal(&listing->manifest, path);
	if (wrong)
		return sr_bag_add_problem(verdict, err, path, "line %zu of %s: %s", number, listing->name,
		                          wrong);
	struct sr_bag_file *file = find(tree, path);
	if (!file)
		return tell_absent(listing, path, tree, names, verdict, err);
	if (file->listed_by & listing->bit)
		return sr_bag_add_problem(verdict, err, path, "is listed more than once in %s",
		                          listing->name);
	file->listed_by |= listing->bit;
	if (listing->manifest.is_relied_upon && !file->to_fetch &&
	    !digest_matches(&listing->manifest, &entry, file))
		return sr_bag_add_problem(verdict, err, path, "does not match its %s digest in %s",
		                          listing->manifest.algorithm, listing->name);
	return SR_OK;
}

enum sr_status sr_bag_listing_check(struct sr_bag_listing *listing, const struct sr_bag_tree *tree,
                                    const struct sr_bag_names *names, struct sr_bag_verdict *verdict,
                                    struct sr_err *err)
{
	struct sr_bytes text = listing->text;
	struct sr_bytes line;
	bool usable;

	SR_TRY(sr_bag_text_check(listing->name, &text, verdict, &usable, err));
	listing->is_unusable = !usable;
	if (!usable)
		return SR_OK;
	struct sr_bag_lines lines = { .left = text };
	while (sr_bag_lines_next(&lines, &line))
		SR_TRY(check_line(listing, line, lines.number, tree, names, verdict, err));
	if (listing->has_star)
		SR_TRY(sr_bag_add_note(verdict, err, listing->name,
		                       "has \"*\" before paths, as sha256sum --binary writes them; a strict "
		                       "validator refuses that"));
	if (listing->has_percent)
		SR_TRY(sr_bag_add_note(verdict, err, listing->name,
		                       "has \"%%\" in paths where RFC 8493 wants %%25; taken as it stands"));
	return SR_OK;
}

static enum sr_status check_fetch_line(struct sr_bag_tree *tree, struct sr_bytes line, size_t number,
                                       struct sr_bag_verdict *verdict, struct sr_err *err)
{
	static const struct sr_bag_file absent = { .to_fetch = true };
	struct sr_bag_entry entry;
	const char *wrong = sr_bag_fetch_line(line, &entry);

	if (wrong)
		return sr_bag_add_problem(verdict, err, FETCH, "line %zu %s", number, wrong);
	wrong = sr_bag_path_refusal(entry.path);
	if (!wrong && !sr_text_starts_with(entry.path, "data/"))
		wrong = "fetch.txt lists payload files only";
	if (wrong)
		return sr_bag_add_problem(verdict, err, entry.path, "line %zu of " FETCH ": %s", number,
		                          wrong);
	const struct sr_bag_file *file = find(tree, entry.path);
	if (!file)
		return sr_bag_tree_add(tree, entry.path, &absent, err);
	if (entry.has_length && entry.length != file->size)
		return sr_bag_add_note(verdict, err, entry.path, "has another length than " FETCH " says");
	return SR_OK;
}

/* Files to be fetched that are listed more than once become one. */
static uint64_t merge_absent(struct sr_bag_tree *tree)
{
	const char *before = "";
	uint64_t absent = 0;
	size_t to = 0;

	for (size_t i = 0; i < sr_bag_tree_count(tree); i++) {
		const struct sr_bag_file file = *sr_bag_tree_at(tree, i);
		const char *path = sr_bag_tree_path(tree, &file);

		if (file.to_fetch && strcmp(before, path) == 0)
			continue;
		absent += file.to_fetch;
		*sr_bag_tree_at(tree, to++) = file;
		before = path;
	}
	tree->files.size = to * sizeof(struct sr_bag_file);
	tree->sorted = to;
	return absent;
}

enum sr_status sr_bag_fetch_check(struct sr_bag_tree *tree, struct sr_bag_verdict *verdict, uint64_t *listed,
                                  uint64_t *absent, struct sr_err *err)
{
	const struct sr_buf *content = sr_bag_tree_text(tree, FETCH);
	struct sr_bytes line;
	bool usable;

	*listed = 0;
	*absent = 0;
	if (!content)
		return SR_OK;
	struct sr_bytes text = sr_buf_bytes(content);
	SR_TRY(sr_bag_text_check(FETCH, &text, verdict, &usable, err));
	if (!usable)
		return SR_OK;
	struct sr_bag_lines lines = { .left = text };
	while (sr_bag_lines_next(&lines, &line))
		SR_TRY(check_fetch_line(tree, line, lines.number, verdict, err));
	*listed = lines.number;
	sr_bag_tree_sort(tree);
	*absent = merge_absent(tree);
	return SR_OK;
}
