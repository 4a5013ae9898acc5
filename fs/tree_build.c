/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/tree_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/keeper/reading/grant_papers.h"
#include "fs/names.h"

#define BY_CATALOGUE "按目录"
#define MAIN_VOLUME "正卷"
#define SUB_VOLUME "副卷"

enum sr_status sr_fs_gather_case(json_t *cases, const json_t *answer, struct sr_err *err)
{
	json_t *last = json_array_get(cases, json_array_size(cases) ? json_array_size(cases) - 1 : 0);
	const char *id = sr_json_text(answer, "case");
	const char *before = sr_json_text(last, "case");
	json_t *members = json_object_get(last, "members");

	if (!id)
		return sr_fail(err, SR_CORRUPT, "a described case without id");
	if (before && strcmp(before, id) == 0 && members && json_object_get(answer, "members")) {
		if (json_array_extend(members, json_object_get(answer, "members")) < 0)
			return sr_fail(err, SR_NO_MEMORY, "no memory for a case");
		return SR_OK;
	}
	json_t *copy = json_deep_copy(answer);
	return sr_json_append(cases, copy, err);
}

/* --- one case -------------------------------------------------------------------------------------- */

struct build {
	struct sr_fs_tree *tree;
	const json_t *described;
	uint32_t of_case;
	uint32_t folder;
	char name[SR_FS_NAME_BYTES]; /* of the folder */
};

static const json_t *part_of(const struct build *build, uint64_t number)
{
	size_t index;
	const json_t *part;

	json_array_foreach(json_object_get(build->described, "parts"), index, part)
		if ((uint64_t)json_integer_value(json_object_get(part, "part")) == number)
			return part;
	return NULL;
}

static int64_t sealed_at(const json_t *part)
{
	const char *text = sr_json_text(part, "sealed_at");
	int64_t time_ns;

	return text && sr_time_parse(text, &time_ns) ? time_ns / SR_SECOND_NS : 0;
}

static enum sr_status fill_member(const struct build *build, const json_t *row, struct sr_fs_node *node,
                                  struct sr_err *err)
{
	const char *sha256;
	uint64_t number, part;

	SR_TRY(sr_json_need_u64(row, "number", UINT32_MAX, &number, err));
	SR_TRY(sr_json_need_u64(row, "part", SR_LIMIT_PARTS, &part, err));
	SR_TRY(sr_json_need_u64(row, "bytes", SR_LIMIT_MEMBER_BYTES, &node->bytes, err));
	SR_TRY(sr_json_need_text(row, "sha256", &sha256, err));
	const json_t *of = part_of(build, part);
	const char *seal = sr_json_text(of, "seal");
	node->member = (uint32_t)number;
	node->part = (uint32_t)part;
	node->time_s = sealed_at(of);
	snprintf(node->sha256, sizeof(node->sha256), "%s", sha256);
	snprintf(node->seal, sizeof(node->seal), "%s", seal ? seal : "");
	return SR_OK;
}

/* The folder in which the path's last name goes; *last is that name. */
static enum sr_status make_folders(const struct build *build, const struct sr_fs_node *member,
                                   const char *path, uint32_t *folder, const char **last, struct sr_err *err)
{
	char name[SR_FS_NAME_BYTES], copy[SR_LIMIT_PATH_BYTES + 1];

	*folder = build->folder;
	*last = path;
	if (member->part > 1) {
		snprintf(name, sizeof(name), SR_PAPER_PART_FOLDER, member->part);
		SR_TRY(sr_fs_tree_folder(build->tree, *folder, name, folder, err));
	}
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(*last, '/')) {
		size_t size = (size_t)(slash - *last);

		if (size >= sizeof(copy))
			return sr_fail(err, SR_CORRUPT, "a member's path is too long");
		memcpy(copy, *last, size);
		copy[size] = 0;
		(void)sr_fs_safe_name(copy, name);
		SR_TRY(sr_fs_tree_folder(build->tree, *folder, name, folder, err));
		*last = slash + 1;
	}
	return SR_OK;
}

/* 按目录/正卷/001 立案审批表.pdf */
static enum sr_status add_by_catalogue(const struct build *build, const json_t *row, uint32_t node,
                                       struct sr_err *err)
{
	const char *volume = sr_json_text(row, "volume");
	const char *title = sr_json_text(row, "title");
	const char *path = sr_json_text(row, "path");
	const char *slash = strrchr(path, '/');
	const char *extension = sr_fs_extension(path);
	char text[SR_LIMIT_PATH_BYTES * 2], name[SR_FS_NAME_BYTES];
	int order = (int)json_integer_value(json_object_get(row, "order"));
	uint32_t folder;

	if (title && title[0] && strlen(title) < SR_LIMIT_PATH_BYTES) {
		snprintf(text, sizeof(text), "%03d %s%s", order, title, extension);
	} else {
		snprintf(text, sizeof(text), "%03d %.*s", order, SR_LIMIT_PATH_BYTES,
		         slash ? slash + 1 : path);
	}
	(void)sr_fs_safe_name(text, name);
	SR_TRY(sr_fs_tree_folder(build->tree, build->folder, BY_CATALOGUE, &folder, err));
	SR_TRY(sr_fs_tree_folder(build->tree, folder,
	                         volume && strcmp(volume, "sub") == 0 ? SUB_VOLUME : MAIN_VOLUME, &folder,
	                         err));
	return sr_fs_tree_add_name(build->tree, folder, name, node, err);
}

static enum sr_status add_member(const struct build *build, const json_t *row, struct sr_err *err)
{
	struct sr_fs_tree *tree = build->tree;
	char name[SR_FS_NAME_BYTES];
	const char *path, *last;
	uint32_t node, folder;

	SR_TRY(sr_json_need_text(row, "path", &path, err));
	SR_TRY(sr_fs_tree_add_node(tree, SR_FS_MEMBER, build->of_case, &node, err));
	SR_TRY(fill_member(build, row, &tree->nodes[node], err));
	const struct sr_fs_node member = tree->nodes[node];
	tree->bytes += member.bytes;
	SR_TRY(make_folders(build, &member, path, &folder, &last, err));
	(void)sr_fs_safe_name(last, name);
	SR_TRY(sr_fs_tree_add_name(tree, folder, name, node, err));
	return add_by_catalogue(build, row, node, err);
}

/* Takes @text. */
static enum sr_status add_text(const struct build *build, const char *name, struct sr_buf *text,
                               struct sr_err *err)
{
	struct sr_fs_tree *tree = build->tree;
	uint32_t number;

	SR_TRY(sr_fs_tree_add_node(tree, SR_FS_TEXT, build->of_case, &number, err));
	struct sr_fs_node *node = &tree->nodes[number];
	node->text = *text;
	*text = (struct sr_buf){ 0 };
	node->bytes = node->text.size;
	node->time_s = tree->nodes[build->folder].time_s;
	return sr_fs_tree_add_name(tree, build->folder, name, number, err);
}

static enum sr_status add_papers(const struct build *build, struct sr_err *err)
{
	static const char note[] =
		"这里的文件由封装档案即时解密，每次打开都记入日志。每个文件的 SHA-256 见 catalogue.json，\n"
		"也见扩展属性 user.strongroom.sha256。封装本身的核验：strongroom verify 案号\n\n"
		"These files are decrypted from the sealed archive as they are read, and each opening is in "
		"the\n"
		"ledger.  The SHA-256 of each is in catalogue.json and in the attribute "
		"user.strongroom.sha256.\n"
		"To check the seal itself: strongroom verify CASE\n";
	SR_CLEANUP(sr_buf_dispose) struct sr_buf list = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf catalogue = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf seal = { 0 };

	SR_TRY(sr_case_paper_list(build->described, &list, err));
	SR_TRY(sr_case_paper_catalogue(build->described, build->name, &catalogue, err));
	SR_TRY(sr_case_paper_seal(build->described, note, &seal, err));
	SR_TRY(add_text(build, SR_PAPER_LIST, &list, err));
	SR_TRY(add_text(build, SR_PAPER_CATALOGUE, &catalogue, err));
	return add_text(build, SR_PAPER_SEAL, &seal, err);
}

/* A case whose archive is damaged is there all the same, and says what is wrong. */
static enum sr_status add_damage(const struct build *build, const char *damage, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_buf_printf(&text, err, "封装档案已损坏 (the sealed archive is damaged): %s\n", damage));
	return add_text(build, SR_PAPER_DAMAGE, &text, err);
}

static enum sr_status add_case(struct sr_fs_tree *tree, const json_t *described, uint32_t of_case,
                               struct sr_err *err)
{
	struct build build = { .tree = tree, .described = described, .of_case = of_case };
	const char *damage = sr_json_text(described, "damage");
	const char *number = sr_json_text(described, "number");
	const char *id;
	size_t index;
	const json_t *row;

	SR_TRY(sr_json_need_text(described, "case", &id, err));
	if (!sr_uuid_is_valid(id))
		return sr_fail(err, SR_CORRUPT, "a described case without id");
	memcpy(tree->cases[of_case], id, SR_UUID_TEXT);
	(void)sr_fs_safe_name(number ? number : id, build.name);
	SR_TRY(sr_fs_tree_new_folder(tree, 0, build.name, of_case, &build.folder, err));
	struct sr_fs_node *folder = &tree->nodes[build.folder];
	const json_t *first = json_array_get(json_object_get(described, "parts"), 0);
	const char *seal = sr_json_text(first, "seal");
	folder->time_s = sealed_at(first);
	snprintf(folder->seal, sizeof(folder->seal), "%s", seal ? seal : "");
	if (damage)
		return add_damage(&build, damage, err);
	json_array_foreach(json_object_get(described, "members"), index, row)
		SR_TRY(add_member(&build, row, err));
	return add_papers(&build, err);
}

enum sr_status sr_fs_tree_build(const json_t *cases, struct sr_fs_tree **out, struct sr_err *err)
{
	SR_CLEANUP(sr_fs_tree_freep) struct sr_fs_tree *tree = NULL;
	size_t index;
	const json_t *described;

	SR_TRY(sr_fs_tree_new(&tree, err));
	tree->case_count = (uint32_t)json_array_size(cases);
	tree->cases = calloc(tree->case_count + 1u, sizeof(*tree->cases));
	if (!tree->cases)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a grant's cases");
	json_array_foreach(cases, index, described)
		SR_TRY(add_case(tree, described, (uint32_t)index, err));
	sr_fs_tree_finish(tree);
	*out = SR_MOVE(tree);
	return SR_OK;
}
