/* SPDX-License-Identifier: Apache-2.0 */
/* Where the built helper and the sample files are, and a recording whose length is known exactly. */
#pragma once

#include "appliance/base/buf.h"
#include "appliance/casefile/probe.h"
#include "tests/unit/casefile/scratch.h"

#define WAV_RATE 8000u /* bytes a second: 8 bits, one channel */

/* build/VARIANT/unit/casefile/test_x: cut @levels components off the running program's path. */
static inline void samples_above_program(int levels, const char *rest, char out[SCRATCH_PATH])
{
	ssize_t length = readlink("/proc/self/exe", out, SCRATCH_PATH - 1);

	assert_true(length > 0);
	out[length] = 0;
	for (int i = 0; i < levels; i++)
		*strrchr(out, '/') = 0;
	assert_true(strlen(out) + strlen(rest) + 2 < SCRATCH_PATH);
	strcat(out, "/");
	strcat(out, rest);
}

static inline void samples_use_probe(void)
{
	char path[SCRATCH_PATH];
	struct sr_err err;

	samples_above_program(3, "strongroom-probe", path);
	assert_ok(sr_probe_set_program(path, &err));
}

/* The full path of a file of tests/fixtures. */
static inline void samples_fixture(const char *name, char out[SCRATCH_PATH])
{
	char rest[1024];

	snprintf(rest, sizeof(rest), "tests/fixtures/%s", name);
	samples_above_program(5, rest, out);
}

static inline void samples_put_le(uint8_t *at, uint32_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* PCM WAVE: 44 bytes of header (RIFF, "fmt ", "data"), then silence. */
static inline void samples_wav(const struct scratch *scratch, const char *name, uint32_t seconds)
{
	uint8_t header[44] = "RIFF....WAVEfmt ";
	uint32_t data = seconds * WAV_RATE;

	samples_put_le(header + 4, 36 + data, 4);
	samples_put_le(header + 16, 16, 4);
	samples_put_le(header + 20, 1, 2);
	samples_put_le(header + 22, 1, 2);
	samples_put_le(header + 24, WAV_RATE, 4);
	samples_put_le(header + 28, WAV_RATE, 4);
	samples_put_le(header + 32, 1, 2);
	samples_put_le(header + 34, 8, 2);
	memcpy(header + 36, "data", 4);
	samples_put_le(header + 40, data, 4);
	scratch_file(scratch, name, header, sizeof(header));
	assert_int_equal(truncate(scratch_path(scratch, name), (off_t)(sizeof(header) + data)), 0);
}
