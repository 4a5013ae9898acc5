/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as those who may see them (request_access.h) see them: ListRequests, ShowRequest. */
#pragma once

#include "appliance/keeper/core/act.h"

SR_CHECKED enum sr_status sr_list_requests(struct sr_act *act, struct sr_err *err);
SR_CHECKED enum sr_status sr_show_request(struct sr_act *act, struct sr_err *err);
