/* SPDX-License-Identifier: Apache-2.0 */
/* How many threads a piece of work deserves. */
#pragma once

#include <stdint.h>

/*
 * @asked of them, or for 0 one a core that this process may run on; but
 * at most @max, nor more than there are @pieces to take; 1 at least.
 */
unsigned sr_threads_for(unsigned asked, uint64_t pieces, unsigned max);
