/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a connection, as the kernel says. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "appliance/base/err.h"

/* How a connection came to be; it never changes. */
enum sr_peer_kind {
	SR_PEER_CALLER, /* accepted at the socket: known by uid */
	SR_PEER_FS,     /* the socketpair of the FUSE front end */
	SR_PEER_API,    /* the socketpair of the HTTP front end */
};

struct sr_peer {
	enum sr_peer_kind kind;
	uint64_t connection; /* number of the connection, 1, 2, …; never used again */
	/* SO_PEERCRED, of the moment of connect or socketpair.  A uid that our namespace lacks is 65534. */
	uid_t uid;
	gid_t gid;
	pid_t pid;
	uint64_t started; /* clock ticks since boot at which that process began; 0: it is gone or hidden */
};

/* Fills in what the kernel knows of the socket @fd; kind and connection are the caller's. */
SR_CHECKED enum sr_status sr_peer_read(int fd, struct sr_peer *out, struct sr_err *err);
