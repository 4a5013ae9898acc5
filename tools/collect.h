/* SPDX-License-Identifier: Apache-2.0 */
/* Long lists come in further answers, {"KEY":[…]}, and belong in front of those of the last answer. */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"

/* For sr_client_request.each, with an object of the caller's as context: each list goes to its key there. */
SR_CHECKED enum sr_status sr_collect_each(void *context, const json_t *part, struct sr_err *err);
/* Put what was collected into @reply. */
SR_CHECKED enum sr_status sr_collect_merge(json_t *collected, json_t *reply, struct sr_err *err);
