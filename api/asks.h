/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that the keeper answers at once (SR_METHOD_AT_ONCE), put to it together: while some are asked,
 * others gather, and all that gathered goes out as one.  So many small questions cost few changes of thread.
 * A thread of its own asks.  Thread-safe.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "api/keeper_link.h"
#include "appliance/base/err.h"

struct sr_asks;

/* One question.  It is its asker's, and must stay until it is answered. */
struct sr_ask {
	struct sr_ask *next; /* the asks' own */
	const char *command; /* a literal */
	json_t *parameters;  /* owned */
	/* In the asks' thread, which must not wait; the question may be gone when it returns. */
	void (*take)(struct sr_ask *ask);
	void *context;

	bool answered;
	enum sr_status status;
	json_t *reply;                       /* owned; NULL but for SR_OK */
	char refusal[SR_MESSAGE_NAME_BYTES]; /* as sr_front_ask's */
	struct sr_err err;
};
/* Lets go of what it holds; zeroed afterwards. */
void sr_ask_dispose(struct sr_ask *ask);

SR_CHECKED enum sr_status sr_asks_new(const struct sr_keeper_link *link, struct sr_asks **out,
                                      struct sr_err *err);
/* False: nobody asks any more, and nothing will be said of @ask. */
SR_CHECKED bool sr_asks_put(struct sr_asks *asks, struct sr_ask *ask);
/* Answers what was put, and no more from now on.  NULL is allowed. */
void sr_asks_stop(struct sr_asks *asks);
void sr_asks_free(struct sr_asks *asks); /* NULL is allowed */
