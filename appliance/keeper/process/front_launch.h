/* SPDX-License-Identifier: Apache-2.0 */
/* Start a front end: its sockets to the keeper, its options, its process (front.h says what it finds). */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/keeper/keys/config.h"
#include "appliance/keeper/process/offspring.h"

struct sr_front_descriptor {
	const char *name;
	int fd; /* borrowed; -1: left out */
};

struct sr_front_plan {
	const char *name; /* "fs" */
	const char *verb;
	char kind;    /* for the keeper's control socket */
	size_t calls; /* at most SR_FRONT_CALLS_MAX */
	const char *data;
	const struct sr_config *config;
	const json_t *more; /* further options; NULL: none */
	const struct sr_front_descriptor *descriptors;
	size_t descriptor_count;
	int program_fd;
	struct sr_identity identity;
};

/* @control_fd: the supervisor's socket to the keeper. */
SR_CHECKED enum sr_status sr_front_launch(const struct sr_front_plan *plan, int control_fd, pid_t *pid,
                                          struct sr_err *err);
