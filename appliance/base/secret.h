/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for keys and plaintext: whole pages of their own, locked against swap (as far as
 * RLIMIT_MEMLOCK allows), left out of core files and of forked children, wiped when freed.  About 1 MiB of
 * wiped pages is kept for the next ones.  Thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

struct sr_secret {
	uint8_t *data;
	size_t size;
	size_t mapped; /* bytes of the mapping */
	bool locked;   /* false where the limit on locked memory was reached */
};

/* Zeroed memory of @size bytes (at least 1); page-aligned. */
SR_CHECKED enum sr_status sr_secret_new(size_t size, struct sr_secret **out, struct sr_err *err);
void sr_secret_free(struct sr_secret *secret); /* wipes; NULL is allowed */
static inline void sr_secret_freep(struct sr_secret **secret)
{
	sr_secret_free(*secret);
	*secret = NULL;
}

/* Zero bytes so that no optimiser drops it. */
void sr_wipe(void *data, size_t size);

/* Compare in time that does not depend on the content. */
bool sr_secret_equal(const void *a, const void *b, size_t size);

/* For a process that holds keys: no core files, no ptrace by others (PR_SET_DUMPABLE 0, RLIMIT_CORE 0). */
SR_CHECKED enum sr_status sr_secret_harden_process(struct sr_err *err);
