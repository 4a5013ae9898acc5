/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/bag.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/archive/bag_check.h"
#include "appliance/archive/bag_folder.h"
#include "appliance/archive/bag_report.h"
#include "appliance/archive/bag_tar.h"
#include "appliance/archive/bag_tree.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

static enum sr_status verify_folder(int fd, struct sr_bag_tree *tree, struct sr_bag_verdict *verdict,
                                    const struct sr_progress *progress, struct sr_err *err)
{
	struct sr_bag_check check;
	bool go_on;

	SR_TRY(sr_bag_folder_list(fd, tree, verdict, err));
	SR_TRY(sr_bag_check_begin(&check, tree, verdict, &go_on, err));
	if (!go_on)
		return SR_OK;
	SR_TRY(sr_bag_folder_hash(fd, tree, check.wants_sha256, check.wants_sha512, progress, err));
	return sr_bag_check_finish(&check, err);
}

static enum sr_status verify_tar(int fd, struct sr_bag_tree *tree, struct sr_bag_verdict *verdict,
                                 const struct sr_progress *progress, struct sr_err *err)
{
	struct sr_bag_check check;
	bool go_on;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return sr_fail_errno(err, "read the tar from its beginning");
	/* What a damaged tar still gives away would only bury the one problem that matters. */
	SR_TRY(sr_bag_tar_read(fd, tree, verdict, progress, &go_on, err));
	if (!go_on)
		return SR_OK;
	SR_TRY(sr_bag_check_begin(&check, tree, verdict, &go_on, err));
	return go_on ? sr_bag_check_finish(&check, err) : SR_OK;
}

enum sr_status sr_bag_verify_fd(int fd, const struct sr_progress *progress, struct sr_bag_report *report,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_bag_verdict_dispose) struct sr_bag_verdict verdict = { 0 };
	SR_CLEANUP(sr_bag_tree_dispose) struct sr_bag_tree tree = { 0 };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return sr_fail_errno(err, "look at the bag");
	if (S_ISDIR(st.st_mode))
		SR_TRY(verify_folder(fd, &tree, &verdict, progress, err));
	else if (S_ISREG(st.st_mode))
		SR_TRY(verify_tar(fd, &tree, &verdict, progress, err));
	else
		return sr_fail(err, SR_INVALID, "the bag is neither a folder nor a tar file");
	return sr_bag_verdict_finish(&verdict, report, err);
}

enum sr_status sr_bag_verify(const char *path, const struct sr_progress *progress,
                             struct sr_bag_report *report, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return sr_fail_errno(err, "open %s", path);
	enum sr_status status = sr_bag_verify_fd(fd, progress, report, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", path);
	return SR_OK;
}
