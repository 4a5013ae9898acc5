/* SPDX-License-Identifier: Apache-2.0 */
/* Paths from a catalogue, on their way into a file system.  Stateless. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

/*
 * Append @path as a C string that may be created below a folder.  Untrusted, though sr_catalogue_decode
 * refuses the same: SR_DENIED for an absolute path, an empty component, "." and "..", and an empty path;
 * SR_LIMIT over SR_LIMIT_PATH_BYTES or SR_LIMIT_FOLDER_DEPTH folders.  A component over SR_LIMIT_NAME_BYTES
 * is cut at a character, and gets "~" with 16 digits of its SHA-256 and its ending (up to 16 bytes), so that
 * two long names do not meet.
 */
SR_CHECKED enum sr_status sr_safe_path_make(const char *path, struct sr_buf *out, struct sr_err *err);

/* Append @path for a list with one name a line: '%', TAB, CR and LF as %25, %09, %0D, %0A. */
SR_CHECKED enum sr_status sr_safe_path_quote(const char *path, struct sr_buf *out, struct sr_err *err);
