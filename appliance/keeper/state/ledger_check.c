/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/state/ledger_check.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/index/walk.h"
#include "appliance/keeper/state/epochs.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/reduce.h"

#define AT_ONCE 2000u         /* entries on one snapshot: well under a second */
#define SCRATCH_BATCH 100000u /* entries in one transaction of the scratch */
#define SCRATCH_ROOM ((size_t)256 << 20)

/* --- the scratch ----------------------------------------------------------------------------------- */

struct scratch {
	char path[PATH_MAX];
	struct sr_env *env;
	struct sr_txn *txn;
	uint64_t pending;
	bool made;
};

static void scratch_dispose(struct scratch *scratch)
{
	static const char *const files[] = { "data.mdb", "lock.mdb" };
	char path[PATH_MAX + 16];

	sr_txn_abort(scratch->txn);
	sr_env_close(scratch->env);
	for (size_t i = 0; scratch->made && i < SR_COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", scratch->path, files[i]);
		(void)unlink(path);
	}
	if (scratch->made)
		(void)rmdir(scratch->path);
}

static enum sr_status make_scratch(const struct sr_ledger_check *check, struct scratch *scratch,
                                   struct sr_err *err)
{
	struct sr_env_stat stat;

	if (snprintf(scratch->path, sizeof(scratch->path), "%s/verify-XXXXXX", check->scratch) >=
	    (int)sizeof(scratch->path))
		return sr_fail(err, SR_LIMIT, "the path of the data directory is too long");
	if (!mkdtemp(scratch->path))
		return sr_fail_errno(err, "make a folder in %s", check->scratch);
	scratch->made = true;
	SR_TRY(sr_env_stat(check->env, &stat, err));
	const struct sr_env_options options = { .path = scratch->path,
		                                .map_start = 2 * stat.used_bytes + SCRATCH_ROOM };
	return sr_env_open(&options, &scratch->env, err);
}

static enum sr_status replay(struct scratch *scratch, const struct sr_entry *entry, struct sr_bytes bytes,
                             struct sr_err *err)
{
	if (!scratch->txn)
		SR_TRY(sr_txn_write(scratch->env, &scratch->txn, err));
	SR_TRY(sr_reduce(scratch->txn, entry, bytes, err));
	if (++scratch->pending < SCRATCH_BATCH)
		return SR_OK;
	scratch->pending = 0;
	return sr_txn_commit(&scratch->txn, err);
}

static enum sr_status replay_live(void *context, const struct sr_entry *entry, struct sr_bytes bytes,
                                  struct sr_err *err)
{
	return replay(context, entry, bytes, err);
}

static enum sr_status replay_frozen(void *context, uint64_t seq, struct sr_bytes bytes, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };

	SR_TRY(sr_entry_decode(bytes, &entry, err));
	enum sr_status status = replay(context, &entry, bytes, err);
	return status == SR_OK ? SR_OK : sr_fail_in(err, status, "entry %" PRIu64 " of a frozen log: ", seq);
}

/* --- comparing records ----------------------------------------------------------------------------- */

static bool same(struct sr_bytes a, struct sr_bytes b)
{
	return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

static enum sr_status differ(enum sr_db db, struct sr_bytes key, const char *how, struct sr_err *err)
{
	return sr_fail(err, SR_TAMPERED, "the record %.*s in \"%s\" %s",
	               (int)(key.size < 200 ? key.size : 200), (const char *)key.data, sr_db_name(db), how);
}

static enum sr_status compare_range(struct sr_txn *live, struct sr_txn *replayed,
                                    const struct sr_reduced *place, struct sr_err *err)
{
	const struct sr_bytes prefix = { (const uint8_t *)place->prefix, strlen(place->prefix) };
	SR_CLEANUP(sr_walk_closep) struct sr_walk *a = NULL;
	SR_CLEANUP(sr_walk_closep) struct sr_walk *b = NULL;
	struct sr_bytes key = { 0 }, value = { 0 }, other_key = { 0 }, other = { 0 };
	bool more = true, other_more = true;

	SR_TRY(sr_walk_open_prefix(live, place->db, prefix, SR_UP, &a, err));
	SR_TRY(sr_walk_open_prefix(replayed, place->db, prefix, SR_UP, &b, err));
	while (more && other_more) {
		SR_TRY(sr_walk_next(a, &more, &key, &value, err));
		SR_TRY(sr_walk_next(b, &other_more, &other_key, &other, err));
		if (!more && !other_more)
			return SR_OK;
		if (more != other_more || !same(key, other_key)) {
			size_t least = key.size < other_key.size ? key.size : other_key.size;
			int order = more && other_more ? memcmp(key.data, other_key.data, least) : 0;
			bool extra = more && (!other_more || order < 0 || (order == 0 && key.size == least));

			return differ(place->db, extra ? key : other_key,
			              extra ? "comes from no entry" : "is missing: the entries make it", err);
		}
		if (!same(value, other))
			return differ(place->db, key, "is not what the entries say", err);
	}
	return SR_OK;
}

static enum sr_status compare_records(struct sr_txn *live, struct sr_txn *replayed, struct sr_err *err)
{
	const struct sr_reduced *place;

	for (size_t i = 0; (place = sr_reduced_at(i)); i++)
		SR_TRY(compare_range(live, replayed, place, err));
	return SR_OK;
}

/* --- the whole ------------------------------------------------------------------------------------- */

struct work {
	const struct sr_ledger_check *check;
	struct scratch scratch;
	struct sr_txn *txn;
	struct sr_journal_walk walk;
	struct sr_ledger_verdict *verdict;
};

static void work_dispose(struct work *work)
{
	sr_txn_abort(work->txn);
	scratch_dispose(&work->scratch);
}

static bool could_not_look(enum sr_status status)
{
	return status == SR_NO_MEMORY || status == SR_IO || status == SR_BUSY;
}

/* A finding, unless nobody could look. */
static enum sr_status find(struct work *work, enum sr_status status, bool named, struct sr_err *err)
{
	struct sr_ledger_verdict *verdict = work->verdict;

	if (status == SR_OK || could_not_look(status))
		return status;
	verdict->ok = false;
	verdict->named = named;
	verdict->first_wrong = named ? work->walk.next : 0;
	snprintf(verdict->text, sizeof(verdict->text), "%s", err->text);
	return SR_OK;
}

/* The epochs before: their entries make the state that this one began with. */
static enum sr_status replay_earlier(struct work *work, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	struct sr_epoch epoch;

	enum sr_status status = sr_journal_entry(work->txn, 0, &bytes, err);
	if (status == SR_OK)
		status = sr_entry_decode(sr_buf_bytes(&bytes), &entry, err);
	if (status == SR_OK)
		status = sr_epoch_read(&entry, &epoch, err);
	if (status != SR_OK && !could_not_look(status))
		return sr_fail_in(err, SR_TAMPERED, "entry 0: ");
	SR_TRY(status);
	return sr_epochs_each(work->check->ledger_fd, &epoch, replay_frozen, &work->scratch, err);
}

/* The entries of the epoch that runs, on ever newer snapshots, until the last one is reached to its end. */
static enum sr_status replay_running(struct work *work, struct sr_err *err)
{
	const struct sr_ledger_check *check = work->check;
	uint64_t size;

	for (;;) {
		SR_TRY(sr_txn_renew(work->txn, err));
		SR_TRY(sr_journal_size(work->txn, &size, err));
		work->verdict->size = size;
		SR_TRY(sr_journal_verify_some(work->txn, &work->walk, AT_ONCE, replay_live, &work->scratch,
		                              err));
		if (check->progress)
			check->progress(check->context, work->walk.next, size);
		if (work->walk.next == size)
			return SR_OK;
		if (work->walk.next > size)
			return sr_fail(err, SR_TAMPERED, "the log lost entries while it was read");
		if (check->stop && check->stop(check->context))
			return sr_fail(err, SR_BUSY, "the verification was stopped");
	}
}

/* Where a published entry first differs from ours: its number goes into walk.next. */
struct comparing {
	struct work *work;
	struct sr_merkle_store store;
};

static enum sr_status compare_leaf(void *context, uint64_t seq, struct sr_bytes entry, struct sr_err *err)
{
	struct comparing *comparing = context;
	struct sr_digest published, ours;

	SR_TRY(sr_merkle_leaf(entry.data, entry.size, &published, err));
	SR_TRY(comparing->store.get(comparing->store.context, 0, seq, &ours, err));
	if (sr_digest_equal(&published, &ours))
		return SR_OK;
	comparing->work->walk.next = seq;
	return sr_fail(err, SR_TAMPERED, "entry %" PRIu64 " is not the one that was published", seq);
}

/* The published log is of another history than the database: say from which entry on. */
static enum sr_status name_fork(struct work *work, const struct sr_checkpoint *checkpoint, struct sr_err *err)
{
	SR_CLEANUP(sr_published_freep) struct sr_published *published = NULL;
	struct comparing comparing = { .work = work, .store = sr_journal_store(work->txn) };

	work->walk.next = 0;
	SR_TRY(sr_published_open(work->check->ledger_fd, checkpoint->size, &checkpoint->root, &published,
	                         err));
	SR_TRY(sr_published_entries(published, 0, compare_leaf, &comparing, err));
	return sr_fail(err, SR_TAMPERED, "the published tiles are those of the log, their checkpoint is not");
}

/* The tree against the checkpoint that was published when the verification began. */
static enum sr_status check_published(struct work *work, const struct sr_checkpoint *checkpoint,
                                      struct sr_err *err)
{
	const struct sr_merkle_store store = sr_journal_store(work->txn);
	struct sr_digest root;

	work->walk.next = work->verdict->size;
	if (checkpoint->size > work->verdict->size)
		return sr_fail(err, SR_TAMPERED,
		               "entry %" PRIu64 " is missing: the log ends before it, %" PRIu64
		               " entries are published",
		               work->verdict->size, checkpoint->size);
	SR_TRY(sr_merkle_root(&store, checkpoint->size, &root, err));
	return sr_digest_equal(&root, &checkpoint->root) ? SR_OK : name_fork(work, checkpoint, err);
}

static enum sr_status read_checkpoint(struct work *work, struct sr_checkpoint *out, struct sr_err *err)
{
	enum sr_status status =
		sr_published_checkpoint(work->check->ledger_fd, work->check->verifier, NULL, out, err);

	if (status == SR_NOT_FOUND)
		return sr_fail(err, SR_TAMPERED, "nothing is published: ledger/checkpoint is missing");
	return status;
}

static enum sr_status skip(void *context, uint64_t seq, struct sr_bytes entry, struct sr_err *err)
{
	const struct sr_ledger_check *check = context;

	(void)entry;
	if (check->stop && seq % AT_ONCE == 0 && check->stop(check->context))
		return sr_fail(err, SR_BUSY, "the verification was stopped");
	return SR_OK;
}

/* Every published file against the checkpoint. */
static enum sr_status check_files(struct work *work, const struct sr_checkpoint *checkpoint,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_published_freep) struct sr_published *published = NULL;
	struct sr_ledger_check check = *work->check;

	SR_TRY(sr_published_open(check.ledger_fd, checkpoint->size, &checkpoint->root, &published, err));
	return sr_published_entries(published, 0, skip, &check, err);
}

/* What the records say, at the entry that was reached. */
static enum sr_status check_records(struct work *work, struct sr_err *err)
{
	if (!work->scratch.txn)
		SR_TRY(sr_txn_write(work->scratch.env, &work->scratch.txn, err));
	return compare_records(work->txn, work->scratch.txn, err);
}

/* The first finding ends it. */
static enum sr_status judge(struct work *work, struct sr_err *err)
{
	struct sr_ledger_verdict *verdict = work->verdict;
	struct sr_checkpoint checkpoint = { 0 };

	/* Before the newest snapshot, so that the log is never found shorter than what was just published. */
	SR_TRY(find(work, read_checkpoint(work, &checkpoint, err), false, err));
	if (verdict->ok)
		SR_TRY(find(work, replay_earlier(work, err), true, err));
	if (verdict->ok)
		SR_TRY(find(work, replay_running(work, err), true, err));
	if (!verdict->ok)
		return SR_OK;
	const struct sr_merkle_store store = sr_journal_store(work->txn);
	SR_TRY(find(work, sr_merkle_root(&store, verdict->size, &verdict->root, err), false, err));
	if (verdict->ok)
		SR_TRY(find(work, check_published(work, &checkpoint, err), true, err));
	if (verdict->ok)
		SR_TRY(find(work, check_records(work, err), false, err));
	sr_txn_abort(SR_MOVE(work->txn)); /* the files may be many: no snapshot is held over them */
	if (verdict->ok)
		SR_TRY(find(work, check_files(work, &checkpoint, err), false, err));
	return SR_OK;
}

enum sr_status sr_ledger_check(const struct sr_ledger_check *check, struct sr_ledger_verdict *out,
                               struct sr_err *err)
{
	struct sr_ledger_verdict verdict = { .ok = true };
	SR_CLEANUP(work_dispose)
	struct work work = { .check = check, .walk = { .last_ns = INT64_MIN }, .verdict = &verdict };

	SR_TRY(make_scratch(check, &work.scratch, err));
	SR_TRY(sr_txn_read(check->env, &work.txn, err));
	SR_TRY(judge(&work, err));
	*out = verdict;
	return SR_OK;
}

enum sr_status sr_ledger_verdict_to_json(const struct sr_ledger_verdict *verdict, json_t **out,
                                         struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	char root[SR_DIGEST_HEX];

	sr_digest_to_hex(&verdict->root, root);
	SR_TRY(SR_JSON_PACK(&reply, err, "{s:I,s:s,s:b,s:n}", "size", (json_int_t)verdict->size, "root", root,
	                    "ok", verdict->ok, "first_wrong"));
	if (verdict->named)
		SR_TRY(sr_json_set(reply, "first_wrong", json_integer((json_int_t)verdict->first_wrong),
		                   err));
	if (!verdict->ok)
		SR_TRY(sr_json_set(reply, "why", json_string(verdict->text), err));
	*out = SR_MOVE(reply);
	return SR_OK;
}
