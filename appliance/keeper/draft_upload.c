/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/draft_upload.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/encoding.h"
#include "appliance/casefile/folder.h"

static enum sr_status read_description(const struct sr_folder *folder, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { .secret = true };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf converted = { .secret = true };
	struct sr_bytes utf8;

	SR_TRY(sr_folder_read_description(folder, &text, err));
	SR_TRY(sr_encoding_to_utf8(sr_buf_bytes(&text), &converted, &utf8, err));
	enum sr_status status = sr_json_parse(utf8.data, utf8.size, SR_LIMIT_CASE_JSON_BYTES, out, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, SR_INVALID, "case.json: ");
}

static enum sr_status upload_file(struct sr_client *client, const char *draft, const struct sr_folder *folder,
                                  const struct sr_folder_file *file, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	SR_TRY(sr_folder_open_file(folder, file->path, &fd, err));
	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:s,s:s}", "draft", draft, "path", file->path));
	const struct sr_client_request request = {
		.method = "AddMember", .parameters = parameters, .descriptors = &fd, .descriptor_count = 1
	};

	return sr_client_ask(client, &request, &reply, NULL, err);
}

static enum sr_status upload_files(struct sr_client *client, const char *draft,
                                   const struct sr_folder *folder, const struct sr_progress *progress,
                                   struct sr_err *err)
{
	uint64_t total = 0, done = 0;

	for (size_t i = 0; i < sr_folder_count(folder); i++)
		total += sr_folder_at(folder, i)->bytes;
	for (size_t i = 0; i < sr_folder_count(folder); i++) {
		const struct sr_folder_file *file = sr_folder_at(folder, i);
		enum sr_status status = upload_file(client, draft, folder, file, err);

		if (status != SR_OK)
			return sr_fail_in(err, status, "draft %s, %s: ", draft, file->path);
		done += file->bytes;
		sr_progress_report(progress, file->path, done, total);
	}
	return SR_OK;
}

enum sr_status sr_draft_upload(struct sr_client *client, const char *path, const struct sr_progress *progress,
                               json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	SR_CLEANUP(sr_json_decrefp) json_t *created = NULL;
	json_t *description = NULL;

	if (path) {
		SR_TRY(sr_folder_open(path, &folder, err));
		SR_TRY(read_description(folder, &description, err));
		SR_TRY(sr_json_set(parameters, "description", description, err));
	}
	SR_TRY(sr_client_call(client, "CreateDraft", json_incref(parameters), &created, err));
	const char *draft;
	SR_TRY(sr_json_need_text(created, "draft", &draft, err));
	if (folder)
		SR_TRY(upload_files(client, draft, folder, progress, err));
	return SR_JSON_PACK(reply, err, "{s:s,s:I}", "draft", draft, "files",
	                    (json_int_t)(folder ? sr_folder_count(folder) : 0));
}
