/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "tests/unit/folder.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/keeper/state/journal.h"
#include "appliance/keeper/state/publisher.h"
#include "appliance/keeper/wire/wire_time.h"
#include "appliance/ledger/published.h"
#include "appliance/ledger/receipt.h"

#define ORIGIN "test.example/1"
#define T0 (1790000000ll * SR_SECOND_NS)

struct room {
	struct test_folder db;
	struct test_folder ledger;
	struct sr_env *env;
	struct sr_key *key;
	struct sr_buf verifier;
};

static struct sr_env *open_env(struct room *room)
{
	const struct sr_env_options options = { .path = room->db.path, .map_start = 16u << 20 };
	struct sr_env *env = NULL;
	struct sr_err err;

	assert_ok(sr_env_open(&options, &env, &err));
	return env;
}

static int set_up(void **state)
{
	struct room *room = calloc(1, sizeof(*room));
	const char *text;
	struct sr_err err;

	test_folder_open(&room->db);
	test_folder_open(&room->ledger);
	room->env = open_env(room);
	assert_ok(sr_key_generate(SR_KEY_ED25519, &room->key, &err));
	assert_ok(sr_note_verifier_key(ORIGIN, room->key, &room->verifier, &err));
	assert_ok(sr_buf_text(&room->verifier, &text, &err));
	*state = room;
	return 0;
}

static int tear_down(void **state)
{
	struct room *room = *state;

	sr_env_close(room->env);
	sr_key_free(room->key);
	sr_buf_dispose(&room->verifier);
	test_folder_close(&room->ledger);
	test_folder_close(&room->db);
	free(room);
	return 0;
}

static const char *verifier_of(const struct room *room)
{
	return (const char *)room->verifier.data;
}

/* An entry of a type with one text. */
static enum sr_status append(struct sr_txn *txn, int number, int64_t now_ns, uint64_t *seq,
                             struct sr_err *err)
{
	char name[32];

	snprintf(name, sizeof(name), "draft-%d", number);
	SR_CLEANUP(sr_json_decrefp) json_t *fields = json_pack("{s:s,s:s}", "draft", name, "reason", "x");
	const struct sr_entry_draft draft = { .type = "draft.returned", .fields = fields };

	return sr_journal_append(txn, &draft, now_ns, seq, err);
}

static void append_many(struct room *room, int count)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_err err;

	assert_ok(sr_txn_write(room->env, &txn, &err));
	for (int i = 0; i < count; i++)
		assert_ok(append(txn, i, T0 + i, NULL, &err));
	assert_ok(sr_txn_commit(&txn, &err));
}

static enum sr_status verify(struct room *room, uint64_t *size, uint64_t *first_wrong, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_digest root;

	SR_TRY(sr_txn_read(room->env, &txn, err));
	return sr_journal_verify(txn, NULL, NULL, size, &root, first_wrong, err);
}

static void entries_are_numbered_and_never_go_back_in_time(void **state)
{
	struct room *room = *state;
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	static const int64_t clock[] = { T0, T0 + 5000, T0 - 77000, T0 + 6000 };
	static const int64_t want[] = { T0, T0 + 5000, T0 + 5000, T0 + 6000 };
	struct sr_err err;

	assert_ok(sr_txn_write(room->env, &txn, &err));
	for (uint64_t i = 0; i < SR_COUNT(clock); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
		SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
		uint64_t seq;

		assert_ok(append(txn, 1, clock[i], &seq, &err));
		assert_int_equal(seq, i);
		assert_ok(sr_journal_entry(txn, seq, &bytes, &err));
		assert_ok(sr_entry_decode(sr_buf_bytes(&bytes), &entry, &err));
		assert_int_equal(entry.seq, i);
		assert_int_equal(entry.time_ns, want[i]);
	}
	SR_CLEANUP(sr_buf_dispose) struct sr_buf beyond = { 0 };
	assert_int_equal(sr_journal_entry(txn, 4, &beyond, &err), SR_NOT_FOUND);
}

static void what_is_no_entry_leaves_the_log_as_it_was(void **state)
{
	struct room *room = *state;
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	const struct sr_entry_draft unknown = { .type = "no.such" };
	uint64_t size;
	struct sr_err err;

	assert_ok(sr_txn_write(room->env, &txn, &err));
	assert_int_equal(sr_journal_append(txn, &unknown, T0, NULL, &err), SR_INVALID);
	assert_ok(sr_journal_size(txn, &size, &err));
	assert_int_equal(size, 0);
}

/* The root is compared with RFC 6962's definition, computed here from the entries' bytes. */
static void reference_root(struct sr_txn *txn, uint64_t from, uint64_t to, struct sr_digest *out)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	struct sr_err err;

	if (to - from == 1) {
		assert_ok(sr_buf_add(&bytes, "\0", 1, &err));
		assert_ok(sr_journal_entry(txn, from, &bytes, &err));
	} else {
		struct sr_digest left, right;
		uint64_t half = 1;

		while (half * 2 < to - from)
			half *= 2;
		reference_root(txn, from, from + half, &left);
		reference_root(txn, from + half, to, &right);
		assert_ok(sr_buf_add(&bytes, "\1", 1, &err));
		assert_ok(sr_buf_add(&bytes, left.bytes, sizeof(left.bytes), &err));
		assert_ok(sr_buf_add(&bytes, right.bytes, sizeof(right.bytes), &err));
	}
	assert_ok(sr_digest_of(bytes.data, bytes.size, out, &err));
}

static void the_tree_is_that_of_the_entries(void **state)
{
	struct room *room = *state;
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_digest root, want;
	uint64_t size, first_wrong;
	struct sr_err err;

	append_many(room, 77);
	assert_ok(sr_txn_read(room->env, &txn, &err));
	assert_ok(sr_journal_verify(txn, NULL, NULL, &size, &root, &first_wrong, &err));
	assert_int_equal(size, 77);
	reference_root(txn, 0, 77, &want);
	assert_true(sr_digest_equal(&root, &want));
}

static struct sr_bytes seq_key(uint64_t seq, uint8_t key[8])
{
	for (size_t i = 0; i < 8; i++)
		key[i] = (uint8_t)(seq >> (56 - 8 * i));
	return (struct sr_bytes){ .data = key, .size = 8 };
}

enum tampering {
	ALTER_ENTRY,
	DROP_ENTRY,
	SWAP_ENTRIES,
	CUT_TAIL,
	ALTER_LEAF,
	ALTER_NODE,
};

static void read_value(struct sr_txn *txn, enum sr_db db, struct sr_bytes key, struct sr_buf *out)
{
	struct sr_bytes value;
	struct sr_err err;

	assert_ok(sr_txn_get(txn, db, key, &value, &err));
	assert_ok(sr_buf_add(out, value.data, value.size, &err));
}

static void alter(struct sr_txn *txn, enum sr_db db, struct sr_bytes key, size_t at)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	struct sr_err err;

	read_value(txn, db, key, &value);
	value.data[at] ^= 1;
	assert_ok(sr_txn_put(txn, db, key, sr_buf_bytes(&value), &err));
}

static void tamper(struct sr_txn *txn, enum tampering how)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf one = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf two = { 0 };
	uint8_t a[8], b[8];
	struct sr_err err;

	switch (how) {
	case ALTER_ENTRY:
		alter(txn, SR_DB_ENTRIES, seq_key(5, a), 100);
		break;
	case DROP_ENTRY:
		assert_ok(sr_txn_del(txn, SR_DB_ENTRIES, seq_key(5, a), &err));
		break;
	case SWAP_ENTRIES:
		read_value(txn, SR_DB_ENTRIES, seq_key(5, a), &one);
		read_value(txn, SR_DB_ENTRIES, seq_key(6, b), &two);
		assert_ok(sr_txn_put(txn, SR_DB_ENTRIES, seq_key(5, a), sr_buf_bytes(&two), &err));
		assert_ok(sr_txn_put(txn, SR_DB_ENTRIES, seq_key(6, b), sr_buf_bytes(&one), &err));
		break;
	case CUT_TAIL:
		assert_ok(sr_txn_del(txn, SR_DB_ENTRIES, seq_key(9, a), &err));
		break;
	case ALTER_LEAF:
		alter(txn, SR_DB_HASHES, seq_key(5, a), 0);
		break;
	case ALTER_NODE:
		alter(txn, SR_DB_HASHES, seq_key(5, a), 63); /* over leaves 4 and 5: behind the leaf */
		break;
	}
}

static void whatever_was_touched_is_named(void **state)
{
	static const struct {
		const char *why;
		enum tampering how;
		uint64_t first_wrong;
	} cases[] = {
		{ "altered", ALTER_ENTRY, 5 },     { "dropped", DROP_ENTRY, 5 },
		{ "swapped", SWAP_ENTRIES, 5 },    { "leaf altered", ALTER_LEAF, 5 },
		{ "node altered", ALTER_NODE, 5 },
	};
	struct room *room = *state;

	append_many(room, 10);
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
		struct sr_digest root;
		uint64_t size, first_wrong = 99;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		assert_ok(sr_txn_write(room->env, &txn, &err));
		tamper(txn, cases[i].how);
		assert_int_equal(sr_journal_verify(txn, NULL, NULL, &size, &root, &first_wrong, &err),
		                 SR_TAMPERED);
		assert_int_equal(first_wrong, cases[i].first_wrong);
	}
}

static void no_failure(void *context, enum sr_status status, const struct sr_err *err)
{
	(void)context;
	(void)status;
	fail_msg("publishing: %s", err->text);
}

static struct sr_publisher_options publishing(const struct room *room)
{
	return (struct sr_publisher_options){ .env = room->env,
		                              .dir_fd = room->ledger.fd,
		                              .origin = ORIGIN,
		                              .key = room->key,
		                              .failed = no_failure };
}

static void publish_now(struct room *room)
{
	const struct sr_publisher_options options = publishing(room);
	struct sr_publisher *publisher = NULL;
	struct sr_err err;

	assert_ok(sr_publisher_start(&options, &publisher, &err));
	sr_publisher_stop(publisher);
}

/* A cut tail looks whole from inside; the published checkpoint knows better. */
static void a_log_behind_its_checkpoint_is_not_served(void **state)
{
	struct room *room = *state;
	const struct sr_publisher_options options = publishing(room);
	struct sr_publisher *publisher = NULL;
	uint64_t size, first_wrong;
	struct sr_err err;

	append_many(room, 10);
	publish_now(room);
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	assert_ok(sr_txn_write(room->env, &txn, &err));
	tamper(txn, CUT_TAIL);
	assert_ok(sr_txn_commit(&txn, &err));
	assert_ok(verify(room, &size, &first_wrong, &err));
	assert_int_equal(size, 9);
	assert_int_equal(sr_publisher_start(&options, &publisher, &err), SR_TAMPERED);
}

/* A busy machine may need longer for its part, but not each time. */
static void the_publisher_follows_within_a_second(void **state)
{
	struct room *room = *state;
	const struct sr_publisher_options options = publishing(room);
	struct sr_publisher *publisher = NULL;
	struct sr_checkpoint checkpoint;
	uint64_t size = 3;
	int64_t took_ns = INT64_MAX;
	struct sr_err err;

	append_many(room, 3);
	assert_ok(sr_publisher_start(&options, &publisher, &err));
	assert_int_equal(sr_publisher_size(publisher), size);
	for (int i = 0; i < 10 && took_ns >= 2 * SR_SECOND_NS; i++) {
		append_many(room, 300);
		size += 300;
		int64_t began_ns = sr_wire_now_ns();
		sr_publisher_notify(publisher);
		for (int n = 0; n < 3000 && sr_publisher_size(publisher) < size; n++)
			usleep(20000);
		took_ns = sr_wire_now_ns() - began_ns;
		assert_int_equal(sr_publisher_size(publisher), size);
	}
	assert_true(took_ns < 2 * SR_SECOND_NS);
	append_many(room, 1);
	sr_publisher_notify(publisher);
	sr_publisher_stop(publisher);
	assert_ok(sr_published_checkpoint(room->ledger.fd, verifier_of(room), NULL, &checkpoint, &err));
	assert_int_equal(checkpoint.size, size + 1);
}

static void receipts_come_from_what_is_published(void **state)
{
	struct room *room = *state;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_receipt_dispose) struct sr_receipt receipt = { 0 };
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;
	struct sr_err err;

	append_many(room, 20);
	publish_now(room);
	append_many(room, 1);
	assert_ok(sr_txn_read(room->env, &txn, &err));
	assert_int_equal(sr_journal_receipt(txn, room->ledger.fd, verifier_of(room), 21, &text, &err),
	                 SR_NOT_FOUND);
	assert_int_equal(sr_journal_receipt(txn, room->ledger.fd, verifier_of(room), 20, &text, &err),
	                 SR_BUSY);
	assert_ok(sr_journal_receipt(txn, room->ledger.fd, verifier_of(room), 13, &text, &err));
	assert_ok(sr_receipt_verify(sr_buf_bytes(&text), verifier_of(room), &receipt, &err));
	assert_int_equal(receipt.seq, 13);
	assert_int_equal(receipt.checkpoint.size, 20);
}

/* A child appends and tells each durable entry; killed at any moment, the log holds what it told and is
 * whole. */
static void append_until_killed(struct room *room, volatile uint64_t *told)
{
	struct sr_env *env = open_env(room);
	struct sr_err err;

	for (int i = 0;; i++) {
		struct sr_txn *txn = NULL;
		uint64_t seq;

		if (sr_txn_write(env, &txn, &err) != SR_OK || append(txn, i, T0 + i, &seq, &err) != SR_OK ||
		    sr_txn_commit(&txn, &err) != SR_OK)
			_exit(1);
		*told = seq + 1;
	}
}

static void a_killed_writer_loses_nothing_that_it_told(void **state)
{
	struct room *room = *state;
	volatile uint64_t *told =
		mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sr_err err;

	sr_env_close(room->env);
	for (int round = 0; round < 8; round++) {
		uint64_t size, first_wrong;
		pid_t child = fork();

		if (child == 0)
			append_until_killed(room, told);
		usleep(20000 + 7000 * (unsigned)round);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		room->env = open_env(room);
		assert_ok(verify(room, &size, &first_wrong, &err));
		assert_true(size >= *told && size <= *told + 1);
		*told = size; /* the next child begins here, told or not */
		sr_env_close(room->env);
	}
	room->env = open_env(room);
	munmap((void *)(uintptr_t)told, sizeof(*told));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(entries_are_numbered_and_never_go_back_in_time, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_entry_leaves_the_log_as_it_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_tree_is_that_of_the_entries, set_up, tear_down),
		cmocka_unit_test_setup_teardown(whatever_was_touched_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_log_behind_its_checkpoint_is_not_served, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_publisher_follows_within_a_second, set_up, tear_down),
		cmocka_unit_test_setup_teardown(receipts_come_from_what_is_published, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_killed_writer_loses_nothing_that_it_told, set_up,
		                                tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
