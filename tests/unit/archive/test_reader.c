/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/archive/fixture.h"

#include <time.h>

#include "appliance/archive/reader.h"

static const struct fixture_member three[] = { { "one", 3 }, { "", 0 }, { "three", 5 } };

static void fill(struct fixture *f)
{
	fixture_fill(f, three, SR_COUNT(three), "{}");
}

/* Open the bytes; what came out is closed again. */
static enum sr_status try_open(const void *data, size_t size, struct sr_err *err)
{
	SR_CLEANUP(sr_archive_closep) struct sr_archive *archive = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = fixture_fd(data, size);

	return sr_archive_open(fd, &archive, err);
}

static void refuses(const struct sr_buf *tar, const char *why, const char *says)
{
	struct sr_err err;

	print_message("case: %s\n", why);
	assert_int_equal(try_open(tar->data, tar->size, &err), SR_CORRUPT);
	if (!strstr(err.text, says))
		fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void an_archive_is_read_entry_by_entry(void **state)
{
	static const char *const names[] = {
		"bagit.txt",
		"cover.json",
		"keys/identity.p7m",
		"keys/identity.age",
		"keys/chain.pem",
		"data/000001.age",
		"data/000002.age",
		"data/000003.age",
		"catalogue.age",
		"bag-info.txt",
		"manifest-sha256.txt",
		"tagmanifest-sha256.txt",
		"seal/tagmanifest.p7s",
		"seal/tagmanifest.tsr",
		"seal/sha256.txt",
	};
	SR_CLEANUP(sr_archive_closep) struct sr_archive *archive = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };
	struct sr_err err;

	(void)state;
	fill(&f);
	fixture_tar(&f, &tar);
	SR_CLEANUP(sr_fd_closep) int fd = fixture_fd(tar.data, tar.size);
	assert_ok(sr_archive_open(fd, &archive, &err));
	assert_int_equal(sr_archive_fd(archive), fd);
	assert_string_equal(sr_archive_name(archive), FIXTURE_FOLDER);
	assert_string_equal(sr_archive_cover(archive)->case_id, FIXTURE_CASE);
	assert_int_equal(sr_archive_cover(archive)->bytes, 8);
	assert_int_equal(sr_archive_entry_count(archive), SR_COUNT(names));
	assert_int_equal(sr_archive_member_count(archive), 3);
	for (size_t i = 0; i < SR_COUNT(names); i++) {
		const struct sr_archive_entry *entry = sr_archive_entry_at(archive, i);
		const struct sr_buf *bytes = fixture_bytes(&f, names[i]);
		SR_CLEANUP(sr_buf_dispose) struct sr_buf read = { 0 };

		assert_string_equal(entry->name, names[i]);
		assert_ptr_equal(sr_archive_find(archive, names[i]), entry);
		assert_int_equal(entry->size, bytes->size);
		assert_int_equal(entry->offset, entry->header + 512);
		assert_memory_equal(tar.data + entry->offset, bytes->data, bytes->size);
		assert_ok(sr_archive_read_entry(archive, names[i], bytes->size, &read, &err));
		assert_int_equal(read.size, bytes->size);
		assert_memory_equal(read.data, bytes->data, bytes->size);
	}
	assert_ptr_equal(sr_archive_member(archive, 1), sr_archive_entry_at(archive, 6));
}

static void what_an_archive_does_not_hold_is_not_found(void **state)
{
	static const char *const names[] = { "",
		                             "data",
		                             "data/000000.age",
		                             "data/000004.age",
		                             "data/0000001.age",
		                             "data/00001.agee",
		                             "data/00000a.age",
		                             "data/000001.agE",
		                             "bagit.tx",
		                             "manifest-sha512.txt" };
	SR_CLEANUP(sr_archive_closep) struct sr_archive *archive = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf read = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };
	struct sr_err err;

	(void)state;
	fill(&f);
	fixture_tar(&f, &tar);
	SR_CLEANUP(sr_fd_closep) int fd = fixture_fd(tar.data, tar.size);
	assert_ok(sr_archive_open(fd, &archive, &err));
	for (size_t i = 0; i < SR_COUNT(names); i++) {
		assert_null(sr_archive_find(archive, names[i]));
		assert_int_equal(sr_archive_read_entry(archive, names[i], 1 << 20, &read, &err),
		                 SR_NOT_FOUND);
	}
	assert_null(sr_archive_member(archive, 3));
	assert_null(sr_archive_entry_at(archive, 15));
	assert_int_equal(sr_archive_read_entry(archive, "bagit.txt", 53, &read, &err), SR_LIMIT);
	assert_int_equal(read.size, 0);
}

static void every_cut_archive_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };
	struct sr_err err;

	(void)state;
	fill(&f);
	fixture_tar(&f, &tar);
	SR_CLEANUP(sr_fd_closep) int fd = fixture_fd(tar.data, tar.size);
	for (size_t size = tar.size; size > 0; size--) {
		SR_CLEANUP(sr_archive_closep) struct sr_archive *archive = NULL;

		assert_int_equal(ftruncate(fd, (off_t)(size - 1)), 0);
		assert_int_equal(sr_archive_open(fd, &archive, &err), SR_CORRUPT);
		assert_non_null(strstr(err.text, "offset "));
	}
}

static void nothing_may_lie_behind_the_end(void **state)
{
	static const size_t more[] = { 1, 511, 512, 1024, 10240 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };
	struct sr_err err;

	(void)state;
	fill(&f);
	fixture_tar(&f, &tar);
	size_t size = tar.size;
	assert_ok(sr_buf_reserve(&tar, 10240, &err));
	memset(tar.data + size, 0, 10240);
	for (size_t i = 0; i < SR_COUNT(more); i++) {
		tar.size = size + more[i];
		refuses(&tar, "zero bytes", "follow the end");
	}
	tar.size = size;
	assert_ok(sr_buf_add(&tar, tar.data, 1024, &err));
	refuses(&tar, "hidden data", "follow the end");
}

/* What @change does to the files, and what the refusal says. */
struct change {
	const char *why;
	void (*change)(struct fixture *f);
	const char *says;
};

static void rename_member(struct fixture *f)
{
	snprintf(f->files[fixture_index(f, "data/000002.age")].name, 64, "data/000002.AGE");
}

static void renumber_member(struct fixture *f)
{
	snprintf(f->files[fixture_index(f, "data/000002.age")].name, 64, "data/000004.age");
}

static void shorten_number(struct fixture *f)
{
	snprintf(f->files[fixture_index(f, "data/000001.age")].name, 64, "data/1.age");
}

static void swap_members(struct fixture *f)
{
	fixture_swap(f, "data/000001.age", "data/000002.age");
}

static void swap_tags(struct fixture *f)
{
	fixture_swap(f, "cover.json", "keys/identity.p7m");
}

static void double_member(struct fixture *f)
{
	fixture_insert(f, fixture_index(f, "data/000002.age"), "data/000001.age");
}

static void double_tag(struct fixture *f)
{
	fixture_insert(f, fixture_index(f, "bag-info.txt"), "catalogue.age");
}

static void drop_tag(struct fixture *f)
{
	fixture_remove(f, "bag-info.txt");
}

static void drop_first_member(struct fixture *f)
{
	fixture_remove(f, "data/000001.age");
}

static void drop_last_member(struct fixture *f)
{
	fixture_remove(f, "data/000003.age");
}

static void drop_members(struct fixture *f)
{
	fixture_remove(f, "data/000001.age");
	fixture_remove(f, "data/000002.age");
	fixture_remove(f, "data/000003.age");
}

static void drop_seal(struct fixture *f)
{
	fixture_remove(f, "seal/sha256.txt");
}

static void add_fetch(struct fixture *f)
{
	fixture_insert(f, fixture_index(f, "manifest-sha256.txt"), "fetch.txt");
}

static void add_behind(struct fixture *f)
{
	fixture_insert(f, SIZE_MAX, "more.txt");
}

static void add_member_behind_catalogue(struct fixture *f)
{
	fixture_insert(f, fixture_index(f, "bag-info.txt"), "data/000004.age");
}

static void climb(struct fixture *f)
{
	snprintf(f->files[fixture_index(f, "data/000002.age")].name, 64, "../000002.age");
}

static void another_part(struct fixture *f)
{
	snprintf(f->folder, sizeof(f->folder), FIXTURE_CASE "-002");
}

static void part_zero(struct fixture *f)
{
	snprintf(f->folder, sizeof(f->folder), FIXTURE_CASE "-000");
}

static void short_folder(struct fixture *f)
{
	snprintf(f->folder, sizeof(f->folder), "case");
}

static void folder_in_capitals(struct fixture *f)
{
	snprintf(f->folder, sizeof(f->folder), "0193A5C8-7A10-7C3E-8F00-0123456789AB-001");
}

static void another_time(struct fixture *f)
{
	f->mtime_s++;
}

static void cover_counts_wrongly(struct fixture *f)
{
	fixture_write_cover(f, 2, 8);
}

static void cover_sums_wrongly(struct fixture *f)
{
	fixture_write_cover(f, 3, 9);
}

static void cover_is_no_json(struct fixture *f)
{
	fixture_set_text(f, "cover.json", "{");
}

static void member_of_no_age_size(struct fixture *f)
{
	fixture_bytes(f, "data/000002.age")->size--;
}

static void member_without_head(struct fixture *f)
{
	fixture_bytes(f, "data/000002.age")->size = 183;
}

static void a_changed_archive_is_refused_with_place_and_reason(void **state)
{
	static const struct change changes[] = {
		{ "renamed member", rename_member, "data/000002.AGE lies where" },
		{ "other number", renumber_member, "data/000004.age lies where" },
		{ "short number", shorten_number, "data/1.age lies where" },
		{ "reordered members", swap_members, "data/000001.age must" },
		{ "reordered tag files", swap_tags, "/cover.json must" },
		{ "member twice", double_member, "data/000002.age must" },
		{ "tag file twice", double_tag, "bag-info.txt must" },
		{ "tag file missing", drop_tag, "bag-info.txt must" },
		{ "first member missing", drop_first_member, "data/000001.age must" },
		{ "last member missing", drop_last_member,
		  "cover.json: 3 members are stated, the archive has 2" },
		{ "no members", drop_members, "data/000001.age must" },
		{ "last file missing", drop_seal, "a zero block lies where the header of seal/sha256.txt" },
		{ "fetch.txt", add_fetch, "fetch.txt lies where" },
		{ "file behind the seal", add_behind, "something follows seal/sha256.txt" },
		{ "member behind the catalogue", add_member_behind_catalogue, "bag-info.txt must" },
		{ "way out of the folder", climb, "../000002.age lies where" },
		{ "folder of another part", another_part, "cover.json is of " FIXTURE_FOLDER },
		{ "part 0", part_zero, "no sealed archive" },
		{ "other folder", short_folder, "no sealed archive" },
		{ "capitals", folder_in_capitals, "no sealed archive" },
		{ "all times another", another_time, "sealing time is not the time of the files" },
		{ "cover counts another number", cover_counts_wrongly, "2 members are stated" },
		{ "cover sums other bytes", cover_sums_wrongly, "9 bytes are stated, the members have 8" },
		{ "cover is no JSON", cover_is_no_json, "cover.json: line 1" },
		{ "no size of an age file", member_of_no_age_size, "data/000002.age: " },
		{ "shorter than a head", member_without_head, "data/000002.age: it is shorter" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(changes); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
		SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

		fill(&f);
		changes[i].change(&f);
		fixture_tar(&f, &tar);
		refuses(&tar, changes[i].why, changes[i].says);
	}
}

static void damage_of_the_tar_is_refused_with_its_offset(void **state)
{
	/* bagit.txt has 54 bytes, so cover.json's header is at 1024. */
	static const struct {
		const char *why;
		size_t at;
		const char *says;
	} cases[] = {
		{ "mode", 1024 + 105, "offset 1024: header of cover.json: mode is not 0400" },
		{ "type", 1024 + 156, "offset 1024: header of cover.json: is " },
		{ "time", 1024 + 146, "offset 1024: header of cover.json: " },
		{ "padding", 512 + 54, "offset 566: padding behind bagit.txt is not zero" },
		{ "last byte of the padding", 1023, "offset 1023: padding behind bagit.txt is not zero" },
	};
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

	(void)state;
	fill(&f);
	fixture_tar(&f, &tar);
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		tar.data[cases[i].at] ^= 1;
		refuses(&tar, cases[i].why, cases[i].says);
		tar.data[cases[i].at] ^= 1;
	}
	tar.data[tar.size - 1] = 1;
	refuses(&tar, "end blocks", "something follows");
}

/* What general readers take for the end hides whatever comes after it. */
static void a_lone_zero_block_is_refused(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf with = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };
	static const uint8_t zero[512];
	struct sr_err err;

	(void)state;
	fill(&f);
	fixture_tar(&f, &tar);
	for (size_t at = 0; at < tar.size; at += 512) {
		with.size = 0;
		assert_ok(sr_buf_add(&with, tar.data, at, &err));
		assert_ok(sr_buf_add(&with, zero, sizeof(zero), &err));
		assert_ok(sr_buf_add(&with, tar.data + at, tar.size - at, &err));
		assert_int_equal(try_open(with.data, with.size, &err), SR_CORRUPT);
	}
	tar.size -= 512;
	refuses(&tar, "one zero block at the end", "two zero blocks at the end are missing");
}

static void sizes_beyond_the_limits_are_refused_before_anything_is_read(void **state)
{
	static const struct {
		const char *why, *name, *says;
		la_int64_t size;
	} cases[] = {
		{ "tag file over 4 MiB", "bagit.txt", "at most 4194304 are allowed", (4 << 20) + 1 },
		{ "tag file beyond the end", "bagit.txt", "the file ends at", 4 << 20 },
		{ "tag file of 8 GiB", "bagit.txt", "are allowed", 1ll << 33 },
		{ "size with the top bit", "bagit.txt", "are allowed", INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct archive *archive = archive_write_new();
		struct archive_entry *entry = archive_entry_new();
		SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };

		archive_write_set_format_pax_restricted(archive);
		archive_write_set_bytes_per_block(archive, 0);
		archive_write_open(archive, &tar, NULL, fixture_take, NULL);
		archive_entry_set_pathname(entry, FIXTURE_FOLDER "/bagit.txt");
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0400);
		archive_entry_set_mtime(entry, FIXTURE_SEALED_AT, 0);
		archive_entry_set_size(entry, cases[i].size);
		assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
		size_t header = tar.size;
		archive_write_free(archive);
		tar.size = header;
		archive_entry_free(entry);
		refuses(&tar, cases[i].why, cases[i].says);
	}
}

static void what_is_no_regular_file_is_not_opened(void **state)
{
	struct sr_archive *archive = NULL;
	int ends[2];
	struct sr_err err;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(sr_archive_open(ends[0], &archive, &err), SR_INVALID);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(try_open("", 0, &err), SR_CORRUPT);
}

static void the_largest_number_of_members_opens_quickly(void **state)
{
	SR_CLEANUP(sr_archive_closep) struct sr_archive *archive = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };
	struct timespec before, after;
	struct sr_err err;
	char name[32];

	(void)state;
	fixture_fill(&f, three, 1, "{}");
	struct sr_buf member = *fixture_bytes(&f, "data/000001.age");
	size_t at = fixture_index(&f, "data/000001.age");
	for (unsigned i = 2; i <= 10000; i++) {
		snprintf(name, sizeof(name), "data/%06u.age", i);
		assert_ok(sr_buf_add(fixture_insert(&f, at + i - 1, name), member.data, member.size, &err));
	}
	fixture_write_cover(&f, 10000, 30000);
	fixture_tar(&f, &tar);
	SR_CLEANUP(sr_fd_closep) int fd = fixture_fd(tar.data, tar.size);
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_ok(sr_archive_open(fd, &archive, &err));
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_int_equal(sr_archive_member_count(archive), 10000);
	assert_string_equal(sr_archive_member(archive, 9999)->name, "data/010000.age");
	print_message("10,000 members in %.1f ms\n", (double)(after.tv_sec - before.tv_sec) * 1e3 +
	                                                     (double)(after.tv_nsec - before.tv_nsec) / 1e6);

	fixture_insert(&f, at + 10000, "data/010001.age");
	fixture_tar(&f, &tar);
	refuses(&tar, "one member more", "data/010001.age lies where");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_archive_is_read_entry_by_entry),
		cmocka_unit_test(what_an_archive_does_not_hold_is_not_found),
		cmocka_unit_test(every_cut_archive_is_refused),
		cmocka_unit_test(nothing_may_lie_behind_the_end),
		cmocka_unit_test(a_changed_archive_is_refused_with_place_and_reason),
		cmocka_unit_test(damage_of_the_tar_is_refused_with_its_offset),
		cmocka_unit_test(a_lone_zero_block_is_refused),
		cmocka_unit_test(sizes_beyond_the_limits_are_refused_before_anything_is_read),
		cmocka_unit_test(what_is_no_regular_file_is_not_opened),
		cmocka_unit_test(the_largest_number_of_members_opens_quickly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
