/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/archive/sealing.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include <signal.h>

#include "appliance/archive/verify.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/random.h"

#define MIB (1u << 20)

/* Everything that docs/FORMAT.md says a custodian can do with standard tools alone. */
static const char *const custodian =
	"set -e\n"
	"rm -rf tar bsd && mkdir tar bsd\n"
	"tar -C tar -xf case.tar && bsdtar -C bsd -xf case.tar && diff -r tar bsd\n"
	"cd bsd/" SEALING_CASE "-001\n"
	"sha256sum --quiet -c manifest-sha256.txt\n"
	"sha256sum --quiet -c tagmanifest-sha256.txt\n"
	"(cd seal && sha256sum --quiet -c sha256.txt)\n"
	"openssl cms -verify -cades -binary -inform DER -in seal/tagmanifest.p7s "
	"-content tagmanifest-sha256.txt -CAfile ../../root.pem -certfile keys/chain.pem -out /dev/null "
	"2>/dev/null\n"
	"openssl ts -verify -data seal/tagmanifest.p7s -in seal/tagmanifest.tsr -CAfile ../../root.pem "
	"-untrusted keys/chain.pem >/dev/null 2>&1\n"
	"openssl cms -decrypt -binary -inform DER -in keys/identity.p7m "
	"-inkey ../../escrow.key -out ../../identity\n"
	"age -d -i ../../escrow.age-identity keys/identity.age | cmp - ../../identity\n"
	"test $(stat -c %s ../../identity) = 75\n"
	"n=0\n"
	"for f in data/*.age; do\n"
	"  plain=../../member-$(printf %03d $n)\n"
	"  age -d -i ../../identity $f | cmp - $plain\n"
	"  echo $(stat -c %s $plain) $(openssl dgst -sha256 -r $plain | cut -c1-64)"
	" $(head -c 184 $f | sha256sum | cut -c1-64) >> ../../want-catalogue\n"
	"  n=$((n + 1))\n"
	"done\n"
	"age -d -i ../../identity catalogue.age | cmp - ../../want-catalogue\n";

static void write_key_files(const struct sealing *s)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;
	struct sr_err err;

	assert_ok(sr_cert_to_pem(s->root, &pem, &err));
	assert_ok(sr_fd_write_file(s->dir, "root.pem", 0600, pem.data, pem.size, &err));
	assert_ok(sr_key_write(s->escrow_key, s->dir, "escrow.key", NULL, &err));
	assert_ok(sr_age_identity_to_text(s->age_identity, &text, &err));
	assert_ok(sr_fd_write_file(s->dir, "escrow.age-identity", 0600, text->data, SR_AGE_IDENTITY_TEXT - 1,
	                           &err));
}

/* Our own verifier, which accepts nothing but what the writer writes, finds the same. */
static void expect_verified(const struct sealing *s, const struct sr_write_result *result)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *roots = NULL;
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
	SR_CLEANUP(sr_fd_closep) int fd = openat(s->dir, "case.tar", O_RDONLY | O_CLOEXEC);
	struct sr_err err;

	assert_ok(sr_certs_new(&roots, &err));
	assert_ok(sr_certs_add(roots, s->root, &err));
	const struct sr_verify_options options = { .roots = roots };
	assert_ok(sr_archive_verify(fd, &options, &report, &err));
	for (size_t i = 0; i < report.damage_count; i++)
		print_message("%s: %s\n", report.damage[i].member, report.damage[i].what);
	assert_true(report.ok);
	assert_true(sr_digest_equal(&report.seal, &result->seal));
	assert_int_equal(report.stamped_at_ns, result->stamped_at_ns);
	assert_int_equal(report.cover.bytes, result->plain_bytes);
}

static void standard_tools_check_and_open_every_archive(void **state)
{
	static const struct {
		const char *why;
		size_t count, sizes[12];
	} cases[] = {
		{ "one empty member", 1, { 0 } },
		{ "one byte", 1, { 1 } },
		{ "ends of chunks and slabs",
		  12,
		  { 0, 1, 65535, 65536, 65537, MIB - 1, MIB, MIB + 1, 0, 5 * MIB, 2 * MIB, 17 } },
		{ "parts of many members at once",
		  8,
		  { MIB + 1, MIB + 2, MIB + 3, MIB + 4, MIB + 5, 2 * MIB, MIB + 6, 3 * MIB + 1 } },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_write_result result;
		struct sealing s;
		struct sr_err err;
		uint64_t bytes = 0;

		print_message("case: %s\n", cases[i].why);
		sealing_init(&s);
		write_key_files(&s);
		for (size_t m = 0; m < cases[i].count; m++) {
			sealing_make_member(&s, m, cases[i].sizes[m]);
			bytes += cases[i].sizes[m];
		}
		s.job.member_count = cases[i].count;
		assert_ok(sealing_run(&s, "case.tar", &result, &err));
		assert_int_equal(result.plain_bytes, bytes);
		assert_true(sealing_shell(&s, custodian));
		expect_verified(&s, &result);
		sealing_dispose(&s);
	}
}

static void a_hundred_small_members_share_slabs(void **state)
{
	struct sr_write_result result;
	struct sealing s;
	struct sr_err err;

	(void)state;
	sealing_init(&s);
	write_key_files(&s);
	for (size_t m = 0; m < SEALING_MEMBERS; m++)
		sealing_make_member(&s, m, m * 601);
	s.job.member_count = SEALING_MEMBERS;
	assert_ok(sealing_run(&s, "case.tar", &result, &err));
	assert_true(sealing_shell(&s, custodian));
	expect_verified(&s, &result);
	sealing_dispose(&s);
}

/* docs/FORMAT.md: order of the listing, fixed tar fields, names, bag-info. */
static void the_listing_is_as_the_format_says(void **state)
{
	struct sr_write_result result;
	struct sealing s;
	struct sr_err err;
	struct stat st;

	(void)state;
	sealing_init(&s);
	s.job.cover.sealed_at_ns = 1788220800ll * SR_SECOND_NS; /* 2026-09-01T00:00:00Z */
	s.job.cover.organ[0] = 0;
	sealing_make_member(&s, 0, 1000);
	sealing_make_member(&s, 1, 70000);
	s.job.member_count = 2;
	assert_ok(sealing_run(&s, "case.tar", &result, &err));
	assert_int_equal(fstatat(s.dir, "case.tar", &st, 0), 0);
	assert_int_equal(st.st_size, result.archive_bytes);
	assert_int_equal(st.st_size % 512, 0);
	assert_true(sealing_shell(&s, "n=" SEALING_CASE "-001/\n"
	                              "for f in bagit.txt cover.json keys/identity.p7m keys/identity.age "
	                              "keys/chain.pem data/000001.age data/000002.age catalogue.age "
	                              "bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt "
	                              "seal/tagmanifest.p7s seal/tagmanifest.tsr seal/sha256.txt; do "
	                              "echo $n$f; done > want && tar -tf case.tar | cmp - want"));
	assert_true(sealing_shell(&s, "test $(TZ=UTC tar --numeric-owner --full-time -tvf case.tar | "
	                              "grep -c '^-r-------- 0/0 .* 2026-09-01 00:00:00 ') = 14"));
	/* 1000 + 16 + 184, and 70000 + 2 * 16 + 184 */
	assert_true(sealing_shell(&s, "tar -xOf case.tar " SEALING_CASE "-001/bag-info.txt > info\n"
	                              "printf 'Bagging-Date: 2026-09-01\nExternal-Identifier: " SEALING_CASE
	                              "\nBag-Group-Identifier: " SEALING_CASE "\nBag-Count: 1 of ?\n"
	                              "Payload-Oxum: 71416.2\nBag-Software-Agent: Strongroom " SR_VERSION
	                              "\n' | cmp - info"));
	sealing_dispose(&s);
}

/* --- determinism ------------------------------------------------------------------------------------ */

static uint64_t random_state;

static void predictable(void *context, void *out, size_t size)
{
	uint8_t *at = out;

	(void)context;
	for (size_t i = 0; i < size; i++) {
		random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
		at[i] = (uint8_t)(random_state >> 56);
	}
}

static void equal_randomness_gives_equal_bytes_in_any_number_of_threads(void **state)
{
	static const unsigned threads[] = { 1, 2, 4, 8, 2 };
	struct sealing s;

	(void)state;
	sealing_init(&s);
	for (size_t m = 0; m < 40; m++)
		sealing_make_member(&s, m, m % 10 == 3 ? 3 * MIB + m : m * 12345);
	s.job.member_count = 40;
	for (size_t i = 0; i < SR_COUNT(threads); i++) {
		struct sr_write_result result;
		struct sr_err err;

		random_state = 42;
		sr_random_inject(predictable, NULL);
		s.job.threads = threads[i];
		assert_ok(sealing_run(&s, "case.tar", &result, &err));
		sr_random_inject(NULL, NULL);
		assert_true(sealing_shell(&s,
		                          "mkdir now && tar -C now --strip-components=1 -xf case.tar && "
		                          "cd now && rm -r seal keys/identity.p7m tagmanifest-sha256.txt && "
		                          "cd .. && { test -d first || cp -r now first; } && "
		                          "diff -r first now && rm -rf now"));
	}
	sealing_dispose(&s);
}

/* --- failures ------------------------------------------------------------------------------------------ */

static unsigned usual_threads; /* of this program and of a sanitizer */

static unsigned count_entries(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void *note_id(void *context)
{
	*(pid_t *)context = gettid();
	return NULL;
}

/* A joined thread is still listed for a moment; and with the first one a sanitizer starts its own. */
static int count_threads(void **state)
{
	pthread_t thread;
	char path[64];
	pid_t id;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, note_id, &id), 0);
	pthread_join(thread, NULL);
	snprintf(path, sizeof(path), "/proc/self/task/%d", (int)id);
	while (access(path, F_OK) == 0)
		usleep(1000);
	usual_threads = count_entries("/proc/self/task");
	return 0;
}

/* A failed sealing leaves no descriptor open and no thread running. */
static enum sr_status run_and_count(struct sealing *s, struct sr_err *err)
{
	unsigned files = count_entries("/proc/self/fd");
	struct sr_write_result result;

	enum sr_status status = sealing_run(s, "case.tar", &result, err);
	assert_int_equal(count_entries("/proc/self/fd"), files);
	for (int i = 0; i < 30000 && count_entries("/proc/self/task") > usual_threads; i++)
		usleep(1000);
	assert_int_equal(count_entries("/proc/self/task"), usual_threads);
	return status;
}

/* What happens to member 2 while the archive is written. */
struct accident {
	struct sealing *s;
	unsigned opened; /* how often member 2 was */
	bool during;     /* else when it is opened for reading */
	bool done;
	const char *command;
};

static enum sr_status open_with_accident(void *context, size_t index, int *fd, struct sr_err *err)
{
	struct accident *a = context;

	if (index == 2 && ++a->opened == 2 && !a->during)
		assert_true(sealing_shell(a->s, a->command));
	return sealing_open(a->s, index, fd, err);
}

/* Comes when the first slabs are through; a part of member 2 is then yet to be read. */
static void accident_on_progress(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct accident *a = context;

	(void)what;
	assert_true(done <= total);
	if (!a->during || a->done || done < 2 * MIB)
		return;
	a->done = true;
	assert_true(sealing_shell(a->s, a->command));
}

static void a_source_that_does_not_stay_as_it_was_stops_sealing(void **state)
{
	static const struct {
		const char *why, *command;
		bool during;
		enum sr_status status;
	} cases[] = {
		{ "grown before", "echo >> member-002", false, SR_INVALID },
		{ "shrunk before", "truncate -s -1 member-002", false, SR_INVALID },
		{ "touched before", "touch -d 2001-01-01 member-002", false, SR_INVALID },
		{ "mode changed before", "chmod 640 member-002", false, SR_INVALID },
		{ "replaced before", "cp -p member-002 x && mv x member-002", false, SR_INVALID },
		{ "vanished", "rm member-002", false, SR_NOT_FOUND },
		{ "became a folder", "rm member-002 && mkdir member-002", false, SR_INVALID },
		{ "became a FIFO", "rm member-002 && mkfifo member-002", false, SR_INVALID },
		{ "grown during", "echo >> member-002", true, SR_INVALID },
		{ "shrunk during", "truncate -s -1 member-002", true, SR_INVALID },
		{ "emptied during", "truncate -s 0 member-002", true, SR_INVALID },
		{ "touched during", "touch member-002", true, SR_INVALID },
		{ "written in place during", "printf x | dd of=member-002 conv=notrunc status=none", true,
		  SR_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sealing s;
		struct sr_err err;
		struct accident accident = { .s = &s,
			                     .during = cases[i].during,
			                     .command = cases[i].command };
		const struct sr_progress progress = { accident_on_progress, &accident };

		print_message("case: %s\n", cases[i].why);
		sealing_init(&s);
		sealing_make_member(&s, 0, 100);
		sealing_make_member(&s, 1, MIB + 1);
		sealing_make_member(&s, 2, cases[i].during ? 12 * MIB : 5000);
		sealing_make_member(&s, 3, 2 * MIB);
		s.job.member_count = 4;
		s.job.threads = 2;
		s.job.source.open = open_with_accident;
		s.job.source.context = &accident;
		s.job.progress = &progress;
		assert_int_equal(run_and_count(&s, &err), cases[i].status);
		assert_non_null(strstr(err.text, "member-002"));
		assert_int_equal(s.catalogue_calls, 0);
		sealing_dispose(&s);
	}
}

static void sources_that_cannot_be_sealed_are_named(void **state)
{
	static const struct {
		const char *why, *command;
		enum sr_status status;
	} cases[] = {
		{ "absent", "rm member-001", SR_NOT_FOUND },
		{ "folder", "rm member-001 && mkdir member-001", SR_INVALID },
		{ "link that leads out", "ln -sf /etc/passwd member-001", SR_DENIED },
		{ "over 1 TiB", "truncate -s 1099511627777 member-001", SR_LIMIT },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sealing s;
		struct sr_err err;

		print_message("case: %s\n", cases[i].why);
		sealing_init(&s);
		sealing_make_member(&s, 0, 100);
		sealing_make_member(&s, 1, 100);
		s.job.member_count = 2;
		assert_true(sealing_shell(&s, cases[i].command));
		assert_int_equal(run_and_count(&s, &err), cases[i].status);
		assert_non_null(strstr(err.text, "member-001"));
		sealing_dispose(&s);
	}
}

static void the_number_of_members_has_bounds(void **state)
{
	struct sealing s;
	struct sr_err err;

	(void)state;
	sealing_init(&s);
	s.job.member_count = 0;
	assert_int_equal(run_and_count(&s, &err), SR_INVALID);
	s.job.member_count = 10001;
	assert_int_equal(run_and_count(&s, &err), SR_LIMIT);
	sealing_dispose(&s);
}

static void another_file_than_the_checked_one_is_refused(void **state)
{
	static const size_t sizes[] = { 100, 3 * MIB };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(sizes); i++) {
		struct sr_expected_digest expected[2] = { { .given = false } };
		uint8_t *zeros = calloc(1, sizes[i]);
		struct sealing s;
		struct sr_err err;

		assert_non_null(zeros);
		sealing_init(&s);
		sealing_make_member(&s, 0, 10);
		assert_ok(sr_fd_write_file(s.dir, "member-001", 0600, zeros, sizes[i], &err));
		s.job.member_count = 2;
		s.job.expected = expected;
		expected[1].given = true;
		assert_ok(sr_digest_of(zeros, sizes[i], &expected[1].digest, &err));
		assert_ok(run_and_count(&s, &err));
		expected[1].digest.bytes[31] ^= 1;
		assert_int_equal(run_and_count(&s, &err), SR_TAMPERED);
		assert_non_null(strstr(err.text, "member-001"));
		free(zeros);
		sealing_dispose(&s);
	}
}

static enum sr_status failing_catalogue(void *context, const struct sr_member_seal *seals, struct sr_buf *out,
                                        struct sr_err *err)
{
	(void)context;
	(void)seals;
	SR_TRY(sr_buf_add_text(out, "half of it", err));
	return sr_fail(err, SR_BUSY, "no catalogue today");
}

static void a_catalogue_that_cannot_be_made_stops_sealing(void **state)
{
	struct sealing s;
	struct sr_err err;

	(void)state;
	sealing_init(&s);
	sealing_make_member(&s, 0, 10);
	s.job.member_count = 1;
	s.job.catalogue = failing_catalogue;
	assert_int_equal(run_and_count(&s, &err), SR_BUSY);
	assert_string_equal(err.text, "no catalogue today");
	sealing_dispose(&s);
}

/* A limit on the file's size stands for a full disk, at many places. */
static void a_write_that_fails_stops_sealing(void **state)
{
	struct sr_write_result result;
	struct rlimit before, now;
	struct sealing s;
	struct sr_err err;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	sealing_init(&s);
	for (size_t m = 0; m < 6; m++)
		sealing_make_member(&s, m, m * 400000);
	s.job.member_count = 6;
	assert_ok(sealing_run(&s, "case.tar", &result, &err));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	/* The sizes of signature and stamp vary by a few bytes, padded to blocks of 512. */
	uint64_t whole = result.archive_bytes - 4 * SR_TAR_BLOCK;
	for (uint64_t limit = 0; limit < whole; limit += limit < whole - 20000 ? 700001 : 1777) {
		now = before;
		now.rlim_cur = limit;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
		enum sr_status status = run_and_count(&s, &err);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(status, SR_IO);
		assert_int_equal(err.sys_errno, EFBIG);
	}
	sealing_dispose(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_tools_check_and_open_every_archive),
		cmocka_unit_test(a_hundred_small_members_share_slabs),
		cmocka_unit_test(the_listing_is_as_the_format_says),
		cmocka_unit_test(equal_randomness_gives_equal_bytes_in_any_number_of_threads),
		cmocka_unit_test(a_source_that_does_not_stay_as_it_was_stops_sealing),
		cmocka_unit_test(sources_that_cannot_be_sealed_are_named),
		cmocka_unit_test(the_number_of_members_has_bounds),
		cmocka_unit_test(another_file_than_the_checked_one_is_refused),
		cmocka_unit_test(a_catalogue_that_cannot_be_made_stops_sealing),
		cmocka_unit_test(a_write_that_fails_stops_sealing),
	};

	return cmocka_run_group_tests(tests, count_threads, NULL);
}
