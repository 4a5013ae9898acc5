/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How encrypted records reach the socket.  The library encrypts a body record by record and has each sent for
 * itself; where more of the body is sure to follow, the kernel is told so, and makes large packets of them.
 */
#pragma once

#include <microhttpd.h>

#include "api/watch.h"

/* The connection has just begun.  @watch outlives its last record. */
void sr_tls_push_begin(struct MHD_Connection *connection, struct sr_watch *watch);
