/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a call on the wire to a command and back: who calls, whether they may, the command on a worker's
 * thread, the answer or the named error, and what refusals leave in the log.
 */
#pragma once

#include "appliance/keeper/listener.h"

struct sr_keeper;
struct sr_act;

struct sr_wire_handlers sr_dispatch_handlers(struct sr_keeper *keeper);

/* A refused attempt without a session (sign-in, pass, application): counted, and written now and then.
 * @known_user: the name that was given if there is such a user. */
void sr_dispatch_stranger(struct sr_act *act, const char *known_user, const char *why);

/* Sums of refusals whose time has come; all of them. */
void sr_dispatch_tick(struct sr_keeper *keeper);
void sr_dispatch_end(struct sr_keeper *keeper);
