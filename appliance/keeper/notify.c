/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

enum sr_status sr_notify(const char *state, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");

	if (!path || !path[0])
		return SR_OK;
	size_t size = strlen(path);
	if (size >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@'))
		return sr_fail(err, SR_INVALID, "$NOTIFY_SOCKET is no address: %s", path);
	memcpy(to.sun_path, path, size);
	if (path[0] == '@')
		to.sun_path[0] = 0; /* an abstract name has no end but the address's */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return sr_fail_errno(err, "make a socket");
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
	           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)) < 0)
		return sr_fail_errno(err, "notify %s", path);
	return SR_OK;
}
