/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's side of file_share.h: a thread that opens the files of one case folder. */
#pragma once

#include <stddef.h>

#include "appliance/base/err.h"

struct sr_file_server;

/*
 * Open the folder @path and serve what lies in it until closed; regular files and folders inside it alone.
 * SR_INVALID when it is no folder; SR_NOT_FOUND, SR_DENIED.
 */
SR_CHECKED enum sr_status sr_file_server_start(const char *path, struct sr_file_server **out,
                                               struct sr_err *err);
void sr_file_server_stop(struct sr_file_server *server); /* NULL is allowed */
static inline void sr_file_server_stopp(struct sr_file_server **server)
{
	sr_file_server_stop(*server);
	*server = NULL;
}
/* The folder and the socket to pass with the call, in this order; borrowed. */
void sr_file_server_descriptors(const struct sr_file_server *server, int out[2]);
