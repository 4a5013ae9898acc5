/* SPDX-License-Identifier: Apache-2.0 */
/* Small cases as drafts, through a keeper's commands.  Include behind keeper_fixture.h. */
#pragma once

#include <sys/stat.h>

#include "tests/unit/casefile/samples.h"

/* The description of tests/integration/small-case.json under another number. */
static inline json_t *small_description(const char *number)
{
	char path[SCRATCH_PATH];

	samples_above_program(5, "tests/integration/small-case.json", path);
	json_t *description = json_load_file(path, 0, NULL);
	assert_non_null(description);
	json_object_set_new(description, "number", json_string(number));
	return description;
}

#define SOME_UPLOAD "U00000000000000000000000000000001"

/* An upload of @user with this content, of which @missing bytes are still to come. */
static inline void put_upload(struct keeper_room *room, const char *user, const char *content, size_t missing)
{
	SR_CLEANUP(sr_json_decrefp)
	json_t *record = json_pack("{s:i,s:s,s:I}", "v", 1, "user", user, "bytes",
	                           (json_int_t)(strlen(content) + missing));
	char path[256];

	snprintf(path, sizeof(path), "%s/staging/uploads", room->data);
	(void)mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/staging/uploads/" SOME_UPLOAD ".json", room->data);
	assert_int_equal(json_dump_file(record, path, JSON_COMPACT), 0);
	path[strlen(path) - strlen(".json")] = 0;
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static inline void add_file(struct keeper_room *room, const char *user, const char *draft, const char *path,
                            const char *content)
{
	put_upload(room, user, content, 0);
	must_do(room, user, "AddMember",
	        json_pack("{s:s,s:s,s:s}", "draft", draft, "path", path, "upload", SOME_UPLOAD));
}

/* A new draft of @user with all that a small case needs. */
static inline void make_draft(struct keeper_room *room, const char *user, json_t *description, char id[16])
{
	SR_CLEANUP(sr_json_decrefp)
	json_t *reply = must_ask(room, user, "CreateDraft", json_pack("{s:o}", "description", description));

	snprintf(id, 16, "%s", sr_json_text(reply, "draft"));
	add_file(room, user, id, "documents/001 立案审批表.pdf", "%PDF-1.4\n% x\n");
	add_file(room, user, id, "media/现场照片.jpg", "\xff\xd8\xff\xe0photo");
	add_file(room, user, id, "explanations/现场照片.md", "# 文字说明\n\n虚构样例。\n");
}

static inline json_t *of_draft(const char *id)
{
	return json_pack("{s:s}", "draft", id);
}

/* Handler gathers and submits, archivist seals: the answer of the seal, which the caller owns. */
static inline json_t *seal_small_case(struct keeper_room *room, json_t *description)
{
	char id[16];

	make_draft(room, "handler", description, id);
	SR_CLEANUP(sr_json_decrefp)
	json_t *submitted = must_ask(room, "handler", "SubmitDraft", of_draft(id));
	if (json_is_true(json_object_get(submitted, "blocked")))
		fail_msg("%s", json_dumps(submitted, JSON_INDENT(1)));
	return must_ask(room, "archivist", "SealDraft", of_draft(id));
}
