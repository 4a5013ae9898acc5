/* SPDX-License-Identifier: Apache-2.0 */
/* The process of the HTTPS server, as `strongroom serve` starts it (appliance/keeper/process/front.h). */
#pragma once

#include "appliance/base/err.h"

/* Serve until SIGTERM (SR_OK) or until the keeper is gone (SR_IO). */
SR_CHECKED enum sr_status sr_api_main(struct sr_err *err);
