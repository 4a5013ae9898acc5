/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/requests/papers.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/uploads.h"
#include "appliance/keeper/state/label.h"

#define FOLDER "papers"

enum sr_status sr_papers_check(const json_t *given, struct sr_err *err)
{
	size_t index;
	json_t *paper;

	if (json_array_size(given) > SR_PAPERS_MAX)
		return sr_fail(err, SR_LIMIT, "/papers: more than %u papers", SR_PAPERS_MAX);
	json_array_foreach(given, index, paper) {
		const char *kind = sr_json_text(paper, "kind");
		const char *name = sr_json_text(paper, "name");

		if (!sr_label_is_valid(kind))
			return sr_fail(err, SR_INVALID,
			               "/papers/%zu/kind: say which paper it is, such as identity", index);
		if (!name || !name[0] || strlen(name) > SR_LIMIT_NAME_BYTES)
			return sr_fail(err, SR_INVALID, "/papers/%zu/name: must be 1 to %u bytes", index,
			               SR_LIMIT_NAME_BYTES);
	}
	return SR_OK;
}

static enum sr_status open_folder(const struct sr_keeper *keeper, int *out, struct sr_err *err)
{
	if (mkdirat(keeper->staging_fd, FOLDER, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make the folder staging/" FOLDER);
	*out = openat(keeper->staging_fd, FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (*out < 0)
		return sr_fail_errno(err, "open the folder staging/" FOLDER);
	return SR_OK;
}

/* The n-th descriptor of the call, or a finished upload of the caller's. */
static enum sr_status open_scan(struct sr_act *act, const json_t *paper, size_t index, int *fd,
                                struct sr_err *err)
{
	const char *upload = sr_json_text(paper, "upload");

	return upload ? sr_uploads_open(act, upload, fd, err) : sr_act_descriptor(act, index, fd, err);
}

static enum sr_status read_scan(struct sr_act *act, const json_t *paper, size_t index, struct sr_buf *out,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct stat st;

	SR_TRY(open_scan(act, paper, index, &fd, err));
	if (fstat(fd, &st) < 0)
		return sr_fail_errno(err, "look at paper %zu", index + 1);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return sr_fail(err, SR_INVALID, "paper %zu is no file with anything in it", index + 1);
	if (st.st_size > (off_t)SR_PAPER_BYTES)
		return sr_fail(err, SR_LIMIT, "paper %zu is over %u MiB", index + 1, SR_PAPER_BYTES >> 20);
	SR_TRY(sr_buf_reserve(out, (size_t)st.st_size, err));
	size_t got;
	SR_TRY(sr_fd_pread(fd, out->data, (size_t)st.st_size, 0, &got, err));
	out->size = got;
	return SR_OK;
}

static enum sr_status keep(int folder, struct sr_bytes scan, char hex[SR_DIGEST_HEX], struct sr_err *err)
{
	struct sr_digest digest;
	struct stat st;

	SR_TRY(sr_digest_of(scan.data, scan.size, &digest, err));
	sr_digest_to_hex(&digest, hex);
	if (fstatat(folder, hex, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return SR_OK; /* the same scan was shown before */
	return sr_fd_write_file(folder, hex, 0600, scan.data, scan.size, err);
}

enum sr_status sr_papers_take(struct sr_act *act, const json_t *given, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *papers = json_array();
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	size_t index;
	json_t *paper;

	*out = NULL;
	if (!given || json_array_size(given) == 0)
		return SR_OK;
	SR_TRY(sr_papers_check(given, err));
	SR_TRY(open_folder(act->keeper, &folder, err));
	json_array_foreach(given, index, paper) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf scan = { 0 };
		char hex[SR_DIGEST_HEX];

		SR_TRY(read_scan(act, paper, index, &scan, err));
		SR_TRY(keep(folder, sr_buf_bytes(&scan), hex, err));
		SR_TRY(sr_json_append(papers,
		                      json_pack("{s:s,s:s,s:s}", "kind", sr_json_text(paper, "kind"), "name",
		                                sr_json_text(paper, "name"), "digest", hex),
		                      err));
	}
	json_array_foreach(given, index, paper)
		if (sr_json_text(paper, "upload"))
			sr_uploads_remove(act->keeper, sr_json_text(paper, "upload"));
	*out = SR_MOVE(papers);
	return SR_OK;
}
