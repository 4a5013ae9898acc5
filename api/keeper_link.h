/* SPDX-License-Identifier: Apache-2.0 */
/* How the server reaches the keeper: a front end's sockets, or a stand-in in tests. */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"
#include "appliance/keeper/client.h"
#include "appliance/keeper/process/front.h"
#include "appliance/keeper/wire/descriptors.h"
#include "appliance/keeper/wire/message.h"

/* As sr_front_ask and sr_front_ask_many: any thread, several at a time. */
struct sr_keeper_link {
	enum sr_status (*ask)(void *context, const struct sr_client_request *request, json_t **reply,
	                      struct sr_descriptors *got, char *refusal, struct sr_err *err);
	void *context;
	/* NULL: there is only the other. */
	void (*ask_many)(void *context, const struct sr_client_request *requests, size_t count,
	                 sr_front_on_answer *on_answer, void *taker);
};
