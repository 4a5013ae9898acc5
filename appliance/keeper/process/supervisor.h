/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `strongroom serve`: starts the keeper and the front ends, each as a process with an identity of its own,
 * starts anew the one that dies, and takes the mount away at once when the filesystem or the keeper dies.  It
 * reads no key (but whether one is under a passphrase, which it then keeps in locked memory for the keeper's
 * next start), no archive and nothing that a caller sends.
 */
#pragma once

#include "appliance/base/err.h"
#include "appliance/keeper/keys/passphrase.h"

struct sr_serve_options {
	const char *data;
	const char *mount;                             /* folder for the filesystem; NULL: none */
	const char *listen;                            /* "ADDR:PORT" for api; NULL: none */
	const struct sr_passphrase_source *passphrase; /* asked once, before anything is started */
};

/*
 * Serve until SIGTERM or SIGINT, then SR_OK.  Otherwise why it could not begin: SR_BUSY when another one
 * serves the data directory or has the address; SR_DENIED without the right passphrase; the keeper's own
 * reasons are in the log.
 */
SR_CHECKED enum sr_status sr_supervise(const struct sr_serve_options *options, struct sr_err *err);

/*
 * For a unit of the service manager whose main process may not mount: mount on @dir, an existing folder, and
 * leave the connection with the manager, which gives it to `serve --mount`.  SR_USAGE without a manager.
 */
SR_CHECKED enum sr_status sr_serve_mount(const char *dir, struct sr_err *err);
