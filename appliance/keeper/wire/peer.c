/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/peer.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/text.h"

#define START_FIELD 22 /* starttime in /proc/PID/stat, proc(5) */

/* The name in field 2 may hold anything, blanks and brackets too: count from its last bracket. */
static uint64_t field_of(const char *stat, int wanted)
{
	const char *at = strrchr(stat, ')');
	uint64_t value = 0;

	for (int field = 2; at && field < wanted; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (!at || !sr_decimal_parse(at, strcspn(at, " \n"), UINT64_MAX, &value))
		return 0;
	return value;
}

static uint64_t start_of(pid_t pid)
{
	char path[64];
	char stat[1024];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	SR_CLEANUP(sr_fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t got = read(fd, stat, sizeof(stat) - 1);
	if (got <= 0)
		return 0;
	stat[got] = 0;
	return field_of(stat, START_FIELD);
}

enum sr_status sr_peer_read(int fd, struct sr_peer *out, struct sr_err *err)
{
	struct ucred who;
	socklen_t size = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0)
		return sr_fail_errno(err, "ask who is at the other end");
	out->uid = who.uid;
	out->gid = who.gid;
	out->pid = who.pid;
	out->started = start_of(who.pid);
	return SR_OK;
}
