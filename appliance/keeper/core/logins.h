/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of Unix logins, asked of the machine once a second at most: a reader's every opening asks for theirs.
 * A change of /etc/passwd is seen at once, one of another source of logins within the second.  Thread-safe.
 */
#pragma once

#include <sys/types.h>

#include "appliance/base/err.h"
#include "appliance/keeper/state/label.h"

struct sr_logins;

SR_CHECKED enum sr_status sr_logins_new(struct sr_logins **out, struct sr_err *err);
void sr_logins_free(struct sr_logins *logins); /* NULL is allowed */

/* The name of a uid now; "" where the machine knows none, or one that is no label. */
void sr_logins_name(struct sr_logins *logins, uid_t uid, char out[SR_LABEL_BYTES]);
