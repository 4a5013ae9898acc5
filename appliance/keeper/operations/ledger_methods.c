/* SPDX-License-Identifier: Apache-2.0 */
/* The log: LedgerEntries, LedgerProof, LedgerCheckpoint, LedgerTile, VerifyLedger, ProveExtension. */
#include "appliance/keeper/operations/methods.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/operations/ledger_filter.h"
#include "appliance/keeper/operations/ledger_view.h"
#include "appliance/keeper/state/epochs.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/ledger_check.h"
#include "appliance/keeper/core/outside_checkpoint.h"
#include "appliance/keeper/state/state.h"
#include "appliance/ledger/receipt.h"
#include "appliance/ledger/tile.h"

#define ENTRIES_DEFAULT 1000
#define ENTRIES_MAX 10000
#define ENTRIES_BYTES (2u << 20)   /* of one answer, before JSON doubles quotation marks */
#define SCAN_NS (SR_SECOND_NS / 4) /* looked for what the caller may see: then a page ends, perhaps empty */
#define FOLLOW_PAUSE_NS 100000000l
#define FOLLOW_WAIT_NS (2 * SR_SECOND_NS) /* of a caller who takes one answer */
#define FOLLOWERS 16
#define TILE_BYTES ((size_t)SR_TILE_WIDTH * (2u + SR_ENTRY_BYTES))

/* --- LedgerEntries --------------------------------------------------------------------------------- */

struct page {
	uint64_t from, next, size;
	uint64_t limit;
	struct sr_ledger_filter filter;
	json_t *entries;
};

static enum sr_status add_entry(struct sr_act *act, struct sr_txn *txn, struct page *page,
                                struct sr_bytes bytes, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	bool wanted = true;

	if (!sr_ledger_filter_is_open(&page->filter) || !sr_ledger_view_is_whole(act)) {
		SR_TRY(sr_entry_decode(bytes, &entry, err));
		wanted = sr_ledger_filter_wants(&page->filter, &entry);
		if (wanted)
			SR_TRY(sr_ledger_view_may_see(act, txn, &entry, &wanted, err));
	}
	if (!wanted)
		return SR_OK;
	return sr_json_append(page->entries, json_stringn((const char *)bytes.data, bytes.size), err);
}

/* From page->from on, until the page, its bytes, the time or the log is at an end; page->next goes on. */
static enum sr_status fill_page(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	int64_t until_ns = sr_keeper_boot_ns() + SCAN_NS;
	struct page *page = act->work;
	size_t bytes = 0;

	SR_TRY(sr_journal_size(txn, &page->size, err));
	SR_TRY(sr_ledger_filter_begin(&page->filter, txn, &page->from, err));
	for (page->next = page->from; page->next < page->size; page->next++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf entry = { 0 };
		size_t before = json_array_size(page->entries);

		if (before == page->limit || bytes > ENTRIES_BYTES || sr_keeper_boot_ns() > until_ns)
			break;
		SR_TRY(sr_journal_entry(txn, page->next, &entry, err));
		SR_TRY(add_entry(act, txn, page, sr_buf_bytes(&entry), err));
		if (json_array_size(page->entries) > before)
			bytes += entry.size;
	}
	return SR_OK;
}

/* Who follows for long may have been disabled, or signed out, meanwhile. */
struct looking {
	const char *session;
	bool found;
};

static void look_for_session(void *context, const struct sr_session *session)
{
	struct looking *looking = context;

	looking->found = looking->found || strcmp(session->id, looking->session) == 0;
}

static enum sr_status still_allowed(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct sr_caller *caller = &act->caller;
	struct looking looking = { .session = caller->session };

	if (caller->session[0]) {
		pthread_mutex_lock(&act->keeper->lock);
		sr_session_table_each(act->keeper->sessions, caller->user, look_for_session, &looking);
		pthread_mutex_unlock(&act->keeper->lock);
		if (!looking.found)
			return sr_act_refuse(act, "NotSignedIn", err, "the session has ended");
	}
	return caller->pass ? SR_OK
	                    : sr_state_require_role(txn, caller->user, sr_role_name(caller->role), err);
}

static enum sr_status check_and_fill(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	SR_TRY(still_allowed(act, txn, err));
	return fill_page(act, txn, err);
}

static enum sr_status reply_page(const struct page *page, json_t **out, struct sr_err *err)
{
	return SR_JSON_PACK(out, err, "{s:O,s:I,s:I}", "entries", page->entries, "next",
	                    (json_int_t)page->next, "size", (json_int_t)page->size);
}

/* Page after page, as they come, until nobody listens. */
static enum sr_status follow(struct sr_act *act, struct page *page, struct sr_err *err)
{
	int64_t until_ns = sr_act_wants_more(act) ? INT64_MAX : sr_keeper_boot_ns() + FOLLOW_WAIT_NS;
	const struct timespec pause = { .tv_nsec = FOLLOW_PAUSE_NS };

	while (!sr_act_is_abandoned(act) && !atomic_load(&act->keeper->stopping)) {
		json_t *part = NULL;

		SR_TRY(sr_act_read(act, check_and_fill, err));
		if (json_array_size(page->entries) == 0) {
			bool behind = page->next < page->size;

			page->from = page->next;
			if (!behind && sr_keeper_boot_ns() >= until_ns)
				break;
			if (!behind)
				nanosleep(&pause, NULL);
			continue;
		}
		if (!sr_act_wants_more(act))
			break;
		SR_TRY(reply_page(page, &part, err));
		SR_TRY(sr_act_continue(act, part, err));
		json_array_clear(page->entries);
		page->from = page->next;
	}
	return SR_OK;
}

static enum sr_status follow_if_room(struct sr_act *act, struct page *page, struct sr_err *err)
{
	if (atomic_fetch_add(&act->keeper->followers, 1) >= FOLLOWERS) {
		atomic_fetch_sub(&act->keeper->followers, 1);
		return sr_act_refuse(act, "Busy", err, "%d callers follow the log already", FOLLOWERS);
	}
	enum sr_status status = follow(act, page, err);
	atomic_fetch_sub(&act->keeper->followers, 1);
	return status;
}

static enum sr_status ledger_entries(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *entries = json_array();
	int64_t limit = sr_act_count(act, "limit", ENTRIES_DEFAULT);
	struct page page = {
		.from = (uint64_t)sr_act_count(act, "from", 0),
		.limit = (uint64_t)(limit > ENTRIES_MAX ? ENTRIES_MAX : limit),
		.entries = entries,
	};

	if (!entries)
		return sr_fail(err, SR_NO_MEMORY, "no memory for entries");
	if (limit == 0)
		return sr_act_refuse(act, "Invalid", err, "/limit: must be 1 to %d", ENTRIES_MAX);
	SR_TRY(sr_ledger_filter_take(act, &page.filter, err));
	sr_act_set_work(act, &page);
	SR_TRY(sr_act_flag(act, "follow") ? follow_if_room(act, &page, err)
	                                  : sr_act_read(act, fill_page, err));
	return reply_page(&page, &act->answer, err);
}

/* --- LedgerProof ----------------------------------------------------------------------------------- */

static enum sr_status find_entry(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	uint64_t seq = (uint64_t)sr_act_count(act, "seq", 0);
	char name[24];
	bool may = false;

	snprintf(name, sizeof(name), "%" PRIu64, seq);
	enum sr_status status = sr_journal_entry(txn, seq, &bytes, err);
	if (status != SR_OK && status != SR_NOT_FOUND)
		return status;
	if (status == SR_OK) {
		SR_TRY(sr_entry_decode(sr_buf_bytes(&bytes), &entry, err));
		SR_TRY(sr_ledger_view_may_see(act, txn, &entry, &may, err));
	}
	if (!may)
		return sr_act_not_found(act, "entry", name, err);
	return sr_journal_receipt(txn, act->keeper->ledger_fd, act->keeper->verifier, seq, act->work, err);
}

static enum sr_status ledger_proof(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf receipt = { 0 };
	const char *text;

	sr_act_set_work(act, &receipt);
	SR_TRY(sr_act_read(act, find_entry, err));
	SR_TRY(sr_buf_text(&receipt, &text, err));
	return sr_act_reply(act, err, "{s:s}", "receipt", text);
}

/* --- LedgerCheckpoint, LedgerTile ------------------------------------------------------------------ */

static enum sr_status ledger_checkpoint(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf note = { 0 };
	struct sr_checkpoint checkpoint;
	const char *text;

	SR_TRY(sr_published_checkpoint(act->keeper->ledger_fd, act->keeper->verifier, &note, &checkpoint,
	                               err));
	SR_TRY(sr_buf_text(&note, &text, err));
	return sr_act_reply(act, err, "{s:s,s:s,s:I}", "checkpoint", text, "verifier", act->keeper->verifier,
	                    "size", (json_int_t)checkpoint.size);
}

/* "[EPOCH/]tile/LEVEL/x001/234[.p/5]" or "[EPOCH/]tile/entries/…", and "EPOCH/checkpoint": what stands at
 * @path after the epoch, or NULL when it is neither. */
static const char *behind_epoch(const char *path)
{
	const char *rest = path + strspn(path, "0123456789");

	if (rest == path)
		return path;
	return *rest == '/' && path[0] != '0' ? rest + 1 : NULL;
}

static bool is_tile(const char *path, bool *entries)
{
	const char *rest = path;

	*entries = sr_text_starts_with(path, "tile/entries/");
	if (*entries)
		rest += strlen("tile/entries/");
	else if (sr_text_starts_with(path, "tile/") && path[5] >= '0' &&
	         path[5] < '0' + (int)SR_TILE_LEVELS && path[6] == '/')
		rest += strlen("tile/0/");
	else
		return false;
	return strlen(path) < SR_TILE_PATH && isdigit((unsigned char)path[strlen(path) - 1]) &&
	       rest[strspn(rest, "0123456789x/.p")] == 0 && !strstr(rest, "..") && !strstr(rest, "//");
}

static enum sr_status ledger_tile(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf base64 = { 0 };
	const char *path = sr_act_text(act, "path");
	const char *rest = behind_epoch(path);
	bool entries = false;
	const char *text;

	if (!rest || (!is_tile(rest, &entries) && (rest == path || strcmp(rest, "checkpoint") != 0)))
		return sr_act_not_found(act, "tile", path, err);
	if (entries && !sr_act_is(act, SR_BY(AUDITOR)))
		return sr_act_refuse(
			act, act->caller.known ? "NotYourRole" : "NotSignedIn", err,
			"entry bundles are for the auditor; hash tiles and checkpoints for anyone");
	enum sr_status status = sr_fd_read_file(act->keeper->ledger_fd, path, TILE_BYTES, &bytes, err);
	if (status == SR_NOT_FOUND)
		return sr_act_not_found(act, "tile", path, err);
	SR_TRY(status);
	SR_TRY(sr_base64_encode(SR_BASE64_PADDED, bytes.data, bytes.size, &base64, err));
	SR_TRY(sr_buf_text(&base64, &text, err));
	return sr_act_reply(act, err, "{s:s}", "data", text);
}

/* --- VerifyLedger ---------------------------------------------------------------------------------- */

static bool nobody_waits(void *context)
{
	struct sr_act *act = context;

	return sr_act_is_abandoned(act) || atomic_load(&act->keeper->stopping);
}

static void tell_progress(void *context, uint64_t done, uint64_t total)
{
	struct sr_act *act = context;
	struct sr_err ignored;

	(void)!sr_act_continue(act,
	                       json_pack("{s:s,s:I,s:I}", "what", "entries", "done", (json_int_t)done,
	                                 "total", (json_int_t)total),
	                       &ignored);
}

static enum sr_status verify_ledger(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf scratch = { 0 };
	struct sr_ledger_check check = {
		.env = act->keeper->env,
		.ledger_fd = act->keeper->ledger_fd,
		.verifier = act->keeper->verifier,
		.stop = nobody_waits,
		.progress = tell_progress,
		.context = act,
	};
	struct sr_ledger_verdict verdict;

	SR_TRY(sr_buf_printf(&scratch, err, "%s/staging", act->keeper->data->path));
	SR_TRY(sr_buf_text(&scratch, &check.scratch, err));
	SR_TRY(sr_ledger_check(&check, &verdict, err));
	return sr_ledger_verdict_to_json(&verdict, &act->answer, err);
}

/* --- ProveExtension -------------------------------------------------------------------------------- */

struct extension {
	struct sr_bytes note;
	struct sr_checkpoint old, new;
	struct sr_proof proof;
	struct sr_epoch epoch; /* the one that the note is of */
	bool current;          /* the checkpoint is of the log's own epoch */
};

/* Does the log of @store and @size, that of x->new, extend the note? */
static enum sr_status prove(struct sr_act *act, struct extension *x, const struct sr_merkle_store *store,
                            struct sr_err *err)
{
	struct sr_digest root;

	if (x->old.size > x->new.size)
		return sr_act_refuse(act, "Tampered", err,
		                     "the log does not extend that checkpoint: it has %" PRIu64
		                     " entries, the checkpoint %" PRIu64,
		                     x->new.size, x->old.size);
	SR_TRY(sr_merkle_root(store, x->old.size, &root, err));
	if (!sr_digest_equal(&root, &x->old.root))
		return sr_act_refuse(act, "Tampered", err,
		                     "the log does not extend that checkpoint: its first %" PRIu64
		                     " entries are others (the log has %" PRIu64 ")",
		                     x->old.size, x->new.size);
	x->proof.count = 0;
	if (x->old.size > 0)
		SR_TRY(sr_merkle_consistency(store, x->old.size, x->new.size, &x->proof, err));
	return SR_OK;
}

/* A checkpoint of an epoch before: against the frozen log that the next epoch went on from. */
static enum sr_status prove_frozen(struct sr_act *act, struct extension *x, const struct sr_epoch *after,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int folder = -1;
	SR_CLEANUP(sr_published_freep) struct sr_published *log = NULL;
	struct sr_epoch before;
	char origin[SR_ORIGIN_TEXT + 24];

	if (!after->continues)
		return sr_act_refuse(act, "Tampered", err, "the checkpoint is none of this appliance's log");
	SR_TRY(sr_epoch_previous(act->keeper->ledger_fd, after, &folder, &log, &before, err));
	snprintf(origin, sizeof(origin), "%s/%" PRIu64 "\n", before.appliance, before.number);
	if (x->note.size < strlen(origin) || memcmp(x->note.data, origin, strlen(origin)) != 0) {
		if (before.number >= after->number)
			return sr_fail(err, SR_TAMPERED, "an epoch goes on from itself");
		return prove_frozen(act, x, &before, err);
	}
	SR_TRY(sr_checkpoint_open(x->note, before.verifier, &x->old, err));
	const struct sr_merkle_store store = sr_published_store(log);
	x->new = (struct sr_checkpoint){ .size = after->previous_size, .root = after->previous_root };
	memcpy(x->new.origin, x->old.origin, sizeof(x->new.origin));
	return prove(act, x, &store, err);
}

static enum sr_status prove_any(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	const struct sr_merkle_store store = sr_journal_store(txn);
	const char *origin = act->keeper->origin;
	struct extension *x = act->work;
	size_t size = strlen(origin);

	SR_TRY(sr_journal_entry(txn, 0, &bytes, err));
	SR_TRY(sr_entry_decode(sr_buf_bytes(&bytes), &entry, err));
	SR_TRY(sr_epoch_read(&entry, &x->epoch, err));
	if (x->note.size <= size || memcmp(x->note.data, origin, size) != 0 || x->note.data[size] != '\n')
		return prove_frozen(act, x, &x->epoch, err);
	enum sr_status status = sr_checkpoint_open(x->note, act->keeper->verifier, &x->old, err);
	if (status == SR_OK)
		status = sr_published_checkpoint(act->keeper->ledger_fd, act->keeper->verifier, NULL, &x->new,
		                                 err);
	SR_TRY(status);
	x->current = true;
	if (x->new.size < x->old.size) /* committed and perhaps not published yet */
		SR_TRY(sr_journal_size(txn, &x->new.size, err));
	SR_TRY(prove(act, x, &store, err));
	return sr_merkle_root(&store, x->new.size, &x->new.root, err);
}

static enum sr_status reply_extension(struct sr_act *act, const struct extension *x, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *proof = json_array();
	char old_root[SR_DIGEST_HEX], new_root[SR_DIGEST_HEX];

	for (size_t i = 0; i < x->proof.count; i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
		const char *base64;

		SR_TRY(sr_base64_encode(SR_BASE64_PADDED, x->proof.hashes[i].bytes, SR_DIGEST_BYTES, &text,
		                        err));
		SR_TRY(sr_buf_text(&text, &base64, err));
		SR_TRY(sr_json_append(proof, json_string(base64), err));
	}
	sr_digest_to_hex(&x->old.root, old_root);
	sr_digest_to_hex(&x->new.root, new_root);
	return sr_act_reply(act, err, "{s:b,s:s,s:I,s:s,s:I,s:s,s:O}", "extends", 1, "origin", x->old.origin,
	                    "old", (json_int_t)x->old.size, "old_root", old_root, "new",
	                    (json_int_t)x->new.size, "new_root", new_root, "proof", proof);
}

static enum sr_status prove_extension(struct sr_act *act, struct sr_err *err)
{
	const char *text = sr_act_text(act, "checkpoint");
	struct extension x = { .note = sr_receipt_note(
				       (struct sr_bytes){ (const uint8_t *)text, strlen(text) }) };

	sr_act_set_work(act, &x);
	SR_TRY(sr_act_read(act, prove_any, err));
	/* A copy of it lay outside: that is worth knowing (Warnings, checkpoint_outside). */
	if (x.current && x.old.size > 0) {
		char root[SR_DIGEST_HEX];

		sr_digest_to_hex(&x.old.root, root);
		SR_TRY(sr_outside_checkpoint_note(act, x.old.size, root, err));
	}
	return reply_extension(act, &x, err);
}

static const struct sr_method methods[] = {
	{ "LedgerEntries",
	  "from:count? limit:count? type:text? who:text? about:text? since:text? until:text? follow:flag?",
	  SR_BY_ALL & ~SR_BY(ADMIN), SR_DOOR_PEOPLE, 0, ledger_entries },
	{ "LedgerProof", "seq:count", SR_BY_ALL & ~SR_BY(ADMIN), SR_DOOR_PEOPLE, 0, ledger_proof },
	{ "LedgerCheckpoint", "", 0, SR_DOOR_PEOPLE, SR_METHOD_STRANGERS, ledger_checkpoint },
	{ "LedgerTile", "path:text", 0, SR_DOOR_PEOPLE, SR_METHOD_STRANGERS, ledger_tile },
	{ "VerifyLedger", "", SR_BY(AUDITOR), SR_DOOR_PEOPLE, SR_METHOD_SLOW, verify_ledger },
	{ "ProveExtension", "checkpoint:prose", SR_BY(AUDITOR), SR_DOOR_PEOPLE, 0, prove_extension },
};
const struct sr_method_family sr_ledger_methods = { methods, SR_COUNT(methods) };
