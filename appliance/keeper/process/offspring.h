/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that the supervisor starts: this very program with an internal verb, chosen descriptors and
 * nothing else of ours, and the identity that it is to have.  It gets SIGTERM when the supervisor dies.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "appliance/base/err.h"

struct sr_identity {
	bool change; /* false: as the supervisor */
	uid_t uid;
	gid_t gid;
};

struct sr_offspring_plan {
	const char *verb;    /* "serve-keeper" */
	const char *data;    /* the data directory; NULL: none of its matter */
	int program_fd;      /* what is executed */
	const int *inherits; /* become 3, 4, … */
	size_t inherits_count;
	struct sr_identity identity;
};

/*
 * May this process give others an identity of their own, and end them?  Root may, and who has CAP_SETUID,
 * CAP_SETGID and CAP_KILL.  No offspring keeps any capability.
 */
bool sr_offspring_may_change(void);

/* SR_OK once the process exists; that its program could not be run shows in its exit code, 127. */
SR_CHECKED enum sr_status sr_offspring_start(const struct sr_offspring_plan *plan, pid_t *pid,
                                             struct sr_err *err);

/* A readable file without name that holds @json's text. */
SR_CHECKED enum sr_status sr_offspring_write_options(const json_t *json, int *fd, struct sr_err *err);
