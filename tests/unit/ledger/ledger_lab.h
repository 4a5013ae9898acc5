/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger in memory for the tests: hashes, entries, a published key, a folder to publish into. */
#pragma once

#include "tests/unit/unit.h"

#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/ledger/entry.h"
#include "appliance/ledger/publish.h"
#include "appliance/ledger/published.h"
#include "tests/unit/folder.h"

#define LAB_ORIGIN "strongroom.example/01/1"
#define LAB_TIME_NS 1795248900123456000ll /* 2026-11-21T08:15:00.123456Z */

/* --- hashes ------------------------------------------------------------------------------------- */

struct lab_level {
	struct sr_digest *hashes;
	size_t count;
	size_t capacity;
};

struct lab_store {
	struct lab_level levels[SR_MERKLE_LEVELS];
	size_t puts_left; /* then put fails */
	size_t gets_left; /* then get fails */
};

static inline enum sr_status lab_get(void *context, unsigned level, uint64_t index, struct sr_digest *out,
                                     struct sr_err *err)
{
	struct lab_store *store = context;

	if (store->gets_left-- == 0) {
		store->gets_left = 0;
		return sr_fail(err, SR_IO, "the store fails");
	}
	assert_true(level < SR_MERKLE_LEVELS && index < store->levels[level].count);
	*out = store->levels[level].hashes[index];
	return SR_OK;
}

/* Each subtree once, in order. */
static inline enum sr_status lab_put(void *context, unsigned level, uint64_t index,
                                     const struct sr_digest *digest, struct sr_err *err)
{
	struct lab_store *store = context;
	struct lab_level *at = &store->levels[level];

	if (store->puts_left-- == 0) {
		store->puts_left = 0;
		return sr_fail(err, SR_IO, "the store fails");
	}
	assert_true(index <= at->count);
	if (index == at->capacity) {
		at->capacity = at->capacity ? 2 * at->capacity : 64;
		at->hashes = realloc(at->hashes, at->capacity * sizeof(at->hashes[0]));
		assert_non_null(at->hashes);
	}
	at->hashes[index] = *digest;
	if (index == at->count)
		at->count++;
	return SR_OK;
}

/* --- a whole ledger ----------------------------------------------------------------------------- */

struct lab {
	struct lab_store hashes;
	struct sr_merkle_store store;
	struct sr_buf *entries;
	uint64_t size;
	uint64_t capacity;
	struct sr_entry_source source;
	struct sr_key *key;
	char verifier[256];
	struct test_folder folder;
	struct sr_publication publication;
};

static inline enum sr_status lab_entry(void *context, uint64_t seq, struct sr_buf *out, struct sr_err *err)
{
	struct lab *lab = context;

	assert_true(seq < lab->size);
	return sr_buf_add(out, lab->entries[seq].data, lab->entries[seq].size, err);
}

/* @origin must outlive the lab. */
static inline void lab_open(struct lab *lab, const char *origin)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf verifier = { 0 };
	const char *text;
	struct sr_err err;

	*lab = (struct lab){ .hashes = { .puts_left = SIZE_MAX, .gets_left = SIZE_MAX } };
	lab->store = (struct sr_merkle_store){ .get = lab_get, .put = lab_put, .context = &lab->hashes };
	lab->source = (struct sr_entry_source){ .get = lab_entry, .context = lab };
	assert_ok(sr_key_generate(SR_KEY_ED25519, &lab->key, &err));
	assert_ok(sr_note_verifier_key(origin, lab->key, &verifier, &err));
	assert_ok(sr_buf_text(&verifier, &text, &err));
	snprintf(lab->verifier, sizeof(lab->verifier), "%s", text);
	test_folder_open(&lab->folder);
	lab->publication = (struct sr_publication){
		.dir_fd = lab->folder.fd,
		.store = &lab->store,
		.entries = &lab->source,
		.origin = origin,
		.key = lab->key,
	};
}

static inline void lab_close(struct lab *lab)
{
	for (unsigned level = 0; level < SR_MERKLE_LEVELS; level++)
		free(lab->hashes.levels[level].hashes);
	for (uint64_t i = 0; i < lab->size; i++)
		sr_buf_dispose(&lab->entries[i]);
	free(lab->entries);
	sr_key_free(lab->key);
	test_folder_close(&lab->folder);
}

static inline void lab_add_bytes(struct lab *lab, const void *data, size_t size)
{
	struct sr_digest leaf;
	struct sr_err err;

	if (lab->size == lab->capacity) {
		lab->capacity = lab->capacity ? 2 * lab->capacity : 64;
		lab->entries = realloc(lab->entries, lab->capacity * sizeof(lab->entries[0]));
		assert_non_null(lab->entries);
	}
	lab->entries[lab->size] = (struct sr_buf){ 0 };
	assert_ok(sr_buf_add(&lab->entries[lab->size], data, size, &err));
	assert_ok(sr_merkle_leaf(data, size, &leaf, &err));
	assert_ok(sr_merkle_append(&lab->store, lab->size, &leaf, &err));
	lab->size++;
}

/* One more real entry. */
static inline void lab_add_entry(struct lab *lab)
{
	SR_CLEANUP(sr_json_decrefp) json_t *actor = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	struct sr_err err;

	assert_ok(SR_JSON_PACK(&actor, &err, "{s:s,s:s}", "user", "u00001", "role", "supervisor"));
	assert_ok(SR_JSON_PACK(&fields, &err, "{s:s,s:s}", "session", "S00001", "why", "closed 关闭"));
	const struct sr_entry_draft draft = { .type = "session.closed", .actor = actor, .fields = fields };
	assert_ok(sr_entry_encode(&draft, lab->size, LAB_TIME_NS + (int64_t)lab->size * 1000, &bytes, &err));
	lab_add_bytes(lab, bytes.data, bytes.size);
}

static inline void lab_grow(struct lab *lab, uint64_t size)
{
	while (lab->size < size)
		lab_add_entry(lab);
}

/* The checkpoint file's bytes. */
static inline void lab_note(const struct lab *lab, struct sr_buf *note)
{
	struct sr_err err;

	assert_ok(sr_fd_read_file(lab->folder.fd, "checkpoint", SR_CHECKPOINT_BYTES, note, &err));
}

static inline enum sr_status lab_compare_entry(void *context, uint64_t seq, struct sr_bytes entry,
                                               struct sr_err *err)
{
	const struct lab *lab = context;

	(void)err;
	assert_memory_equal(entry.data, lab->entries[seq].data, entry.size);
	return SR_OK;
}

/* The folder has a checkpoint of one of these sizes, and all that it needs. */
static inline void assert_whole(struct lab *lab, uint64_t size, uint64_t or_size)
{
	SR_CLEANUP(sr_published_freep) struct sr_published *published = NULL;
	struct sr_checkpoint checkpoint;
	struct sr_err err;

	assert_ok(
		sr_published_check(lab->folder.fd, lab->verifier, &lab->store, lab->size, &checkpoint, &err));
	assert_true(checkpoint.size == size || checkpoint.size == or_size);
	assert_ok(sr_published_open(lab->folder.fd, checkpoint.size, &checkpoint.root, &published, &err));
	assert_ok(sr_published_entries(published, 0, lab_compare_entry, lab, &err));
}
