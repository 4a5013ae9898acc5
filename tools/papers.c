/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/papers.h"

#include <string.h>
#include <unistd.h>

#include "appliance/base/json.h"
#include "tools/connect.h"

void sr_papers_dispose(struct sr_papers *papers)
{
	for (size_t i = 0; i < papers->count; i++)
		close(papers->files[i]);
	json_decref(papers->list);
}

const char *sr_papers_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

enum sr_status sr_papers_add(struct sr_papers *papers, const char *kind, size_t kind_size, const char *path,
                             struct sr_err *err)
{
	json_t *paper = json_pack("{s:s%,s:s}", "kind", kind, kind_size, "name", sr_papers_name(path));

	if (!paper)
		return sr_fail(err, SR_USAGE, "what was typed is not UTF-8");
	SR_TRY(sr_json_append(papers->list, paper, err));
	if (papers->count == papers->max)
		return sr_fail(err, SR_USAGE, "more than %zu papers", papers->max);
	SR_TRY(sr_open_file(path, &papers->files[papers->count], err));
	papers->count++;
	return SR_OK;
}
