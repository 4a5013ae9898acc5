/* SPDX-License-Identifier: Apache-2.0 */
/* What `serve` finds out and opens once, before any process starts: identities, addresses, folders. */
#pragma once

#include "appliance/base/err.h"
#include "appliance/keeper/keys/config.h"
#include "appliance/keeper/process/mountpoint.h"
#include "appliance/keeper/process/offspring.h"
#include "appliance/keeper/process/supervisor.h"

/* Where no users are configured: numbers that no Debian package and no user has. */
#define SR_SERVE_FS_UID 65532
#define SR_SERVE_API_UID 65531

/* The names of what a service manager may give us: the mount's connection, the listening socket of https. */
#define SR_MOUNT_GIVEN "fuse"
#define SR_LISTEN_GIVEN "https"

struct sr_serve_setup {
	char *data; /* absolute */
	struct sr_config *config;
	const char *listen; /* borrowed, or given_listen; NULL: none */
	char given_listen[160];
	int program_fd;
	int listen_fd, api_state_fd, certificate_fd, private_key_fd; /* -1: none */
	struct sr_identity keeper, fs, api;
	struct sr_mountpoint mountpoint;
	struct sr_secret *passphrase; /* of the keys; NULL: they have none */
	bool mount_is_given; /* the service manager made it: it is not ours to make anew or to take away */
	int fuse_fd;         /* the given one's, until fs has it; -1: none */
};

void sr_serve_setup_init(struct sr_serve_setup *setup);
SR_CHECKED enum sr_status sr_serve_setup_make(const struct sr_serve_options *options,
                                              struct sr_serve_setup *setup, struct sr_err *err);
void sr_serve_setup_dispose(struct sr_serve_setup *setup);
