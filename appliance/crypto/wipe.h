/* SPDX-License-Identifier: Apache-2.0 */
/* Release handlers for keys on the stack: `SR_CLEANUP(sr_wipe_key) uint8_t key[32] = { 0 };`. */
#pragma once

#include <stdint.h>

#include "appliance/base/secret.h"

static inline void sr_wipe_key(uint8_t (*key)[32])
{
	sr_wipe(*key, sizeof(*key));
}

static inline void sr_wipe_file_key(uint8_t (*key)[16])
{
	sr_wipe(*key, sizeof(*key));
}
