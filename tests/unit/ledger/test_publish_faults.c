/* SPDX-License-Identifier: Apache-2.0 */
/* What is durable when, and what is left when the disk or the store gets in the way. */
#include "tests/unit/ledger/ledger_lab.h"

#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "appliance/ledger/tile.h"

/* --- system calls, watched and failing on request ------------------------------------------------ */

enum event_kind {
	EVENT_SYNC,   /* of object */
	EVENT_RENAME, /* of object, into folder */
	EVENT_MKDIR,  /* in folder */
};

struct event {
	enum event_kind kind;
	ino_t object;
	ino_t folder;
	bool checkpoint; /* the name that a rename gave */
};

static struct event events[4096];
static size_t event_count;
static size_t calls_left = SIZE_MAX; /* then the next one of those below fails */

static bool fails(void)
{
	if (calls_left == SIZE_MAX || calls_left-- > 0)
		return false;
	calls_left = SIZE_MAX;
	errno = EIO;
	return true;
}

static ino_t inode_of(int fd, const char *name)
{
	struct stat st = { 0 };

	fstatat(fd, name, &st, AT_EMPTY_PATH);
	return st.st_ino;
}

static void record(struct event event)
{
	if (event_count < SR_COUNT(events))
		events[event_count++] = event;
}

/* These take the place of the library's. */
int fsync(int fd)
{
	if (fails())
		return -1;
	record((struct event){ .kind = EVENT_SYNC, .object = inode_of(fd, "") });
	return 0;
}

int renameat(int old_fd, const char *old_name, int new_fd, const char *new_name)
{
	if (fails())
		return -1;
	record((struct event){
		.kind = EVENT_RENAME,
		.object = inode_of(old_fd, old_name),
		.folder = inode_of(new_fd, ""),
		.checkpoint = strcmp(new_name, "checkpoint") == 0,
	});
	return (int)syscall(SYS_renameat2, old_fd, old_name, new_fd, new_name, 0);
}

int mkdirat(int fd, const char *path, mode_t mode)
{
	char parent[256];

	if (fails())
		return -1;
	snprintf(parent, sizeof(parent), "%s", path);
	char *slash = strrchr(parent, '/');
	parent[slash ? slash - parent : 0] = 0;
	if (syscall(SYS_mkdirat, fd, path, mode) < 0)
		return -1;
	record((struct event){ .kind = EVENT_MKDIR, .folder = inode_of(fd, parent) });
	return 0;
}

static bool synced_between(ino_t object, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (events[i].kind == EVENT_SYNC && events[i].object == object)
			return true;
	return false;
}

/*
 * At the moment when the checkpoint gets its name, every file was synced before it got its own, and every
 * folder after the last name that it got; and the checkpoint's folder is synced at the end.
 */
static void assert_order(size_t from)
{
	size_t checkpoint = SIZE_MAX;

	for (size_t i = from; i < event_count; i++)
		if (events[i].kind == EVENT_RENAME && events[i].checkpoint)
			checkpoint = i;
	assert_true(checkpoint < event_count);
	assert_true(synced_between(events[checkpoint].object, from, checkpoint));
	assert_true(synced_between(events[checkpoint].folder, checkpoint, event_count));
	for (size_t i = from; i < event_count; i++) {
		if (events[i].kind == EVENT_SYNC || i == checkpoint)
			continue;
		assert_true(i < checkpoint);
		assert_true(synced_between(events[i].folder, i, checkpoint));
		if (events[i].kind == EVENT_RENAME)
			assert_true(synced_between(events[i].object, from, i));
	}
}

/* --- tests --------------------------------------------------------------------------------------- */

static void everything_is_durable_before_the_checkpoint_is_out(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 255, 256, 257, 600, 601 };
	struct sr_err err;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	for (size_t i = 0; i < SR_COUNT(sizes); i++) {
		size_t from = event_count = 0;

		lab_grow(&lab, sizes[i]);
		assert_ok(sr_publish(&lab.publication, sizes[i], &err));
		assert_order(from);
	}
	/* one entry more: two files with their folders, the checkpoint and its folder */
	event_count = 0;
	lab_grow(&lab, 602);
	assert_ok(sr_publish(&lab.publication, 602, &err));
	size_t syncs = 0;
	for (size_t i = 0; i < event_count; i++)
		syncs += events[i].kind == EVENT_SYNC;
	assert_int_equal(syncs, 6);
	lab_close(&lab);
}

/* Each sync, rename and mkdir fails in its turn; then the next call finishes, durably. */
static void a_failing_call_leaves_a_whole_log_and_the_next_call_finishes(void **state)
{
	static const struct {
		uint64_t from, to, later;
	} cases[] = { { 0, 3, 4 }, { 3, 4, 4 }, { 200, 300, 301 }, { 500, 513, 800 } };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		enum sr_status status = SR_IO;

		for (size_t call = 0; status != SR_OK; call++) {
			struct lab lab;

			assert_true(call < 100);
			lab_open(&lab, LAB_ORIGIN);
			lab_grow(&lab, cases[i].from);
			assert_ok(sr_publish(&lab.publication, cases[i].from, &err));
			lab_grow(&lab, cases[i].to);
			calls_left = call;
			status = sr_publish(&lab.publication, cases[i].to, &err);
			calls_left = SIZE_MAX;
			assert_true(status == SR_OK || status == SR_IO);
			assert_whole(&lab, cases[i].from, cases[i].to);
			lab_grow(&lab, cases[i].later);
			assert_ok(sr_publish(&lab.publication, cases[i].later, &err));
			assert_whole(&lab, cases[i].later, cases[i].later);
			lab_close(&lab);
		}
	}
}

/* Killed after the rename of a tile and before the sync of its folder: the next call makes up for it. */
static void a_file_of_a_killed_call_is_synced_by_the_next(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf checkpoint = { 0 };
	struct sr_err err;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	lab_grow(&lab, 1);
	assert_ok(sr_publish(&lab.publication, 1, &err));
	lab_note(&lab, &checkpoint);
	lab_grow(&lab, 600);
	assert_ok(sr_publish(&lab.publication, 600, &err));
	/* the files of 600 with the checkpoint of 1: as after a kill just before its rename */
	assert_ok(
		sr_fd_write_file(lab.folder.fd, "checkpoint", 0600, checkpoint.data, checkpoint.size, &err));
	event_count = 0;
	assert_ok(sr_publish(&lab.publication, 600, &err));
	assert_order(0);
	static const char *const folders[] = { "tile",         "tile/0",       "tile/0/002.p",      "tile/1",
		                               "tile/1/000.p", "tile/entries", "tile/entries/002.p" };
	for (size_t i = 0; i < SR_COUNT(folders); i++)
		assert_true(synced_between(inode_of(lab.folder.fd, folders[i]), 0, event_count));
	assert_whole(&lab, 600, 600);
	lab_close(&lab);
}

static void publishing_again_with_nothing_new_only_syncs_and_sweeps(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf before = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf after = { 0 };
	struct sr_err err;
	struct stat st;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	lab_grow(&lab, 300);
	assert_ok(sr_publish(&lab.publication, 300, &err));
	lab_note(&lab, &before);
	/* left behind by a call that was killed while it swept */
	assert_int_equal(mkdirat(lab.folder.fd, "tile/0/000.p", 0700), 0);
	int fd = openat(lab.folder.fd, "tile/0/000.p/.new-0123456789abcdef", O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	event_count = 0;
	assert_ok(sr_publish(&lab.publication, 300, &err));
	assert_int_equal(event_count, 1);
	assert_int_equal(events[0].object, inode_of(lab.folder.fd, ""));
	assert_int_equal(fstatat(lab.folder.fd, "tile/0/000.p", &st, 0), -1);
	lab_note(&lab, &after);
	assert_int_equal(before.size, after.size);
	assert_memory_equal(before.data, after.data, before.size);
	lab_close(&lab);
}

static void a_partial_tile_stays_until_a_checkpoint_covers_the_full_one(void **state)
{
	struct sr_err err;
	struct stat st;
	struct lab lab;

	(void)state;
	for (size_t call = 0; call < 40; call++) {
		struct sr_checkpoint checkpoint;

		lab_open(&lab, LAB_ORIGIN);
		lab_grow(&lab, 250);
		assert_ok(sr_publish(&lab.publication, 250, &err));
		lab_grow(&lab, 260);
		calls_left = call;
		enum sr_status status = sr_publish(&lab.publication, 260, &err);
		calls_left = SIZE_MAX;
		assert_ok(sr_published_checkpoint(lab.folder.fd, lab.verifier, NULL, &checkpoint, &err));
		if (checkpoint.size == 250)
			assert_int_equal(fstatat(lab.folder.fd, "tile/0/000.p/250", &st, 0), 0);
		if (status == SR_OK)
			assert_int_equal(fstatat(lab.folder.fd, "tile/0/000.p", &st, 0), -1);
		lab_close(&lab);
	}
}

static void a_failing_store_leaves_the_old_checkpoint(void **state)
{
	struct sr_err err;
	struct lab lab;

	(void)state;
	for (size_t gets = 0; gets < 330; gets += gets < 12 ? 1 : 37) {
		lab_open(&lab, LAB_ORIGIN);
		lab_grow(&lab, 10);
		assert_ok(sr_publish(&lab.publication, 10, &err));
		lab_grow(&lab, 300);
		lab.hashes.gets_left = gets;
		enum sr_status status = sr_publish(&lab.publication, 300, &err);
		lab.hashes.gets_left = SIZE_MAX;
		assert_int_equal(status, gets < 300 ? SR_IO : status);
		assert_whole(&lab, 10, status == SR_OK ? 300 : 10);
		assert_ok(sr_publish(&lab.publication, 300, &err));
		assert_whole(&lab, 300, 300);
		lab_close(&lab);
	}
}

static void an_entry_that_does_not_fit_into_a_bundle_is_refused(void **state)
{
	static const uint8_t big[SR_ENTRY_BYTES + 1];
	struct sr_err err;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	lab_add_bytes(&lab, big, SR_ENTRY_BYTES);
	lab_add_bytes(&lab, "", 0);
	assert_ok(sr_publish(&lab.publication, 2, &err));
	assert_whole(&lab, 2, 2);
	lab_add_bytes(&lab, big, SR_ENTRY_BYTES + 1);
	assert_int_equal(sr_publish(&lab.publication, 3, &err), SR_LIMIT);
	assert_whole(&lab, 2, 2);
	lab_close(&lab);
}

/* A tmpfs of 96 KiB where mounting is allowed, else a limit on the size of files. */
struct tight {
	bool mounted;
	struct rlimit before;
};

static void tighten(struct tight *tight, struct lab *lab)
{
	tight->mounted = mount("tmpfs", lab->folder.path, "tmpfs", 0, "size=96k") == 0;
	if (tight->mounted) {
		close(lab->folder.fd);
		lab->folder.fd = open(lab->folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		lab->publication.dir_fd = lab->folder.fd;
		return;
	}
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &tight->before);
	const struct rlimit small = { .rlim_cur = 7000, .rlim_max = tight->before.rlim_max };
	setrlimit(RLIMIT_FSIZE, &small);
}

static void loosen(const struct tight *tight, struct lab *lab)
{
	if (tight->mounted)
		assert_int_equal(mount("tmpfs", lab->folder.path, "tmpfs", MS_REMOUNT, "size=16m"), 0);
	else
		setrlimit(RLIMIT_FSIZE, &tight->before);
}

static void a_full_disk_stops_publishing_and_more_room_continues_it(void **state)
{
	struct tight tight = { 0 };
	enum sr_status status = SR_OK;
	uint64_t published = 0;
	struct sr_err err;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	tighten(&tight, &lab);
	while (status == SR_OK) {
		published = lab.size;
		lab_grow(&lab, lab.size + 13);
		status = sr_publish(&lab.publication, lab.size, &err);
		assert_true(lab.size < 5000);
	}
	assert_int_equal(status, SR_IO);
	assert_int_equal(err.sys_errno, tight.mounted ? ENOSPC : EFBIG);
	assert_true(published > 0);
	assert_whole(&lab, published, published);
	assert_int_equal(sr_publish(&lab.publication, lab.size, &err), SR_IO);
	assert_whole(&lab, published, published);
	loosen(&tight, &lab);
	assert_ok(sr_publish(&lab.publication, lab.size, &err));
	assert_whole(&lab, lab.size, lab.size);
	if (tight.mounted)
		assert_int_equal(umount2(lab.folder.path, MNT_DETACH), 0);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_durable_before_the_checkpoint_is_out),
		cmocka_unit_test(a_failing_call_leaves_a_whole_log_and_the_next_call_finishes),
		cmocka_unit_test(a_file_of_a_killed_call_is_synced_by_the_next),
		cmocka_unit_test(publishing_again_with_nothing_new_only_syncs_and_sweeps),
		cmocka_unit_test(a_partial_tile_stays_until_a_checkpoint_covers_the_full_one),
		cmocka_unit_test(a_failing_store_leaves_the_old_checkpoint),
		cmocka_unit_test(an_entry_that_does_not_fit_into_a_bundle_is_refused),
		cmocka_unit_test(a_full_disk_stops_publishing_and_more_room_continues_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
