/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of error names on the wire and what they are for a program (docs/WIRE.md, errors). */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/err.h"

#define SR_WIRE_PREFIX "org.strongroom."

/* "org.strongroom.NotFound" for SR_NOT_FOUND and so on: the general name of a status.  SR_OK has none: NULL.
 */
const char *sr_wire_error_name(enum sr_status status);

/* The status of a full name; SR_IO for one that this version does not know (fail closed: never SR_OK). */
enum sr_status sr_wire_error_status(const char *name);

/* One of ours, such as "org.strongroom.OwnRequest". */
bool sr_wire_error_is_known(const char *name);

/* An error's parameters on the wire: {"message","parts"}; without parts where @why has none.  NULL: no
 * memory. */
json_t *sr_wire_error_parameters(const struct sr_err *why);
/* What the other end wrote of an error named @name into @err; returns the name's status. */
enum sr_status sr_wire_error_take(const char *name, const json_t *parameters, struct sr_err *err);
