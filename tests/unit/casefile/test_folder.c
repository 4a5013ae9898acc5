/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/casefile/scratch.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/folder.h"

#define NOBODY 65534

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	scratch_make(&scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static void assert_odd(const struct sr_folder *folder, const char *path, const char *odd)
{
	const struct sr_folder_file *file = sr_folder_find(folder, path);
	struct sr_err err;
	int fd;

	print_message("case: %s\n", path);
	assert_non_null(file);
	assert_string_equal(file->odd, odd);
	assert_non_null(file->odd_zh);
	assert_int_equal(sr_folder_open_file(folder, path, &fd, &err), SR_INVALID);
	assert_non_null(strstr(err.text, path));
}

static void files_are_listed_in_the_order_of_their_bytes(void **state)
{
	static const char *const want[] = { "a", "b.txt", "b/c/d", "b0", "documents/001 立案审批表.pdf" };
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	struct sr_err err;

	(void)state;
	scratch_folder(&scratch, "documents");
	scratch_folder(&scratch, "b");
	scratch_folder(&scratch, "b/c");
	scratch_folder(&scratch, "empty");
	scratch_text(&scratch, "documents/001 立案审批表.pdf", "12345");
	scratch_text(&scratch, "b/c/d", "");
	scratch_text(&scratch, "b.txt", "1");
	scratch_text(&scratch, "b0", "1");
	scratch_text(&scratch, "a", "1");
	scratch_text(&scratch, "case.json", "{}");
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	assert_int_equal(sr_folder_count(folder), SR_COUNT(want));
	for (size_t i = 0; i < SR_COUNT(want); i++) {
		assert_string_equal(sr_folder_at(folder, i)->path, want[i]);
		assert_null(sr_folder_at(folder, i)->odd);
		assert_ptr_equal(sr_folder_find(folder, want[i]), sr_folder_at(folder, i));
	}
	assert_int_equal(sr_folder_find(folder, want[4])->bytes, 5);
	assert_null(sr_folder_at(folder, SR_COUNT(want)));
	assert_null(sr_folder_find(folder, "documents"));
	assert_null(sr_folder_find(folder, "case.json"));
}

static void only_the_description_of_the_top_folder_is_left_out(void **state)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	struct sr_err err;

	(void)state;
	scratch_folder(&scratch, "old");
	scratch_text(&scratch, "old/case.json", "{}");
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	assert_int_equal(sr_folder_count(folder), 1);
	assert_string_equal(sr_folder_at(folder, 0)->path, "old/case.json");
}

static void links_are_followed_inside_the_folder_only(void **state)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	char text[8] = { 0 };
	struct sr_err err;

	(void)state;
	scratch_folder(&scratch, "documents");
	scratch_text(&scratch, "documents/real", "inside");
	scratch_link(&scratch, "documents/real", "inside");
	scratch_link(&scratch, "../documents/real", "documents/up and down");
	scratch_link(&scratch, "/etc/passwd", "absolute");
	scratch_link(&scratch, "../../../../etc/passwd", "documents/dots");
	scratch_link(&scratch, "..", "parent");
	scratch_link(&scratch, "documents", "folder");
	scratch_link(&scratch, ".", "documents/loop");
	scratch_link(&scratch, "circle", "circle");
	scratch_link(&scratch, "gone", "broken");
	scratch_link(&scratch, "/proc/self/fd/0", "magic");
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	assert_int_equal(sr_folder_count(folder), 11);
	assert_null(sr_folder_find(folder, "inside")->odd);
	assert_int_equal(sr_folder_find(folder, "inside")->bytes, 6);
	assert_null(sr_folder_find(folder, "documents/up and down")->odd);
	assert_odd(folder, "absolute", "link that leads outside the folder");
	assert_odd(folder, "documents/dots", "link that leads outside the folder");
	assert_odd(folder, "parent", "link that leads outside the folder");
	assert_odd(folder, "magic", "link that leads outside the folder");
	assert_odd(folder, "folder", "link to a folder");
	assert_odd(folder, "documents/loop", "link to a folder");
	assert_odd(folder, "circle", "link that leads in a circle");
	assert_odd(folder, "broken", "link to nothing");
	assert_ok(sr_folder_open_file(folder, "documents/up and down", &fd, &err));
	assert_int_equal(read(fd, text, sizeof(text)), 6);
	assert_string_equal(text, "inside");
}

static void make_socket(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", scratch.root, name);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void things_that_are_no_files_are_odd_and_never_opened(void **state)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	struct sr_err err;

	(void)state;
	assert_int_equal(mkfifo(scratch_path(&scratch, "pipe"), 0644), 0);
	make_socket("socket");
	scratch_link(&scratch, "pipe", "link to pipe");
	/* Only a privileged user can make a device; nobody else can hand one in. */
	bool device = mknod(scratch_path(&scratch, "device"), S_IFCHR | 0644, makedev(1, 5)) == 0;
	assert_true(device || errno == EPERM);
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	assert_odd(folder, "pipe", "FIFO");
	assert_odd(folder, "link to pipe", "FIFO");
	assert_odd(folder, "socket", "socket");
	if (device)
		assert_odd(folder, "device", "device");
}

static void a_file_that_became_a_pipe_does_not_block(void **state)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	struct sr_err err;
	int fd;

	(void)state;
	scratch_text(&scratch, "a", "1");
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	assert_int_equal(unlink(scratch_path(&scratch, "a")), 0);
	assert_int_equal(mkfifo(scratch_path(&scratch, "a"), 0644), 0);
	assert_int_equal(sr_folder_open_file(folder, "a", &fd, &err), SR_INVALID);
}

/* Between the check of a case and its seal, for one: what was checked must be what is sealed. */
static void a_file_that_was_exchanged_or_written_to_is_refused(void **state)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	struct sr_err err;
	int fd;

	(void)state;
	scratch_text(&scratch, "exchanged", "1");
	scratch_text(&scratch, "written", "1");
	scratch_text(&scratch, "target", "1");
	scratch_text(&scratch, "new", "2");
	scratch_link(&scratch, "target", "link");
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	assert_ok(sr_folder_open_file(folder, "link", &fd, &err));
	close(fd);
	char *from = strdup(scratch_path(&scratch, "new"));
	assert_non_null(from);
	assert_int_equal(rename(from, scratch_path(&scratch, "exchanged")), 0);
	free(from);
	scratch_text(&scratch, "written", "12");
	scratch_text(&scratch, "target", "12");

	static const char *const paths[] = { "exchanged", "written", "target", "link" };
	for (size_t i = 0; i < SR_COUNT(paths); i++) {
		assert_int_equal(sr_folder_open_file(folder, paths[i], &fd, &err), SR_INVALID);
		assert_non_null(strstr(err.text, "changed since"));
	}
}

static void a_file_that_became_a_link_out_is_refused(void **state)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	struct sr_err err;
	int fd;

	(void)state;
	scratch_text(&scratch, "a", "1");
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	assert_int_equal(unlink(scratch_path(&scratch, "a")), 0);
	scratch_link(&scratch, "/etc/passwd", "a");
	assert_int_equal(sr_folder_open_file(folder, "a", &fd, &err), SR_DENIED);
}

static void what_is_not_listed_cannot_be_opened(void **state)
{
	static const char *const paths[] = { "", ".", "..", "a/", "./a", "folder/a", "../a", "/etc/passwd" };
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	struct sr_err err;
	int fd;

	(void)state;
	scratch_text(&scratch, "a", "1");
	scratch_link(&scratch, ".", "folder");
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	for (size_t i = 0; i < SR_COUNT(paths); i++) {
		print_message("case: %s\n", paths[i]);
		assert_int_equal(sr_folder_open_file(folder, paths[i], &fd, &err), SR_NOT_FOUND);
	}
}

static void hostile_names_are_kept_byte_for_byte(void **state)
{
	static const char *const names[] = { "new\nline", "\xff\xfe", "tab\t", "quote\"", "\\", "-rf" };
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(names); i++)
		scratch_text(&scratch, names[i], "1");
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	assert_int_equal(sr_folder_count(folder), SR_COUNT(names));
	for (size_t i = 0; i < SR_COUNT(names); i++)
		assert_non_null(sr_folder_find(folder, names[i]));
}

static void nested_folders(unsigned count)
{
	char path[256] = "";

	for (unsigned i = 0; i < count; i++) {
		strcat(path, i ? "/d" : "d");
		scratch_folder(&scratch, path);
	}
	strcat(path, "/file");
	scratch_text(&scratch, path, "1");
}

static void sixteen_levels_of_folders_are_enough(void **state)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	struct sr_err err;

	(void)state;
	nested_folders(SR_LIMIT_FOLDER_DEPTH);
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	assert_int_equal(sr_folder_count(folder), 1);
}

static void a_seventeenth_level_is_refused(void **state)
{
	struct sr_folder *folder = NULL;
	struct sr_err err;

	(void)state;
	nested_folders(SR_LIMIT_FOLDER_DEPTH + 1);
	assert_int_equal(sr_folder_open(scratch.root, &folder, &err), SR_LIMIT);
	assert_null(folder);
}

static void make_many(const char *folder, size_t count)
{
	int dir = open(scratch_path(&scratch, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[24];

	assert_true(dir >= 0);
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		assert_int_equal(mknodat(dir, name, S_IFREG | 0644, 0), 0);
	}
	close(dir);
}

static void twenty_thousand_files_are_listed_and_one_more_is_refused(void **state)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	struct sr_folder *refused = NULL;
	struct sr_err err;

	(void)state;
	scratch_folder(&scratch, "many");
	make_many("many", 2 * SR_LIMIT_MEMBERS);
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	assert_int_equal(sr_folder_count(folder), 20000);
	assert_non_null(sr_folder_find(folder, "many/19999"));
	scratch_text(&scratch, "one more", "1");
	assert_int_equal(sr_folder_open(scratch.root, &refused, &err), SR_LIMIT);
}

static void an_unreadable_folder_is_named(void **state)
{
	struct sr_folder *folder = NULL;
	struct sr_err err;
	bool root = geteuid() == 0;

	(void)state;
	scratch_folder(&scratch, "documents");
	scratch_folder(&scratch, "documents/锁");
	assert_int_equal(chmod(scratch_path(&scratch, "documents/锁"), 0), 0);
	if (root)
		assert_int_equal(seteuid(NOBODY), 0);
	enum sr_status status = sr_folder_open(scratch.root, &folder, &err);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(scratch_path(&scratch, "documents/锁"), 0755), 0);
	assert_int_equal(status, SR_DENIED);
	assert_non_null(strstr(err.text, "documents/锁/"));
}

static void what_is_no_folder_is_refused_with_its_name(void **state)
{
	struct sr_folder *folder = NULL;
	struct sr_err err;

	(void)state;
	scratch_text(&scratch, "file", "1");
	assert_int_equal(sr_folder_open(scratch_path(&scratch, "gone"), &folder, &err), SR_NOT_FOUND);
	assert_non_null(strstr(err.text, "gone"));
	assert_int_equal(sr_folder_open(scratch_path(&scratch, "file"), &folder, &err), SR_INVALID);
	assert_non_null(strstr(err.text, "file"));
}

static enum sr_status read_description(size_t *size, struct sr_err *err)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_folder_open(scratch.root, &folder, err));
	SR_TRY(sr_folder_read_description(folder, &text, err));
	*size = text.size;
	return SR_OK;
}

static void the_description_is_read_or_refused_with_a_reason(void **state)
{
	struct sr_err err;
	size_t size;

	(void)state;
	assert_int_equal(read_description(&size, &err), SR_NOT_FOUND);
	assert_non_null(strstr(err.text, "case.json"));
	scratch_link(&scratch, "/etc/passwd", "case.json");
	assert_int_equal(read_description(&size, &err), SR_DENIED);
	assert_int_equal(unlink(scratch_path(&scratch, "case.json")), 0);
	assert_int_equal(mkfifo(scratch_path(&scratch, "case.json"), 0644), 0);
	assert_int_equal(read_description(&size, &err), SR_INVALID);
	assert_int_equal(unlink(scratch_path(&scratch, "case.json")), 0);
	scratch_text(&scratch, "case.json", "{}");
	assert_ok(read_description(&size, &err));
	assert_int_equal(size, 2);
	assert_int_equal(truncate(scratch_path(&scratch, "case.json"), SR_LIMIT_CASE_JSON_BYTES), 0);
	assert_ok(read_description(&size, &err));
	assert_int_equal(truncate(scratch_path(&scratch, "case.json"), SR_LIMIT_CASE_JSON_BYTES + 1), 0);
	assert_int_equal(read_description(&size, &err), SR_LIMIT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_are_listed_in_the_order_of_their_bytes),
		TEST(only_the_description_of_the_top_folder_is_left_out),
		TEST(links_are_followed_inside_the_folder_only),
		TEST(things_that_are_no_files_are_odd_and_never_opened),
		TEST(a_file_that_became_a_pipe_does_not_block),
		TEST(a_file_that_was_exchanged_or_written_to_is_refused),
		TEST(a_file_that_became_a_link_out_is_refused),
		TEST(what_is_not_listed_cannot_be_opened),
		TEST(hostile_names_are_kept_byte_for_byte),
		TEST(sixteen_levels_of_folders_are_enough),
		TEST(a_seventeenth_level_is_refused),
		TEST(twenty_thousand_files_are_listed_and_one_more_is_refused),
		TEST(an_unreadable_folder_is_named),
		TEST(what_is_no_folder_is_refused_with_its_name),
		TEST(the_description_is_read_or_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
