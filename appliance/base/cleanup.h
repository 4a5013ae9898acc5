/* SPDX-License-Identifier: Apache-2.0 */
/* Automatic release of local resources.  Release is automatic; commit is explicit. */
#pragma once

#include <stddef.h>

/* `SR_CLEANUP(sr_fd_closep) int fd = -1;` calls sr_fd_closep(&fd) on every way out of the block. */
#define SR_CLEANUP(handler) __attribute__((cleanup(handler)))

/* Hand a pointer, or a struct of some, over and forget it: `*out = SR_MOVE(buffer);`. */
#define SR_MOVE(owner)                                                                                       \
	({                                                                                                   \
		__typeof__(owner) moved_ = (owner);                                                          \
		(owner) = (__typeof__(owner)){ 0 };                                                          \
		moved_;                                                                                      \
	})

/* Number of elements of an array (not of a pointer). */
#define SR_COUNT(array) (sizeof(array) / sizeof((array)[0]))
