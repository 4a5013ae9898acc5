/* SPDX-License-Identifier: Apache-2.0 */
/* A database of its own for a test of index/. */
#pragma once

#include "tests/unit/unit.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/index/env.h"
#include "appliance/index/txn.h"
#include "appliance/index/walk.h"
#include "tests/unit/folder.h"

static inline struct sr_bytes text(const char *string)
{
	return (struct sr_bytes){ .data = (const uint8_t *)string, .size = strlen(string) };
}

static inline struct sr_env *open_env(const struct test_folder *folder, size_t map_start)
{
	struct sr_env_options options = { .path = folder->path, .map_start = map_start };
	struct sr_env *env = NULL;
	struct sr_err err;

	assert_ok(sr_env_open(&options, &env, &err));
	return env;
}

static inline void put_now(struct sr_env *env, enum sr_db db, const char *key, const char *value)
{
	struct sr_txn *txn = NULL;
	struct sr_err err;

	assert_ok(sr_txn_write(env, &txn, &err));
	assert_ok(sr_txn_put(txn, db, text(key), text(value), &err));
	assert_ok(sr_txn_commit(&txn, &err));
	assert_null(txn);
}

static inline void expect(struct sr_env *env, enum sr_db db, const char *key, const char *value)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_bytes got = { 0 };
	struct sr_err err;

	assert_ok(sr_txn_read(env, &txn, &err));
	enum sr_status status = sr_txn_get(txn, db, text(key), &got, &err);
	if (!value) {
		assert_int_equal(status, SR_NOT_FOUND);
		return;
	}
	assert_int_equal(status, SR_OK);
	assert_int_equal(got.size, strlen(value));
	assert_memory_equal(got.data, value, got.size);
}
