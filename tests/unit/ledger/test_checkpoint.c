/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints: form, every bit, other ledgers' notes; openssl verifies one from its text. */
#include "tests/unit/ledger/ledger_lab.h"

#include "appliance/base/text.h"
#include "appliance/ledger/checkpoint.h"

static struct lab lab;
static struct sr_buf note;

static int setup(void **state)
{
	struct sr_err err;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	lab_grow(&lab, 5);
	assert_ok(sr_publish(&lab.publication, 5, &err));
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

static enum sr_status open_as(struct sr_bytes bytes, const char *verifier)
{
	struct sr_checkpoint checkpoint;
	struct sr_err err;

	return sr_checkpoint_open(bytes, verifier, &checkpoint, &err);
}

/* Sign @text by the lab's key under @name and read it as a checkpoint of the lab. */
static enum sr_status open_signed(const char *text, const char *name)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signed_note = { 0 };
	const struct sr_bytes bytes = { .data = (const uint8_t *)text, .size = strlen(text) };
	struct sr_err err;

	assert_ok(sr_note_sign(bytes, name, lab.key, &signed_note, &err));
	return open_as(sr_buf_bytes(&signed_note), lab.verifier);
}

static void a_checkpoint_is_three_lines_and_a_signature(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf expected = { 0 };
	struct sr_checkpoint checkpoint;
	struct sr_digest root;
	struct sr_err err;

	(void)state;
	assert_ok(sr_merkle_root(&lab.store, 5, &root, &err));
	assert_ok(sr_buf_add_text(&expected, LAB_ORIGIN "\n5\n", &err));
	assert_ok(sr_base64_encode(SR_BASE64_PADDED, root.bytes, sizeof(root.bytes), &expected, &err));
	assert_ok(sr_buf_add_text(&expected, "\n\n\u2014 " LAB_ORIGIN " ", &err));
	assert_true(note.size > expected.size);
	assert_memory_equal(note.data, expected.data, expected.size);
	assert_ok(sr_checkpoint_open(sr_buf_bytes(&note), lab.verifier, &checkpoint, &err));
	assert_string_equal(checkpoint.origin, LAB_ORIGIN);
	assert_int_equal(checkpoint.size, 5);
	assert_true(sr_digest_equal(&checkpoint.root, &root));
}

/* tlog-checkpoint: the root of an empty tree in base64 */
static void an_empty_ledger_has_the_root_of_nothing(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	struct sr_checkpoint checkpoint = { .origin = LAB_ORIGIN };
	struct sr_err err;

	(void)state;
	assert_int_equal(sr_checkpoint_sign(&checkpoint, lab.key, &out, &err), SR_INVALID);
	assert_ok(sr_digest_of("", 0, &checkpoint.root, &err));
	assert_ok(sr_checkpoint_sign(&checkpoint, lab.key, &out, &err));
	assert_non_null(
		memmem(out.data, out.size, "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", 48));
	assert_ok(sr_checkpoint_open(sr_buf_bytes(&out), lab.verifier, &checkpoint, &err));
	checkpoint.size = 1;
	assert_int_equal(sr_checkpoint_sign(&checkpoint, lab.key, &out, &err), SR_INVALID);
	strcpy(checkpoint.origin, "with space");
	checkpoint.size = 0;
	assert_int_equal(sr_checkpoint_sign(&checkpoint, lab.key, &out, &err), SR_INVALID);
}

static void every_flipped_bit_is_refused(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < 8 * note.size; bit++) {
		note.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		enum sr_status status = open_as(sr_buf_bytes(&note), lab.verifier);
		assert_true(status == SR_CORRUPT || status == SR_TAMPERED);
		note.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(open_as(sr_buf_bytes(&note), lab.verifier), SR_OK);
}

static void every_truncation_is_corrupt(void **state)
{
	(void)state;
	for (size_t size = 0; size < note.size; size++)
		assert_int_equal(open_as((struct sr_bytes){ note.data, size }, lab.verifier), SR_CORRUPT);
}

/* Signed, and still no checkpoint of this ledger. */
static void signed_text_that_is_no_checkpoint_is_refused(void **state)
{
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
	static const struct {
		const char *why;
		const char *text;
		enum sr_status status;
	} cases[] = {
		{ "as it should be", LAB_ORIGIN "\n7\n" ROOT, SR_OK },
		{ "an extension line", LAB_ORIGIN "\n7\n" ROOT "extension\n", SR_OK },
		{ "the largest size", LAB_ORIGIN "\n9223372036854775807\n" ROOT, SR_OK },
		{ "an empty extension line", LAB_ORIGIN "\n7\n" ROOT "\nextension\n", SR_CORRUPT },
		{ "another origin", "strongroom.example/02/1\n7\n" ROOT, SR_TAMPERED },
		{ "the origin's beginning", "strongroom.example/01/\n7\n" ROOT, SR_TAMPERED },
		{ "no origin", "\n7\n" ROOT, SR_CORRUPT },
		{ "an endless origin",
		  "strongroom.example/01/1111111111111111111111111111111111111111111111\n7\n" ROOT,
		  SR_CORRUPT },
		{ "two lines", LAB_ORIGIN "\n7\n", SR_CORRUPT },
		{ "one line", LAB_ORIGIN "\n", SR_CORRUPT },
		{ "leading zero", LAB_ORIGIN "\n07\n" ROOT, SR_CORRUPT },
		{ "no number", LAB_ORIGIN "\n\n" ROOT, SR_CORRUPT },
		{ "negative", LAB_ORIGIN "\n-7\n" ROOT, SR_CORRUPT },
		{ "with a blank", LAB_ORIGIN "\n7 \n" ROOT, SR_CORRUPT },
		{ "2^63", LAB_ORIGIN "\n9223372036854775808\n" ROOT, SR_CORRUPT },
		{ "2^64 and seven", LAB_ORIGIN "\n18446744073709551623\n" ROOT, SR_CORRUPT },
		{ "root of an empty tree", LAB_ORIGIN "\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		  SR_CORRUPT },
		{ "empty with another root", LAB_ORIGIN "\n0\n" ROOT, SR_CORRUPT },
		{ "root without padding", LAB_ORIGIN "\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
		  SR_CORRUPT },
		{ "root with unused bits", LAB_ORIGIN "\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
		  SR_CORRUPT },
		{ "short root", LAB_ORIGIN "\n7\nCsUYapGGPo4dkMgIAUqomw==\n", SR_CORRUPT },
		{ "no root", LAB_ORIGIN "\n7\n\n", SR_CORRUPT },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(open_signed(cases[i].text, LAB_ORIGIN), cases[i].status);
	}
	assert_int_equal(open_signed(LAB_ORIGIN "\n7\n" ROOT, "strongroom.example/01/2"), SR_TAMPERED);
}

static void witnesses_may_add_their_lines_up_to_the_bound(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf more = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_buf_add(&more, note.data, note.size, &err));
	while (more.size + 64 <= SR_CHECKPOINT_BYTES) {
		assert_int_equal(open_as(sr_buf_bytes(&more), lab.verifier), SR_OK);
		assert_ok(sr_buf_add_text(&more, "\u2014 witness.example/", &err));
		for (int i = 0; i < 1500 && more.size + 40 < SR_CHECKPOINT_BYTES; i++)
			assert_ok(sr_buf_add_text(&more, "n", &err));
		assert_ok(sr_buf_add_text(&more, " AAAAAAA=\n", &err));
	}
	assert_int_equal(open_as(sr_buf_bytes(&more), lab.verifier), SR_OK);
	assert_ok(sr_buf_add_text(&more, "\u2014 one.more.line.that.does.not.fit.into.the.bound AAAAAAA=\n",
	                          &err));
	assert_int_equal(open_as(sr_buf_bytes(&more), lab.verifier), SR_CORRUPT);
}

/* The commands of docs/LEDGER.md. */
static void openssl_verifies_a_checkpoint(void **state)
{
	char command[2048];

	(void)state;
	snprintf(command, sizeof(command),
	         "set -e; cd %s; sed '/^$/,$d' checkpoint >text; "
	         "sed -n 's/^\xE2\x80\x94 [^ ]* //p' checkpoint | base64 -d | tail -c 64 >signature; "
	         "{ printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; "
	         "printf %%s '%s' | cut -d + -f 3- | base64 -d | tail -c 32; } >key.der; "
	         "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key.der -in text -sigfile "
	         "signature",
	         lab.folder.path, lab.verifier);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	char line[256] = { 0 };
	assert_non_null(fgets(line, sizeof(line), pipe));
	assert_string_equal(line, "Signature Verified Successfully\n");
	assert_int_equal(pclose(pipe), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_checkpoint_is_three_lines_and_a_signature),
		cmocka_unit_test(an_empty_ledger_has_the_root_of_nothing),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(every_truncation_is_corrupt),
		cmocka_unit_test(signed_text_that_is_no_checkpoint_is_refused),
		cmocka_unit_test(witnesses_may_add_their_lines_up_to_the_bound),
		cmocka_unit_test(openssl_verifies_a_checkpoint),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
