/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words with the service manager (sd_notify(3), sd_listen_fds(3)): datagrams to the socket that
 * $NOTIFY_SOCKET names, and descriptors that it keeps from one process of a unit to the next.
 */
#pragma once

#include "appliance/base/err.h"

/* @state such as "READY=1".  Nothing where nobody asked for it. */
SR_CHECKED enum sr_status sr_notify(const char *state, struct sr_err *err);

/*
 * Give the manager @fd (borrowed) to keep under @name, in place of one that it has, for the unit's next
 * process. Returns when it has been taken.  SR_USAGE without a manager.
 */
SR_CHECKED enum sr_status sr_notify_store(const char *name, int fd, struct sr_err *err);

/* Ask the manager to let go of what it keeps under @name. */
SR_CHECKED enum sr_status sr_notify_forget(const char *name, struct sr_err *err);

/* The descriptor that the manager gave this process under @name, the caller's; -1: none. */
int sr_notify_given(const char *name);
