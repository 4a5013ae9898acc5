/* SPDX-License-Identifier: Apache-2.0 */
/* What a member's path may look like.  docs/CASE.md, "Paths".  Thread-safe. */
#pragma once

#include "appliance/base/err.h"

/*
 * Relative, '/' between components; no empty component, "." or "..", no control character, at most
 * SR_LIMIT_FOLDER_DEPTH folders deep.  @path is valid UTF-8.  SR_INVALID says what is wrong, SR_LIMIT
 * over SR_LIMIT_PATH_BYTES or SR_LIMIT_NAME_BYTES.
 */
SR_CHECKED enum sr_status sr_member_path_check(const char *path, struct sr_err *err);

/*
 * The media type that the file name's extension stands for, such as "application/pdf";
 * "application/octet-stream" for an extension that is not in the table.  Never NULL.
 */
const char *sr_member_path_media_type(const char *path);
