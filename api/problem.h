/* SPDX-License-Identifier: Apache-2.0 */
/* Problem details (RFC 9457): from the keeper's names of refusals to HTTP.  Thread-safe: no state. */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"

#define SR_PROBLEM_TYPE "urn:strongroom:" /* and the name */

/*
 * The HTTP status of a name ("NotGranted", or with "org.strongroom." in front).  A name that this version
 * does not know is 500, never a success.
 */
unsigned sr_problem_status(const char *name);

/* The name of a failure without one: of its status. */
const char *sr_problem_name(enum sr_status status);

/*
 * {"type","title","status","detail","parts"} and, where @detail begins with a JSON pointer as the keeper's do
 * ("/days: must be …"), "errors":[{"pointer","detail"}].  Of a failure of the machine (status 500) the detail
 * is left out: it is for the operator.  "parts" are the detail in parts for other languages (err_parts.h),
 * here the one sentence that it is.  @status 0: the name's own.  NULL: no memory.
 */
json_t *sr_problem_make(const char *name, unsigned status, const char *detail);

/* The same of an error, with its parts. */
json_t *sr_problem_of(const char *name, unsigned status, const struct sr_err *err);
