/* SPDX-License-Identifier: Apache-2.0 */
/* One row of the command table (methods.h): a method, who may give it and through which door. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/keeper/state/role.h"

struct sr_act;

/* Doors as bits. */
#define SR_DOOR_SOCKET 1u /* run/keeper.sock, or the command that keeps itself */
#define SR_DOOR_API 2u
#define SR_DOOR_FS 4u
#define SR_DOOR_PEOPLE (SR_DOOR_SOCKET | SR_DOOR_API)
#define SR_DOOR_ALL (SR_DOOR_PEOPLE | SR_DOOR_FS)

#define SR_METHOD_STRANGERS 1u   /* needs no session; roles do not count */
#define SR_METHOD_SLOW 2u        /* seconds and more: threads of its own */
#define SR_METHOD_DESCRIPTORS 4u /* takes up to SR_LIMIT_FRAME_DESCRIPTORS_MANY */
#define SR_METHOD_URGENT 8u      /* revocations, closings: before what waits */
/* Only looks, at what is in memory and in the index: of api it is answered by the thread that reads the
 * socket.  Refusals are the workers' all the same. */
#define SR_METHOD_AT_ONCE 16u

struct sr_method {
	const char *name; /* without "org.strongroom." */
	/* What it takes: see parameters.h; "" for nothing. */
	const char *parameters;
	unsigned roles;
	unsigned doors;
	unsigned flags;
	/* On a worker's thread; fills act->answer. */
	enum sr_status (*run)(struct sr_act *act, struct sr_err *err);
};

/* A family of methods: one array a file. */
struct sr_method_family {
	const struct sr_method *methods;
	size_t count;
};
