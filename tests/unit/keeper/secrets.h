/* SPDX-License-Identifier: Apache-2.0 */
/* A secret made of a text, for tests. */
#pragma once

#include <string.h>

#include "appliance/base/secret.h"

static inline struct sr_secret *test_secret_of(const void *data, size_t size)
{
	struct sr_secret *secret = NULL;
	struct sr_err err;

	/* A mapping of no bytes cannot be: one is mapped and none is used. */
	assert_int_equal(sr_secret_new(size ? size : 1, &secret, &err), SR_OK);
	memcpy(secret->data, data, size);
	secret->size = size;
	return secret;
}

static inline struct sr_secret *test_secret(const char *text)
{
	return test_secret_of(text, strlen(text));
}
