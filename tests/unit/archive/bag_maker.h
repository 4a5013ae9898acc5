/* SPDX-License-Identifier: Apache-2.0 */
/* Make bags for tests, as a folder and as a tar, below a temporary folder; include unit.h first. */
#pragma once

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/archive/bag.h"
#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"

/* "abc" in every payload file: FIPS 180-4 examples; the rest by sha256sum, sha512sum and md5sum. */
#define ABC_256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC_512                                                                                              \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"                                   \
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
#define ABC_MD5 "900150983cd24fb0d6963f7d28e17f72"
#define BAGIT "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
#define A_256 ABC_256 "  data/a.txt\n"
#define A_512 ABC_512 "  data/a.txt\n"

struct bag_file {
	const char *path; /* a folder when it ends in '/' */
	const char *content;
};

struct bag_maker {
	char folder[64]; /* temporary; holds "bag" and "bag.tar" */
	char bag[80];
	char tar[80];
};

static inline void bag_maker_init(struct bag_maker *maker)
{
	snprintf(maker->folder, sizeof(maker->folder), "/tmp/strongroom-bag-XXXXXX");
	assert_non_null(mkdtemp(maker->folder));
	snprintf(maker->bag, sizeof(maker->bag), "%s/bag", maker->folder);
	snprintf(maker->tar, sizeof(maker->tar), "%s/bag.tar", maker->folder);
}

static inline void bag_maker_dispose(struct bag_maker *maker)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", maker->folder);
	assert_int_equal(system(command), 0);
}

static inline void write_bytes(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static inline void make_folders_above(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')); at++) {
		*at = 0;
		assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
		*at = '/';
	}
}

/* Files up to the first without a path. */
static inline void make_folder(const struct bag_maker *maker, const struct bag_file *files, size_t max)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/", maker->bag);
	make_folders_above(path);
	for (size_t i = 0; i < max && files[i].path; i++) {
		snprintf(path, sizeof(path), "%s/%s", maker->bag, files[i].path);
		make_folders_above(path);
		if (path[strlen(path) - 1] != '/')
			write_bytes(path, files[i].content, strlen(files[i].content));
	}
}

/* A ustar header (POSIX 1003.1, pax) of type '0' file, '5' folder, '1' hard link, '2' symbolic link… */
static inline void add_tar_entry(struct sr_buf *tar, const char *name, char type, const char *link,
                                 const char *content)
{
	char header[512] = { 0 };
	static const char zeros[512];
	size_t size = strlen(content);
	unsigned sum = 0;
	struct sr_err err;

	assert_true(strlen(name) <= 100);
	memcpy(header, name, strlen(name));
	snprintf(header + 100, 8, "%07o", 0644u);
	snprintf(header + 108, 8, "%07o", 0u);
	snprintf(header + 116, 8, "%07o", 0u);
	snprintf(header + 124, 12, "%011o", (unsigned)size);
	snprintf(header + 136, 12, "%011o", 0u);
	memset(header + 148, ' ', 8);
	header[156] = type;
	memcpy(header + 157, link, strlen(link));
	memcpy(header + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(header); i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum);
	assert_ok(sr_buf_add(tar, header, sizeof(header), &err));
	assert_ok(sr_buf_add(tar, content, size, &err));
	assert_ok(sr_buf_add(tar, zeros, (512 - size % 512) % 512, &err));
}

static inline void end_tar(struct sr_buf *tar)
{
	static const char zeros[1024];
	struct sr_err err;

	assert_ok(sr_buf_add(tar, zeros, sizeof(zeros), &err));
}

static inline void add_tar_files(struct sr_buf *tar, const struct bag_file *files, size_t max)
{
	char name[128];

	for (size_t i = 0; i < max && files[i].path; i++) {
		bool folder = files[i].path[strlen(files[i].path) - 1] == '/';

		snprintf(name, sizeof(name), "some-bag/%s", files[i].path);
		add_tar_entry(tar, name, folder ? '5' : '0', "", folder ? "" : files[i].content);
	}
}

static inline void make_tar(const struct bag_maker *maker, const struct bag_file *files, size_t max)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };

	add_tar_files(&tar, files, max);
	end_tar(&tar);
	write_bytes(maker->tar, tar.data, tar.size);
}

/* Whether some "path: what" of the list holds @text. */
static inline bool is_told(const struct sr_bag_problem *list, size_t count, const char *text)
{
	char line[2048];

	for (size_t i = 0; i < count; i++) {
		snprintf(line, sizeof(line), "%s: %s", list[i].path, list[i].what);
		if (strstr(line, text))
			return true;
	}
	return false;
}

static inline void print_bag_report(const struct sr_bag_report *report)
{
	for (size_t i = 0; i < report->problem_count; i++)
		print_message("  problem %s: %s\n", report->problems[i].path, report->problems[i].what);
	for (size_t i = 0; i < report->note_count; i++)
		print_message("  note %s: %s\n", report->notes[i].path, report->notes[i].what);
}

/* Verify; exactly @problems problems, one of which holds @problem; some note holds @note (or NULL). */
static inline void expect_bag(const char *path, const char *problem, size_t problems, const char *note)
{
	SR_CLEANUP(sr_bag_report_dispose) struct sr_bag_report report = { 0 };
	struct sr_err err;

	assert_ok(sr_bag_verify(path, NULL, &report, &err));
	bool good = report.problem_count == problems && report.valid == (problems == 0) &&
	            (!problem || is_told(report.problems, report.problem_count, problem)) &&
	            (!note || is_told(report.notes, report.note_count, note));
	if (!good)
		print_bag_report(&report);
	assert_true(good);
}

#define BAG_FILES_MAX 8

/* sha256sum and sha512sum of BAGIT, A_256 (manifest-sha256.txt) and A_512 (manifest-sha512.txt). */
#define BAGIT_256 "1712ecfb074bf29c4188ad3421032509159a09739fd604f8fe57038b4ddefcc9"
#define A_256_256 "14d3686defda673b8b53b2d01d2be206c566d4fb66c98c8b1c2decaf8f44316e"
#define A_512_256 "fb17851b92cae0f0e1e971db11e147a85c05c26c3982b9e0ccd859fef8eae445"
#define A_256_512                                                                                            \
	"8ee12a78863f4d01d47a78b7c289fdaa9c709a8c327f8f491e898ec9693ad78f"                                   \
	"ab5e22e39c60c9107a379a5faee6774ddec9ffa9fe76cbad51444ca518699968"
#define ABC_256_CAPITALS "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
#define ZEROS_256 "0000000000000000000000000000000000000000000000000000000000000000"

#define DECLARED                                                                                             \
	{                                                                                                    \
		"bagit.txt", BAGIT                                                                           \
	}
#define PAYLOAD                                                                                              \
	{                                                                                                    \
		"data/a.txt", "abc"                                                                          \
	}
#define MANIFEST                                                                                             \
	{                                                                                                    \
		"manifest-sha256.txt", A_256                                                                 \
	}
#define BASIC DECLARED, PAYLOAD, MANIFEST

struct bag {
	const char *why;
	const char *problem; /* part of the expected "path: what"; NULL: valid */
	const char *note;    /* the same of a note, or NULL */
	size_t problems;     /* how many; 0 stands for 1 where a problem is expected */
	struct bag_file files[BAG_FILES_MAX];
};

static inline size_t problems_of(const struct bag *bag)
{
	if (!bag->problem)
		return 0;
	return bag->problems > 0 ? bag->problems : 1;
}

static inline void check_bag(const struct bag *bag)
{
	SR_CLEANUP(bag_maker_dispose) struct bag_maker maker;

	print_message("case: %s\n", bag->why);
	bag_maker_init(&maker);
	make_folder(&maker, bag->files, BAG_FILES_MAX);
	make_tar(&maker, bag->files, BAG_FILES_MAX);
	expect_bag(maker.bag, bag->problem, problems_of(bag), bag->note);
	expect_bag(maker.tar, bag->problem, problems_of(bag), bag->note);
}
