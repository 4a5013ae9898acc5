/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/process/notify.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

#define GIVEN_FIRST 3 /* SD_LISTEN_FDS_START */
#define BARRIER_MS 5000

static bool is_asked(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && path[0];
}

/* One datagram, where that is asked for, with @passed where it is not -1. */
static enum sr_status say(const char *state, int passed, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	char text[256];
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr head;
	} control = { 0 };

	assert(path != NULL);
	size_t size = strlen(path);
	if (size >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@'))
		return sr_fail(err, SR_INVALID, "$NOTIFY_SOCKET is no address: %s", path);
	memcpy(to.sun_path, path, size);
	if (path[0] == '@')
		to.sun_path[0] = 0; /* an abstract name has no end but the address's */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return sr_fail_errno(err, "make a socket");
	struct iovec part = { .iov_base = text,
		              .iov_len = (size_t)snprintf(text, sizeof(text), "%s", state) };
	struct msghdr message = { .msg_name = &to,
		                  .msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size),
		                  .msg_iov = &part,
		                  .msg_iovlen = 1 };
	if (passed >= 0) {
		control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
			                         .cmsg_level = SOL_SOCKET,
			                         .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.head), &passed, sizeof(passed));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.space);
	}
	if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
		return sr_fail_errno(err, "notify %s", path);
	return SR_OK;
}

enum sr_status sr_notify(const char *state, struct sr_err *err)
{
	return is_asked() ? say(state, -1, err) : SR_OK;
}

/* The manager closes what comes with BARRIER=1 when it has taken everything before it. */
static enum sr_status wait_until_taken(struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int ours = -1;
	SR_CLEANUP(sr_fd_closep) int theirs = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return sr_fail_errno(err, "make a pipe");
	ours = ends[0];
	theirs = ends[1];
	SR_TRY(say("BARRIER=1", theirs, err));
	sr_fd_closep(&theirs);
	struct pollfd watched = { .fd = ours };
	if (poll(&watched, 1, BARRIER_MS) != 1)
		return sr_fail(err, SR_BUSY, "the service manager does not take the descriptor");
	return SR_OK;
}

enum sr_status sr_notify_forget(const char *name, struct sr_err *err)
{
	char state[128];

	snprintf(state, sizeof(state), "FDSTOREREMOVE=1\nFDNAME=%.64s", name);
	return sr_notify(state, err);
}

enum sr_status sr_notify_store(const char *name, int fd, struct sr_err *err)
{
	char state[128];

	if (!is_asked())
		return sr_fail(err, SR_USAGE, "there is no service manager ($NOTIFY_SOCKET)");
	SR_TRY(sr_notify_forget(name, err));
	snprintf(state, sizeof(state), "FDSTORE=1\nFDPOLL=0\nFDNAME=%.64s", name);
	SR_TRY(say(state, fd, err));
	return wait_until_taken(err);
}

int sr_notify_given(const char *name)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS"),
		   *names = getenv("LISTEN_FDNAMES");

	if (!pid || !count || !names || strtol(pid, NULL, 10) != (long)getpid())
		return -1;
	for (int at = 0; at < (int)strtol(count, NULL, 10) && *names; at++) {
		size_t size = strcspn(names, ":");

		if (size == strlen(name) && strncmp(names, name, size) == 0) {
			int fd = fcntl(GIVEN_FIRST + at, F_DUPFD_CLOEXEC, GIVEN_FIRST);

			sr_fd_close(GIVEN_FIRST + at);
			return fd;
		}
		names += size + (names[size] == ':');
	}
	return -1;
}
