/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes: the vectors of golang.org/x/mod/sumdb/note and of C2SP, openssl as second opinion, every bit.
 */
#include "tests/unit/crypto/pki_lab.h"

#include "appliance/base/text.h"
#include "appliance/crypto/note.h"

#define DASH "\u2014 "
#define PETER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define ENOCH "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
#define TEXT                                                                                                 \
	"If you think cryptography is the answer to your problem,\nthen you don't know what your problem "   \
	"is.\n"
#define PETER_LINE                                                                                           \
	DASH "PeterNeumann "                                                                                 \
	     "x08go/ZJkuBS9UG/"                                                                              \
	     "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define ENOCH_LINE                                                                                           \
	DASH "EnochRoot "                                                                                    \
	     "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/"                                                  \
	     "5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"

/* Peter's seed (base64 after the type byte of his published signer key) as PKCS#8: RFC 8410 section 7. */
static const uint8_t peter_pkcs8[48] = {
	0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
	0x81, 0x0a, 0x14, 0x02, 0xd5, 0x14, 0x6c, 0x8d, 0x84, 0xf2, 0x44, 0x33, 0x30, 0xf5, 0x40, 0x80,
	0xeb, 0xf9, 0x8e, 0xe1, 0x7d, 0x9c, 0x74, 0xf6, 0x25, 0x2f, 0xc5, 0xd5, 0xc7, 0x28, 0x31, 0x73,
};

static struct folder folder;
static struct sr_key *peter;

static int setup(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;

	(void)state;
	folder_open(&folder);
	assert_ok(sr_buf_add_text(&pem, "-----BEGIN PRIVATE KEY-----\n", &err));
	assert_ok(sr_base64_encode(SR_BASE64_PADDED, peter_pkcs8, sizeof(peter_pkcs8), &pem, &err));
	assert_ok(sr_buf_add_text(&pem, "\n-----END PRIVATE KEY-----\n", &err));
	assert_ok(sr_fd_write_file(folder.fd, "peter.pem", 0600, pem.data, pem.size, &err));
	assert_ok(sr_key_read(folder.fd, "peter.pem", NULL, &peter, &err));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sr_key_free(peter);
	folder_close(&folder);
	return 0;
}

static enum sr_status open_bytes(const void *data, size_t size, const char *verifier)
{
	const struct sr_bytes note = { .data = data, .size = size };
	struct sr_bytes text = { 0 };
	struct sr_err err;
	enum sr_status status = sr_note_open(note, verifier, &text, &err);

	if (status == SR_OK) /* borrowed, a beginning of the note */
		assert_true(text.data == note.data && text.size < size);
	return status;
}

static enum sr_status open_text(const char *note, const char *verifier)
{
	return open_bytes(note, strlen(note), verifier);
}

static void the_published_note_opens(void **state)
{
	const struct sr_bytes note = lab_bytes(TEXT "\n" PETER_LINE ENOCH_LINE);
	struct sr_bytes text;
	struct sr_err err;

	(void)state;
	assert_ok(sr_note_open(note, PETER, &text, &err));
	assert_int_equal(text.size, strlen(TEXT));
	assert_memory_equal(text.data, TEXT, text.size);
	assert_ok(sr_note_open(note, ENOCH, &text, &err));
}

static void signing_gives_the_published_note(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf note = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf verifier = { 0 };
	const char *text;
	struct sr_err err;

	(void)state;
	assert_ok(sr_note_sign(lab_bytes(TEXT), "PeterNeumann", peter, &note, &err));
	assert_ok(sr_buf_text(&note, &text, &err));
	assert_string_equal(text, TEXT "\n" PETER_LINE);
	assert_ok(sr_note_verifier_key("PeterNeumann", peter, &verifier, &err));
	assert_ok(sr_buf_text(&verifier, &text, &err));
	assert_string_equal(text, PETER);
}

static void text_with_empty_lines_and_all_of_unicode_is_signed_and_opened(void **state)
{
	static const char *const texts[] = {
		"\n",
		"a\n\nb\n\n",
		"\n\n\n",
		TEXT "\n" ENOCH_LINE,
		"案卷库\n\U00020BB7\n",
		"no dash: - \xE2\x80\x93\n",
	};
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(texts); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf note = { 0 };
		struct sr_bytes text;

		assert_ok(sr_note_sign(lab_bytes(texts[i]), "PeterNeumann", peter, &note, &err));
		assert_ok(sr_note_open(sr_buf_bytes(&note), PETER, &text, &err));
		assert_int_equal(text.size, strlen(texts[i]));
		assert_memory_equal(text.data, texts[i], text.size);
	}
}

static void text_that_no_note_may_have_is_not_signed(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} texts[] = { { "", 0 },       { "abc", 3 },        { "a\r\n", 3 },
		      { "a\tb\n", 4 }, { "\x01\n", 2 },     { "a\0b\n", 4 },
		      { "\xff\n", 2 }, { "\xc0\x80\n", 3 }, { "\xed\xa0\x80\n", 4 } };
	static const char *const names[] = { "", "a b", "a+b", "a\u00a0b", "a\u3000", "a\n", "\xff" };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf note = { 0 };
	SR_CLEANUP(sr_key_freep) struct sr_key *p256 = NULL;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(texts); i++) {
		const struct sr_bytes text = { .data = (const uint8_t *)texts[i].text,
			                       .size = texts[i].size };

		assert_int_equal(sr_note_sign(text, "PeterNeumann", peter, &note, &err), SR_INVALID);
	}
	for (size_t i = 0; i < SR_COUNT(names); i++)
		assert_int_equal(sr_note_sign(lab_bytes("a\n"), names[i], peter, &note, &err), SR_INVALID);
	assert_ok(sr_key_generate(SR_KEY_P256, &p256, &err));
	assert_int_equal(sr_note_sign(lab_bytes("a\n"), "a", p256, &note, &err), SR_INVALID);
	assert_int_equal(note.size, 0);
}

/* The malformed notes of x/mod's tests and some more. */
static void what_is_no_note_is_corrupt(void **state)
{
	static const struct {
		const char *why;
		const char *note;
	} cases[] = {
		{ "text alone", TEXT },
		{ "no signature", TEXT "\n" },
		{ "nothing", "" },
		{ "newlines", "\n\n\n" },
		{ "no empty line", TEXT PETER_LINE },
		{ "control character", "\x01" TEXT "\n" PETER_LINE },
		{ "not UTF-8", "\xff" TEXT "\n" PETER_LINE },
		{ "name with a space",
		  TEXT "\n" DASH "Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuG\n" },
		{ "another line behind", TEXT "\n" PETER_LINE "Unexpected line.\n" },
		{ "hyphen",
		  TEXT "\n- PeterNeumann "
		       "x08go/ZJkuBS9UG/"
		       "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n" },
		{ "en dash",
		  TEXT "\n\u2013 PeterNeumann "
		       "x08go/ZJkuBS9UG/"
		       "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n" },
		{ "two spaces", TEXT "\n" DASH " PeterNeumann x08go/ZJkuA=\n" },
		{ "no name", TEXT "\n" DASH " x08go/ZJkuA=\n" },
		{ "no signature behind the name", TEXT "\n" DASH "PeterNeumann\n" },
		{ "empty signature", TEXT "\n" DASH "PeterNeumann \n" },
		{ "dash alone", TEXT "\n" DASH "\n" },
		{ "id alone", TEXT "\n" DASH "PeterNeumann x08gow==\n" },
		{ "base64 without padding", TEXT "\n" DASH "PeterNeumann x08go/ZJkuA\n" },
		{ "base64 of URLs", TEXT "\n" DASH "PeterNeumann x08go_ZJkuA=\n" },
		{ "signature and more", TEXT "\n" DASH "PeterNeumann x08go/ZJkuA= more\n" },
		{ "an empty line at the end", TEXT "\n" PETER_LINE "\n" },
		{ "name with a plus", TEXT "\n" DASH "a+b x08go/ZJkuA=\n" PETER_LINE },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(open_text(cases[i].note, PETER), SR_CORRUPT);
	}
	const char *whole = TEXT "\n" PETER_LINE;
	for (size_t size = 0; size < strlen(whole); size++)
		assert_int_equal(open_bytes(whole, size, PETER), SR_CORRUPT);
	assert_int_equal(open_bytes("a\0b\n\n" PETER_LINE, 5 + strlen(PETER_LINE), PETER), SR_CORRUPT);
}

static void carriage_returns_are_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf note = { 0 };
	struct sr_err err;

	(void)state;
	for (const char *at = TEXT "\n" PETER_LINE; *at; at++)
		assert_ok(sr_buf_add_text(&note, *at == '\n' ? "\r\n" : (const char[]){ *at, 0 }, &err));
	assert_int_equal(open_bytes(note.data, note.size, PETER), SR_CORRUPT);
}

static void only_the_verifier_s_signature_counts(void **state)
{
	static const struct {
		const char *why;
		const char *note;
		enum sr_status status;
	} cases[] = {
		{ "another's alone", TEXT "\n" ENOCH_LINE, SR_TAMPERED },
		{ "another's first", TEXT "\n" ENOCH_LINE PETER_LINE, SR_OK },
		{ "twice", TEXT "\n" PETER_LINE PETER_LINE, SR_OK },
		{ "another's wrong one", TEXT "\n" DASH "EnochRoot rwz+eBzmZa0=\n" PETER_LINE, SR_OK },
		{ "same id, other name", TEXT "\n" DASH "Peter x08go/ZJkuA=\n" PETER_LINE, SR_OK },
		{ "same name, other id", TEXT "\n" DASH "PeterNeumann x08gpPZJkuA=\n" PETER_LINE, SR_OK },
		{ "the key's own, short", TEXT "\n" DASH "PeterNeumann x08go/ZJkuA=\n", SR_TAMPERED },
		{ "first wrong, then right", TEXT "\n" DASH "PeterNeumann x08go/ZJkuA=\n" PETER_LINE,
		  SR_TAMPERED },
		{ "first right, then wrong: the first counts",
		  TEXT "\n" PETER_LINE DASH "PeterNeumann x08go/ZJkuA=\n", SR_OK },
		{ "text and a line more", TEXT "more\n\n" PETER_LINE, SR_TAMPERED },
		{ "an empty line more", TEXT "\n\n" PETER_LINE, SR_TAMPERED },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(open_text(cases[i].note, PETER), cases[i].status);
	}
}

static void a_hundred_signatures_are_read_and_one_more_is_not(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf note = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_buf_add_text(&note, TEXT "\n", &err));
	for (int i = 0; i < 99; i++)
		assert_ok(sr_buf_add_text(&note, ENOCH_LINE, &err));
	assert_int_equal(open_bytes(note.data, note.size, PETER), SR_TAMPERED);
	assert_ok(sr_buf_add_text(&note, PETER_LINE, &err));
	assert_int_equal(open_bytes(note.data, note.size, PETER), SR_OK);
	assert_ok(sr_buf_add_text(&note, PETER_LINE, &err));
	assert_int_equal(open_bytes(note.data, note.size, PETER), SR_CORRUPT);
}

static void every_flipped_bit_is_refused(void **state)
{
	char note[] = TEXT "\n" PETER_LINE;

	(void)state;
	for (size_t bit = 0; bit < 8 * strlen(TEXT "\n" PETER_LINE); bit++) {
		note[bit / 8] = (char)(note[bit / 8] ^ 1 << bit % 8);
		enum sr_status status = open_bytes(note, sizeof(note) - 1, PETER);
		assert_true(status == SR_CORRUPT || status == SR_TAMPERED);
		note[bit / 8] = (char)(note[bit / 8] ^ 1 << bit % 8);
	}
	assert_int_equal(open_text(note, PETER), SR_OK);
}

/* As x/mod tests it: every part of the key but the whole, every character one further. */
static void a_verifier_key_that_is_none_is_refused(void **state)
{
	static const char *const keys[] = {
		"PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
		"PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		PETER " ",
		PETER "\n",
		"+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	};
	const char *note = TEXT "\n" PETER_LINE;
	const size_t size = strlen(PETER);
	char key[sizeof(PETER)];

	(void)state;
	for (size_t i = 0; i < SR_COUNT(keys); i++)
		assert_int_equal(open_text(note, keys[i]), SR_INVALID);
	for (size_t from = 0; from <= size; from++) {
		for (size_t to = from; to <= size; to++) {
			memcpy(key, PETER + from, to - from);
			key[to - from] = 0;
			assert_int_equal(open_text(note, key), to - from == size ? SR_OK : SR_INVALID);
		}
	}
	for (size_t i = 0; i < size; i++) {
		memcpy(key, PETER, sizeof(key));
		key[i]++;
		assert_int_equal(open_text(note, key), SR_INVALID);
	}
}

static void openssl_verifies_the_signature_from_the_text_of_the_key(void **state)
{
	(void)state;
	folder_put(&folder, "note", lab_bytes(TEXT "\n" PETER_LINE));
	folder_must(&folder,
	            "head -n 2 note >text && tail -n 1 note | cut -d ' ' -f 3 | base64 -d | tail -c 64 >sig");
	folder_must(&folder, "{ printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; "
	                     "printf %s '" PETER "' | cut -d + -f 3- | base64 -d | tail -c 32; } >key.der");
	folder_must(
		&folder,
		"openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key.der -in text -sigfile sig");
}

/* C2SP's examples: keys unknown, lines well formed. */
static void the_examples_of_the_specifications_are_well_formed(void **state)
{
	(void)state;
	assert_int_equal(
		open_text("Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è "
	                  "subito sera.\n\n" DASH "quasimodo.example/salvatore "
	                  "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwa"
	                  "qP3ZekRwNtIc=\n",
	                  PETER),
		SR_TAMPERED);
	assert_int_equal(
		open_text(
			"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
			"\n\n" DASH "example.com/behind-the-sofa "
			"Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
			"Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n",
			PETER),
		SR_TAMPERED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_note_opens),
		cmocka_unit_test(signing_gives_the_published_note),
		cmocka_unit_test(text_with_empty_lines_and_all_of_unicode_is_signed_and_opened),
		cmocka_unit_test(text_that_no_note_may_have_is_not_signed),
		cmocka_unit_test(what_is_no_note_is_corrupt),
		cmocka_unit_test(carriage_returns_are_refused),
		cmocka_unit_test(only_the_verifier_s_signature_counts),
		cmocka_unit_test(a_hundred_signatures_are_read_and_one_more_is_not),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(a_verifier_key_that_is_none_is_refused),
		cmocka_unit_test(openssl_verifies_the_signature_from_the_text_of_the_key),
		cmocka_unit_test(the_examples_of_the_specifications_are_well_formed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
