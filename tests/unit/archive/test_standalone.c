/* SPDX-License-Identifier: Apache-2.0 */
/* tools/strongroom-verify: standard tools alone must agree with us on what is whole and what is not. */
#include "tests/unit/archive/fixture.h"

#include <fcntl.h>
#include <sys/wait.h>

static const struct fixture_member three[] = { { "one", 3 }, { "", 0 }, { "three", 5 } };

static struct fixture_keys own;
static struct fixture_keys stranger;
static struct sr_secret *escrow;
static char folder[64];

static int set_up(void **state)
{
	struct sr_err err;

	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/sr-standalone-XXXXXX");
	assert_non_null(mkdtemp(folder));
	fixture_keys_make(&own);
	fixture_keys_make(&stranger);
	assert_ok(sr_age_identity_new(&escrow, &err));
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	fixture_keys_dispose(&own);
	fixture_keys_dispose(&stranger);
	sr_secret_free(escrow);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void fill(struct fixture *f)
{
	fixture_fill(f, three, SR_COUNT(three), "{}");
	fixture_wrap(f, &own, escrow);
	fixture_seal(f, &own);
}

static void put(const char *name, const void *data, size_t size)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	char path[128];
	struct sr_err err;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_ok(sr_fd_write_all(fd, data, size, &err));
}

static void put_root(const struct fixture_keys *keys)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;

	assert_ok(sr_cert_to_pem(keys->root, &pem, &err));
	put("root.pem", pem.data, pem.size);
}

/* Exit status of the shell's command line, whose output goes to "output". */
static int shell(const char *line)
{
	char command[1152];

	snprintf(command, sizeof(command), "%s >%s/output 2>&1", line, folder);
	int status = system(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int run(const char *arguments)
{
	char line[384];

	snprintf(line, sizeof(line), "tools/strongroom-verify %s", arguments);
	return shell(line);
}

static void must_print(const char *text)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf output = { 0 };
	char path[128];
	const char *all;
	struct sr_err err;

	snprintf(path, sizeof(path), "%s/output", folder);
	assert_ok(sr_fd_read_file(AT_FDCWD, path, 1 << 20, &output, &err));
	assert_ok(sr_buf_text(&output, &all, &err));
	if (!strstr(all, text))
		fail_msg("\"%s\" is not in the output:\n%s", text, all);
}

/* Write the archive and check it. */
static int judge(const struct fixture *f)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	char arguments[256];

	fixture_tar(f, &tar);
	put("case.tar", tar.data, tar.size);
	snprintf(arguments, sizeof(arguments), "%s/case.tar %s/root.pem", folder, folder);
	return run(arguments);
}

static void a_whole_archive_holds_for_standard_tools(void **state)
{
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };
	char arguments[256];

	(void)state;
	fill(&f);
	put_root(&own);
	assert_int_equal(judge(&f), 0);
	must_print("ok: time stamp of Nov 21 08:15:02 2026 GMT over the signature");
	must_print("The archive is whole and its seal holds.");

	snprintf(arguments, sizeof(arguments), "bsdtar -xf %s/case.tar -C %s", folder, folder);
	assert_int_equal(shell(arguments), 0);
	snprintf(arguments, sizeof(arguments), "--in %s/%s %s/root.pem", folder, FIXTURE_FOLDER, folder);
	assert_int_equal(run(arguments), 0);
	must_print("The archive is whole and its seal holds.");
}

/* GNU tar where there is no bsdtar. */
static void plain_tar_will_do(void **state)
{
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };
	char line[1024];

	(void)state;
	fill(&f);
	put_root(&own);
	assert_int_equal(judge(&f), 0);
	snprintf(
		line, sizeof(line),
		"mkdir -p %s/bin && for t in sh tar sha256sum openssl sed grep sort uniq diff find mktemp rm "
		"dirname basename cat; do ln -sf $(command -v $t) %s/bin/$t; done && "
		"PATH=%s/bin tools/strongroom-verify %s/case.tar %s/root.pem",
		folder, folder, folder, folder, folder);
	assert_int_equal(shell(line), 0);
}

/* Sealed in 2012 with certificates of 2010, which ran out in 2015. */
static void certificates_may_have_run_out_since(void **state)
{
	SR_CLEANUP(fixture_keys_dispose) struct fixture_keys old = { .not_before_s = 1262304000 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };
	char line[1024];

	(void)state;
	fill(&f);
	fixture_keys_make(&old);
	fixture_seal(&f, &old);
	fixture_sign(&f, &old, 1325376000);
	put_root(&old);
	assert_int_equal(judge(&f), 0);
	must_print("ok: time stamp of Jan  1 00:00:00 2012 GMT over the signature");

	/* As of today the same signature does not hold, so the time of the stamp is what counted. */
	snprintf(line, sizeof(line),
	         "cd %s && rm -rf " FIXTURE_FOLDER " && bsdtar -xf case.tar && cd " FIXTURE_FOLDER " && "
	         "openssl cms -verify -cades -binary -inform DER -in seal/tagmanifest.p7s -content "
	         "tagmanifest-sha256.txt -CAfile ../root.pem -certfile keys/chain.pem -out /dev/null",
	         folder);
	assert_int_not_equal(shell(line), 0);

	fixture_sign(&f, &old, FIXTURE_SEALED_AT);
	assert_int_equal(judge(&f), 6);
}

static void flip(struct fixture *f, const char *name)
{
	struct sr_buf *bytes = fixture_bytes(f, name);

	bytes->data[bytes->size / 2] ^= 1;
}

static void flip_member(struct fixture *f)
{
	flip(f, "data/000003.age");
}

static void flip_catalogue(struct fixture *f)
{
	flip(f, "catalogue.age");
}

static void flip_signature(struct fixture *f)
{
	flip(f, "seal/tagmanifest.p7s");
}

static void flip_stamp(struct fixture *f)
{
	flip(f, "seal/tagmanifest.tsr");
}

/* A stamp over another signature. */
static void sign_anew(struct fixture *f)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf kept = { 0 };
	struct sr_buf *stamp = fixture_bytes(f, SR_NAME_STAMP);
	struct sr_err err;

	assert_ok(sr_buf_add(&kept, stamp->data, stamp->size, &err));
	fixture_sign(f, &own, FIXTURE_SEALED_AT);
	stamp->size = 0;
	assert_ok(sr_buf_add(stamp, kept.data, kept.size, &err));
	fixture_write_seal_digests(f);
}

static void redo_lists(struct fixture *f)
{
	flip(f, "data/000001.age");
	fixture_write_manifest(f);
	fixture_write_tagmanifest(f);
}

static void omit_member(struct fixture *f)
{
	struct sr_buf *list = fixture_bytes(f, SR_NAME_MANIFEST);

	list->size -= 64 + 2 + strlen("data/000003.age") + 1;
	fixture_write_tagmanifest(f);
	fixture_sign(f, &own, FIXTURE_SEALED_AT);
}

static void omit_tag(struct fixture *f)
{
	struct sr_buf *list = fixture_bytes(f, SR_NAME_TAGMANIFEST);

	list->size -= 64 + 2 + strlen(SR_NAME_MANIFEST) + 1;
	fixture_sign(f, &own, FIXTURE_SEALED_AT);
}

static void seal_by_stranger(struct fixture *f)
{
	fixture_seal(f, &stranger);
}

static void drop_seal(struct fixture *f)
{
	fixture_remove(f, SR_NAME_STAMP);
}

static void add_file(struct fixture *f)
{
	fixture_insert(f, 3, "data/note.txt");
}

static void climb(struct fixture *f)
{
	fixture_insert(f, 3, "../../evil");
}

static void add_twice(struct fixture *f)
{
	fixture_insert(f, 3, "data/000001.age");
}

static void damage_is_named_by_standard_tools(void **state)
{
	static const struct {
		const char *why;
		void (*change)(struct fixture *f);
		const char *says;
	} cases[] = {
		{ "byte of a member", flip_member, "data/000003.age: FAILED" },
		{ "byte of the catalogue", flip_catalogue, "catalogue.age: FAILED" },
		{ "byte of the signature", flip_signature, "tagmanifest.p7s: FAILED" },
		{ "byte of the stamp", flip_stamp, "tagmanifest.tsr: FAILED" },
		{ "stamp of another signature", sign_anew, "DAMAGED: time stamp" },
		{ "lists redone", redo_lists, "DAMAGED: signature over tagmanifest-sha256.txt" },
		{ "member not listed", omit_member, "not in the list: data/000003.age" },
		{ "tag file not listed", omit_tag, "not in the list: manifest-sha256.txt" },
		{ "sealed by a stranger", seal_by_stranger, "DAMAGED: signature" },
		{ "no stamp", drop_seal, "seal/tagmanifest.tsr is missing" },
		{ "a file more", add_file, "data/note.txt" },
		{ "a way out", climb, "holds other files" },
		{ "a file twice", add_twice, "twice: " },
	};

	(void)state;
	put_root(&own);
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

		print_message("case: %s\n", cases[i].why);
		fill(&f);
		cases[i].change(&f);
		assert_int_equal(judge(&f), 6);
		must_print(cases[i].says);
	}
}

static void wrong_usage_is_told_from_damage(void **state)
{
	static const char *const lines[] = { "",
		                             "one",
		                             "--in /tmp",
		                             "--what a b",
		                             "/nonexistent/a.tar /nonexistent/b",
		                             "--in /nonexistent /dev/null",
		                             "/etc/passwd /nonexistent" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(lines); i++)
		assert_int_equal(run(lines[i]), 2);
	assert_int_equal(run("--help"), 0);
	must_print("Usage: strongroom-verify ARCHIVE.tar ROOT.pem [STAMP-ROOT.pem]");
	must_print("用法");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_archive_holds_for_standard_tools),
		cmocka_unit_test(plain_tar_will_do),
		cmocka_unit_test(certificates_may_have_run_out_since),
		cmocka_unit_test(damage_is_named_by_standard_tools),
		cmocka_unit_test(wrong_usage_is_told_from_damage),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
