/* SPDX-License-Identifier: Apache-2.0 */
/* Tell the service manager how far we are: a datagram to the socket that $NOTIFY_SOCKET names (sd_notify(3)).
 */
#pragma once

#include "appliance/base/err.h"

/* @state such as "READY=1".  Nothing where nobody asked for it. */
SR_CHECKED enum sr_status sr_notify(const char *state, struct sr_err *err);
