/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts: every entry's verifies here and with the independent reader; every bit, cut and exchange is
 * refused. */
#include "tests/unit/ledger/ledger_lab.h"

#include "appliance/base/text.h"
#include "appliance/ledger/receipt.h"

static struct lab lab;
static struct sr_buf note;

static int setup(void **state)
{
	struct sr_err err;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	lab_grow(&lab, 11);
	assert_ok(sr_publish(&lab.publication, 11, &err));
	lab_note(&lab, &note);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sr_buf_dispose(&note);
	lab_close(&lab);
	return 0;
}

static void make(uint64_t seq, struct sr_buf *out)
{
	struct sr_proof proof;
	struct sr_err err;

	assert_ok(sr_merkle_inclusion(&lab.store, seq, lab.size, &proof, &err));
	assert_ok(sr_receipt_encode(sr_buf_bytes(&lab.entries[seq]), seq, &proof, sr_buf_bytes(&note), out,
	                            &err));
}

static enum sr_status verify(const void *data, size_t size)
{
	SR_CLEANUP(sr_receipt_dispose) struct sr_receipt receipt = { 0 };
	struct sr_err err;

	return sr_receipt_verify((struct sr_bytes){ data, size }, lab.verifier, &receipt, &err);
}

static void every_entry_s_receipt_verifies(void **state)
{
	struct sr_err err;

	(void)state;
	for (uint64_t seq = 0; seq < lab.size; seq++) {
		SR_CLEANUP(sr_receipt_dispose) struct sr_receipt receipt = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

		make(seq, &text);
		assert_ok(sr_receipt_verify(sr_buf_bytes(&text), lab.verifier, &receipt, &err));
		assert_int_equal(receipt.seq, seq);
		assert_int_equal(receipt.checkpoint.size, lab.size);
		assert_int_equal(receipt.entry.size, lab.entries[seq].size);
		assert_memory_equal(receipt.entry.data, lab.entries[seq].data, receipt.entry.size);
	}
}

static void the_independent_reader_verifies_receipts(void **state)
{
	static const uint64_t seqs[] = { 0, 6, 10 };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(seqs); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
		char command[1024];

		make(seqs[i], &text);
		assert_ok(sr_fd_write_file(lab.folder.fd, "receipt", 0600, text.data, text.size, &err));
		snprintf(command, sizeof(command),
		         "python3 tests/integration/tlog_reader.py receipt %s/receipt '%s'", lab.folder.path,
		         lab.verifier);
		FILE *pipe = popen(command, "r");
		assert_non_null(pipe);
		assert_ok(sr_fd_read_to_end(fileno(pipe), 1u << 20, &out, &err));
		assert_int_equal(pclose(pipe), 0);
		assert_int_equal(out.size, lab.entries[seqs[i]].size + 1);
		assert_memory_equal(out.data, lab.entries[seqs[i]].data, out.size - 1);
	}
}

/* Made in Python with openssl from the specifications; the key is that of golang.org/x/mod/sumdb/note's
 * tests. */
static void receipts_made_by_others_verify(void **state)
{
	static const struct {
		const char *path;
		enum sr_status status;
	} cases[] = {
		{ "tests/fuzz/corpus/receipt/1-0", SR_OK },
		{ "tests/fuzz/corpus/receipt/2-1", SR_OK },
		{ "tests/fuzz/corpus/receipt/7-6", SR_OK },
		{ "tests/fuzz/corpus/receipt/8-0", SR_OK },
		{ "tests/fuzz/corpus/receipt/53-31", SR_OK },
		{ "tests/fuzz/corpus/receipt/53-52", SR_OK },
		{ "tests/fuzz/corpus/receipt/cut", SR_CORRUPT },
		{ "tests/fuzz/corpus/receipt/index", SR_TAMPERED },
	};
	const char *key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_receipt_dispose) struct sr_receipt receipt = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

		assert_ok(sr_fd_read_file(AT_FDCWD, cases[i].path, SR_RECEIPT_BYTES, &text, &err));
		assert_int_equal(sr_receipt_verify(sr_buf_bytes(&text), key, &receipt, &err),
		                 cases[i].status);
	}
}

static void a_receipt_of_the_only_entry_has_no_hashes(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf one = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_receipt_dispose) struct sr_receipt receipt = { 0 };
	struct sr_proof proof;
	struct sr_err err;
	struct lab single;

	(void)state;
	lab_open(&single, LAB_ORIGIN);
	lab_grow(&single, 1);
	assert_ok(sr_publish(&single.publication, 1, &err));
	lab_note(&single, &one);
	assert_ok(sr_merkle_inclusion(&single.store, 0, 1, &proof, &err));
	assert_ok(sr_receipt_encode(sr_buf_bytes(&single.entries[0]), 0, &proof, sr_buf_bytes(&one), &text,
	                            &err));
	assert_non_null(memmem(text.data, text.size, "\nindex 0\n\n" LAB_ORIGIN "\n1\n", 36));
	assert_ok(sr_receipt_verify(sr_buf_bytes(&text), single.verifier, &receipt, &err));
	assert_int_equal(verify(text.data, text.size), SR_TAMPERED); /* another ledger's key */
	lab_close(&single);
}

static void every_flipped_bit_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	(void)state;
	make(6, &text);
	for (size_t bit = 0; bit < 8 * text.size; bit++) {
		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		enum sr_status status = verify(text.data, text.size);
		assert_true(status == SR_CORRUPT || status == SR_TAMPERED);
		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(verify(text.data, text.size), SR_OK);
}

static void every_truncation_is_corrupt(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	(void)state;
	make(6, &text);
	for (size_t size = 0; size < text.size; size++)
		assert_int_equal(verify(text.data, size), SR_CORRUPT);
}

/* Replace the first @from of a good receipt by @to. */
static enum sr_status with(const char *from, const char *to)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf changed = { 0 };
	struct sr_err err;

	make(6, &text);
	const uint8_t *at = memmem(text.data, text.size, from, strlen(from));
	assert_non_null(at);
	size_t before = (size_t)(at - text.data), behind = before + strlen(from);
	assert_ok(sr_buf_add(&changed, text.data, before, &err));
	assert_ok(sr_buf_add_text(&changed, to, &err));
	assert_ok(sr_buf_add(&changed, text.data + behind, text.size - behind, &err));
	return verify(changed.data, changed.size);
}

static void other_forms_are_refused(void **state)
{
	static const struct {
		const char *why;
		const char *from, *to;
		enum sr_status status;
	} cases[] = {
		{ "nothing changed", "index 6", "index 6", SR_OK },
		{ "another version", "proof@v1", "proof@v2", SR_CORRUPT },
		{ "more on the first line", "proof@v1\n", "proof@v1 \n", SR_CORRUPT },
		{ "a line before", "c2sp", "\nc2sp", SR_CORRUPT },
		{ "no entry", "extra ", "other ", SR_CORRUPT },
		{ "an empty entry", "extra ", "extra \nindex 6\n", SR_CORRUPT },
		{ "index beyond the tree", "index 6", "index 11", SR_TAMPERED },
		{ "another index", "index 6", "index 7", SR_TAMPERED },
		{ "leading zero", "index 6", "index 06", SR_CORRUPT },
		{ "no index", "index 6", "index ", SR_CORRUPT },
		{ "negative index", "index 6", "index -6", SR_CORRUPT },
		{ "2^64 and six", "index 6", "index 18446744073709551622", SR_CORRUPT },
		{ "a hash too many", "index 6\n", "index 6\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		  SR_TAMPERED },
		{ "a short hash", "index 6\n", "index 6\nAAAA\n", SR_CORRUPT },
		{ "no base64", "index 6\n", "index 6\n!!!!\n", SR_CORRUPT },
		{ "hashes moved into the note", "index 6\n", "index 6\n\n", SR_TAMPERED },
		{ "carriage return", "index 6\n", "index 6\r\n", SR_CORRUPT },
	};
	SR_CLEANUP(sr_buf_dispose) struct sr_buf long_proof = { 0 };
	const char *text;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(with(cases[i].from, cases[i].to), cases[i].status);
	}
	assert_ok(sr_buf_add_text(&long_proof, "index 6\n", &err));
	for (int i = 0; i < 64; i++)
		assert_ok(
			sr_buf_add_text(&long_proof, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", &err));
	assert_ok(sr_buf_text(&long_proof, &text, &err));
	assert_int_equal(with("index 6\n", text), SR_CORRUPT);
}

static void the_parts_of_two_receipts_do_not_mix(void **state)
{
	struct sr_proof proof;
	struct sr_err err;

	(void)state;
	for (uint64_t of_entry = 0; of_entry < lab.size; of_entry++) {
		for (uint64_t of_proof = 0; of_proof < lab.size; of_proof++) {
			for (uint64_t index = 0; index <= lab.size; index++) {
				SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
				bool whole = of_entry == of_proof && of_proof == index;

				assert_ok(sr_merkle_inclusion(&lab.store, of_proof, lab.size, &proof, &err));
				assert_ok(sr_receipt_encode(sr_buf_bytes(&lab.entries[of_entry]), index,
				                            &proof, sr_buf_bytes(&note), &text, &err));
				assert_int_equal(verify(text.data, text.size), whole ? SR_OK : SR_TAMPERED);
			}
		}
	}
}

/* In the tree at 2, but it says that it is 7; or it is no entry at all. */
static void what_is_in_the_tree_must_also_be_the_entry_of_that_number(void **state)
{
	static const enum sr_status expected[] = { SR_OK, SR_OK, SR_TAMPERED, SR_CORRUPT };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf checkpoint = { 0 };
	struct sr_err err;
	struct lab odd;

	(void)state;
	lab_open(&odd, LAB_ORIGIN);
	lab_grow(&odd, 2);
	lab_add_bytes(&odd, lab.entries[7].data, lab.entries[7].size);
	lab_add_bytes(&odd, "{}", 2);
	assert_ok(sr_publish(&odd.publication, 4, &err));
	lab_note(&odd, &checkpoint);
	for (uint64_t seq = 0; seq < 4; seq++) {
		SR_CLEANUP(sr_receipt_dispose) struct sr_receipt receipt = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
		struct sr_proof proof;

		assert_ok(sr_merkle_inclusion(&odd.store, seq, 4, &proof, &err));
		assert_ok(sr_receipt_encode(sr_buf_bytes(&odd.entries[seq]), seq, &proof,
		                            sr_buf_bytes(&checkpoint), &text, &err));
		assert_int_equal(sr_receipt_verify(sr_buf_bytes(&text), odd.verifier, &receipt, &err),
		                 expected[seq]);
	}
	lab_close(&odd);
}

static void the_longest_receipt_is_read_and_a_longer_one_not_made(void **state)
{
	static uint8_t entry[SR_ENTRY_BYTES], checkpoint[SR_CHECKPOINT_BYTES * 4];
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_proof proof = { .count = SR_PROOF_HASHES };
	struct sr_err err;

	(void)state;
	memset(checkpoint, 'a', sizeof(checkpoint));
	assert_ok(sr_receipt_encode((struct sr_bytes){ entry, sizeof(entry) }, INT64_MAX, &proof,
	                            (struct sr_bytes){ checkpoint, SR_CHECKPOINT_BYTES }, &text, &err));
	assert_int_equal(sr_receipt_encode((struct sr_bytes){ entry, sizeof(entry) }, INT64_MAX, &proof,
	                                   (struct sr_bytes){ checkpoint, sizeof(checkpoint) }, &text, &err),
	                 SR_LIMIT);
	assert_ok(sr_buf_add(&text, checkpoint, SR_RECEIPT_BYTES + 1 - text.size, &err));
	assert_int_equal(verify(text.data, text.size), SR_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry_s_receipt_verifies),
		cmocka_unit_test(the_independent_reader_verifies_receipts),
		cmocka_unit_test(receipts_made_by_others_verify),
		cmocka_unit_test(a_receipt_of_the_only_entry_has_no_hashes),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(every_truncation_is_corrupt),
		cmocka_unit_test(other_forms_are_refused),
		cmocka_unit_test(the_parts_of_two_receipts_do_not_mix),
		cmocka_unit_test(what_is_in_the_tree_must_also_be_the_entry_of_that_number),
		cmocka_unit_test(the_longest_receipt_is_read_and_a_longer_one_not_made),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
