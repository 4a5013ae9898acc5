/* SPDX-License-Identifier: Apache-2.0 */
/* Names of files and folders: the original bytes, as far as a file system can hold them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SR_FS_NAME_BYTES 256 /* with the NUL */

/*
 * @text as one name: '/' becomes '／' (U+FF0F), what is longer than 255 bytes is cut between two characters
 * in front of its extension, and an empty name, "." and ".." become "_".  True when it had to be changed.
 */
bool sr_fs_safe_name(const char *text, char out[SR_FS_NAME_BYTES]);

/* "文件.pdf" → "文件-2.pdf" for @number 2: another try where a name is taken. */
void sr_fs_numbered_name(const char *name, unsigned number, char out[SR_FS_NAME_BYTES]);

/* ".pdf" of a path's last name; "" where there is none.  Borrowed. */
const char *sr_fs_extension(const char *path);
