/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's side of file_share.h.  Thread-safe. */
#pragma once

#include <stddef.h>

#include "appliance/base/err.h"
#include "appliance/casefile/folder.h"

struct sr_file_asker;

/* Takes the socket @fd in every case; SR_INVALID when it is none that keeps packets apart. */
SR_CHECKED enum sr_status sr_file_asker_new(int fd, struct sr_file_asker **out, struct sr_err *err);
void sr_file_asker_free(struct sr_file_asker *asker); /* NULL is allowed */
static inline void sr_file_asker_freep(struct sr_file_asker **asker)
{
	sr_file_asker_free(*asker);
	*asker = NULL;
}
/* Thread-safe.  A server that is gone or silent for a minute is EIO. */
struct sr_folder_access sr_file_asker_access(struct sr_file_asker *asker);
