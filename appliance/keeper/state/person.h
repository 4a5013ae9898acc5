/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a user may be called and what a Unix login is: the rules that a proposal must fit (docs/KEEPER.md,
 * "People").  No state; any thread.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/err.h"

#define SR_FULL_NAME_BYTES 200
/* The code of an organ that was given none. */
#define SR_ORGAN_LOCAL "local"

/*
 * The name of a user or the code of an organ: a label of letters, digits and ".", "_", "-", "@" that does not
 * begin with "-" or ".", without white space and without characters that nobody sees.  Chinese is fine.
 */
bool sr_person_name_is_valid(const char *name);
/* The same; SR_INVALID says what a name may be.  @what: "user". */
SR_CHECKED enum sr_status sr_person_check_name(const char *what, const char *name, struct sr_err *err);
/* A name as people write it: at most SR_FULL_NAME_BYTES bytes, not blank, nothing invisible. */
SR_CHECKED enum sr_status sr_person_check_full_name(const char *name, struct sr_err *err);
/* A role that a user can have; SR_INVALID for others, and for "party". */
SR_CHECKED enum sr_status sr_person_check_role(const char *role, struct sr_err *err);

/*
 * {"name","uid"} of a Unix login of this machine; the caller owns *out.  SR_INVALID where the machine knows
 * none of that name.  May ask the network (NSS): never in the writer's thread.
 */
SR_CHECKED enum sr_status sr_person_login(const char *login, json_t **out, struct sr_err *err);
