/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/inspect_similar.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"
#include "appliance/casefile/path_clash.h"

struct tables {
	const char **paths; /* of the files, then of the members */
	size_t *clash_with;
};

static void dispose_tables(struct tables *tables)
{
	free(tables->paths);
	free(tables->clash_with);
}

/* A name that is no text has no other spelling; "" is no path. */
static const char *text_path(const struct sr_folder_file *file)
{
	return sr_utf8_is_valid(file->path, strlen(file->path)) ? file->path : "";
}

enum sr_status sr_inspect_similar(const struct sr_case *description, const struct sr_folder *folder,
                                  const char ***out, struct sr_err *err)
{
	size_t files = sr_folder_count(folder);
	size_t members = description->member_count;
	SR_CLEANUP(dispose_tables)
	struct tables tables = {
		.paths = calloc(files + members + 1, sizeof(*tables.paths)),
		.clash_with = calloc(files + members + 1, sizeof(*tables.clash_with)),
	};

	if (!tables.paths || !tables.clash_with)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %zu paths", files + members);
	for (size_t i = 0; i < files; i++)
		tables.paths[i] = text_path(sr_folder_at(folder, i));
	for (size_t i = 0; i < members; i++)
		tables.paths[files + i] = description->members[i].path;
	SR_TRY(sr_path_clashes(tables.paths, files + members, tables.clash_with, err));

	const char **similar = calloc(members + 1, sizeof(*similar));
	if (!similar)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %zu paths", members);
	for (size_t i = 0; i < members; i++) {
		size_t first = tables.clash_with[files + i];

		similar[i] = first < files ? tables.paths[first] : NULL;
	}
	*out = similar;
	return SR_OK;
}
