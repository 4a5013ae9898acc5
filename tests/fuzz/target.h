/* SPDX-License-Identifier: Apache-2.0 */
/* What libFuzzer calls; each tests/fuzz/fuzz_*.c defines it.  Always returns 0. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
