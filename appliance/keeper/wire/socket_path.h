/* SPDX-License-Identifier: Apache-2.0 */
/* A Unix stream socket under a path of any length, at both ends. */
#pragma once

#include <sys/types.h>

#include "appliance/base/err.h"

/* A listening socket and its name.  { .fd = -1, .folder = -1 } holds nothing. */
struct sr_socket_path {
	int fd;
	int folder; /* the folder's descriptor */
	char name[256];
	dev_t device;
	ino_t inode;
};

/*
 * Listen under @path with mode 0666, whatever the umask; its folder must exist.  The name appears only when
 * somebody listens behind it.  A socket that nobody listens on is replaced; SR_BUSY when somebody does,
 * SR_EXISTS when something else has the name.  Whoever else binds the same path at the same moment waits for
 * us.
 */
SR_CHECKED enum sr_status sr_socket_path_listen(const char *path, struct sr_socket_path *out,
                                                struct sr_err *err);

/* Removes the name, if it is still this socket's, and closes. */
void sr_socket_path_close(struct sr_socket_path *socket);

/*
 * Connect to @path within @timeout_ms; the socket is non-blocking.  SR_NOT_FOUND when there is no socket,
 * SR_BUSY when nobody listens or nobody accepts in time.
 */
SR_CHECKED enum sr_status sr_socket_path_connect(const char *path, int timeout_ms, int *out,
                                                 struct sr_err *err);
