/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at a draft's file before it is sealed: OpenDraftFile. */
#include "appliance/keeper/families.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/casefile/member_path.h"
#include "appliance/keeper/draft.h"
#include "appliance/keeper/keeper_parts.h"

/* By the name alone: what the file is gets looked at by the check (X5), and the front end runs nothing. */
static const char *media_type_of(const char *path)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".pdf", "application/pdf" }, { ".jpg", "image/jpeg" },  { ".jpeg", "image/jpeg" },
		{ ".png", "image/png" },       { ".gif", "image/gif" },   { ".webp", "image/webp" },
		{ ".bmp", "image/bmp" },       { ".txt", "text/plain" },  { ".md", "text/plain" },
		{ ".mp4", "video/mp4" },       { ".webm", "video/webm" }, { ".mov", "video/quicktime" },
		{ ".mp3", "audio/mpeg" },      { ".wav", "audio/wav" },   { ".m4a", "audio/mp4" },
		{ ".ogg", "audio/ogg" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < SR_COUNT(types); i++)
		if (strcasecmp(dot, types[i].end) == 0)
			return types[i].type;
	return "application/octet-stream";
}

static enum sr_status open_draft_file(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf name = { 0 };
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	const char *path = sr_act_text(act, "path");
	const char *text;
	struct stat st;

	SR_TRY(sr_draft_get(act, SR_DRAFT_ALIVE, &record, err));
	SR_TRY(sr_member_path_check(path, err));
	SR_TRY(sr_buf_printf(&name, err, "%s/%s", sr_json_text(record, "draft"), path));
	SR_TRY(sr_buf_text(&name, &text, err));
	enum sr_status status = sr_fd_open_regular(act->keeper->staging_fd, text, &fd, err);
	if (status == SR_NOT_FOUND)
		return sr_act_not_found(act, "file", path, err);
	SR_TRY(status);
	if (fstat(fd, &st) < 0)
		return sr_fail_errno(err, "look at a draft's file");
	SR_TRY(sr_act_reply(act, err, "{s:s,s:I,s:s}", "path", path, "bytes", (json_int_t)st.st_size,
	                    "media_type", media_type_of(path)));
	int given = fd;
	fd = -1;
	return sr_descriptors_add(&act->give, given, err);
}

static const struct sr_method methods[] = {
	{ "OpenDraftFile", "draft:text path:text", SR_BY(HANDLER) | SR_BY(ARCHIVIST), SR_DOOR_API, 0,
	  open_draft_file },
};
const struct sr_method_family sr_draft_file_methods = { methods, SR_COUNT(methods) };
