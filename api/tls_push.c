/* SPDX-License-Identifier: Apache-2.0 */
#include "api/tls_push.h"

#include <gnutls/gnutls.h>
#include <stdint.h>
#include <sys/socket.h>

/* In the connection's event loop, as all that sr_watch_more says. */
static ssize_t push(gnutls_transport_ptr_t pointer, const giovec_t *pieces, int count)
{
	const struct sr_watch *watch = pointer;
	const struct msghdr message = { .msg_iov = (struct iovec *)(uintptr_t)pieces,
		                        .msg_iovlen = (size_t)count };

	return sendmsg(sr_watch_fd(watch), &message,
	               MSG_NOSIGNAL | (sr_watch_has_more(watch) ? MSG_MORE : 0));
}

void sr_tls_push_begin(struct MHD_Connection *connection, struct sr_watch *watch)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_session_t session = info ? info->tls_session : NULL;
	gnutls_transport_ptr_t from, to;

	if (!session || !watch)
		return;
	gnutls_transport_get_ptr2(session, &from, &to);
	gnutls_transport_set_ptr2(session, from, watch);
	gnutls_transport_set_vec_push_function(session, push);
}
