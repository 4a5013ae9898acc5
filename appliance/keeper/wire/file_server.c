/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/file_server.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/keeper/wire/file_share.h"

struct sr_file_server {
	int folder;  /* read-only */
	int ends[2]; /* ours, the keeper's */
	pthread_t thread;
	bool runs;
};

/* Flags of openat2 for each kind of question; -1: there is no such kind. */
static int flags_of(char what)
{
	switch (what) {
	case SR_FILE_ASK_FILE:
		return O_RDONLY | O_NONBLOCK | O_NOCTTY;
	case SR_FILE_ASK_FOLDER:
		return O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
	case SR_FILE_ASK_LOOK:
		return O_PATH | O_NOFOLLOW;
	case SR_FILE_ASK_FOLLOW:
		return O_PATH;
	default:
		return -1;
	}
}

/* Open what was asked for, and say what it is.  *fd is -1 unless it is to be passed. */
static void look_up(const struct sr_file_server *server, char what, const char *path,
                    struct sr_file_answer *answer, int *fd)
{
	int flags = flags_of(what);
	struct open_how how = { .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		                .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	SR_CLEANUP(sr_fd_closep) int opened = -1;
	struct stat st;

	*fd = -1;
	answer->error = EINVAL;
	if (flags < 0)
		return;
	do
		opened = (int)syscall(SYS_openat2, server->folder, path, &how, sizeof(how));
	while (opened < 0 && (errno == EINTR || errno == EAGAIN));
	if (opened < 0 || fstat(opened, &st) < 0) {
		answer->error = (uint64_t)errno;
		return;
	}
	if (what == SR_FILE_ASK_FILE && !S_ISREG(st.st_mode))
		return;
	*answer = (struct sr_file_answer){ .mode = st.st_mode,
		                           .bytes = (uint64_t)st.st_size,
		                           .device = st.st_dev,
		                           .inode = st.st_ino,
		                           .modified_s = st.st_mtim.tv_sec,
		                           .modified_ns = st.st_mtim.tv_nsec,
		                           .changed_s = st.st_ctim.tv_sec,
		                           .changed_ns = st.st_ctim.tv_nsec };
	if (flags & O_PATH)
		return;
	*fd = sr_fd_move(&opened);
}

static bool send_answer(int socket_fd, const struct sr_file_answer *answer, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	union {
		const struct sr_file_answer *in;
		void *out;
	} data = { .in = answer };
	struct iovec vec = { .iov_base = data.out, .iov_len = sizeof(*answer) };
	struct msghdr message = { .msg_iov = &vec, .msg_iovlen = 1 };
	ssize_t sent;

	if (fd >= 0) {
		message.msg_control = control.space;
		message.msg_controllen = sizeof(control.space);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}
	do
		sent = sendmsg(socket_fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)sizeof(*answer);
}

static void *serve(void *context)
{
	const struct sr_file_server *server = context;
	char packet[1 + SR_FILE_PATH_BYTES];
	bool goes_on = true;

	while (goes_on) {
		struct sr_file_answer answer = { 0 };
		int fd = -1;
		ssize_t got = recv(server->ends[0], packet, sizeof(packet) - 1, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return NULL;
		packet[got] = 0;
		if (got < 2 || memchr(packet + 1, 0, (size_t)got - 1))
			answer.error = EINVAL;
		else
			look_up(server, packet[0], packet + 1, &answer, &fd);
		goes_on = send_answer(server->ends[0], &answer, fd);
		sr_fd_close(fd);
	}
	return NULL;
}

static enum sr_status start_thread(struct sr_file_server *server, struct sr_err *err)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	server->runs = pthread_create(&server->thread, NULL, serve, server) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return server->runs ? SR_OK : sr_fail(err, SR_BUSY, "no thread could be started");
}

enum sr_status sr_file_server_start(const char *path, struct sr_file_server **out, struct sr_err *err)
{
	SR_CLEANUP(sr_file_server_stopp) struct sr_file_server *server = calloc(1, sizeof(*server));

	if (!server)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a server of files");
	server->ends[0] = server->ends[1] = -1;
	server->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (server->folder < 0 && errno == ENOTDIR)
		return sr_fail(err, SR_INVALID, "%s is not a folder; name the folder that holds case.json",
		               path);
	if (server->folder < 0)
		return sr_fail_errno(err, "open the case folder %s", path);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, server->ends) < 0)
		return sr_fail_errno(err, "make a pair of sockets");
	SR_TRY(start_thread(server, err));
	*out = SR_MOVE(server);
	return SR_OK;
}

void sr_file_server_stop(struct sr_file_server *server)
{
	if (!server)
		return;
	if (server->ends[0] >= 0)
		(void)shutdown(server->ends[0], SHUT_RDWR);
	if (server->runs)
		pthread_join(server->thread, NULL);
	sr_fd_close(server->ends[0]);
	sr_fd_close(server->ends[1]);
	sr_fd_close(server->folder);
	free(server);
}

void sr_file_server_descriptors(const struct sr_file_server *server, int out[2])
{
	out[0] = server->folder;
	out[1] = server->ends[1];
}
