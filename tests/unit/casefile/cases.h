/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of casefile share: reading case descriptions.  Include tests/unit/unit.h first. */
#pragma once

#include <fcntl.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/finding.h"

#define CASE(rest) "{\"format\":\"strongroom-case-description/1\"," rest "}"
#define MEMBER(rest) CASE("\"members\":[{\"path\":\"a.pdf\",\"class\":\"document\"," rest "}]")

#define FULL_CASE "tests/fuzz/corpus/case_json/full.json"   /* every key of docs/CASE.md with a value */
#define BLANK_CASE "tests/fuzz/corpus/case_json/blank.json" /* most of them null or "" */

static inline void load(const char *path, struct sr_buf *out)
{
	struct sr_err err;

	assert_ok(sr_fd_read_file(AT_FDCWD, path, 16u << 20, out, &err));
}

static inline enum sr_status read_text(const char *text, struct sr_findings *findings, struct sr_case **out,
                                       struct sr_err *err)
{
	return sr_case_read(text, strlen(text), findings, out, err);
}

/* A description of a file that must be right; @findings receives what there is to say. */
static inline struct sr_case *read_case_file(const char *path, struct sr_findings *findings)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_case *description = NULL;
	struct sr_err err;

	load(path, &text);
	assert_ok(sr_case_read(text.data, text.size, findings, &description, &err));
	return description;
}

static inline struct sr_findings *new_findings(void)
{
	struct sr_findings *findings = NULL;
	struct sr_err err;

	assert_ok(sr_findings_new(&findings, &err));
	return findings;
}

/* How many findings have that code. */
static inline size_t count_code(const struct sr_findings *findings, const char *code)
{
	size_t count = 0;

	for (size_t i = 0; i < sr_findings_count(findings); i++)
		if (strcmp(sr_findings_at(findings, i)->code, code) == 0)
			count++;
	return count;
}

static inline void print_findings(const struct sr_findings *findings)
{
	for (size_t i = 0; i < sr_findings_count(findings); i++) {
		const struct sr_finding *f = sr_findings_at(findings, i);

		print_message("%s %s %s: %s\n", f->code, f->member ? f->member : "-",
		              f->place ? f->place : "-", f->zh);
	}
}
