/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/names.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/limits.h"

#define EXTENSION_BYTES 16 /* what is longer is none */
#define NUMBER_BYTES 12

const char *sr_fs_extension(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	return dot && dot != name && strlen(dot) <= EXTENSION_BYTES ? dot : "";
}

/* Not into the middle of a character. */
static size_t cut(const char *text, size_t size)
{
	while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
		size--;
	return size;
}

/* @stem with @tail behind it, the stem cut so that both fit. */
static bool join(const char *stem, size_t stem_size, const char *tail, char out[SR_FS_NAME_BYTES])
{
	size_t room = SR_LIMIT_NAME_BYTES - strlen(tail);
	bool fits = stem_size <= room;
	size_t size = fits ? stem_size : cut(stem, room);

	memcpy(out, stem, size);
	snprintf(out + size, SR_FS_NAME_BYTES - size, "%s", tail);
	return fits;
}

bool sr_fs_safe_name(const char *text, char out[SR_FS_NAME_BYTES])
{
	static const char slash[] = "／";
	char plain[4 * SR_LIMIT_PATH_BYTES];
	size_t size = 0;
	bool changed = false;

	for (; *text && size + sizeof(slash) < sizeof(plain); text++) {
		if (*text != '/') {
			plain[size++] = *text;
			continue;
		}
		memcpy(plain + size, slash, sizeof(slash) - 1);
		size += sizeof(slash) - 1;
		changed = true;
	}
	changed = changed || *text;
	plain[size] = 0;
	if (size == 0 || strcmp(plain, ".") == 0 || strcmp(plain, "..") == 0) {
		memcpy(out, "_", sizeof("_"));
		return true;
	}
	const char *tail = sr_fs_extension(plain);
	return !join(plain, size - strlen(tail), tail, out) || changed;
}

void sr_fs_numbered_name(const char *name, unsigned number, char out[SR_FS_NAME_BYTES])
{
	char tail[NUMBER_BYTES + EXTENSION_BYTES + 2];
	const char *extension = sr_fs_extension(name);

	snprintf(tail, sizeof(tail), "-%u%s", number, extension);
	(void)join(name, strlen(name) - strlen(extension), tail, out);
}
