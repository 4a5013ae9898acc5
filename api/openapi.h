/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenAPI 3.1 document of the route table. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

SR_CHECKED enum sr_status sr_openapi_make(struct sr_buf *out, struct sr_err *err);
