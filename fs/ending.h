/* SPDX-License-Identifier: Apache-2.0 */
/* Grants that end or pause while they are looked at: what the keeper pushes, and the end of everything. */
#pragma once

#include <jansson.h>

#include "fs/mount.h"

/* sr_front_on_push: GrantEnded, EscortChanged.  @context is the struct sr_fs. */
void sr_fs_on_push(void *context, const char *method, const json_t *parameters);

/* No grant gives anything any more.  @why goes into CloseMember; NULL: the keeper is gone, it is not told. */
void sr_fs_end_all(struct sr_fs *fs, const char *why);
