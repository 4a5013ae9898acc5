/* SPDX-License-Identifier: Apache-2.0 */
/* Files on their way out: bsdtar and sha256sum are the judges of what is written. */
#include "tests/unit/unit.h"
#include "tests/unit/folder.h"

#include <locale.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "appliance/archive/outlet.h"
#include "appliance/base/cleanup.h"

#define TIME_S 1790000000

static const char *const targets[] = { "out", "out.tar", "out.iso" };

static bool shell(const struct test_folder *folder, const char *command)
{
	char line[4096];

	snprintf(line, sizeof(line), "cd %s && { %s\n} >/dev/null 2>&1", folder->path, command);
	return system(line) == 0;
}

static struct sr_outlet *open_outlet(const struct test_folder *folder, const char *target)
{
	struct sr_outlet *outlet = NULL;
	char path[128];
	struct sr_err err;

	snprintf(path, sizeof(path), "%s/%s", folder->path, target);
	assert_ok(sr_outlet_open(sr_outlet_form_of(target), path, "G00001-7kq2v9", TIME_S, &outlet, &err));
	return outlet;
}

static void fill(struct sr_outlet *outlet)
{
	static uint8_t big[300000];
	struct sr_digest digest;
	struct sr_err err;
	char name[300];

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 2654435761u >> 13);
	assert_ok(sr_outlet_begin(outlet, "样医保罚〔2025〕12号", "media/现场检查.mp4", sizeof(big), &err));
	for (size_t at = 0; at < sizeof(big); at += 100000)
		assert_ok(sr_outlet_add(outlet, big + at, 100000, &err));
	assert_ok(sr_outlet_end(outlet, &digest, &err));
	assert_ok(sr_outlet_put(outlet, "样医保罚〔2025〕12号", "空.txt", "", 0, &err));
	assert_ok(sr_outlet_put(outlet, NULL, "top.txt", "top\n", 4, &err));
	/* 300 bytes of name: more than a file system takes. */
	name[0] = 0;
	for (int i = 0; i < 72; i++)
		strcat(name, "文");
	strcat(name, ".pdf");
	assert_ok(sr_outlet_put(outlet, "a/b/c", name, "pdf", 3, &err));
}

static void what_goes_out_is_whole_in_every_form(void **state)
{
	struct test_folder folder;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	for (size_t i = 0; i < SR_COUNT(targets); i++) {
		SR_CLEANUP(sr_outlet_freep) struct sr_outlet *outlet = open_outlet(&folder, targets[i]);
		char hex[SR_DIGEST_HEX], command[400];
		struct sr_digest digest;

		fill(outlet);
		assert_false(shell(&folder, i == 0   ? "test -e out"
		                            : i == 1 ? "test -e out.tar"
		                                     : "test -e out.iso"));
		assert_ok(sr_outlet_complete(outlet, &digest, &err));
		assert_ok(sr_outlet_publish(outlet, &err));
		sr_digest_to_hex(&digest, hex);
		snprintf(command, sizeof(command),
		         "rm -rf in; mkdir in; %s; cd in && sha256sum --strict -c sha256.txt && test $(wc -l "
		         "<sha256.txt) = "
		         "4 && test $(stat -c %%Y top.txt) = %d && echo '%s  '%s | sha256sum -c",
		         i == 0   ? "cp -a out/. in"
		         : i == 1 ? "bsdtar -C in -xf out.tar"
		                  : "bsdtar -C in -xf out.iso",
		         TIME_S, hex,
		         i == 0   ? "../out/sha256.txt"
		         : i == 1 ? "../out.tar"
		                  : "../out.iso");
		if (!shell(&folder, command))
			fail_msg("%s: %s", targets[i], command);
	}
	assert_int_equal(test_folder_count(folder.path), 4); /* nothing unfinished is left */
	test_folder_close(&folder);
}

static void what_is_not_finished_leaves_nothing(void **state)
{
	struct test_folder folder;
	struct sr_digest digest;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	for (size_t i = 0; i < SR_COUNT(targets); i++) {
		for (int step = 0; step < 4; step++) {
			struct sr_outlet *outlet = open_outlet(&folder, targets[i]);

			if (step == 1)
				assert_ok(sr_outlet_begin(outlet, NULL, "half", 10, &err));
			if (step == 1)
				assert_ok(sr_outlet_add(outlet, "12345", 5, &err));
			if (step >= 2)
				fill(outlet);
			if (step == 3)
				assert_ok(sr_outlet_complete(outlet, &digest, &err));
			sr_outlet_free(outlet);
			assert_int_equal(test_folder_count(folder.path), 0);
		}
	}
	test_folder_close(&folder);
}

static void nothing_is_overwritten(void **state)
{
	struct test_folder folder;
	struct sr_digest digest;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	for (size_t i = 0; i < SR_COUNT(targets); i++) {
		struct sr_outlet *outlet = open_outlet(&folder, targets[i]), *second = NULL;
		char path[128];

		fill(outlet);
		assert_ok(sr_outlet_complete(outlet, &digest, &err));
		snprintf(path, sizeof(path), "%s/%s", folder.path, targets[i]);
		FILE *file = fopen(path, "w"); /* somebody takes the name meanwhile */
		assert_non_null(file);
		fputs("mine", file);
		fclose(file);
		assert_int_equal(sr_outlet_publish(outlet, &err), SR_EXISTS);
		assert_int_equal(sr_outlet_open(SR_OUTLET_TAR, path, "x", TIME_S, &second, &err), SR_EXISTS);
		sr_outlet_free(outlet);
		struct stat st;
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, 4);
	}
	assert_int_equal(test_folder_count(folder.path), 3);
	test_folder_close(&folder);
}

static void hostile_names_and_sizes_are_refused(void **state)
{
	static const struct {
		const char *folder, *name;
	} names[] = { { NULL, "../x" }, { NULL, "/x" },  { NULL, "a//b" }, { NULL, "" },
		      { "..", "x" },    { "a/..", "x" }, { "/", "x" },     { NULL, "a/./b" } };
	struct test_folder folder;
	struct sr_digest digest;
	struct sr_err err;

	(void)state;
	test_folder_open(&folder);
	for (size_t i = 0; i < SR_COUNT(targets); i++) {
		SR_CLEANUP(sr_outlet_freep) struct sr_outlet *outlet = open_outlet(&folder, targets[i]);

		for (size_t n = 0; n < SR_COUNT(names); n++)
			assert_int_equal(sr_outlet_begin(outlet, names[n].folder, names[n].name, 1, &err),
			                 SR_DENIED);
		assert_ok(sr_outlet_begin(outlet, NULL, "x", 3, &err));
		assert_int_equal(sr_outlet_add(outlet, "1234", 4, &err), SR_INVALID);
		assert_ok(sr_outlet_add(outlet, "12", 2, &err));
		assert_int_equal(sr_outlet_end(outlet, &digest, &err), SR_INVALID);
	}
	assert_int_equal(test_folder_count(folder.path), 0);
	test_folder_close(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_out_is_whole_in_every_form),
		cmocka_unit_test(what_is_not_finished_leaves_nothing),
		cmocka_unit_test(nothing_is_overwritten),
		cmocka_unit_test(hostile_names_and_sizes_are_refused),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
