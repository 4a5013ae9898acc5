/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/descriptors.h"

#include <string.h>

#include "appliance/base/fd.h"

void sr_descriptors_dispose(struct sr_descriptors *descriptors)
{
	for (size_t i = 0; i < descriptors->count; i++)
		sr_fd_closep(&descriptors->fd[i]);
	descriptors->count = 0;
}

enum sr_status sr_descriptors_add(struct sr_descriptors *descriptors, int fd, struct sr_err *err)
{
	if (descriptors->count == SR_LIMIT_FRAME_DESCRIPTORS_MANY) {
		sr_fd_close(fd);
		return sr_fail(err, SR_LIMIT, "over %u descriptors come with a frame",
		               SR_LIMIT_FRAME_DESCRIPTORS_MANY);
	}
	descriptors->fd[descriptors->count++] = fd;
	return SR_OK;
}

int sr_descriptors_take(struct sr_descriptors *descriptors, size_t index)
{
	if (index >= descriptors->count)
		return -1;
	int fd = descriptors->fd[index];
	descriptors->fd[index] = -1;
	return fd;
}

void sr_descriptors_move(struct sr_descriptors *to, struct sr_descriptors *from)
{
	*to = *from;
	from->count = 0;
}

static enum sr_status add_all(struct sr_descriptors *descriptors, const struct cmsghdr *head,
                              struct sr_err *err)
{
	size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	enum sr_status status = SR_OK;

	for (size_t i = 0; i < count; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(head) + i * sizeof(fd), sizeof(fd));
		/* Go on after a failure: each descriptor is ours by now and has to be closed. */
		enum sr_status one = sr_descriptors_add(descriptors, fd, err);
		if (one != SR_OK)
			status = one;
	}
	return status;
}

enum sr_status sr_descriptors_receive(struct sr_descriptors *descriptors, struct msghdr *message,
                                      struct sr_err *err)
{
	enum sr_status status = SR_OK;

	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		enum sr_status one = add_all(descriptors, head, err);
		if (one != SR_OK)
			status = one;
	}
	if (message->msg_flags & MSG_CTRUNC)
		status =
			sr_fail(err, SR_LIMIT, "over %u descriptors come with a frame, or none can be opened",
		                SR_LIMIT_FRAME_DESCRIPTORS_MANY);
	if (status != SR_OK)
		sr_descriptors_dispose(descriptors);
	return status;
}
