/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "appliance/keeper/state/ledger_check.h"
#include "appliance/keeper/ledger_offline.h"
#include "appliance/keeper/operations/restore_forward.h"
#include "tests/unit/keeper/reading_room.h"

/* Entry that the cases are about; the log has some thirty. */
#define AT 7u

static struct reading_room room;
static struct sr_buf good; /* data.mdb as it was */
static uint64_t log_size;

static void path_of(const char *name, char out[160])
{
	snprintf(out, 160, "%s/%s", room.data, name);
}

static struct sr_env *open_env(void)
{
	struct sr_env *env = NULL;
	struct sr_err err;
	char path[160];

	path_of("db", path);
	const struct sr_env_options options = { .path = path };
	assert_ok(sr_env_open(&options, &env, &err));
	return env;
}

static void put_back(void)
{
	struct sr_err err;
	char path[160];
	int fd;

	path_of("db/data.mdb", path);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(sr_fd_write_all(fd, good.data, good.size, &err));
	close(fd);
}

/* A keeper that ran and ended has published everything. */
static int set_up(void **state)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	SR_CLEANUP(sr_env_closep) struct sr_env *env = NULL;
	struct sr_err err;
	char path[160];

	(void)state;
	room_open(&room);
	room_grant(&room, &(struct room_wish){ .grant = "G00001-7kq2v9", .reader = "reader" });
	room_start(&room);
	room_stop(&room);
	path_of("db/data.mdb", path);
	assert_ok(sr_fd_read_file(AT_FDCWD, path, 1u << 30, &good, &err));
	env = open_env();
	assert_ok(sr_txn_read(env, &txn, &err));
	assert_ok(sr_journal_size(txn, &log_size, &err));
	sr_txn_abort(SR_MOVE(txn));
	sr_env_close(SR_MOVE(env));
	assert_true(log_size > AT + 5);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sr_buf_dispose(&good);
	room_close(&room);
	return 0;
}

/* What `ledger verify` says of the directory as it is now. */
static struct sr_ledger_verdict look(void)
{
	SR_CLEANUP(sr_fd_closep) int ledger_fd = -1;
	SR_CLEANUP(sr_env_closep) struct sr_env *env = open_env();
	SR_CLEANUP(sr_buf_dispose) struct sr_buf verifier = { 0 };
	struct sr_ledger_verdict verdict;
	char path[160], scratch[160];
	struct sr_err err;
	const char *text;

	path_of("keys/ledger.vkey", path);
	assert_ok(sr_fd_read_file(AT_FDCWD, path, 1000, &verifier, &err));
	verifier.size--; /* its line end */
	assert_ok(sr_buf_text(&verifier, &text, &err));
	path_of("ledger", path);
	path_of("staging", scratch);
	ledger_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct sr_ledger_check check = {
		.env = env, .ledger_fd = ledger_fd, .verifier = text, .scratch = scratch
	};
	assert_ok(sr_ledger_check(&check, &verdict, &err));
	assert_int_equal(test_folder_count(scratch), 0); /* the scratch is gone */
	return verdict;
}

/* --- what is altered ------------------------------------------------------------------------------- */

static struct sr_bytes seq_key(uint64_t seq, uint8_t key[8])
{
	for (int i = 0; i < 8; i++)
		key[i] = (uint8_t)(seq >> (8 * (7 - i)));
	return (struct sr_bytes){ key, 8 };
}

static void take_entry(struct sr_txn *txn, uint64_t seq, struct sr_buf *out)
{
	struct sr_err err;

	assert_ok(sr_journal_entry(txn, seq, out, &err));
}

static void replace(struct sr_txn *txn, uint64_t seq, struct sr_bytes value)
{
	struct sr_err err;
	uint8_t key[8];

	assert_ok(sr_txn_put(txn, SR_DB_ENTRIES, seq_key(seq, key), value, &err));
}

static void alter_entry(struct sr_txn *txn)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf entry = { 0 };

	take_entry(txn, AT, &entry);
	uint8_t *at = memmem(entry.data, entry.size, "\"salt\":\"", 8);
	at[8] = at[8] == 'A' ? 'B' : 'A';
	replace(txn, AT, sr_buf_bytes(&entry));
}

static void drop_entry(struct sr_txn *txn)
{
	struct sr_err err;
	uint8_t key[8];

	assert_ok(sr_txn_del(txn, SR_DB_ENTRIES, seq_key(AT, key), &err));
}

static void swap_entries(struct sr_txn *txn)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf first = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf second = { 0 };

	take_entry(txn, AT, &first);
	take_entry(txn, AT + 1, &second);
	replace(txn, AT, sr_buf_bytes(&second));
	replace(txn, AT + 1, sr_buf_bytes(&first));
}

/* One more entry in the middle: all behind it move on by one. */
static void insert_entry(struct sr_txn *txn)
{
	for (uint64_t seq = log_size; seq > AT; seq--) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf moved = { 0 };

		take_entry(txn, seq - 1, &moved);
		replace(txn, seq, sr_buf_bytes(&moved));
	}
}

static void cut_tail(struct sr_txn *txn)
{
	struct sr_err err;
	uint8_t key[8];

	for (uint64_t seq = log_size - 3; seq < log_size; seq++)
		assert_ok(sr_txn_del(txn, SR_DB_ENTRIES, seq_key(seq, key), &err));
}

/* Another history with a tree and records of its own: entries up to AT are kept, the others made anew. */
static void fork_history(struct sr_txn *txn)
{
	SR_CLEANUP(sr_json_decrefp) json_t *kept = json_array();
	struct sr_err err;
	size_t index;
	json_t *text;

	for (uint64_t seq = 0; seq < AT; seq++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf entry = { 0 };

		take_entry(txn, seq, &entry);
		json_array_append_new(kept, json_stringn((const char *)entry.data, entry.size));
	}
	assert_ok(sr_journal_clear(txn, &err));
	assert_ok(sr_reduce_reset(txn, &err));
	json_array_foreach(kept, index, text) {
		SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
		const struct sr_bytes bytes = { (const uint8_t *)json_string_value(text),
			                        json_string_length(text) };

		assert_ok(sr_entry_decode(bytes, &entry, &err));
		assert_ok(sr_journal_append_entry(txn, &entry, bytes, &err));
		assert_ok(sr_reduce(txn, &entry, bytes, &err));
	}
	for (uint64_t seq = AT; seq < log_size; seq++) {
		SR_CLEANUP(sr_json_decrefp)
		json_t *fields = json_pack("{s:s,s:s}", "key", "case.zone", "value", "Asia/Shanghai");
		const struct sr_entry_draft draft = { .type = "config.changed", .fields = fields };

		assert_ok(sr_record_event(txn, &draft, sr_clock_now_ns(), NULL, &err));
	}
}

static void alter_record(struct sr_txn *txn)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	struct sr_err err;

	assert_ok(sr_record_get(txn, SR_DB_PEOPLE, "u/reader", "user", &record, &err));
	json_object_set_new(record, "role", json_string("official"));
	assert_ok(sr_record_put(txn, SR_DB_PEOPLE, "u/reader", record, &err));
}

static void drop_record(struct sr_txn *txn)
{
	struct sr_err err;

	assert_ok(sr_record_drop(txn, SR_DB_GRANTS, "g/G00001-7kq2v9", &err));
}

static void add_record(struct sr_txn *txn)
{
	SR_CLEANUP(sr_json_decrefp) json_t *record = json_pack("{s:s}", "state", "live");
	struct sr_err err;

	assert_ok(sr_record_put(txn, SR_DB_GRANTS, "g/G00099-xxxxxx", record, &err));
}

static void leave_alone(struct sr_txn *txn)
{
	(void)txn;
}

static void what_was_altered_is_found_and_the_first_wrong_entry_named(void **state)
{
	const struct {
		const char *why;
		void (*alter)(struct sr_txn *txn);
		bool ok, named;
		uint64_t first_wrong;
	} cases[] = {
		{ "untouched", leave_alone, true, false, 0 },
		{ "an entry altered", alter_entry, false, true, AT },
		{ "an entry dropped", drop_entry, false, true, AT },
		{ "two entries reordered", swap_entries, false, true, AT },
		{ "an entry inserted", insert_entry, false, true, AT + 1 },
		{ "the tail cut", cut_tail, false, true, log_size - 3 },
		{ "another history with a tree of its own", fork_history, false, true, AT },
		{ "a record altered", alter_record, false, false, 0 },
		{ "a record dropped", drop_record, false, false, 0 },
		{ "a record added", add_record, false, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_env *env = open_env();
		struct sr_txn *txn;
		struct sr_err err;

		assert_ok(sr_txn_write(env, &txn, &err));
		cases[i].alter(txn);
		assert_ok(sr_txn_commit(&txn, &err));
		sr_env_close(env);
		const struct sr_ledger_verdict verdict = look();
		print_message("case: %s: %s\n", cases[i].why, verdict.ok ? "ok" : verdict.text);
		put_back();
		assert_int_equal(verdict.ok, cases[i].ok);
		assert_int_equal(verdict.named, cases[i].named);
		assert_int_equal(verdict.first_wrong, cases[i].first_wrong);
	}
}

static void a_keeper_starts_over_no_log_that_is_not_the_published_one(void **state)
{
	const struct {
		const char *why;
		void (*alter)(struct sr_txn *txn);
		uint64_t first_wrong;
	} cases[] = {
		{ "older than what was published", cut_tail, log_size - 3 },
		{ "another history", fork_history, AT },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
		const struct sr_keeper_options options = { .data = room.data };
		struct sr_keeper *keeper = NULL;
		struct sr_env *env = open_env();
		struct sr_txn *txn;
		struct sr_err err;

		assert_ok(sr_txn_write(env, &txn, &err));
		cases[i].alter(txn);
		assert_ok(sr_txn_commit(&txn, &err));
		sr_env_close(env);
		assert_int_equal(sr_keeper_open(&options, &keeper, &err), SR_TAMPERED);
		assert_non_null(strstr(err.text, "restore")); /* it says what to do */
		assert_ok(sr_offline_ledger_verify(room.data, &reply, &err));
		put_back();
		assert_true(json_is_false(json_object_get(reply, "ok")));
		assert_int_equal(json_integer_value(json_object_get(reply, "first_wrong")),
		                 cases[i].first_wrong);
	}
}

static void a_published_file_that_was_altered_is_found(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf was = { 0 };
	struct sr_err err;
	char name[64], path[160];

	(void)state;
	snprintf(name, sizeof(name), "ledger/tile/entries/000.p/%d", (int)log_size);
	path_of(name, path);
	assert_ok(sr_fd_read_file(AT_FDCWD, path, 1u << 24, &was, &err));
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	was.data[was.size / 2] ^= 1;
	assert_int_equal(pwrite(fd, was.data, was.size, 0), was.size);
	const struct sr_ledger_verdict verdict = look();
	was.data[was.size / 2] ^= 1;
	assert_int_equal(pwrite(fd, was.data, was.size, 0), was.size);
	close(fd);
	assert_false(verdict.ok);
	assert_false(verdict.named);
	assert_true(look().ok);
}

/* --- going forward --------------------------------------------------------------------------------- */

static enum sr_status forward(struct sr_env *env, uint64_t *size, struct sr_digest *root)
{
	struct sr_err err;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf verifier = { 0 };
	SR_CLEANUP(sr_fd_closep) int ledger_fd = -1;
	char path[160];
	const char *text;

	path_of("keys/ledger.vkey", path);
	assert_ok(sr_fd_read_file(AT_FDCWD, path, 1000, &verifier, &err));
	verifier.size--;
	assert_ok(sr_buf_text(&verifier, &text, &err));
	path_of("ledger", path);
	ledger_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return sr_restore_forward(env, ledger_fd, text, size, root, &err);
}

static void root_of(struct sr_txn *txn, uint64_t size, struct sr_digest *out)
{
	const struct sr_merkle_store store = sr_journal_store(txn);
	struct sr_err err;

	assert_ok(sr_merkle_root(&store, size, out, &err));
}

/* The first AT entries in a database of their own, as an old snapshot has them. */
static struct sr_env *make_short(const char *path, bool other)
{
	const struct sr_env_options options = { .path = path };
	SR_CLEANUP(sr_env_closep) struct sr_env *live = open_env();
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *from = NULL;
	struct sr_env *env = NULL;
	struct sr_txn *txn;
	struct sr_err err;

	assert_ok(sr_env_open(&options, &env, &err));
	assert_ok(sr_txn_read(live, &from, &err));
	assert_ok(sr_txn_write(env, &txn, &err));
	for (uint64_t seq = 0; seq < AT; seq++) {
		SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };

		take_entry(from, seq, &bytes);
		assert_ok(sr_entry_decode(sr_buf_bytes(&bytes), &entry, &err));
		if (other && seq == AT - 1)
			bytes.data[bytes.size - 3] ^= 1; /* in its last text */
		assert_ok(sr_journal_append_entry(txn, &entry, sr_buf_bytes(&bytes), &err));
		assert_ok(sr_reduce(txn, &entry, sr_buf_bytes(&bytes), &err));
	}
	assert_ok(sr_txn_commit(&txn, &err));
	return env;
}

static void a_snapshot_goes_forward_to_what_was_published(void **state)
{
	struct test_folder folder;
	struct sr_digest root, wanted;
	uint64_t size = AT;
	struct sr_err err;

	(void)state;
	for (int other = 0; other < 2; other++) {
		SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

		test_folder_open(&folder);
		struct sr_env *env = make_short(folder.path, other);
		size = AT;
		assert_ok(sr_txn_read(env, &txn, &err));
		root_of(txn, size, &root);
		sr_txn_abort(SR_MOVE(txn));
		assert_int_equal(forward(env, &size, &root), other ? SR_TAMPERED : SR_OK);
		assert_int_equal(size, other ? AT : log_size);
		if (!other) {
			assert_ok(sr_txn_read(env, &txn, &err));
			root_of(txn, log_size, &wanted);
			assert_true(sr_digest_equal(&root, &wanted));
			sr_txn_abort(SR_MOVE(txn));
		}
		sr_env_close(env);
		test_folder_close(&folder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_altered_is_found_and_the_first_wrong_entry_named),
		cmocka_unit_test(a_keeper_starts_over_no_log_that_is_not_the_published_one),
		cmocka_unit_test(a_published_file_that_was_altered_is_found),
		cmocka_unit_test(a_snapshot_goes_forward_to_what_was_published),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
