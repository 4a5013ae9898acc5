/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/bag_check.h"

#include <inttypes.h>
#include <string.h>

#include "appliance/archive/bag_names.h"
#include "appliance/archive/bag_text.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

static bool is_payload(const char *path)
{
	return sr_text_starts_with(path, "data/");
}

static enum sr_status check_declaration(struct sr_bag_check *check, bool *supported, struct sr_err *err)
{
	const struct sr_buf *content = sr_bag_tree_text(check->tree, "bagit.txt");

	*supported = true;
	if (!content)
		return sr_bag_add_problem(check->verdict, err, "bagit.txt",
		                          "is missing: this is no bag, or not its base folder");
	return sr_bag_declaration_check(sr_buf_bytes(content), check->verdict, supported, err);
}

/* The payload folder must be there, empty or not (section 2.1.2). */
static enum sr_status check_payload_folder(const struct sr_bag_check *check, struct sr_err *err)
{
	for (size_t i = 0; i < sr_bag_tree_count(check->tree); i++) {
		if (is_payload(sr_bag_tree_path(check->tree, sr_bag_tree_at(check->tree, i))))
			return SR_OK;
	}
	return sr_bag_add_problem(check->verdict, err, "data/", "is missing; it must be there even if empty");
}

static enum sr_status check_manifest_names(const struct sr_bag_check *check, struct sr_err *err)
{
	for (size_t i = 0; i < sr_bag_tree_count(check->tree); i++) {
		const char *path = sr_bag_tree_path(check->tree, sr_bag_tree_at(check->tree, i));
		struct sr_bag_manifest manifest;

		if (sr_bag_manifest_name(path, &manifest) == SR_BAG_NAME_WRONG)
			SR_TRY(sr_bag_add_problem(check->verdict, err, path,
			                          "names no algorithm in lower-case letters and digits, such "
			                          "as manifest-sha256.txt"));
	}
	return SR_OK;
}

static void collect_manifests(struct sr_bag_check *check)
{
	for (size_t i = 0; i < check->tree->text_count; i++) {
		const struct sr_bag_text *text = &check->tree->texts[i];
		struct sr_bag_listing *listing = &check->listings[check->count];

		if (sr_bag_manifest_name(text->name, &listing->manifest) != SR_BAG_NAME_MANIFEST)
			continue;
		listing->name = text->name;
		listing->text = sr_buf_bytes(&text->content);
		listing->bit = UINT32_C(1) << check->count++;
		if (listing->manifest.is_tag)
			check->tag_bits |= listing->bit;
		else
			check->payload_bits |= listing->bit;
		if (!listing->manifest.is_relied_upon)
			continue;
		check->wants_sha256 |= listing->manifest.digest_bytes == SR_DIGEST_BYTES;
		check->wants_sha512 |= listing->manifest.digest_bytes == SR_SHA512_BYTES;
	}
}

/* At least one payload manifest that we rely upon; the others by name. */
static enum sr_status check_algorithms(const struct sr_bag_check *check, bool *sufficient, struct sr_err *err)
{
	*sufficient = false;
	for (size_t i = 0; i < check->count; i++) {
		const struct sr_bag_manifest *manifest = &check->listings[i].manifest;

		*sufficient |= !manifest->is_tag && manifest->is_relied_upon;
	}
	if (check->payload_bits == 0)
		return sr_bag_add_problem(check->verdict, err, "",
		                          "has no payload manifest; manifest-sha256.txt or "
		                          "manifest-sha512.txt is needed");
	for (size_t i = 0; i < check->count; i++) {
		const struct sr_bag_listing *listing = &check->listings[i];

		if (listing->manifest.is_relied_upon)
			continue;
		if (!*sufficient && !listing->manifest.is_tag)
			SR_TRY(sr_bag_add_problem(check->verdict, err, listing->name,
			                          "%s is not supported; add manifest-sha256.txt or "
			                          "manifest-sha512.txt",
			                          listing->manifest.algorithm));
		else
			SR_TRY(sr_bag_add_note(check->verdict, err, listing->name,
			                       "%s is not supported: its list was read, its digests were not "
			                       "checked",
			                       listing->manifest.algorithm));
	}
	return SR_OK;
}

enum sr_status sr_bag_check_begin(struct sr_bag_check *check, struct sr_bag_tree *tree,
                                  struct sr_bag_verdict *verdict, bool *go_on, struct sr_err *err)
{
	bool sufficient;

	*check = (struct sr_bag_check){ .tree = tree, .verdict = verdict };
	SR_TRY(check_declaration(check, go_on, err));
	if (!*go_on)
		return SR_OK;
	SR_TRY(check_payload_folder(check, err));
	SR_TRY(check_manifest_names(check, err));
	collect_manifests(check);
	SR_TRY(check_algorithms(check, &sufficient, err));
	*go_on = sufficient;
	return SR_OK;
}

/* Every payload file must be in every payload manifest (section 2.1.3). */
static enum sr_status check_payload_file(const struct sr_bag_check *check, const struct sr_bag_file *file,
                                         const char *path, struct sr_err *err)
{
	for (size_t i = 0; i < check->count; i++) {
		const struct sr_bag_listing *listing = &check->listings[i];

		if (listing->manifest.is_tag || listing->is_unusable || (file->listed_by & listing->bit))
			continue;
		SR_TRY(sr_bag_add_problem(check->verdict, err, path, "is not listed in %s%s", listing->name,
		                          file->to_fetch ? ", but in fetch.txt" : ""));
	}
	return SR_OK;
}

static enum sr_status check_tag_file(const struct sr_bag_check *check, const struct sr_bag_file *file,
                                     const char *path, struct sr_err *err)
{
	uint32_t listed = file->listed_by & check->tag_bits;

	if (check->tag_bits == 0 || listed == check->tag_bits ||
	    (sr_text_starts_with(path, "tagmanifest-") && !strchr(path, '/')))
		return SR_OK;
	if (listed == 0)
		return sr_bag_add_note(check->verdict, err, path,
		                       "is listed in no tag manifest, so its content was not checked");
	return sr_bag_add_note(check->verdict, err, path, "is not listed in every tag manifest");
}

static enum sr_status check_file(struct sr_bag_check *check, const struct sr_bag_file *file,
                                 struct sr_err *err)
{
	const char *path = sr_bag_tree_path(check->tree, file);

	if (!sr_utf8_is_valid(path, strlen(path)))
		return sr_bag_add_problem(check->verdict, err, path,
		                          "its name is not UTF-8, so no manifest can list it; rename it");
	if (file->is_folder)
		return SR_OK;
	const char *remark = sr_bag_path_remark(path);
	if (remark)
		SR_TRY(sr_bag_add_note(check->verdict, err, path, "%s", remark));
	if (!is_payload(path))
		return check_tag_file(check, file, path, err);
	check->verdict->files += !file->to_fetch;
	check->verdict->bytes += file->size;
	return check_payload_file(check, file, path, err);
}

/* Each tag manifest must list every payload manifest (section 2.2.1). */
static enum sr_status check_tag_manifest(const struct sr_bag_check *check, const struct sr_bag_listing *tag,
                                         struct sr_err *err)
{
	for (size_t i = 0; i < check->count && !tag->is_unusable; i++) {
		const char *name = check->listings[i].name;
		const struct sr_bag_file *file = sr_bag_tree_find(check->tree, name, strlen(name));

		if (!check->listings[i].manifest.is_tag && file && !(file->listed_by & tag->bit))
			SR_TRY(sr_bag_add_problem(check->verdict, err, tag->name,
			                          "does not list %s; a tag manifest must list every payload "
			                          "manifest",
			                          name));
	}
	return SR_OK;
}

static enum sr_status check_tag_manifests(const struct sr_bag_check *check, struct sr_err *err)
{
	bool is_protected = false;

	for (size_t i = 0; i < check->count; i++) {
		const struct sr_bag_listing *listing = &check->listings[i];

		is_protected |= listing->manifest.is_tag && listing->manifest.is_relied_upon;
		if (listing->manifest.is_tag)
			SR_TRY(check_tag_manifest(check, listing, err));
	}
	if (is_protected)
		return SR_OK;
	return sr_bag_add_note(check->verdict, err, "",
	                       "has no tag manifest with sha256 or sha512, so nothing protects bagit.txt, "
	                       "the manifests and other tag files");
}

static enum sr_status check_fetch(struct sr_bag_check *check, uint64_t *absent, struct sr_err *err)
{
	uint64_t listed;

	SR_TRY(sr_bag_fetch_check(check->tree, check->verdict, &listed, absent, err));
	if (*absent > 0)
		return sr_bag_add_problem(check->verdict, err, "fetch.txt",
		                          "incomplete: %" PRIu64 " files are to be fetched; fetch them "
		                          "yourself and check the bag again",
		                          *absent);
	if (listed > 0)
		return sr_bag_add_note(check->verdict, err, "fetch.txt",
		                       "lists files that are all here; nothing was fetched");
	return SR_OK;
}

/* A comparison only: equal sums prove nothing (section 2.2.2). */
static enum sr_status check_oxum(const struct sr_bag_check *check, const struct sr_bag_info *info,
                                 struct sr_err *err)
{
	const struct sr_bag_verdict *have = check->verdict;

	if (!info->has_oxum || (info->octets == have->bytes && info->files == have->files))
		return SR_OK;
	return sr_bag_add_problem(check->verdict, err, "bag-info.txt",
	                          "Payload-Oxum says %" PRIu64 " bytes in %" PRIu64
	                          " files, the payload has %" PRIu64 " bytes in %" PRIu64 " files",
	                          info->octets, info->files, have->bytes, have->files);
}

static enum sr_status check_info(const struct sr_bag_check *check, uint64_t absent, struct sr_err *err)
{
	const struct sr_buf *content = sr_bag_tree_text(check->tree, "bag-info.txt");
	struct sr_bag_info info;

	if (!content)
		return SR_OK;
	SR_TRY(sr_bag_info_check(sr_buf_bytes(content), check->verdict, &info, err));
	return absent > 0 ? SR_OK : check_oxum(check, &info, err);
}

enum sr_status sr_bag_check_finish(struct sr_bag_check *check, struct sr_err *err)
{
	SR_CLEANUP(sr_bag_names_dispose) struct sr_bag_names names = { 0 };
	uint64_t absent;

	SR_TRY(check_fetch(check, &absent, err));
	SR_TRY(sr_bag_names_init(&names, check->tree, err));
	for (size_t i = 0; i < check->count; i++)
		SR_TRY(sr_bag_listing_check(&check->listings[i], check->tree, &names, check->verdict, err));
	for (size_t i = 0; i < sr_bag_tree_count(check->tree); i++)
		SR_TRY(check_file(check, sr_bag_tree_at(check->tree, i), err));
	SR_TRY(check_tag_manifests(check, err));
	SR_TRY(check_info(check, absent, err));
	return sr_bag_names_check(&names, check->verdict, err);
}
