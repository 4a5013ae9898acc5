/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/socket_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

#define NAME_MAX_BYTES 64u /* so that "/proc/self/fd/N/NAME.new" fits into sun_path */
#define MODE 0666
#define RETRY_MS 10

/* Split off the folder and open it. */
static enum sr_status open_folder(const char *path, int flags, int *folder, const char **name,
                                  struct sr_err *err)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];

	*name = slash ? slash + 1 : path;
	size_t size = slash ? (size_t)(slash - path) : 0;
	if ((*name)[0] == 0 || strlen(*name) > NAME_MAX_BYTES || size >= sizeof(parent))
		return sr_fail(err, SR_INVALID, "%s: not a path for a socket (a name of 1 to %u bytes)", path,
		               NAME_MAX_BYTES);
	memcpy(parent, path, size);
	parent[size] = 0;
	const char *where = slash ? (size > 0 ? parent : "/") : ".";
	*folder = open(where, flags | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0)
		return sr_fail_errno(err, "open folder %s", where);
	return SR_OK;
}

/* sun_path holds 108 bytes; through the folder's descriptor any path is short. */
static struct sockaddr_un address_of(int folder, const char *name, const char *suffix)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s%s", folder, name, suffix);
	return address;
}

/* From the local variable that would close it to its owner. */
static int hand_over(int *fd)
{
	int kept = *fd;

	*fd = -1;
	return kept;
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static bool try_connect(int fd, int folder, const char *name)
{
	struct sockaddr_un address = address_of(folder, name, "");

	return connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

/* May the name be taken?  With the folder's lock held. */
static enum sr_status check_free(int folder, const char *name, const char *path, struct sr_err *err)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? SR_OK : sr_fail_errno(err, "look at %s", path);
	if (!S_ISSOCK(st.st_mode))
		return sr_fail(err, SR_EXISTS, "%s exists and is no socket; move it away", path);
	SR_CLEANUP(sr_fd_closep) int fd = new_socket();
	if (fd < 0)
		return sr_fail_errno(err, "make a socket");
	/* EAGAIN: somebody listens and is busy. */
	if (try_connect(fd, folder, name) || errno == EAGAIN)
		return sr_fail(err, SR_BUSY, "%s: another process listens there", path);
	if (errno != ECONNREFUSED)
		return sr_fail_errno(err, "ask whether somebody listens on %s", path);
	return SR_OK;
}

/* Bound under another name first: whoever finds the final one can connect. */
static enum sr_status bind_and_publish(int fd, int folder, const char *name, const char *path,
                                       struct stat *st, struct sr_err *err)
{
	char fresh[NAME_MAX_BYTES + 8];
	struct sockaddr_un address = address_of(folder, name, ".new");

	snprintf(fresh, sizeof(fresh), "%s.new", name);
	if (unlinkat(folder, fresh, 0) < 0 && errno != ENOENT)
		return sr_fail_errno(err, "remove %s", fresh);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return sr_fail_errno(err, "make the socket %s", path);
	/* bind subtracts the umask, chmod does not. */
	if (fchmodat(folder, fresh, MODE, 0) < 0 || fstatat(folder, fresh, st, AT_SYMLINK_NOFOLLOW) < 0)
		return sr_fail_errno(err, "open the socket %s to all", path);
	if (listen(fd, SOMAXCONN) < 0)
		return sr_fail_errno(err, "listen on %s", path);
	if (renameat(folder, fresh, folder, name) < 0)
		return sr_fail_errno(err, "name the socket %s", path);
	return SR_OK;
}

enum sr_status sr_socket_path_listen(const char *path, struct sr_socket_path *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int lock = -1;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	const char *name;
	struct stat st;

	SR_TRY(open_folder(path, O_RDONLY, &lock, &name, err));
	if (flock(lock, LOCK_EX) < 0)
		return sr_fail_errno(err, "lock the folder of %s", path);
	SR_TRY(check_free(lock, name, path, err));
	fd = new_socket();
	if (fd < 0)
		return sr_fail_errno(err, "make a socket");
	SR_TRY(bind_and_publish(fd, lock, name, path, &st, err));
	if (flock(lock, LOCK_UN) < 0)
		return sr_fail_errno(err, "unlock the folder of %s", path);
	*out = (struct sr_socket_path){
		.fd = hand_over(&fd), .folder = hand_over(&lock), .device = st.st_dev, .inode = st.st_ino
	};
	snprintf(out->name, sizeof(out->name), "%s", name);
	return SR_OK;
}

void sr_socket_path_close(struct sr_socket_path *socket)
{
	struct stat st;

	if (socket->folder >= 0 && flock(socket->folder, LOCK_EX) == 0 &&
	    fstatat(socket->folder, socket->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_dev == socket->device && st.st_ino == socket->inode)
		(void)unlinkat(socket->folder, socket->name, 0);
	sr_fd_closep(&socket->fd);
	sr_fd_closep(&socket->folder);
}

enum sr_status sr_socket_path_connect(const char *path, int timeout_ms, int *out, struct sr_err *err)
{
	static const struct timespec pause = { .tv_nsec = RETRY_MS * 1000000l };
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	const char *name;

	SR_TRY(open_folder(path, O_PATH, &folder, &name, err));
	fd = new_socket();
	if (fd < 0)
		return sr_fail_errno(err, "make a socket");
	/* A non-blocking connect to a full queue says EAGAIN and nothing tells when to try again: unix(7). */
	for (int waited = 0; !try_connect(fd, folder, name); waited += RETRY_MS) {
		if (errno == ECONNREFUSED)
			return sr_fail(err, SR_BUSY, "%s: nobody listens; is the keeper running?", path);
		if (errno != EAGAIN && errno != EINTR)
			return sr_fail_errno(err, "connect to %s", path);
		if (waited >= timeout_ms)
			return sr_fail(err, SR_BUSY, "%s: the keeper does not answer; try again", path);
		(void)nanosleep(&pause, NULL);
	}
	*out = hand_over(&fd);
	return SR_OK;
}
