/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper as a process of its own, under a supervisor.  Descriptor 4 is a pipe that gives the passphrase
 * of the keys, or nothing, and then its end (passphrase.h).  Descriptor 3 is a SOCK_SEQPACKET socket to it:
 *	supervisor → keeper	one byte 'f' or 'a' and descriptors: a front end; its first socket gets pushes
 *	keeper → supervisor	'R': open and listening
 * The supervisor's end ends the keeper.
 */
#pragma once

#include "appliance/base/err.h"

#define SR_KEEPER_CONTROL_FD 3
#define SR_KEEPER_PASSPHRASE_FD 4
#define SR_KEEPER_EXIT_DENIED 4 /* the command line's exit code of SR_DENIED: a wrong passphrase */
#define SR_KEEPER_SAYS_READY 'R'
#define SR_KEEPER_TAKES_FS 'f'
#define SR_KEEPER_TAKES_API 'a'

/* Serve @data until SIGTERM or the supervisor's end.  SR_BUSY: another one serves it. */
SR_CHECKED enum sr_status sr_keeper_process(const char *data, struct sr_err *err);
