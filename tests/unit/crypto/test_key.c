/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys in files, and verifier keys of signed notes. */
#include "tests/unit/crypto/pki_lab.h"

#include <sys/stat.h>

#include "appliance/base/random.h"
#include "appliance/crypto/note.h"

static struct folder folder;

static int setup(void **state)
{
	(void)state;
	folder_open(&folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_close(&folder);
	return 0;
}

/* By what a verifier key says of it. */
static void assert_same_ed25519(const struct sr_key *a, const struct sr_key *b)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf left = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf right = { 0 };
	struct sr_err err;

	assert_ok(sr_note_verifier_key("n", a, &left, &err));
	assert_ok(sr_note_verifier_key("n", b, &right, &err));
	assert_int_equal(left.size, right.size);
	assert_memory_equal(left.data, right.data, left.size);
}

static void a_key_comes_back_from_its_file(void **state)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_key_freep) struct sr_key *back = NULL;
	struct stat st;
	struct sr_err err;

	(void)state;
	assert_ok(sr_key_generate(SR_KEY_ED25519, &key, &err));
	assert_ok(sr_key_write(key, folder.fd, "plain.key", NULL, &err));
	assert_int_equal(fstatat(folder.fd, "plain.key", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_ok(sr_key_read(folder.fd, "plain.key", NULL, &back, &err));
	assert_same_ed25519(key, back);
	folder_must(&folder, "openssl pkey -in plain.key -noout -text | grep -q ED25519");
	folder_must(&folder, "head -1 plain.key | grep -qx -e '-----BEGIN PRIVATE KEY-----'");
}

static void a_key_under_a_passphrase_needs_it(void **state)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_key_freep) struct sr_key *back = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *right = secret_of("口令 horse staple");
	SR_CLEANUP(sr_secret_freep) struct sr_secret *wrong = secret_of("口令 horse stable");
	struct sr_err err;

	(void)state;
	assert_ok(sr_key_generate(SR_KEY_ED25519, &key, &err));
	assert_ok(sr_key_write(key, folder.fd, "locked.key", right, &err));
	assert_int_equal(sr_key_read(folder.fd, "locked.key", NULL, &back, &err), SR_DENIED);
	assert_int_equal(sr_key_read(folder.fd, "locked.key", wrong, &back, &err), SR_DENIED);
	assert_null(back);
	assert_ok(sr_key_read(folder.fd, "locked.key", right, &back, &err));
	assert_same_ed25519(key, back);
	folder_must(&folder, "openssl pkey -in locked.key -passin 'pass:口令 horse staple' -noout");
	folder_must(&folder, "! openssl pkey -in locked.key -passin pass:wrong -noout");
	folder_must(&folder, "openssl asn1parse -in locked.key > text && grep -q PBES2 text && "
	                     "grep -q aes-256-cbc text && grep -q scrypt text");
}

static const struct {
	const char *why, *command;
	const char *passphrase;
	enum sr_status status;
} by_openssl[] = {
	{ "P-256", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k", NULL, SR_OK },
	{ "P-384", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out k", NULL, SR_OK },
	{ "Ed25519", "openssl genpkey -algorithm ED25519 -out k", NULL, SR_OK },
	{ "RSA of 3072 bits", "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out k", NULL,
	  SR_OK },
	{ "PBKDF2",
	  "openssl genpkey -algorithm ED25519 | openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf "
	  "hmacWithSHA256 "
	  "-iter 100000 -passout pass:p -out k",
	  "p", SR_OK },
	{ "a passphrase for a key without", "openssl genpkey -algorithm ED25519 -out k", "p", SR_OK },
	{ "RSA of 2048 bits", "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out k", NULL,
	  SR_CORRUPT },
	{ "X25519", "openssl genpkey -algorithm X25519 -out k", NULL, SR_CORRUPT },
	{ "another curve", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out k", NULL,
	  SR_CORRUPT },
	{ "explicit curve parameters",
	  "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt "
	  "ec_param_enc:explicit "
	  "-out k",
	  NULL, SR_OK },
	{ "traditional encoding",
	  "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl ec -out k", NULL,
	  SR_CORRUPT },
	{ "traditional encryption, which would ask a terminal",
	  "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl ec -aes256 "
	  "-passout "
	  "pass:p -out k",
	  NULL, SR_CORRUPT },
	{ "a public key", "openssl genpkey -algorithm ED25519 | openssl pkey -pubout -out k", NULL,
	  SR_CORRUPT },
	{ "text", "echo hello > k", NULL, SR_CORRUPT },
	{ "nothing", ": > k", NULL, SR_CORRUPT },
	{ "too large", "head -c 65537 /dev/zero > k", NULL, SR_LIMIT },
	{ "bad base64", "printf '%s\\n' '-----BEGIN PRIVATE KEY-----' '####' '-----END PRIVATE KEY-----' > k",
	  NULL, SR_CORRUPT },
	{ "not DER inside",
	  "printf '%s\\n' '-----BEGIN PRIVATE KEY-----' 'aGVsbG8=' '-----END PRIVATE KEY-----' > k", NULL,
	  SR_CORRUPT },
};

static void keys_that_openssl_made_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(by_openssl); i++) {
		SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
		SR_CLEANUP(sr_secret_freep)
		struct sr_secret *passphrase =
			by_openssl[i].passphrase ? secret_of(by_openssl[i].passphrase) : NULL;
		char command[512];
		struct sr_err err = { 0 };

		print_message("case: %s\n", by_openssl[i].why);
		snprintf(command, sizeof(command), "umask 077; rm -f k; %s", by_openssl[i].command);
		folder_must(&folder, command);
		enum sr_status status = sr_key_read(folder.fd, "k", passphrase, &key, &err);
		if (status != by_openssl[i].status)
			print_message("%s: %s\n", sr_status_name(status), err.text);
		assert_int_equal(status, by_openssl[i].status);
	}
}

static void a_file_that_others_could_read_or_write_is_refused(void **state)
{
	static const mode_t modes[] = { 0640, 0620, 0604, 0602, 0660, 0644, 0610 };
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_key_freep) struct sr_key *back = NULL;
	char path[128];
	struct sr_err err;

	(void)state;
	assert_ok(sr_key_generate(SR_KEY_P256, &key, &err));
	assert_ok(sr_key_write(key, folder.fd, "open.key", NULL, &err));
	snprintf(path, sizeof(path), "%s/open.key", folder.path);
	for (size_t i = 0; i < SR_COUNT(modes); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_int_equal(sr_key_read(folder.fd, "open.key", NULL, &back, &err), SR_DENIED);
		assert_non_null(strstr(err.text, "chmod 600"));
	}
	assert_int_equal(chmod(path, 0400), 0);
	assert_ok(sr_key_read(AT_FDCWD, path, NULL, &back, &err));
}

static void a_file_of_another_user_is_refused(void **state)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_key_freep) struct sr_key *back = NULL;
	struct sr_err err;
	char path[128];

	(void)state;
	assert_ok(sr_key_generate(SR_KEY_P256, &key, &err));
	assert_ok(sr_key_write(key, folder.fd, "foreign.key", NULL, &err));
	snprintf(path, sizeof(path), "%s/foreign.key", folder.path);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(sr_key_read(folder.fd, "foreign.key", NULL, &back, &err), SR_DENIED);
		return;
	}
	/* Only root can give files away: a file of root that everybody may read stands in for it. */
	assert_int_equal(sr_key_read(AT_FDCWD, "/etc/passwd", NULL, &back, &err), SR_DENIED);
}

static void a_key_is_never_written_over_a_file(void **state)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf before = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf after = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_key_generate(SR_KEY_P256, &key, &err));
	assert_ok(sr_key_write(key, folder.fd, "once.key", NULL, &err));
	folder_get(&folder, "once.key", &before);
	assert_int_equal(sr_key_write(key, folder.fd, "once.key", NULL, &err), SR_EXISTS);
	folder_get(&folder, "once.key", &after);
	assert_int_equal(before.size, after.size);
	assert_memory_equal(before.data, after.data, before.size);
	folder_must(&folder, "! ls -A | grep -q '^\\.'"); /* no temporary file stays */
	assert_int_equal(sr_key_read(folder.fd, "no.key", NULL, &key, &err), SR_NOT_FOUND);
}

/* c2sp.org/signed-note: the key id is computed here with openssl and coreutils. */
static void a_verifier_key_is_as_c2sp_specifies(void **state)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf vkey = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf want = { 0 };
	struct sr_err err;

	(void)state;
	folder_must(&folder, "umask 077; openssl genpkey -algorithm ED25519 -out note.key && "
	                     "openssl pkey -in note.key -pubout -outform DER | tail -c 32 > public && "
	                     "{ printf '\\001'; cat public; } > typed && "
	                     "id=$({ printf 'example.com/log\\n'; cat typed; } | sha256sum | cut -c 1-8) && "
	                     "printf 'example.com/log+%s+%s' \"$id\" \"$(base64 -w 0 typed)\" > want");
	assert_ok(sr_key_read(folder.fd, "note.key", NULL, &key, &err));
	assert_ok(sr_note_verifier_key("example.com/log", key, &vkey, &err));
	folder_get(&folder, "want", &want);
	assert_int_equal(vkey.size, want.size);
	assert_memory_equal(vkey.data, want.data, want.size);
}

/* RFC 8032 section 7.1, test 1; the vkey by Python's hashlib and base64. */
static void the_first_key_of_rfc_8032_has_its_verifier_key(void **state)
{
	static const char want[] = "PeterNeumann+f312613b+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf vkey = { 0 };
	struct sr_err err;

	(void)state;
	/* RFC 8410 section 7: the head of a PKCS#8 Ed25519 key before the 32 bytes of seed. */
	folder_must(&folder, "umask 077; printf '%s' 302e020100300506032b657004220420"
	                     "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60 "
	                     "| python3 -c 'import sys,base64; print(\"-----BEGIN PRIVATE KEY-----\\n\" + "
	                     "base64.b64encode(bytes.fromhex(sys.stdin.read())).decode() + "
	                     "\"\\n-----END PRIVATE KEY-----\")' > rfc.key");
	assert_ok(sr_key_read(folder.fd, "rfc.key", NULL, &key, &err));
	assert_ok(sr_note_verifier_key("PeterNeumann", key, &vkey, &err));
	assert_int_equal(vkey.size, sizeof(want) - 1);
	assert_memory_equal(vkey.data, want, vkey.size);
}

static void names_that_a_note_cannot_have_are_refused(void **state)
{
	static const struct {
		const char *why, *name;
		enum sr_status status;
	} cases[] = {
		{ "plain", "example.com/log", SR_OK },
		{ "Chinese", "案卷库", SR_OK },
		{ "empty", "", SR_INVALID },
		{ "plus", "a+b", SR_INVALID },
		{ "blank", "a b", SR_INVALID },
		{ "ideographic space", "案　卷", SR_INVALID },
		{ "no-break space", "a\xc2\xa0", SR_INVALID },
		{ "line end", "a\n", SR_INVALID },
		{ "tab", "\ta", SR_INVALID },
		{ "not UTF-8", "a\xff", SR_INVALID },
	};
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;
	SR_CLEANUP(sr_key_freep) struct sr_key *other = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_key_generate(SR_KEY_ED25519, &key, &err));
	assert_ok(sr_key_generate(SR_KEY_P256, &other, &err));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_note_verifier_key(cases[i].name, key, &out, &err), cases[i].status);
	}
	assert_int_equal(sr_note_verifier_key("n", other, &out, &err), SR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_comes_back_from_its_file),
		cmocka_unit_test(a_key_under_a_passphrase_needs_it),
		cmocka_unit_test(keys_that_openssl_made_are_read),
		cmocka_unit_test(a_file_that_others_could_read_or_write_is_refused),
		cmocka_unit_test(a_file_of_another_user_is_refused),
		cmocka_unit_test(a_key_is_never_written_over_a_file),
		cmocka_unit_test(a_verifier_key_is_as_c2sp_specifies),
		cmocka_unit_test(the_first_key_of_rfc_8032_has_its_verifier_key),
		cmocka_unit_test(names_that_a_note_cannot_have_are_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
