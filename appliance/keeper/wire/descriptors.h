/* SPDX-License-Identifier: Apache-2.0 */
/* The file descriptors of one frame, owned.  A zeroed struct holds none.  Not thread-safe. */
#pragma once

#include <stddef.h>
#include <sys/socket.h>

#include "appliance/base/err.h"
#include "appliance/base/limits.h"

struct sr_descriptors {
	size_t count;
	int fd[SR_LIMIT_FRAME_DESCRIPTORS_MANY]; /* -1: taken */
};

/* Closes what was not taken. */
void sr_descriptors_dispose(struct sr_descriptors *descriptors);

/* Takes @fd in every case: it is closed when there is no room (SR_LIMIT). */
SR_CHECKED enum sr_status sr_descriptors_add(struct sr_descriptors *descriptors, int fd, struct sr_err *err);

/* Descriptor number @index, now the caller's; -1 when there is none or it was taken before. */
int sr_descriptors_take(struct sr_descriptors *descriptors, size_t index);

/* All of them go over; @to must hold none. */
void sr_descriptors_move(struct sr_descriptors *to, struct sr_descriptors *from);

/*
 * Take the SCM_RIGHTS of a received message.  SR_LIMIT when the kernel cut them (MSG_CTRUNC) or there are too
 * many; then all of them are closed.
 */
SR_CHECKED enum sr_status sr_descriptors_receive(struct sr_descriptors *descriptors, struct msghdr *message,
                                                 struct sr_err *err);
