/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/member_path.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"

static bool has_control_character(const char *path)
{
	const uint8_t *at = (const uint8_t *)path;
	size_t left = strlen(path);

	while (left > 0) {
		uint32_t c = 0;
		size_t bytes = sr_utf8_decode(at, left, &c);

		if (bytes == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0))
			return true;
		at += bytes;
		left -= bytes;
	}
	return false;
}

static enum sr_status check_component(const char *name, size_t size, struct sr_err *err)
{
	if (size == 0)
		return sr_fail(err, SR_INVALID, "path has an empty component (\"//\", or '/' at an end)");
	if ((size == 1 && name[0] == '.') || (size == 2 && name[0] == '.' && name[1] == '.'))
		return sr_fail(err, SR_INVALID, "path contains \"%.*s\"; write it from the case folder down",
		               (int)size, name);
	if (size > SR_LIMIT_NAME_BYTES)
		return sr_fail(err, SR_LIMIT, "path has a name of %zu bytes, at most %u are allowed", size,
		               SR_LIMIT_NAME_BYTES);
	return SR_OK;
}

enum sr_status sr_member_path_check(const char *path, struct sr_err *err)
{
	size_t size = strlen(path);
	unsigned folders = 0;

	if (size > SR_LIMIT_PATH_BYTES)
		return sr_fail(err, SR_LIMIT, "path of %zu bytes, at most %u are allowed", size,
		               SR_LIMIT_PATH_BYTES);
	if (path[0] == '/')
		return sr_fail(err, SR_INVALID, "path begins with '/'; write it from the case folder down");
	if (has_control_character(path))
		return sr_fail(err, SR_INVALID, "path contains a control character");
	for (const char *at = path;; folders++) {
		size_t name = strcspn(at, "/");

		SR_TRY(check_component(at, name, err));
		at += name;
		if (*at == 0)
			break;
		at++;
	}
	if (folders > SR_LIMIT_FOLDER_DEPTH)
		return sr_fail(err, SR_LIMIT, "path is %u folders deep, at most %u are allowed", folders,
		               SR_LIMIT_FOLDER_DEPTH);
	return SR_OK;
}

/* IANA media types; formats that Chinese offices and recorders write. */
static const struct {
	const char *extension, *media_type;
} media_types[] = {
	{ "pdf", "application/pdf" },
	{ "ofd", "application/ofd" },
	{ "jpg", "image/jpeg" },
	{ "jpeg", "image/jpeg" },
	{ "png", "image/png" },
	{ "tif", "image/tiff" },
	{ "tiff", "image/tiff" },
	{ "bmp", "image/bmp" },
	{ "gif", "image/gif" },
	{ "webp", "image/webp" },
	{ "heic", "image/heic" },
	{ "mp4", "video/mp4" },
	{ "m4v", "video/mp4" },
	{ "mov", "video/quicktime" },
	{ "avi", "video/x-msvideo" },
	{ "mkv", "video/x-matroska" },
	{ "webm", "video/webm" },
	{ "mpg", "video/mpeg" },
	{ "mpeg", "video/mpeg" },
	{ "wmv", "video/x-ms-wmv" },
	{ "flv", "video/x-flv" },
	{ "3gp", "video/3gpp" },
	{ "mxf", "application/mxf" },
	{ "mp3", "audio/mpeg" },
	{ "m4a", "audio/mp4" },
	{ "aac", "audio/aac" },
	{ "wav", "audio/vnd.wave" },
	{ "ogg", "audio/ogg" },
	{ "oga", "audio/ogg" },
	{ "opus", "audio/ogg" },
	{ "flac", "audio/flac" },
	{ "wma", "audio/x-ms-wma" },
	{ "amr", "audio/AMR" },
	{ "txt", "text/plain" },
	{ "md", "text/markdown" },
	{ "csv", "text/csv" },
	{ "html", "text/html" },
	{ "htm", "text/html" },
	{ "xml", "application/xml" },
	{ "json", "application/json" },
	{ "rtf", "application/rtf" },
	{ "doc", "application/msword" },
	{ "xls", "application/vnd.ms-excel" },
	{ "ppt", "application/vnd.ms-powerpoint" },
	{ "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
	{ "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
	{ "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation" },
	{ "odt", "application/vnd.oasis.opendocument.text" },
	{ "ods", "application/vnd.oasis.opendocument.spreadsheet" },
	{ "zip", "application/zip" },
};

const char *sr_member_path_media_type(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash : path, '.');

	for (size_t i = 0; dot && i < SR_COUNT(media_types); i++)
		if (strcasecmp(dot + 1, media_types[i].extension) == 0)
			return media_types[i].media_type;
	return "application/octet-stream";
}
