/* SPDX-License-Identifier: Apache-2.0 */
/* Locked memory for plaintext on its way to the kernel: a bounded number of buffers.  Thread-safe. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/base/secret.h"

struct sr_fs_buffers;

/* Up to @count buffers of @size bytes, made when they are needed. */
SR_CHECKED enum sr_status sr_fs_buffers_new(size_t count, size_t size, struct sr_fs_buffers **out,
                                            struct sr_err *err);
void sr_fs_buffers_free(struct sr_fs_buffers *buffers); /* NULL is allowed; all must be given back */

/* Waits for one.  Not wiped in between: it goes from plaintext to plaintext. */
SR_CHECKED enum sr_status sr_fs_buffers_take(struct sr_fs_buffers *buffers, struct sr_secret **out,
                                             struct sr_err *err);
void sr_fs_buffers_give(struct sr_fs_buffers *buffers, struct sr_secret *buffer);
/* Wipe those that nobody has. */
void sr_fs_buffers_wipe(struct sr_fs_buffers *buffers);
