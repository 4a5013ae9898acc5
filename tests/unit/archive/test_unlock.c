/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/archive/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "appliance/archive/unlock.h"

#define BIG 200000 /* four chunks, the last one short */

static struct fixture_keys own;
static struct fixture_keys stranger;
static struct sr_secret *escrow;
static struct sr_secret *nobody;
static char big[BIG];

static const char *const plain_paths[] = { "documents/立案审批表.txt", "media/现场检查.mp4", "空.txt" };
static const struct fixture_member plain[] = { { "approval\n", 9 }, { big, BIG }, { "", 0 } };

static int set_up(void **state)
{
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < BIG; i++)
		big[i] = (char)(i * 7 + i / 251);
	fixture_keys_make(&own);
	fixture_keys_make(&stranger);
	assert_ok(sr_age_identity_new(&escrow, &err));
	assert_ok(sr_age_identity_new(&nobody, &err));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_keys_dispose(&own);
	fixture_keys_dispose(&stranger);
	sr_secret_free(escrow);
	sr_secret_free(nobody);
	return 0;
}

static void hex_of(const void *data, size_t size, char out[SR_DIGEST_HEX])
{
	struct sr_digest digest;
	struct sr_err err;

	assert_ok(sr_digest_of(data, size, &digest, &err));
	sr_digest_to_hex(&digest, out);
}

/* The catalogue's text for the members as they lie in the fixture. */
static void write_catalogue(struct fixture *f, const char *const *paths, const char *case_id, size_t count)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	char sha256[SR_DIGEST_HEX];
	char head[SR_DIGEST_HEX];
	char name[32];
	struct sr_err err;

	assert_ok(sr_buf_printf(&text, &err,
	                        "{\"format\":\"strongroom-catalogue/1\",\"case_id\":\"%s\",\"part\":1,"
	                        "\"sealed_at\":\"%s\",\"description\":{\"number\":\"x\",\"title\":\"y\"},"
	                        "\"rulebook\":{\"name\":\"base\",\"digest\":\"%064d\"},\"findings\":[],"
	                        "\"remarks\":[],\"members\":[",
	                        case_id, FIXTURE_SEALED_TEXT, 0));
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "data/%06zu.age", i + 1);
		hex_of(plain[i].bytes, plain[i].size, sha256);
		hex_of(fixture_bytes(f, name)->data, 184, head);
		assert_ok(sr_buf_printf(
			&text, &err,
			"%s{\"number\":%zu,\"path\":\"%s\",\"class\":\"document\",\"bytes\":%zu,"
			"\"sha256\":\"%s\",\"head_sha256\":\"%s\",\"media_type\":\"text/plain\"}",
			i > 0 ? "," : "", i + 1, paths[i], plain[i].size, sha256, head));
	}
	assert_ok(sr_buf_add_text(&text, "]}\n", &err));
	size_t at = fixture_index(f, SR_NAME_CATALOGUE);
	fixture_remove(f, SR_NAME_CATALOGUE);
	fixture_add_age(f, SR_NAME_CATALOGUE, text.data, text.size);
	struct fixture_file file = f->files[f->count - 1];
	memmove(&f->files[at + 1], &f->files[at], (f->count - 1 - at) * sizeof(file));
	f->files[at] = file;
}

/* An archive in memory, opened. */
struct opened {
	struct fixture f;
	struct sr_buf tar;
	int fd;
	struct sr_archive *archive;
};

static void opened_dispose(struct opened *o)
{
	sr_archive_close(o->archive);
	if (o->fd > 0)
		close(o->fd);
	sr_buf_dispose(&o->tar);
	fixture_dispose(&o->f);
}

static void opened_fill(struct opened *o, const char *const *paths)
{
	fixture_fill(&o->f, plain, SR_COUNT(plain), "{}");
	fixture_wrap(&o->f, &own, escrow);
	write_catalogue(&o->f, paths, FIXTURE_CASE, SR_COUNT(plain));
}

static void opened_open(struct opened *o)
{
	struct sr_err err;

	fixture_tar(&o->f, &o->tar);
	o->fd = fixture_fd(o->tar.data, o->tar.size);
	assert_ok(sr_archive_open(o->fd, &o->archive, &err));
}

static void every_opener_finds_the_same_identity(void **state)
{
	SR_CLEANUP(opened_dispose) struct opened o = { 0 };
	const struct sr_opener openers[] = {
		{ .key = own.wrap_key, .cert = own.wrap },
		{ .key = own.wrap_key },
		{ .age_identity = escrow },
	};

	(void)state;
	opened_fill(&o, plain_paths);
	opened_open(&o);
	for (size_t i = 0; i < SR_COUNT(openers); i++) {
		SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;
		struct sr_err err;

		assert_ok(sr_archive_identity(o.archive, &openers[i], &identity, &err));
		assert_int_equal(identity->size, SR_AGE_KEY_BYTES);
		assert_memory_equal(identity->data, o.f.identity->data, SR_AGE_KEY_BYTES);
	}
}

static void others_are_denied(void **state)
{
	SR_CLEANUP(opened_dispose) struct opened o = { 0 };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;
	const struct sr_opener by_key = { .key = stranger.wrap_key, .cert = stranger.wrap };
	const struct sr_opener by_identity = { .age_identity = nobody };
	const struct sr_opener none = { 0 };
	struct sr_err err;

	(void)state;
	opened_fill(&o, plain_paths);
	opened_open(&o);
	assert_int_equal(sr_archive_identity(o.archive, &by_key, &identity, &err), SR_DENIED);
	assert_int_equal(sr_archive_identity(o.archive, &by_identity, &identity, &err), SR_DENIED);
	assert_int_equal(sr_archive_identity(o.archive, &none, &identity, &err), SR_INVALID);
	assert_null(identity);
}

static void members_are_read_at_any_place(void **state)
{
	SR_CLEANUP(sr_member_close) struct sr_member_reader reader = { 0 };
	SR_CLEANUP(sr_catalogue_freep) struct sr_catalogue *catalogue = NULL;
	SR_CLEANUP(opened_dispose) struct opened o = { 0 };
	uint8_t bytes[1000];
	size_t got;
	struct sr_err err;

	(void)state;
	opened_fill(&o, plain_paths);
	opened_open(&o);
	assert_ok(sr_archive_catalogue(o.archive, o.f.identity, &catalogue, &err));
	assert_int_equal(catalogue->member_count, 3);
	assert_string_equal(catalogue->members[1].path, plain_paths[1]);
	assert_ok(sr_archive_open_member(o.archive, catalogue, o.f.identity, 1, &reader, &err));
	assert_int_equal(sr_member_size(&reader), BIG);
	assert_ok(sr_member_read(&reader, 65000, bytes, sizeof(bytes), &got, &err));
	assert_int_equal(got, sizeof(bytes));
	assert_memory_equal(bytes, big + 65000, sizeof(bytes));
}

static void a_member_that_is_not_the_catalogues_is_refused(void **state)
{
	struct sr_catalogue *catalogue = NULL;
	struct sr_member_reader reader = { 0 };
	SR_CLEANUP(opened_dispose) struct opened o = { 0 };
	struct sr_err err;

	(void)state;
	opened_fill(&o, plain_paths);
	fixture_swap(&o.f, "data/000001.age", "data/000002.age");
	snprintf(o.f.files[5].name, 64, "data/000001.age");
	snprintf(o.f.files[6].name, 64, "data/000002.age");
	opened_open(&o);
	assert_ok(sr_archive_catalogue(o.archive, o.f.identity, &catalogue, &err));
	assert_int_equal(sr_archive_open_member(o.archive, catalogue, o.f.identity, 0, &reader, &err),
	                 SR_TAMPERED);
	assert_non_null(strstr(err.text, "data/000001.age: its header is not the one in the catalogue"));
	assert_int_equal(sr_archive_open_member(o.archive, catalogue, o.f.identity, 3, &reader, &err),
	                 SR_NOT_FOUND);
	assert_ok(sr_archive_open_member(o.archive, catalogue, o.f.identity, 2, &reader, &err));
	sr_member_close(&reader);
	sr_catalogue_free(catalogue);
}

static void a_catalogue_of_another_case_is_refused(void **state)
{
	static const char other[] = "0193a5c8-7a10-7c3e-8f00-0123456789ac";
	struct sr_catalogue *catalogue = NULL;
	struct sr_err err;

	(void)state;
	for (int i = 0; i < 2; i++) {
		SR_CLEANUP(opened_dispose) struct opened o = { 0 };

		opened_fill(&o, plain_paths);
		write_catalogue(&o.f, plain_paths, i == 0 ? other : FIXTURE_CASE, i == 0 ? 3 : 2);
		opened_open(&o);
		assert_int_equal(sr_archive_catalogue(o.archive, o.f.identity, &catalogue, &err),
		                 SR_TAMPERED);
		assert_non_null(strstr(err.text, i == 0 ? "another case" : "lists 2 members"));
	}
}

/* --- recovery ------------------------------------------------------------------------------------------- */

static char place[64];

static int open_place(void)
{
	snprintf(place, sizeof(place), "/tmp/sr-recover-XXXXXX");
	assert_non_null(mkdtemp(place));
	int fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static void close_place(int *fd)
{
	close(*fd);
	assert_int_equal(nftw(place, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void must_hold(int dir_fd, const char *path, const void *bytes, size_t size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf read = { 0 };
	struct stat st;
	struct sr_err err;

	assert_ok(sr_fd_read_file(dir_fd, path, 1 << 20, &read, &err));
	assert_int_equal(read.size, size);
	assert_memory_equal(read.data, bytes, size);
	assert_int_equal(fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* Paths that were reported, one a line. */
static void note(void *context, const char *path, const char *what)
{
	struct sr_buf *notes = context;
	struct sr_err err;

	assert_ok(sr_buf_printf(notes, &err, "%s: %s\n", path, what));
}

static void a_whole_case_is_recovered(void **state)
{
	SR_CLEANUP(opened_dispose) struct opened o = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf catalogue = { 0 };
	SR_CLEANUP(close_place) int dir_fd = open_place();
	struct stat st;
	size_t failed = 9;
	struct sr_err err;
	const char *text;

	(void)state;
	opened_fill(&o, plain_paths);
	opened_open(&o);
	assert_ok(sr_archive_recover(o.archive, o.f.identity, dir_fd, NULL, NULL, NULL, &failed, &err));
	assert_int_equal(failed, 0);
	for (size_t i = 0; i < SR_COUNT(plain); i++)
		must_hold(dir_fd, plain_paths[i], plain[i].bytes, plain[i].size);
	assert_int_equal(fstatat(dir_fd, "documents", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_ok(sr_fd_read_file(dir_fd, "catalogue.json", 1 << 20, &catalogue, &err));
	assert_ok(sr_buf_text(&catalogue, &text, &err));
	assert_non_null(strstr(text, "{\"format\":\"strongroom-catalogue/1\""));
	assert_int_equal(faccessat(dir_fd, "names.txt", F_OK, 0), -1);
}

static void a_damaged_member_leaves_no_file_and_stops_nobody(void **state)
{
	SR_CLEANUP(opened_dispose) struct opened o = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf notes = { 0 };
	SR_CLEANUP(close_place) int dir_fd = open_place();
	size_t failed = 0;
	const char *text;
	struct sr_err err;

	(void)state;
	opened_fill(&o, plain_paths);
	fixture_bytes(&o.f, "data/000002.age")->data[184 + 65552 + 5] ^= 1;
	opened_open(&o);
	assert_ok(sr_archive_recover(o.archive, o.f.identity, dir_fd, NULL, note, &notes, &failed, &err));
	assert_int_equal(failed, 1);
	must_hold(dir_fd, plain_paths[0], plain[0].bytes, plain[0].size);
	must_hold(dir_fd, plain_paths[2], plain[2].bytes, plain[2].size);
	assert_int_equal(faccessat(dir_fd, plain_paths[1], F_OK, 0), -1);
	assert_ok(sr_buf_text(&notes, &text, &err));
	assert_non_null(strstr(text, "media/现场检查.mp4: data/000002.age: "));
}

static void what_exists_is_not_touched(void **state)
{
	SR_CLEANUP(opened_dispose) struct opened o = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf notes = { 0 };
	SR_CLEANUP(close_place) int dir_fd = open_place();
	size_t failed = 0;
	struct sr_err err;

	(void)state;
	assert_ok(sr_fd_write_file(dir_fd, "空.txt", 0600, "mine", 4, &err));
	/* A link where a folder is to be: nothing may be written through it. */
	assert_int_equal(symlinkat("/tmp", dir_fd, "media"), 0);
	opened_fill(&o, plain_paths);
	opened_open(&o);
	assert_ok(sr_archive_recover(o.archive, o.f.identity, dir_fd, NULL, note, &notes, &failed, &err));
	assert_int_equal(failed, 2);
	must_hold(dir_fd, "空.txt", "mine", 4);
	assert_int_equal(access("/tmp/现场检查.mp4", F_OK), -1);
}

static void a_member_may_be_called_catalogue(void **state)
{
	static const char *const paths[] = { "catalogue.json", "names.txt", "catalogue-2.json" };
	SR_CLEANUP(opened_dispose) struct opened o = { 0 };
	SR_CLEANUP(close_place) int dir_fd = open_place();
	size_t failed = 0;
	struct sr_err err;

	(void)state;
	opened_fill(&o, paths);
	opened_open(&o);
	assert_ok(sr_archive_recover(o.archive, o.f.identity, dir_fd, NULL, NULL, NULL, &failed, &err));
	assert_int_equal(failed, 0);
	for (size_t i = 0; i < SR_COUNT(plain); i++)
		must_hold(dir_fd, paths[i], plain[i].bytes, plain[i].size);
	assert_int_equal(faccessat(dir_fd, "catalogue-3.json", F_OK, 0), 0);
}

static void hostile_paths_recover_nothing(void **state)
{
	static const char *const hostile[] = { "../evil", "/tmp/sr-evil", "a//b", "a/../../b", ".",
		                               "a/./b",   "a\\u0000b",    "",     "a/" };

	(void)state;
	for (size_t i = 0; i < SR_COUNT(hostile); i++) {
		const char *const paths[] = { hostile[i], "two", "three" };
		SR_CLEANUP(opened_dispose) struct opened o = { 0 };
		SR_CLEANUP(close_place) int dir_fd = open_place();
		size_t failed = 0;
		struct sr_err err;

		print_message("case: \"%s\"\n", hostile[i]);
		opened_fill(&o, paths);
		opened_open(&o);
		assert_int_equal(
			sr_archive_recover(o.archive, o.f.identity, dir_fd, NULL, NULL, NULL, &failed, &err),
			SR_CORRUPT);
		assert_int_equal(faccessat(dir_fd, "two", F_OK, 0), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_opener_finds_the_same_identity),
		cmocka_unit_test(others_are_denied),
		cmocka_unit_test(members_are_read_at_any_place),
		cmocka_unit_test(a_member_that_is_not_the_catalogues_is_refused),
		cmocka_unit_test(a_catalogue_of_another_case_is_refused),
		cmocka_unit_test(a_whole_case_is_recovered),
		cmocka_unit_test(a_damaged_member_leaves_no_file_and_stops_nobody),
		cmocka_unit_test(what_exists_is_not_touched),
		cmocka_unit_test(a_member_may_be_called_catalogue),
		cmocka_unit_test(hostile_paths_recover_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
