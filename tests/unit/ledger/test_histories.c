/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing where something else was published: no key signs two histories, nothing published is
 * overwritten. */
#include "tests/unit/ledger/ledger_lab.h"

static void a_log_that_is_older_than_its_checkpoint_is_refused(void **state)
{
	struct sr_checkpoint checkpoint;
	struct sr_err err;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	assert_int_equal(sr_published_check(lab.folder.fd, lab.verifier, &lab.store, 0, &checkpoint, &err),
	                 SR_NOT_FOUND);
	lab_grow(&lab, 20);
	assert_ok(sr_publish(&lab.publication, 20, &err));
	assert_int_equal(sr_publish(&lab.publication, 19, &err), SR_TAMPERED);
	assert_non_null(strstr(err.text, "the log is older than the published checkpoint"));
	assert_int_equal(sr_publish(&lab.publication, 0, &err), SR_TAMPERED);
	assert_whole(&lab, 20, 20);
	lab_close(&lab);
}

static void a_log_of_another_history_is_refused(void **state)
{
	struct sr_err err;
	struct lab lab, other;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	lab_open(&other, LAB_ORIGIN);
	lab_grow(&lab, 20);
	lab_grow(&other, 30); /* other salts, so other hashes */
	assert_ok(sr_publish(&lab.publication, 20, &err));

	/* the same key, restored from a backup that has gone another way */
	struct sr_publication forked = lab.publication;
	forked.store = &other.store;
	forked.entries = &other.source;
	assert_int_equal(sr_publish(&forked, 30, &err), SR_TAMPERED);
	assert_non_null(strstr(err.text, "another history"));

	/* another key, or another epoch of this one */
	struct sr_publication stranger = lab.publication;
	stranger.key = other.key;
	assert_int_equal(sr_publish(&stranger, 20, &err), SR_TAMPERED);
	stranger = lab.publication;
	stranger.origin = "strongroom.example/01/2";
	assert_int_equal(sr_publish(&stranger, 20, &err), SR_TAMPERED);
	assert_whole(&lab, 20, 20);
	lab_close(&other);
	lab_close(&lab);
}

static void a_published_file_with_other_bytes_is_never_overwritten(void **state)
{
	static const char *const paths[] = { "tile/0/000.p/4", "tile/entries/000.p/4" };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(paths) * 2; i++) {
		SR_CLEANUP(sr_fd_closep) int fd = -1;
		struct lab lab;

		lab_open(&lab, LAB_ORIGIN);
		lab_grow(&lab, 3);
		assert_ok(sr_publish(&lab.publication, 3, &err));
		fd = openat(lab.folder.fd, paths[i / 2], O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		static const uint8_t many[4096];
		assert_ok(sr_fd_write_all(fd, many, i % 2 ? 128 : sizeof(many), &err));
		lab_grow(&lab, 4);
		assert_int_equal(sr_publish(&lab.publication, 4, &err), SR_TAMPERED);
		assert_non_null(strstr(err.text, paths[i / 2]));
		assert_whole(&lab, 3, 3);
		lab_close(&lab);
	}
}

static void a_checkpoint_that_is_none_stops_everything(void **state)
{
	struct sr_err err;
	struct lab lab;

	(void)state;
	lab_open(&lab, LAB_ORIGIN);
	lab_grow(&lab, 3);
	assert_ok(sr_publish(&lab.publication, 3, &err));
	assert_ok(sr_fd_write_file(lab.folder.fd, "checkpoint", 0600, "", 0, &err));
	assert_int_equal(sr_publish(&lab.publication, 3, &err), SR_CORRUPT);
	static char long_text[SR_CHECKPOINT_BYTES + 1];
	memset(long_text, 'a', sizeof(long_text));
	assert_ok(sr_fd_write_file(lab.folder.fd, "checkpoint", 0600, long_text, sizeof(long_text), &err));
	assert_int_equal(sr_publish(&lab.publication, 3, &err), SR_CORRUPT);
	lab.publication.origin = "an/origin/that/is/longer/than/sixty-three/characters/is/no/origin/of/ours";
	assert_int_equal(unlinkat(lab.folder.fd, "checkpoint", 0), 0);
	assert_int_equal(sr_publish(&lab.publication, 3, &err), SR_INVALID);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_that_is_older_than_its_checkpoint_is_refused),
		cmocka_unit_test(a_log_of_another_history_is_refused),
		cmocka_unit_test(a_published_file_with_other_bytes_is_never_overwritten),
		cmocka_unit_test(a_checkpoint_that_is_none_stops_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
