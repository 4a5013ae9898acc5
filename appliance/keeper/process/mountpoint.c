/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/process/mountpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/log.h"
#include "appliance/keeper/wire/descriptors.h"

#define TYPE "fuse.strongroom"
#define MOUNTINFO_BYTES (16u << 20)
#define FLAGS (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define READ_AHEAD_KIB 1024

/* --- what is mounted ------------------------------------------------------------------------------- */

struct mounted {
	bool any;
	bool ours;
	unsigned major, minor;
};

/* A field of mountinfo has blanks and backslashes as three octal digits. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 3;
		} else {
			*to++ = *from;
		}
	}
	*to = 0;
}

static void look_at_line(char *line, const char *path, struct mounted *out)
{
	char *rest = line;
	char *fields[5] = { NULL };

	for (size_t i = 0; i < SR_COUNT(fields); i++)
		fields[i] = strsep(&rest, " ");
	const char *type = rest ? strstr(rest, " - ") : NULL;
	if (!fields[4] || !type)
		return;
	unescape(fields[4]);
	if (strcmp(fields[4], path) != 0)
		return;
	/* The last line of a path is the one on top. */
	out->any = true;
	out->ours = strncmp(type + 3, TYPE " ", strlen(TYPE " ")) == 0;
	(void)sscanf(fields[2], "%u:%u", &out->major, &out->minor);
}

static enum sr_status look(const char *path, struct mounted *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_fd_closep) int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	const char *all;

	*out = (struct mounted){ 0 };
	if (fd < 0)
		return sr_fail_errno(err, "open /proc/self/mountinfo");
	SR_TRY(sr_fd_read_to_end(fd, MOUNTINFO_BYTES, &text, err));
	SR_TRY(sr_buf_text(&text, &all, err));
	char *rest = (char *)text.data;
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		look_at_line(line, path, out);
	return SR_OK;
}

/* --- fusermount3 ----------------------------------------------------------------------------------- */

/* Its descriptor for answers is @answer_fd (-1: it gives none). */
static enum sr_status run_helper(char *const *words, int answer_fd, struct sr_err *err)
{
	char number[16];
	int result;

	pid_t child = fork();
	if (child < 0)
		return sr_fail_errno(err, "start fusermount3");
	if (child == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		(void)signal(SIGPIPE, SIG_DFL);
		snprintf(number, sizeof(number), "%d", answer_fd);
		if (answer_fd >= 0 &&
		    (fcntl(answer_fd, F_SETFD, 0) < 0 || setenv("_FUSE_COMMFD", number, 1) < 0))
			_exit(127);
		execvp(words[0], words);
		_exit(127);
	}
	while (waitpid(child, &result, 0) < 0)
		if (errno != EINTR)
			return sr_fail_errno(err, "wait for fusermount3");
	if (!WIFEXITED(result) || WEXITSTATUS(result) != 0)
		return sr_fail(err, SR_DENIED, "fusermount3 failed (is the package fuse3 installed?)");
	return SR_OK;
}

static enum sr_status receive_descriptor(int socket, int *out, struct sr_err *err)
{
	SR_CLEANUP(sr_descriptors_dispose) struct sr_descriptors got = { 0 };
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr alignment;
	} control;
	char byte;
	struct iovec text = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) < 0)
		return sr_fail_errno(err, "hear from fusermount3");
	SR_TRY(sr_descriptors_receive(&got, &message, err));
	*out = sr_descriptors_take(&got, 0);
	return *out >= 0 ? SR_OK : sr_fail(err, SR_IO, "fusermount3 gave no descriptor");
}

static enum sr_status mount_by_helper(const char *path, const char *more, int *fuse_fd, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int ours = -1;
	SR_CLEANUP(sr_fd_closep) int theirs = -1;
	char program[] = "fusermount3", o[] = "-o", end[] = "--";
	char options[256], where[PATH_MAX];
	char *words[] = { program, o, options, end, where, NULL };
	int ends[2];

	snprintf(where, sizeof(where), "%s", path);
	snprintf(options, sizeof(options),
	         "ro,nosuid,nodev,noexec,default_permissions%s,max_read=%u,fsname=strongroom,subtype="
	         "strongroom",
	         more, SR_MOUNT_READ_BYTES);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return sr_fail_errno(err, "make a pair of sockets");
	ours = ends[0];
	theirs = ends[1];
	SR_TRY(run_helper(words, theirs, err));
	return receive_descriptor(ours, fuse_fd, err);
}

static enum sr_status unmount_by_helper(const char *path, struct sr_err *err)
{
	char program[] = "fusermount3", u[] = "-u", z[] = "-z", q[] = "-q", end[] = "--";
	char where[PATH_MAX];
	char *words[] = { program, u, z, q, end, where, NULL };

	snprintf(where, sizeof(where), "%s", path);
	return run_helper(words, -1, err);
}

/* --- both ways ------------------------------------------------------------------------------------- */

static enum sr_status detach(const char *path, struct sr_err *err)
{
	if (geteuid() != 0)
		return unmount_by_helper(path, err);
	if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
		return sr_fail_errno(err, "unmount %s", path);
	return SR_OK;
}

/* The folder itself may be a mount that answers nothing, so only what is above it is looked at. */
static enum sr_status resolve(const char *dir, char out[PATH_MAX], struct sr_err *err)
{
	char copy[PATH_MAX], above[PATH_MAX];

	if (snprintf(copy, sizeof(copy), "%s", dir) >= (int)sizeof(copy))
		return sr_fail(err, SR_LIMIT, "the path of the mount is too long");
	for (size_t size = strlen(copy); size > 1 && copy[size - 1] == '/'; size--)
		copy[size - 1] = 0;
	char *slash = strrchr(copy, '/');
	const char *name = slash ? slash + 1 : copy;
	if (!name[0] || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return sr_fail(err, SR_INVALID, "%s cannot be mounted on; name a folder of its own", dir);
	if (slash)
		*slash = 0;
	if (!realpath(slash ? (copy[0] ? copy : "/") : ".", above))
		return sr_fail_errno(err, "the folder of %s", dir);
	if (snprintf(out, PATH_MAX, "%s/%s", strcmp(above, "/") == 0 ? "" : above, name) >= PATH_MAX)
		return sr_fail(err, SR_LIMIT, "the path of the mount is too long");
	return SR_OK;
}

enum sr_status sr_mountpoint_take(const char *dir, struct sr_mountpoint *out, struct sr_err *err)
{
	struct mounted mounted;
	struct stat st;

	out->attached = false;
	SR_TRY(resolve(dir, out->path, err));
	SR_TRY(look(out->path, &mounted, err));
	while (mounted.any && mounted.ours) {
		sr_log(SR_LOG_NOTICE, "%s: a mount that was left there is removed", out->path);
		SR_TRY(detach(out->path, err));
		SR_TRY(look(out->path, &mounted, err));
	}
	if (mounted.any)
		return sr_fail(err, SR_EXISTS, "something else is mounted on %s", out->path);
	if (lstat(out->path, &st) < 0)
		return sr_fail_errno(err, "the folder %s to mount on", out->path);
	return S_ISDIR(st.st_mode) ? SR_OK : sr_fail(err, SR_INVALID, "%s is no folder", out->path);
}

static enum sr_status mount_as_root(const char *path, int *fuse_fd, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[256];

	if (fd < 0)
		return sr_fail_errno(err, "open /dev/fuse (is the module fuse loaded?)");
	snprintf(options, sizeof(options),
	         "fd=%d,rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other,max_read=%u", fd,
	         SR_MOUNT_READ_BYTES);
	if (mount("strongroom", path, TYPE, FLAGS, options) < 0)
		return sr_fail_errno(err, "mount on %s", path);
	*fuse_fd = sr_fd_move(&fd);
	return SR_OK;
}

/* Sequential readers get larger requests; without the right to say so they are only slower. */
static void set_read_ahead(const char *path)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct mounted mounted;
	char file[64], value[16];
	struct sr_err ignored;

	if (look(path, &mounted, &ignored) != SR_OK || !mounted.ours)
		return;
	snprintf(file, sizeof(file), "/sys/class/bdi/%u:%u/read_ahead_kb", mounted.major, mounted.minor);
	int size = snprintf(value, sizeof(value), "%d", READ_AHEAD_KIB);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, value, (size_t)size) < 0)
		return;
}

enum sr_status sr_mountpoint_attach(struct sr_mountpoint *mountpoint, int *fuse_fd, struct sr_err *err)
{
	enum sr_status status;

	if (geteuid() == 0) {
		status = mount_as_root(mountpoint->path, fuse_fd, err);
	} else {
		status = mount_by_helper(mountpoint->path, ",allow_other", fuse_fd, err);
		if (status != SR_OK) {
			sr_log(SR_LOG_WARNING,
			       "%s: mounted for this user alone; for others, start as root or put "
			       "user_allow_other into /etc/fuse.conf",
			       mountpoint->path);
			status = mount_by_helper(mountpoint->path, "", fuse_fd, err);
		}
	}
	SR_TRY(status);
	mountpoint->attached = true;
	set_read_ahead(mountpoint->path);
	return SR_OK;
}

void sr_mountpoint_detach(struct sr_mountpoint *mountpoint)
{
	struct sr_err err;

	if (!mountpoint->attached)
		return;
	mountpoint->attached = false;
	if (detach(mountpoint->path, &err) != SR_OK)
		sr_log(SR_LOG_ERROR, "%s", err.text);
}
