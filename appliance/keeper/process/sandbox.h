/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processes of `strongroom serve` give up before they meet foreign input: no_new_privs, then
 * Landlock and seccomp as far as the kernel has them.  Without them the process goes on, and says so in the
 * log.
 */
#pragma once

#include "appliance/base/err.h"

/*
 * The keeper: no new privileges, no tracing of others, no mounts, modules or kernel keys; it makes no device
 * nodes and signals nobody but its own processes.  It still opens files, starts the probe and reaches the
 * time-stamp server.
 */
SR_CHECKED enum sr_status sr_sandbox_keeper(struct sr_err *err);

/*
 * A front end that needs nothing but its descriptors: it opens no file, starts no process, makes no socket.
 * Before its threads, so that they have it too.
 */
SR_CHECKED enum sr_status sr_sandbox_closed(struct sr_err *err);

/* The same for one that accepts connections of a socket that it was given. */
SR_CHECKED enum sr_status sr_sandbox_clients(struct sr_err *err);
