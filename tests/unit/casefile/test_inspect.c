/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/casefile/samples.h"

#include <errno.h>
#include <time.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/casefile/inspect.h"

#define PDF "%PDF-1.7\n%%EOF\n"
#define SEEN_BYTES 1024

static struct scratch scratch;

static int set_up(void **state)
{
	struct sr_err err;

	(void)state;
	scratch_make(&scratch);
	samples_use_probe();
	assert_ok(sr_clock_set_zone("Asia/Shanghai", &err));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

/* coreutils' own digest of what @fd is open on. */
static enum sr_status digest_by_sha256sum(int fd, uint8_t out[32], struct sr_err *err)
{
	char command[64];
	char hex[65] = "";

	snprintf(command, sizeof(command), "sha256sum /proc/%d/fd/%d", getpid(), fd);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	bool read = fread(hex, 1, 64, pipe) == 64;
	pclose(pipe);
	if (!read || !sr_hex_decode(hex, 64, true, out, 32))
		return sr_fail(err, SR_IO, "sha256sum failed");
	return SR_OK;
}

static void inspect(const char *folder_path, const char *text, size_t size, struct sr_findings *findings)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	SR_CLEANUP(sr_findings_freep) struct sr_findings *others = NULL;
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	struct sr_err err;

	assert_ok(sr_findings_new(&others, &err));
	assert_ok(sr_case_read(text, size, others, &description, &err));
	assert_ok(sr_folder_open(folder_path, &folder, &err));
	assert_ok(sr_inspect_folder(description, folder, digest_by_sha256sum, NULL, findings, NULL, &err));
}

/* "X1 a; X6 b; " in the order of the findings. */
static void codes_of(const struct sr_findings *findings, char out[SEEN_BYTES])
{
	size_t used = 0;

	out[0] = 0;
	for (size_t i = 0; i < sr_findings_count(findings); i++) {
		const struct sr_finding *f = sr_findings_at(findings, i);

		print_message("  %s %s: %s / %s\n    %s / %s\n", f->code, f->member, f->zh, f->en, f->fix_zh,
		              f->fix_en);
		assert_string_equal(f->article, "立卷检查");
		assert_int_equal(f->severity,
		                 strcmp(f->code, "X11") == 0 ? SR_SEVERITY_WARNING : SR_SEVERITY_BLOCKER);
		used += (size_t)snprintf(out + used, SEEN_BYTES - used, "%s %s; ", f->code, f->member);
		assert_true(used < SEEN_BYTES);
	}
}

/* Inspect the scratch folder against these members; @want is what codes_of says. */
static void expect(const char *members, const char *want)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	char seen[SEEN_BYTES];
	struct sr_err err;

	assert_ok(sr_buf_printf(&text, &err,
	                        "{\"format\":\"strongroom-case-description/1\",\"members\":[%s]}", members));
	assert_ok(sr_findings_new(&findings, &err));
	inspect(scratch.root, (const char *)text.data, text.size, findings);
	codes_of(findings, seen);
	assert_string_equal(seen, want);
}

#define DOCUMENT(path) "{\"path\":\"" path "\",\"class\":\"document\"}"
#define EXPLANATION(path) "{\"path\":\"" path "\",\"class\":\"explanation\"}"
#define MEDIUM(path, from, to)                                                                               \
	"{\"path\":\"" path "\",\"class\":\"medium\",\"recorded_from\":\"" from "\",\"recorded_to\":\"" to   \
	"\"}"

static void a_whole_folder_has_no_findings(void **state)
{
	(void)state;
	scratch_text(&scratch, "a.pdf", PDF);
	scratch_text(&scratch, "b.md", "取证人员：张某\n");
	samples_wav(&scratch, "c.wav", 60);
	expect(DOCUMENT("a.pdf") "," EXPLANATION("b.md") "," MEDIUM("c.wav", "2025-03-02T09:00:00+08:00",
	                                                            "2025-03-02T09:01:00+08:00"),
	       "");
}

static void files_that_no_member_names_come_last(void **state)
{
	(void)state;
	scratch_text(&scratch, "a stray.txt", "1");
	scratch_text(&scratch, "b.pdf", PDF);
	scratch_text(&scratch, "Thumbs.db", "1");
	assert_int_equal(mkfifo(scratch_path(&scratch, "pipe"), 0644), 0);
	scratch_link(&scratch, "/etc/passwd", "out.pdf");
	expect(DOCUMENT("missing.pdf") "," DOCUMENT("b.pdf"),
	       "X2 missing.pdf; X1 Thumbs.db; X1 a stray.txt; X1 out.pdf; X1 pipe; ");
}

/* U+00E9 and U+0065 U+0301 look the same; a file of the one name is not a file of the other. */
static void a_missing_file_of_almost_the_same_name_is_pointed_out(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	static const char text[] = "{\"format\":\"strongroom-case-description/1\",\"members\":[" DOCUMENT(
		"caf\xc3\xa9.pdf") "," DOCUMENT("b.pdf") "," DOCUMENT("c.pdf") "]}";
	struct sr_err err;

	(void)state;
	scratch_text(&scratch, "cafe\xcc\x81.pdf", PDF);
	scratch_text(&scratch, "B.PDF", PDF);
	scratch_text(&scratch, "\xff", PDF);
	assert_ok(sr_findings_new(&findings, &err));
	inspect(scratch.root, text, strlen(text), findings);
	assert_int_equal(sr_findings_count(findings), 6);
	assert_non_null(strstr(sr_findings_at(findings, 0)->zh, "“cafe\xcc\x81.pdf”"));
	assert_non_null(strstr(sr_findings_at(findings, 1)->en, "B.PDF"));
	assert_null(strstr(sr_findings_at(findings, 2)->en, "; there is"));
}

static void names_that_no_catalogue_can_list_are_shown_in_code(void **state)
{
	(void)state;
	scratch_text(&scratch, "new\nline\\.pdf", PDF);
	scratch_text(&scratch, "文件\xff.pdf", PDF);
	expect("", "X1 new\\x0aline\\x5c.pdf; X1 文件\\xff.pdf; ");
}

static void members_that_are_no_files_are_named_with_their_reason(void **state)
{
	(void)state;
	scratch_text(&scratch, "real.pdf", PDF);
	scratch_link(&scratch, "real.pdf", "inside.pdf");
	scratch_link(&scratch, "/etc/hostname", "outside.pdf");
	scratch_folder(&scratch, "folder.pdf");
	assert_int_equal(mkfifo(scratch_path(&scratch, "pipe.pdf"), 0644), 0);
	expect(DOCUMENT("outside.pdf") "," DOCUMENT("folder.pdf") "," DOCUMENT("pipe.pdf") "," DOCUMENT(
		       "inside.pdf") "," DOCUMENT("real.pdf"),
	       "X2 outside.pdf; X2 folder.pdf; X2 pipe.pdf; ");
}

static void an_unreadable_member_is_a_finding_and_the_others_are_looked_at(void **state)
{
	bool root = geteuid() == 0;

	(void)state;
	scratch_text(&scratch, "a.pdf", PDF);
	scratch_text(&scratch, "b.pdf", "");
	assert_int_equal(chmod(scratch_path(&scratch, "a.pdf"), 0), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	expect(DOCUMENT("a.pdf") "," DOCUMENT("b.pdf"), "X2 a.pdf; X6 b.pdf; ");
	if (root)
		assert_int_equal(seteuid(0), 0);
}

static void a_type_that_is_not_the_extensions_is_found(void **state)
{
	static const struct {
		const char *why, *name, *content;
		size_t size;
		const char *code;
	} cases[] = {
		{ "a program", "a.pdf",
		  "\x7f"
		  "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0",
		  20, "X5 a.pdf; " },
		{ "a script is text", "a.pdf", "#!/bin/sh\necho\n", 15, "X5 a.pdf; " },
		{ "random bytes", "a.docx", "\x9a\x01\x02\x03\x04\x05\x06\x07", 8, "X5 a.docx; " },
		{ "a PDF called text", "a.txt", PDF, 15, "X5 a.txt; " },
		{ "a PDF in capitals", "A.PDF", PDF, 15, "" },
		{ "text that speaks of PDF", "a.md", "# %PDF- 是 PDF 文件的开头\n", 32, "" },
		{ "text in GB18030", "a.txt", "\xb0\xb8\xbe\xed\xbf\xe2\n", 7, "" },
		{ "JSON", "a.json", "{\"a\": 1}", 8, "" },
		{ "an extension nobody knows", "a.xyz",
		  "\x7f"
		  "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0",
		  20, "" },
		{ "no extension", "readme", "\x01\x02\x03", 3, "" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char member[128];

		print_message("case: %s\n", cases[i].why);
		scratch_file(&scratch, cases[i].name, cases[i].content, cases[i].size);
		snprintf(member, sizeof(member), "{\"path\":\"%s\",\"class\":\"document\"}", cases[i].name);
		expect(member, cases[i].code);
		assert_int_equal(unlink(scratch_path(&scratch, cases[i].name)), 0);
	}
}

static void a_recording_must_last_as_long_as_described_within_a_minute(void **state)
{
	static const struct {
		const char *why;
		uint32_t seconds;
		const char *to, *codes;
	} cases[] = {
		{ "exact", 600, "2025-03-02T09:10:00+08:00", "" },
		{ "60 s too short", 540, "2025-03-02T09:10:00+08:00", "" },
		{ "61 s too short", 539, "2025-03-02T09:10:00+08:00", "X7 a.wav; " },
		{ "60 s too long", 660, "2025-03-02T09:10:00+08:00", "" },
		{ "61 s too long", 661, "2025-03-02T09:10:00+08:00", "X7 a.wav; " },
		{ "another zone", 600, "2025-03-02T01:10:00Z", "" },
		{ "local time", 600, "2025-03-02 09:10", "" },
		{ "ends before it begins", 600, "2025-03-02T08:00:00+08:00", "X7 a.wav; " },
		{ "does not say when it ended", 600, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char member[256];

		print_message("case: %s\n", cases[i].why);
		samples_wav(&scratch, "a.wav", cases[i].seconds);
		snprintf(member, sizeof(member), MEDIUM("a.wav", "2025-03-02T09:00:00+08:00", "%s"),
		         cases[i].to);
		expect(member, cases[i].codes);
	}
}

static void a_recording_that_cannot_be_read_is_found(void **state)
{
	uint8_t random[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)(i * i * 31 + i / 7);
	samples_wav(&scratch, "cut.wav", 600);
	assert_int_equal(truncate(scratch_path(&scratch, "cut.wav"), 2400000), 0);
	scratch_file(&scratch, "random.mp4", random, sizeof(random));
	scratch_text(&scratch, "paper.pdf", PDF);
	scratch_file(&scratch, "only ftyp.mp4",
	             "\0\0\0\x18"
	             "ftypmp42\0\0\0\0mp42isom",
	             24);
	expect(MEDIUM("cut.wav", "2025-03-02T09:00:00+08:00", "2025-03-02T09:10:00+08:00") "," MEDIUM(
		       "random.mp4", "2025-03-02T09:00:00+08:00",
		       "2025-03-02T09:10:00+08:00") "," MEDIUM("paper.pdf", "",
	                                                       "") "," MEDIUM("only ftyp.mp4", "", ""),
	       "X7 cut.wav; X5 random.mp4; X7 paper.pdf; X7 only ftyp.mp4; ");
}

static void an_empty_file_is_found(void **state)
{
	(void)state;
	scratch_text(&scratch, "a.pdf", "");
	scratch_text(&scratch, "b.wav", "");
	scratch_text(&scratch, "c.md", "");
	expect(DOCUMENT("a.pdf") "," MEDIUM("b.wav", "", "") "," EXPLANATION("c.md"),
	       "X6 a.pdf; X6 b.wav; X6 c.md; X8 c.md; ");
}

static void an_explanation_without_words_is_found(void **state)
{
	static const struct {
		const char *why, *content;
		size_t size;
		bool blank;
	} cases[] = {
		{ "line ends", "\n\r\n\t ", 5, true },
		{ "Chinese blanks", "\xe3\x80\x80\n", 4, true },
		{ "a byte-order mark alone", "\xef\xbb\xbf", 3, true },
		{ "Chinese blanks in GB18030", "\xa1\xa1\n", 3, true },
		{ "UTF-16 blanks", "\xff\xfe \0\n\0\0\x30", 8, true },
		{ "UTF-16 word", "\xff\xfe \0a\0", 6, false },
		{ "a word", " 证\n", 5, false },
		{ "a word in GB18030", "\xd6\xa4\n", 3, false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		scratch_file(&scratch, "a.txt", cases[i].content, cases[i].size);
		expect(EXPLANATION("a.txt"), cases[i].blank ? "X8 a.txt; " : "");
		expect(DOCUMENT("a.txt"), "");
	}
}

/* SHA-256 of "abc": FIPS 180-2, appendix B.1. */
static void a_digest_that_is_given_must_be_the_files(void **state)
{
	(void)state;
	scratch_text(&scratch, "a.txt", "abc");
	scratch_text(&scratch, "b.txt", "abd");
	expect("{\"path\":\"a.txt\",\"class\":\"document\",\"sha256\":"
	       "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"},"
	       "{\"path\":\"b.txt\",\"class\":\"document\",\"sha256\":"
	       "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}",
	       "X10 b.txt; ");
}

static void inspect_fixture(const char *name, struct sr_findings *findings)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	char path[SCRATCH_PATH];
	char case_json[SCRATCH_PATH + 16];
	struct sr_err err;

	samples_fixture(name, path);
	snprintf(case_json, sizeof(case_json), "%s/case.json", path);
	assert_ok(sr_fd_read_file(AT_FDCWD, case_json, SR_LIMIT_CASE_JSON_BYTES, &text, &err));
	inspect(path, (const char *)text.data, text.size, findings);
}

static void the_sample_case_has_nothing_to_find(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	char seen[SEEN_BYTES];
	struct sr_err err;

	(void)state;
	assert_ok(sr_findings_new(&findings, &err));
	inspect_fixture("sample-case", findings);
	codes_of(findings, seen);
	assert_string_equal(seen, "");
}

/* The findings of this part among tests/fixtures/defective-case.findings.json. */
static bool is_ours(const char *code)
{
	static const char *const ours[] = { "X1", "X2", "X5", "X6", "X7", "X8", "X10", "X11" };

	for (size_t i = 0; i < SR_COUNT(ours); i++)
		if (strcmp(code, ours[i]) == 0)
			return true;
	return false;
}

static bool was_found(const struct sr_findings *findings, const char *code, const char *member)
{
	for (size_t i = 0; i < sr_findings_count(findings); i++) {
		const struct sr_finding *finding = sr_findings_at(findings, i);

		if (strcmp(finding->code, code) == 0 && strcmp(finding->member, member) == 0)
			return true;
	}
	return false;
}

static void the_defective_case_shows_each_fault_once(void **state)
{
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *expected = NULL;
	char path[SCRATCH_PATH];
	char seen[SEEN_BYTES];
	size_t wanted = 0;
	struct sr_err err;

	(void)state;
	samples_fixture("defective-case.findings.json", path);
	assert_ok(sr_fd_read_file(AT_FDCWD, path, 65536, &text, &err));
	assert_ok(sr_json_parse(text.data, text.size, text.size, &expected, &err));
	assert_ok(sr_findings_new(&findings, &err));
	inspect_fixture("defective-case", findings);
	codes_of(findings, seen);

	const json_t *list = json_object_get(expected, "findings");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *code = sr_json_text(item, "code");

		if (!is_ours(code))
			continue;
		wanted++;
		print_message("case: %s\n", code);
		assert_true(was_found(findings, code, sr_json_text(item, "member")));
	}
	assert_int_equal(sr_findings_count(findings), wanted);
}

static void a_missing_helper_stops_the_inspection(void **state)
{
	SR_CLEANUP(sr_folder_closep) struct sr_folder *folder = NULL;
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	static const char text[] = "{\"format\":\"strongroom-case-description/1\",\"members\":[" DOCUMENT(
		"a.pdf") "," DOCUMENT("b.pdf") "]}";
	struct sr_err err;

	(void)state;
	scratch_text(&scratch, "a.pdf", PDF);
	scratch_text(&scratch, "b.pdf", "no PDF");
	assert_ok(sr_probe_set_program("/nowhere/strongroom-probe", &err));
	assert_ok(sr_findings_new(&findings, &err));
	assert_ok(sr_case_read(text, strlen(text), findings, &description, &err));
	assert_ok(sr_folder_open(scratch.root, &folder, &err));
	assert_int_equal(sr_inspect_folder(description, folder, NULL, NULL, findings, NULL, &err),
	                 SR_NOT_FOUND);
}

static int64_t cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Without a question to the helper: there is none here. */
static void ten_thousand_documents_are_inspected_without_the_helper(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf members = { 0 };
	struct sr_err err;
	char name[32];

	(void)state;
	for (unsigned i = 0; i < SR_LIMIT_MEMBERS; i++) {
		snprintf(name, sizeof(name), "%05u.pdf", i);
		scratch_text(&scratch, name, PDF);
		assert_ok(sr_buf_printf(&members, &err, "%s{\"path\":\"%s\",\"class\":\"document\"}",
		                        i ? "," : "", name));
	}
	const char *text;
	assert_ok(sr_buf_text(&members, &text, &err));
	assert_ok(sr_probe_set_program("/nowhere/strongroom-probe", &err));
	int64_t before = cpu_ms();
	expect(text, "");
	print_message("10000 documents: %d ms of processor time\n", (int)(cpu_ms() - before));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_folder_has_no_findings),
		TEST(files_that_no_member_names_come_last),
		TEST(a_missing_file_of_almost_the_same_name_is_pointed_out),
		TEST(names_that_no_catalogue_can_list_are_shown_in_code),
		TEST(members_that_are_no_files_are_named_with_their_reason),
		TEST(an_unreadable_member_is_a_finding_and_the_others_are_looked_at),
		TEST(a_type_that_is_not_the_extensions_is_found),
		TEST(a_recording_must_last_as_long_as_described_within_a_minute),
		TEST(a_recording_that_cannot_be_read_is_found),
		TEST(an_empty_file_is_found),
		TEST(an_explanation_without_words_is_found),
		TEST(a_digest_that_is_given_must_be_the_files),
		TEST(the_sample_case_has_nothing_to_find),
		TEST(the_defective_case_shows_each_fault_once),
		TEST(a_missing_helper_stops_the_inspection),
		TEST(ten_thousand_documents_are_inspected_without_the_helper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
