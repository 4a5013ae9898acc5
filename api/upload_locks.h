/* SPDX-License-Identifier: Apache-2.0 */
/* Which uploads are being written: one request at a time may append to one.  Thread-safe. */
#pragma once

#include <stdbool.h>

#include "appliance/base/err.h"

struct sr_upload_locks;

SR_CHECKED enum sr_status sr_upload_locks_new(struct sr_upload_locks **out, struct sr_err *err);
void sr_upload_locks_free(struct sr_upload_locks *locks); /* NULL is allowed */

/* False when somebody writes it, or too many are being written. */
bool sr_upload_locks_take(struct sr_upload_locks *locks, const char *upload);
void sr_upload_locks_give_back(struct sr_upload_locks *locks, const char *upload);
