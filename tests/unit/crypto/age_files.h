/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of age files share: two identities made by age-keygen, a folder, Debian's age. */
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/crypto/age.h"

/* age-keygen 1.1.1 */
#define TEST_IDENTITY "AGE-SECRET-KEY-1NYPHNMA6PLRZS5T0HCGF0UJDS9TSNXH770D65D65992RVCFCJ6ES9E9KK7"
#define TEST_RECIPIENT "age1z0p3kt9swscp5zxcdurmrq8sswwqqgvhyadvwm98z0sy5s2dg3nq8kfqur"
#define OTHER_IDENTITY "AGE-SECRET-KEY-1ZDGD6L7V0U7LZQ0UKETN88GTPTPKG22FX2QJEEALSFJRSTXULKCQDZ5LKJ"
#define OTHER_RECIPIENT "age162q3xh4vm9afkx275wjgzvlphzwyf36uqwj4my8k03vq84zavfssjllsep"

static inline struct sr_secret *load_identity(const char *text)
{
	struct sr_secret *identity = NULL;
	struct sr_err err;

	assert_ok(sr_age_identity_from_text(text, strlen(text), &identity, &err));
	return identity;
}

static inline struct sr_age_recipient load_recipient(const char *text)
{
	struct sr_age_recipient recipient;
	struct sr_err err;

	assert_ok(sr_age_recipient_from_text(text, &recipient, &err));
	return recipient;
}

static inline void write_file(const char *name, const void *data, size_t size)
{
	SR_CLEANUP(sr_fd_closep) int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct sr_err err;

	assert_true(fd >= 0);
	assert_ok(sr_fd_write_all(fd, data, size, &err));
}

/* A folder of its own, which becomes the working folder; holds "identity" and "other". */
static inline int enter_folder(void **state)
{
	char *folder = strdup("/tmp/strongroom-test-XXXXXX");

	if (!folder || !mkdtemp(folder) || chdir(folder) < 0)
		return -1;
	*state = folder;
	write_file("identity", TEST_IDENTITY "\n", strlen(TEST_IDENTITY) + 1);
	write_file("other", OTHER_IDENTITY "\n", strlen(OTHER_IDENTITY) + 1);
	return 0;
}

static inline int leave_folder(void **state)
{
	char command[128];

	if (chdir("/") < 0)
		return -1;
	snprintf(command, sizeof(command), "rm -rf '%s'", (char *)*state);
	free(*state);
	return system(command);
}

static inline void read_file(const char *name, struct sr_buf *out)
{
	struct sr_err err;

	assert_ok(sr_fd_read_file(AT_FDCWD, name, 64u << 20, out, &err));
}

/* Bytes without a pattern that a chunk's length divides. */
static inline void fill_pattern(uint8_t *out, size_t size)
{
	uint32_t state = 2463534242u;

	for (size_t i = 0; i < size; i++) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		out[i] = (uint8_t)state;
	}
}
