/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at a draft's file before it is sealed: OpenDraftFile. */
#include "appliance/keeper/drafts/methods.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/casefile/member_path.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/viewings.h"
#include "appliance/keeper/drafts/draft.h"

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

/* Who views which file: of another session, or put in anew, it is another viewing. */
static enum sr_status name_viewing(const struct sr_act *act, const char *name, const struct stat *st,
                                   struct sr_digest *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_buf_printf(&text, err, "%s\n%s\n%llu\n%s", act->caller.user, act->caller.session,
	                     (unsigned long long)st->st_ino, name));
	return sr_digest_of(text.data, text.size, out, err);
}

/* In the log before the first byte is given out; the ranges of one viewing are one entry. */
static enum sr_status record_viewing(struct sr_act *act, const char *name, const struct stat *st,
                                     struct sr_err *err)
{
	const struct sr_caller *caller = &act->caller;
	struct sr_viewings *viewings = act->keeper->viewings;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;
	struct sr_digest what;

	SR_TRY(name_viewing(act, name, st, &what, err));
	if (sr_viewings_go_on(viewings, &what, sr_keeper_boot_ns()))
		return SR_OK;
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s,s:I}", "path", sr_act_text(act, "path"), "bytes",
	                    (json_int_t)st->st_size));
	if (caller->address[0])
		SR_TRY(sr_json_set(fields, "address", json_string(caller->address), err));
	if (caller->session[0])
		SR_TRY(sr_json_set(fields, "session", json_string(caller->session), err));
	SR_TRY(sr_draft_record(act, "draft.viewed", fields, SR_DRAFT_ALIVE, err));
	sr_viewings_begin(viewings, &what, sr_keeper_boot_ns());
	return SR_OK;
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
	SR_TRY(record_viewing(act, text, &st, err));
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
