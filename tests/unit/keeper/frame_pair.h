/* SPDX-License-Identifier: Apache-2.0 */
/* Two ends of a connection, and how many descriptors this process holds. */
#pragma once

#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair {
	int near, far;
};

static inline struct pair make_pair(void)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	return (struct pair){ ends[0], ends[1] };
}

static inline void end_pair(struct pair pair)
{
	close(pair.near);
	close(pair.far);
}

static inline size_t open_descriptors(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}
