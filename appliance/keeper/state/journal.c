/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/journal.h"

#include <inttypes.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/ledger/published.h"
#include "appliance/ledger/receipt.h"

static void put_be(uint8_t *out, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

struct seq_key {
	uint8_t bytes[8];
};

static struct sr_bytes key_of_seq(uint64_t seq, struct seq_key *key)
{
	put_be(key->bytes, seq, sizeof(key->bytes));
	return (struct sr_bytes){ .data = key->bytes, .size = sizeof(key->bytes) };
}

/* --- the tree ------------------------------------------------------------------------------------ */

/*
 * The nodes that a leaf completes lie together behind its key: the leaf's own hash, then one of each level
 * above for as long as the subtree is full.  So an entry adds one value, at the end, however high the tree
 * is.
 */

/* The last leaf below a node: the one that completed it.  False for a node of no tree. */
static bool completed_by(unsigned level, uint64_t index, uint64_t *leaf)
{
	uint64_t next;

	if (level >= SR_MERKLE_LEVELS || __builtin_add_overflow(index, 1, &next) ||
	    next > SR_MERKLE_LEAVES >> level)
		return false;
	*leaf = (next << level) - 1;
	return true;
}

/* How many nodes a leaf completes, itself included. */
static size_t nodes_of(uint64_t leaf)
{
	return 1 + (size_t)__builtin_ctzll(~leaf);
}

static enum sr_status get_node(void *context, unsigned level, uint64_t index, struct sr_digest *out,
                               struct sr_err *err)
{
	struct sr_bytes value;
	struct seq_key key;
	bool found = false;
	uint64_t leaf;

	if (completed_by(level, index, &leaf))
		SR_TRY(sr_txn_look(context, SR_DB_HASHES, key_of_seq(leaf, &key), &found, &value, err));
	if (!found)
		return sr_fail(err, SR_CORRUPT, "node %" PRIu64 " of level %u is missing from the log's tree",
		               index, level);
	if (value.size != nodes_of(leaf) * SR_DIGEST_BYTES)
		return sr_fail(err, SR_CORRUPT, "the nodes of entry %" PRIu64 " have %zu bytes", leaf,
		               value.size);
	memcpy(out->bytes, value.data + (size_t)level * SR_DIGEST_BYTES, SR_DIGEST_BYTES);
	return SR_OK;
}

/* The nodes of one leaf, before they are put together. */
struct growth {
	struct sr_txn *txn;
	struct sr_digest nodes[SR_MERKLE_LEVELS];
	size_t count;
};

static enum sr_status get_grown(void *context, unsigned level, uint64_t index, struct sr_digest *out,
                                struct sr_err *err)
{
	const struct growth *growth = context;

	return get_node(growth->txn, level, index, out, err);
}

static enum sr_status take_node(void *context, unsigned level, uint64_t index, const struct sr_digest *digest,
                                struct sr_err *err)
{
	struct growth *growth = context;

	if (level != growth->count || level >= SR_MERKLE_LEVELS)
		return sr_fail(err, SR_CORRUPT, "node %" PRIu64 " of level %u out of its order", index,
		               level);
	growth->nodes[growth->count++] = *digest;
	return SR_OK;
}

static enum sr_status grow(struct sr_txn *txn, uint64_t seq, const struct sr_digest *leaf, struct sr_err *err)
{
	struct growth growth = { .txn = txn };
	const struct sr_merkle_store store = { .get = get_grown, .put = take_node, .context = &growth };
	struct seq_key key;

	SR_TRY(sr_merkle_append(&store, seq, leaf, err));
	struct sr_bytes value = { .data = growth.nodes[0].bytes, .size = growth.count * SR_DIGEST_BYTES };
	return sr_txn_put_new(txn, SR_DB_HASHES, key_of_seq(seq, &key), value, err);
}

struct sr_merkle_store sr_journal_store(struct sr_txn *txn)
{
	return (struct sr_merkle_store){ .get = get_node, .context = txn };
}

/* --- entries ------------------------------------------------------------------------------------- */

enum sr_status sr_journal_size(struct sr_txn *txn, uint64_t *out, struct sr_err *err)
{
	return sr_txn_count(txn, SR_DB_ENTRIES, out, err);
}

static enum sr_status look_entry(struct sr_txn *txn, uint64_t seq, struct sr_bytes *out, struct sr_err *err)
{
	struct seq_key key;
	bool found;

	SR_TRY(sr_txn_look(txn, SR_DB_ENTRIES, key_of_seq(seq, &key), &found, out, err));
	if (!found)
		return sr_fail(err, SR_NOT_FOUND, "the log has no entry %" PRIu64, seq);
	return SR_OK;
}

enum sr_status sr_journal_last_ns(struct sr_txn *txn, int64_t *out, struct sr_err *err)
{
	struct sr_bytes value;
	uint64_t size;

	*out = INT64_MIN;
	SR_TRY(sr_journal_size(txn, &size, err));
	if (size == 0)
		return SR_OK;
	SR_TRY(look_entry(txn, size - 1, &value, err));
	enum sr_status status = sr_entry_time(value, out, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "entry %" PRIu64 ": ", size - 1);
}

static enum sr_status put_entry(struct sr_txn *txn, uint64_t seq, struct sr_bytes bytes, struct sr_err *err)
{
	struct sr_digest leaf;
	struct seq_key key;

	SR_TRY(sr_merkle_leaf(bytes.data, bytes.size, &leaf, err));
	SR_TRY(sr_txn_put_new(txn, SR_DB_ENTRIES, key_of_seq(seq, &key), bytes, err));
	return grow(txn, seq, &leaf, err);
}

enum sr_status sr_journal_append_planned(struct sr_txn *txn, struct sr_entry_plan *plan, int64_t now_ns,
                                         struct sr_buf *bytes, struct sr_entry *entry, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry made = { 0 };
	int64_t last_ns;
	uint64_t size;

	SR_TRY(sr_journal_size(txn, &size, err));
	SR_TRY(sr_journal_last_ns(txn, &last_ns, err));
	SR_TRY(sr_entry_complete(plan, size, now_ns < last_ns ? last_ns : now_ns, bytes, &made, err));
	SR_TRY(put_entry(txn, size, sr_buf_bytes(bytes), err));
	*entry = made;
	made = (struct sr_entry){ 0 };
	return SR_OK;
}

enum sr_status sr_journal_append(struct sr_txn *txn, const struct sr_entry_draft *draft, int64_t now_ns,
                                 uint64_t *seq, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_plan_dispose) struct sr_entry_plan plan = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };

	SR_TRY(sr_entry_plan(draft, &plan, err));
	SR_TRY(sr_journal_append_planned(txn, &plan, now_ns, &bytes, &entry, err));
	if (seq)
		*seq = entry.seq;
	return SR_OK;
}

enum sr_status sr_journal_append_entry(struct sr_txn *txn, const struct sr_entry *entry,
                                       struct sr_bytes bytes, struct sr_err *err)
{
	uint64_t size;

	SR_TRY(sr_journal_size(txn, &size, err));
	if (entry->seq != size)
		return sr_fail(err, SR_TAMPERED, "entry %" PRIu64 " says that it is entry %" PRIu64, size,
		               entry->seq);
	return put_entry(txn, size, bytes, err);
}

enum sr_status sr_journal_clear(struct sr_txn *txn, struct sr_err *err)
{
	SR_TRY(sr_txn_clear(txn, SR_DB_ENTRIES, err));
	return sr_txn_clear(txn, SR_DB_HASHES, err);
}

enum sr_status sr_journal_entry(struct sr_txn *txn, uint64_t seq, struct sr_buf *out, struct sr_err *err)
{
	struct sr_bytes value;

	SR_TRY(look_entry(txn, seq, &value, err));
	return sr_buf_add(out, value.data, value.size, err);
}

static enum sr_status get_entry(void *context, uint64_t seq, struct sr_buf *out, struct sr_err *err)
{
	return sr_journal_entry(context, seq, out, err);
}

struct sr_entry_source sr_journal_source(struct sr_txn *txn)
{
	return (struct sr_entry_source){ .get = get_entry, .context = txn };
}

/* --- verifying ----------------------------------------------------------------------------------- */

/* Nodes are computed here again and compared with the stored ones instead of being put. */
struct comparison {
	struct sr_txn *txn;
};

static enum sr_status compare_node(void *context, unsigned level, uint64_t index,
                                   const struct sr_digest *digest, struct sr_err *err)
{
	const struct comparison *comparison = context;
	struct sr_digest stored;

	SR_TRY(get_node(comparison->txn, level, index, &stored, err));
	if (!sr_digest_equal(&stored, digest))
		return sr_fail(err, SR_TAMPERED,
		               "node %" PRIu64 " of level %u is not the hash of what is below it", index,
		               level);
	return SR_OK;
}

static enum sr_status read_compared(void *context, unsigned level, uint64_t index, struct sr_digest *out,
                                    struct sr_err *err)
{
	const struct comparison *comparison = context;

	return get_node(comparison->txn, level, index, out, err);
}

static enum sr_status verify_entry(struct sr_txn *txn, struct sr_journal_walk *walk, sr_journal_each *each,
                                   void *context, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	struct comparison comparison = { .txn = txn };
	const struct sr_merkle_store store = { .get = read_compared,
		                               .put = compare_node,
		                               .context = &comparison };
	struct sr_digest leaf;
	struct sr_bytes value;

	SR_TRY(look_entry(txn, walk->next, &value, err));
	SR_TRY(sr_merkle_leaf(value.data, value.size, &leaf, err));
	SR_TRY(sr_merkle_append(&store, walk->next, &leaf, err));
	SR_TRY(sr_entry_decode(value, &entry, err));
	if (entry.seq != walk->next)
		return sr_fail(err, SR_TAMPERED, "it says that it is entry %" PRIu64, entry.seq);
	if (entry.time_ns < walk->last_ns)
		return sr_fail(err, SR_TAMPERED, "its time is before that of the entry before it");
	if (each)
		SR_TRY(each(context, &entry, value, err));
	walk->last_ns = entry.time_ns;
	return SR_OK;
}

enum sr_status sr_journal_verify_some(struct sr_txn *txn, struct sr_journal_walk *walk, uint64_t most,
                                      sr_journal_each *each, void *context, struct sr_err *err)
{
	uint64_t size;

	SR_TRY(sr_journal_size(txn, &size, err));
	for (; most > 0 && walk->next < size; most--) {
		enum sr_status status = verify_entry(txn, walk, each, context, err);

		if (status == SR_NO_MEMORY || status == SR_IO || status == SR_BUSY)
			return status;
		if (status != SR_OK)
			return sr_fail_in(err, SR_TAMPERED, "entry %" PRIu64 ": ", walk->next);
		walk->next++;
	}
	return SR_OK;
}

enum sr_status sr_journal_verify(struct sr_txn *txn, sr_journal_each *each, void *context, uint64_t *size,
                                 struct sr_digest *root, uint64_t *first_wrong, struct sr_err *err)
{
	const struct sr_merkle_store store = sr_journal_store(txn);
	struct sr_journal_walk walk = { .last_ns = INT64_MIN };

	SR_TRY(sr_journal_size(txn, size, err));
	enum sr_status status = sr_journal_verify_some(txn, &walk, UINT64_MAX, each, context, err);
	if (status != SR_OK) {
		*first_wrong = walk.next;
		return status;
	}
	return sr_merkle_root(&store, *size, root, err);
}

/* --- receipts ------------------------------------------------------------------------------------ */

enum sr_status sr_journal_receipt(struct sr_txn *txn, int dir_fd, const char *verifier, uint64_t seq,
                                  struct sr_buf *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf note = { 0 };
	const struct sr_merkle_store store = sr_journal_store(txn);
	struct sr_checkpoint checkpoint;
	struct sr_digest root;
	struct sr_proof proof;
	struct sr_bytes value;

	SR_TRY(look_entry(txn, seq, &value, err));
	enum sr_status status = sr_published_checkpoint(dir_fd, verifier, &note, &checkpoint, err);
	if (status == SR_NOT_FOUND || (status == SR_OK && checkpoint.size <= seq))
		return sr_fail(err, SR_BUSY, "entry %" PRIu64 " is not published yet; ask again in a second",
		               seq);
	SR_TRY(status);
	SR_TRY(sr_merkle_root(&store, checkpoint.size, &root, err));
	if (!sr_digest_equal(&root, &checkpoint.root))
		return sr_fail(err, SR_TAMPERED,
		               "the published checkpoint of %" PRIu64
		               " entries has another root than the log",
		               checkpoint.size);
	SR_TRY(sr_merkle_inclusion(&store, seq, checkpoint.size, &proof, err));
	return sr_receipt_encode(value, seq, &proof, sr_buf_bytes(&note), out, err);
}
