/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/description_check.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/schema_table.h"

#define ARTICLE "立卷检查"
#define VOLUMES 2

/* --- X12: page numbers ---------------------------------------------------------------------------------- */

struct pages {
	json_int_t from, to;
};

struct page_fault {
	char zh[256], en[256];
	const char *key; /* the member's field that is to blame */
};

static bool pages_of(const struct sr_member *member, struct pages *out)
{
	const json_t *from = json_object_get(member->json, "page_from");
	const json_t *to = json_object_get(member->json, "page_to");

	if (member->class != SR_MEMBER_DOCUMENT || !json_is_integer(from) || !json_is_integer(to))
		return false;
	*out = (struct pages){ .from = json_integer_value(from), .to = json_integer_value(to) };
	return true;
}

/* @last is the page before; 0 in front of the first numbered document, which may begin anywhere. */
static bool find_page_fault(struct pages pages, json_int_t last, struct page_fault *fault)
{
	fault->key = "page_from";
	if (pages.to < pages.from) {
		fault->key = "page_to";
		snprintf(fault->zh, sizeof(fault->zh),
		         "起止页号颠倒：第%" JSON_INTEGER_FORMAT "页至第%" JSON_INTEGER_FORMAT "页",
		         pages.from, pages.to);
		snprintf(fault->en, sizeof(fault->en),
		         "begins on page %" JSON_INTEGER_FORMAT " and ends on page %" JSON_INTEGER_FORMAT,
		         pages.from, pages.to);
		return true;
	}
	if (last == 0 || pages.from == last + 1)
		return false;
	snprintf(fault->zh, sizeof(fault->zh),
	         pages.from > last ? "页号不连续：前一份止于第%" JSON_INTEGER_FORMAT
	                             "页，本份起于第%" JSON_INTEGER_FORMAT "页"
	                           : "页号重叠：前一份止于第%" JSON_INTEGER_FORMAT
	                             "页，本份起于第%" JSON_INTEGER_FORMAT "页",
	         last, pages.from);
	snprintf(fault->en, sizeof(fault->en),
	         pages.from > last ? "leaves a gap in the page numbers: the one before ends on page "
	                             "%" JSON_INTEGER_FORMAT ", this one begins on page %" JSON_INTEGER_FORMAT
	                           : "overlaps in the page numbers: the one before ends on page "
	                             "%" JSON_INTEGER_FORMAT
	                             ", this one begins on page %" JSON_INTEGER_FORMAT,
	         last, pages.from);
	return true;
}

static enum sr_status add_page_fault(const struct sr_member *member, size_t index,
                                     const struct page_fault *fault, struct sr_findings *findings,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf en = { 0 };
	char place[64];
	struct sr_finding finding = {
		.code = "X12",
		.article = ARTICLE,
		.severity = SR_SEVERITY_WARNING,
		.member = member->path,
		.place = place,
		.fix_zh = "核对并改正起止页号；确有缺页、补页的，在说明中写明",
		.fix_en = "check and correct the page numbers; explain pages that are missing or were added",
	};

	snprintf(place, sizeof(place), "/members/%zu/%s", index, fault->key);
	SR_TRY(sr_buf_printf(&zh, err, "“%s”%s", member->path, fault->zh));
	SR_TRY(sr_buf_printf(&en, err, "%s %s", member->path, fault->en));
	SR_TRY(sr_buf_text(&zh, &finding.zh, err));
	SR_TRY(sr_buf_text(&en, &finding.en, err));
	return sr_findings_add(findings, &finding, err);
}

static enum sr_status check_pages(const struct sr_case *description, struct sr_findings *findings,
                                  struct sr_err *err)
{
	json_int_t last[VOLUMES] = { 0 };

	for (size_t i = 0; i < description->member_count; i++) {
		const struct sr_member *member = &description->members[i];
		struct pages pages;
		struct page_fault fault;

		if (!pages_of(member, &pages))
			continue;
		if (find_page_fault(pages, last[member->volume], &fault))
			SR_TRY(add_page_fault(member, i, &fault, findings, err));
		last[member->volume] = pages.to > pages.from ? pages.to : pages.from;
	}
	return SR_OK;
}

/* --- X13: who arranged the volume does not check it ----------------------------------------------------- */

static struct sr_bytes trimmed(const char *text)
{
	size_t size = strlen(text);

	while (size > 0 && *text == ' ') {
		text++;
		size--;
	}
	while (size > 0 && text[size - 1] == ' ')
		size--;
	return (struct sr_bytes){ .data = (const uint8_t *)text, .size = size };
}

static enum sr_status check_two_people(const struct sr_case *description, struct sr_findings *findings,
                                       struct sr_err *err)
{
	const json_t *archive = json_object_get(description->root, "archive");
	const char *arranged = sr_json_text(archive, "arranged_by");
	const char *checked = sr_json_text(archive, "checked_by");
	const struct sr_finding finding = {
		.code = "X13",
		.article = ARTICLE,
		.severity = SR_SEVERITY_BLOCKER,
		.place = "/archive/checked_by",
		.zh = "立卷人与检查人是同一人",
		.en = "the volume was arranged and checked by one person",
		.fix_zh = "由立卷人以外的人员检查本卷，并填写检查人",
		.fix_en = "have somebody else check the volume and name them as checked_by",
	};

	if (sr_text_is_blank(arranged) || sr_text_is_blank(checked))
		return SR_OK;
	struct sr_bytes a = trimmed(arranged);
	struct sr_bytes b = trimmed(checked);
	if (a.size != b.size || memcmp(a.data, b.data, a.size) != 0)
		return SR_OK;
	return sr_findings_add(findings, &finding, err);
}

/* --- X14: references name members ----------------------------------------------------------------------- */

struct reference_check {
	const struct sr_case *description;
	struct sr_findings *findings;
};

static enum sr_status check_reference(void *context, const struct sr_schema_entry *entry, const json_t *value,
                                      const char *pointer, struct sr_err *err)
{
	const struct reference_check *check = context;
	const char *path = sr_form_reference(entry->form, value);
	SR_CLEANUP(sr_buf_dispose) struct sr_buf zh = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf en = { 0 };
	struct sr_finding finding = {
		.code = "X14",
		.article = ARTICLE,
		.severity = SR_SEVERITY_BLOCKER,
		.place = pointer,
		.fix_zh = "将该文件列入卷内文件目录（members），或改正此处的路径",
		.fix_en = "list the file under members, or correct the path here",
	};

	if (!path || sr_case_member(check->description, path))
		return SR_OK;
	finding.member = sr_schema_member_of(check->description->root, pointer);
	SR_TRY(sr_buf_printf(&zh, err, "“%s”处引用的“%s”不在卷内文件目录中", pointer, path));
	SR_TRY(sr_buf_printf(&en, err, "%s refers to %s, which is no member of the case", pointer, path));
	SR_TRY(sr_buf_text(&zh, &finding.zh, err));
	SR_TRY(sr_buf_text(&en, &finding.en, err));
	return sr_findings_add(check->findings, &finding, err);
}

enum sr_status sr_description_check(const struct sr_case *description, struct sr_findings *findings,
                                    struct sr_err *err)
{
	struct reference_check check = { .description = description, .findings = findings };
	const struct sr_schema_visitor visitor = { .known = check_reference, .context = &check };

	SR_TRY(check_pages(description, findings, err));
	SR_TRY(check_two_people(description, findings, err));
	return sr_schema_walk(&sr_schema_case, description->root, &visitor, err);
}
