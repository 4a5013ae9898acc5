/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/file_asker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/keeper/wire/descriptors.h"
#include "appliance/keeper/wire/file_share.h"

#define PATIENCE_S 60

struct sr_file_asker {
	int fd;
	pthread_mutex_t lock; /* a question and its answer */
	bool broken;          /* no answer came: what comes now may be another question's */
};

/* One question and its answer; 0 or an errno.  Under the lock. */
static int exchange(struct sr_file_asker *asker, const void *packet, size_t size,
                    struct sr_file_answer *answer, struct sr_descriptors *got)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(4 * sizeof(int))];
	} control = { 0 };
	struct iovec vec = { .iov_base = answer, .iov_len = sizeof(*answer) };
	struct msghdr message = { .msg_iov = &vec,
		                  .msg_iovlen = 1,
		                  .msg_control = control.space,
		                  .msg_controllen = sizeof(control.space) };
	struct sr_err ignored;
	ssize_t count;

	do
		count = send(asker->fd, packet, size, MSG_NOSIGNAL);
	while (count < 0 && errno == EINTR);
	if (count != (ssize_t)size)
		return EIO;
	do
		count = recvmsg(asker->fd, &message, MSG_CMSG_CLOEXEC);
	while (count < 0 && errno == EINTR);
	if (count < 0 || sr_descriptors_receive(got, &message, &ignored) != SR_OK ||
	    count != (ssize_t)sizeof(*answer) || (message.msg_flags & MSG_TRUNC))
		return EIO;
	return 0;
}

static int ask(struct sr_file_asker *asker, char what, const char *path, struct sr_file_answer *answer,
               int *fd)
{
	SR_CLEANUP(sr_descriptors_dispose) struct sr_descriptors got = { 0 };
	char packet[1 + SR_FILE_PATH_BYTES];
	size_t size = strlen(path);

	if (size >= SR_FILE_PATH_BYTES)
		return ENAMETOOLONG;
	packet[0] = what;
	memcpy(packet + 1, path, size + 1);
	pthread_mutex_lock(&asker->lock);
	int error = asker->broken ? EIO : exchange(asker, packet, 1 + size, answer, &got);
	asker->broken = error != 0;
	pthread_mutex_unlock(&asker->lock);
	if (error == 0 && answer->error != 0)
		error = answer->error < 4096 ? (int)answer->error : EIO;
	if (error == 0 && fd) {
		*fd = sr_descriptors_take(&got, 0);
		error = *fd < 0 ? EIO : 0;
	}
	return error;
}

static int open_thing(void *context, const char *path, bool folder, int *fd)
{
	struct sr_file_answer answer;

	return ask(context, folder ? SR_FILE_ASK_FOLDER : SR_FILE_ASK_FILE, path, &answer, fd);
}

static int look_at(void *context, const char *path, bool follow, struct stat *out)
{
	struct sr_file_answer answer;
	int error = ask(context, follow ? SR_FILE_ASK_FOLLOW : SR_FILE_ASK_LOOK, path, &answer, NULL);

	if (error != 0)
		return error;
	*out = (struct stat){ .st_mode = (mode_t)answer.mode,
		              .st_size = (off_t)answer.bytes,
		              .st_dev = answer.device,
		              .st_ino = answer.inode,
		              .st_mtim = { .tv_sec = answer.modified_s, .tv_nsec = answer.modified_ns },
		              .st_ctim = { .tv_sec = answer.changed_s, .tv_nsec = answer.changed_ns } };
	return 0;
}

/* A Unix socket of packets, with bounds of time, so that no caller keeps a thread for ever. */
static enum sr_status prepare(int fd, struct sr_err *err)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int type = 0, domain = 0;
	socklen_t size = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 || type != SOCK_SEQPACKET ||
	    domain != AF_UNIX)
		return sr_fail(err, SR_INVALID, "the server of files is no Unix socket of packets");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return sr_fail_errno(err, "prepare the socket of the server of files");
	return SR_OK;
}

enum sr_status sr_file_asker_new(int fd, struct sr_file_asker **out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int taken = fd;

	SR_TRY(prepare(taken, err));
	struct sr_file_asker *asker = calloc(1, sizeof(*asker));
	if (!asker)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a case folder");
	asker->fd = sr_fd_move(&taken);
	pthread_mutex_init(&asker->lock, NULL);
	*out = asker;
	return SR_OK;
}

void sr_file_asker_free(struct sr_file_asker *asker)
{
	if (!asker)
		return;
	sr_fd_close(asker->fd);
	pthread_mutex_destroy(&asker->lock);
	free(asker);
}

struct sr_folder_access sr_file_asker_access(struct sr_file_asker *asker)
{
	return (struct sr_folder_access){ .open = open_thing, .look = look_at, .context = asker };
}
