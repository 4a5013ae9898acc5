/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers as templates: a '%' letter stands for a piece of a good header or for its damaged form, and the
 * MAC is made over whatever came out, so that a case fails by its own fault alone.  Debian's age judges
 * every one of them too.
 */
#include "tests/unit/crypto/age_files.h"

#include "appliance/base/text.h"
#include "appliance/crypto/hkdf.h"

static const struct sr_age_seeds seeds = {
	.file_key = { 11, 22, 33, 44 },
	.nonce = { 5, 6, 7, 8 },
	.ephemeral = { 77, 88, 99 },
};
static const char plain[] = "plaintext";

static void add(struct sr_buf *out, const char *text)
{
	struct sr_err err;

	assert_ok(sr_buf_add_text(out, text, &err));
}

static void add_times(struct sr_buf *out, size_t times, const char *text)
{
	for (size_t i = 0; i < times; i++)
		add(out, text);
}

static void add_base64(struct sr_buf *out, const uint8_t *data, size_t size)
{
	struct sr_err err;

	assert_ok(sr_base64_encode(SR_BASE64_RAW, data, size, out, &err));
}

/* The last character's unused bits set: another text for the same bytes. */
static void spoil_last(struct sr_buf *out)
{
	out->data[out->size - 1]++;
}

/* C2SP age.md: HKDF over the file key with "header", HMAC up to and with the dashes. */
static void add_mac(struct sr_buf *out)
{
	uint8_t key[32], mac[32];
	size_t size = out->size;
	struct sr_err err;

	while (size > 3 && memcmp(out->data + size - 3, "---", 3) != 0)
		size--;
	assert_ok(sr_hkdf_sha256((struct sr_bytes){ seeds.file_key, sizeof(seeds.file_key) },
	                         (struct sr_bytes){ 0 }, (struct sr_bytes){ (const uint8_t *)"header", 6 },
	                         key, &err));
	assert_ok(sr_hmac_sha256((struct sr_bytes){ key, sizeof(key) }, (struct sr_bytes){ out->data, size },
	                         mac, &err));
	add_base64(out, mac, sizeof(mac));
}

/* One stanza for @recipient as the code makes it: share at 10, body at 54. */
static void take_stanza(const char *recipient, char stanza[99])
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf head = { 0 };
	struct sr_age_recipient to = load_recipient(recipient);
	uint8_t payload_key[SR_AGE_KEY_BYTES];
	struct sr_err err;

	assert_ok(sr_age_head_make(&to, 1, &seeds, &head, payload_key, &err));
	assert_int_equal(head.size, SR_AGE_HEAD_BYTES);
	memcpy(stanza, head.data + 22, 98);
	stanza[98] = 0;
}

/* Share or body of the good stanza, cut or with a zero byte more. */
static void add_resized(struct sr_buf *out, const char *text, size_t size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
	uint8_t resized[33] = { 0 };
	struct sr_err err;

	assert_ok(sr_base64_decode(SR_BASE64_RAW, text, 43, &bytes, &err));
	memcpy(resized, bytes.data, size < 32 ? size : 32);
	add_base64(out, resized, size);
}

static const char columns[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/* Pieces that the stanza has no part in; false for any other letter. */
static bool add_fixed_piece(struct sr_buf *out, char letter)
{
	char other[99];

	switch (letter) {
	case 'V': /* version */
		add(out, "age-encryption.org/v1\n");
		return true;
	case 'O': /* another's stanza */
		take_stanza(OTHER_RECIPIENT, other);
		add(out, other);
		return true;
	case 'M': /* MAC; spoilt 'm', another 'w' */
	case 'm':
	case 'w':
		add_mac(out);
		if (letter == 'm')
			spoil_last(out);
		if (letter == 'w')
			out->data[out->size - 1] = out->data[out->size - 1] == 'A' ? 'E' : 'A';
		return true;
	case 'K': /* 256 characters */
		add_times(out, 4, columns);
		return true;
	case 'C': /* 64 columns */
		add(out, columns);
		return true;
	case '3': /* 31 stanzas */
		add_times(out, 31, "-> grease\n\n");
		return true;
	case 'X': /* 70 KiB of body lines */
		for (int i = 0; i < 1100; i++) {
			add(out, columns);
			add(out, "\n");
		}
		return true;
	default:
		return false;
	}
}

static void add_piece(struct sr_buf *out, char letter, const char *stanza)
{
	struct sr_err err;

	switch (letter) {
	case 'S': /* stanza */
		add(out, stanza);
		break;
	case 'H': /* share; spoilt 'h', long 'j', short 'k' */
	case 'h':
		assert_ok(sr_buf_add(out, stanza + 10, 43, &err));
		if (letter == 'h')
			spoil_last(out);
		break;
	case 'j':
		add_resized(out, stanza + 10, 33);
		break;
	case 'k':
		add_resized(out, stanza + 10, 31);
		break;
	case 'B': /* body; spoilt 'b', short 'c', long 'd' */
	case 'b':
		assert_ok(sr_buf_add(out, stanza + 54, 43, &err));
		if (letter == 'b')
			spoil_last(out);
		break;
	case 'c':
		add_resized(out, stanza + 54, 31);
		break;
	case 'd':
		add_resized(out, stanza + 54, 33);
		break;
	default:
		assert_true(add_fixed_piece(out, letter));
	}
}

/* A whole file: the template's header, nonce, one chunk. */
static void make_file(const char *template, struct sr_buf *out)
{
	SR_CLEANUP(sr_age_cipher_freep) struct sr_age_cipher *cipher = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf head = { 0 };
	struct sr_age_recipient to = load_recipient(TEST_RECIPIENT);
	uint8_t payload_key[SR_AGE_KEY_BYTES];
	uint8_t sealed[sizeof(plain) + SR_AGE_TAG_BYTES];
	char stanza[99];
	struct sr_err err;

	take_stanza(TEST_RECIPIENT, stanza);
	for (const char *at = template; *at; at++) {
		if (*at == '%')
			add_piece(out, *++at, stanza);
		else
			assert_ok(sr_buf_add(out, at, 1, &err));
	}
	assert_ok(sr_age_head_make(&to, 1, &seeds, &head, payload_key, &err));
	assert_ok(sr_age_cipher_new(payload_key, &cipher, &err));
	assert_ok(sr_age_chunk_seal(cipher, 0, true, (const uint8_t *)plain, sizeof(plain), sealed, &err));
	assert_ok(sr_buf_add(out, seeds.nonce, sizeof(seeds.nonce), &err));
	assert_ok(sr_buf_add(out, sealed, sizeof(sealed), &err));
}

static enum sr_status decrypt(const struct sr_buf *file)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(TEST_IDENTITY);
	SR_CLEANUP(sr_secret_freep) struct sr_secret *out = NULL;
	struct sr_err err;
	enum sr_status status = sr_age_decrypt(identity, sr_buf_bytes(file), 1024, &out, &err);

	if (status == SR_OK) {
		assert_int_equal(out->size, sizeof(plain));
		assert_memory_equal(out->data, plain, sizeof(plain));
	} else {
		print_message("    %s\n", err.text);
	}
	return status;
}

static bool age_decrypts(const struct sr_buf *file)
{
	write_file("file.age", file->data, file->size);
	return system("age -d -i identity file.age > out 2> message") == 0;
}

struct header_case {
	const char *why, *template;
	enum sr_status want;
	bool age_is_laxer; /* age 1.1.1 takes it; why it must not pass here is in `why` */
};

static void judge(const struct header_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };

		print_message("case: %s\n", cases[i].why);
		make_file(cases[i].template, &file);
		assert_int_equal(decrypt(&file), cases[i].want);
		assert_int_equal(age_decrypts(&file), cases[i].want == SR_OK || cases[i].age_is_laxer);
	}
}

static void what_the_format_allows_is_accepted(void **state)
{
	static const struct header_case cases[] = {
		{ "plain", "%V%S--- %M\n", SR_OK, false },
		{ "the same in pieces", "%V-> X25519 %H\n%B\n--- %M\n", SR_OK, false },
		{ "unknown stanza before", "%V-> grease a b c\nAAAA\n%S--- %M\n", SR_OK, false },
		{ "unknown stanza behind", "%V%S-> x\n\n--- %M\n", SR_OK, false },
		{ "another's stanza before", "%V%O%S--- %M\n", SR_OK, false },
		{ "another's stanza behind", "%V%S%O--- %M\n", SR_OK, false },
		{ "every printable character",
		  "%V-> !\"#$&'()*+,-./0123456789:;<=>?@AZ[\\]^_`az{|}~\n\n%S--- %M\n", SR_OK, false },
		{ "body of 64 columns and an empty line", "%V-> x\n%C\n\n%S--- %M\n", SR_OK, false },
		{ "argument of 256 characters", "%V-> x %K\n\n%S--- %M\n", SR_OK, false },
		{ "32 stanzas", "%V%3%S--- %M\n", SR_OK, false },
		{ "type in other case is unknown", "%V-> x25519 %H\n%B\n%S--- %M\n", SR_OK, false },
	};

	(void)state;
	judge(cases, SR_COUNT(cases));
}

static void a_header_for_others_is_denied(void **state)
{
	static const struct header_case cases[] = {
		{ "another's", "%V%O--- %M\n", SR_DENIED, false },
		{ "passphrase", "%V-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n%B\n--- %M\n", SR_DENIED, false },
		{ "unknown stanzas only", "%V%3--- %M\n", SR_DENIED, false },
		{ "type in lower case", "%V-> x25519 %H\n%B\n--- %M\n", SR_DENIED, false },
		{ "body that does not open", "%V-> X25519 %H\n%H\n--- %M\n", SR_DENIED, false },
	};

	(void)state;
	judge(cases, SR_COUNT(cases));
}

static void a_header_that_fails_its_mac_is_tampered(void **state)
{
	static const struct header_case cases[] = {
		{ "wrong MAC", "%V%S--- %w\n", SR_TAMPERED, false },
		{ "MAC of all zeros", "%V%S--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", SR_TAMPERED,
		  false },
	};

	(void)state;
	judge(cases, SR_COUNT(cases));
}

static void lines_that_break_the_grammar_are_corrupt(void **state)
{
	static const struct header_case cases[] = {
		{ "nothing", "", SR_CORRUPT, false },
		{ "version 2", "age-encryption.org/v2\n%S--- %M\n", SR_CORRUPT, false },
		{ "CRLF after the version", "age-encryption.org/v1\r\n%S--- %M\n", SR_CORRUPT, false },
		{ "blank behind the version", "age-encryption.org/v1 \n%S--- %M\n", SR_CORRUPT, false },
		{ "blank line before", "\n%V%S--- %M\n", SR_CORRUPT, false },
		{ "byte order mark", "\xef\xbb\xbf%V%S--- %M\n", SR_CORRUPT, false },
		{ "no stanza", "%V--- %M\n", SR_CORRUPT, false },
		{ "armour", "-----BEGIN AGE ENCRYPTED FILE-----\n%C\n", SR_CORRUPT, false },
		{ "CRLF behind the share", "%V-> X25519 %H\r\n%B\n--- %M\n", SR_CORRUPT, false },
		{ "CRLF behind the body", "%V-> X25519 %H\n%B\r\n--- %M\n", SR_CORRUPT, false },
		{ "CR in an argument", "%V-> x a\rb\n\n%S--- %M\n", SR_CORRUPT, false },
		{ "stanza does not start with an arrow", "%V--> X25519 %H\n%B\n--- %M\n", SR_CORRUPT, false },
		{ "no blank behind the arrow", "%V->X25519 %H\n%B\n--- %M\n", SR_CORRUPT, false },
		{ "no arguments", "%V-> \n\n%S--- %M\n", SR_CORRUPT, false },
		{ "arrow alone", "%V->\n\n%S--- %M\n", SR_CORRUPT, false },
		{ "empty argument", "%V-> x  y\n\n%S--- %M\n", SR_CORRUPT, false },
		{ "blank at the end", "%V-> X25519 %H \n%B\n--- %M\n", SR_CORRUPT, false },
		{ "tab", "%V-> X25519\t%H\n%B\n--- %M\n", SR_CORRUPT, false },
		{ "character beyond ASCII", "%V-> x \xc3\xa9\n\n%S--- %M\n", SR_CORRUPT, false },
		{ "DEL", "%V-> x \x7f\n\n%S--- %M\n", SR_CORRUPT, false },
		{ "no body", "%V-> x\n%S--- %M\n", SR_CORRUPT, false },
		{ "no body at the end", "%V%S-> x\n--- %M\n", SR_CORRUPT, false },
		{ "64 columns without a last line", "%V-> x\n%C\n%S--- %M\n", SR_CORRUPT, false },
		{ "65 columns", "%V-> x\n%CA\n\n%S--- %M\n", SR_CORRUPT, false },
		{ "two short lines", "%V-> x\nAAAA\nAAAA\n%S--- %M\n", SR_CORRUPT, false },
		{ "blank line between stanzas", "%V%S\n%O--- %M\n", SR_CORRUPT, false },
		{ "blank in the body", "%V-> x\nAA AA\n%S--- %M\n", SR_CORRUPT, false },
		{ "body with padding", "%V-> x\nAA==\n%S--- %M\n", SR_CORRUPT, false },
		{ "body that is not canonical", "%V-> x\nAB\n%S--- %M\n", SR_CORRUPT, false },
		{ "body with a lone digit", "%V-> x\nAAAAA\n%S--- %M\n", SR_CORRUPT, false },
		{ "body in the alphabet for addresses", "%V-> x\n-_-_\n%S--- %M\n", SR_CORRUPT, false },
		{ "no MAC line", "%V%S", SR_CORRUPT, false },
		{ "no MAC", "%V%S---\n", SR_CORRUPT, false },
		{ "blank for a MAC", "%V%S--- \n", SR_CORRUPT, false },
		{ "no blank before the MAC", "%V%S---%M\n", SR_CORRUPT, false },
		{ "two blanks before the MAC", "%V%S---  %M\n", SR_CORRUPT, false },
		{ "blank behind the MAC", "%V%S--- %M \n", SR_CORRUPT, false },
		{ "CR behind the MAC", "%V%S--- %M\r\n", SR_CORRUPT, false },
		{ "more behind the MAC", "%V%S--- %MAAA\n", SR_CORRUPT, false },
		{ "short MAC", "%V%S--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", SR_CORRUPT, false },
		{ "MAC with padding", "%V%S--- %M=\n", SR_CORRUPT, false },
		{ "MAC that is not canonical", "%V%S--- %m\n", SR_CORRUPT, false },
		{ "four dashes", "%V%S---- %M\n", SR_CORRUPT, false },
	};

	(void)state;
	judge(cases, SR_COUNT(cases));
}

/* Also where the next stanza would open: such a header is nobody's honest work. */
static void a_malformed_x25519_stanza_condemns_the_file(void **state)
{
	static const struct header_case cases[] = {
		{ "no share", "%V-> X25519\n%B\n--- %M\n", SR_CORRUPT, false },
		{ "extra argument", "%V-> X25519 %H extra\n%B\n--- %M\n", SR_CORRUPT, false },
		{ "long share", "%V-> X25519 %j\n%B\n--- %M\n", SR_CORRUPT, false },
		{ "short share", "%V-> X25519 %k\n%B\n--- %M\n", SR_CORRUPT, false },
		{ "share that is not canonical", "%V-> X25519 %h\n%B\n--- %M\n", SR_CORRUPT, false },
		{ "share with padding", "%V-> X25519 %H=\n%B\n--- %M\n", SR_CORRUPT, false },
		{ "long body", "%V-> X25519 %H\n%d\n--- %M\n", SR_CORRUPT, false },
		{ "short body", "%V-> X25519 %H\n%c\n--- %M\n", SR_CORRUPT, false },
		{ "empty body", "%V-> X25519 %H\n\n--- %M\n", SR_CORRUPT, false },
		{ "body that is not canonical", "%V-> X25519 %H\n%b\n--- %M\n", SR_CORRUPT, false },
		{ "short body, then a good stanza", "%V-> X25519 %H\n%c\n%S--- %M\n", SR_CORRUPT, false },
		{ "long share, then a good stanza", "%V-> X25519 %j\n%B\n%S--- %M\n", SR_CORRUPT, false },
		{ "a good stanza, then a short body: the order decides nothing",
		  "%V%S-> X25519 %H\n%c\n--- %M\n", SR_CORRUPT, true },
		{ "a passphrase beside a key: it promises authentication that the key undoes",
		  "%V-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n%B\n%S--- %M\n", SR_CORRUPT, true },
	};

	(void)state;
	judge(cases, SR_COUNT(cases));
}

static void headers_over_a_limit_are_corrupt(void **state)
{
	static const struct header_case cases[] = {
		{ "33 stanzas: more than SR_LIMIT_AGE_STANZAS", "%V%3%S-> x\n\n--- %M\n", SR_CORRUPT, true },
		{ "argument of 257: more than SR_LIMIT_AGE_ARGUMENT_BYTES", "%V-> x %KA\n\n%S--- %M\n",
		  SR_CORRUPT, true },
		{ "70 KiB: more than SR_LIMIT_AGE_HEADER_BYTES", "%V-> x\n%X\n%S--- %M\n", SR_CORRUPT, true },
	};

	(void)state;
	judge(cases, SR_COUNT(cases));
}

/* The points of order 1, 2, 4 and 8 (cr.yp.to/ecdh.html), some not reduced, some with the top bit set. */
static void a_share_of_low_order_condemns_the_file(void **state)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000080",
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(points); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf before = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf behind = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf share = { 0 };
		struct sr_age_recipient point;
		uint8_t payload_key[SR_AGE_KEY_BYTES];
		char template[128];
		const char *text;
		struct sr_err err;

		print_message("case: %s\n", points[i]);
		assert_true(sr_hex_decode(points[i], 64, true, point.bytes, 32));
		add_base64(&share, point.bytes, 32);
		assert_ok(sr_buf_text(&share, &text, &err));
		snprintf(template, sizeof(template), "%%V-> X25519 %s\n%%B\n%%S--- %%M\n", text);
		make_file(template, &before);
		assert_int_equal(decrypt(&before), SR_CORRUPT);
		assert_false(age_decrypts(&before));
		snprintf(template, sizeof(template), "%%V%%S-> X25519 %s\n%%B\n--- %%M\n", text);
		make_file(template, &behind);
		assert_int_equal(decrypt(&behind), SR_CORRUPT);
		/* Nor is anything encrypted to such a "recipient". */
		share.size = 0;
		assert_int_equal(sr_age_head_make(&point, 1, &seeds, &share, payload_key, &err), SR_INVALID);
		assert_int_equal(share.size, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_format_allows_is_accepted),
		cmocka_unit_test(a_header_for_others_is_denied),
		cmocka_unit_test(a_header_that_fails_its_mac_is_tampered),
		cmocka_unit_test(lines_that_break_the_grammar_are_corrupt),
		cmocka_unit_test(a_malformed_x25519_stanza_condemns_the_file),
		cmocka_unit_test(headers_over_a_limit_are_corrupt),
		cmocka_unit_test(a_share_of_low_order_condemns_the_file),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
