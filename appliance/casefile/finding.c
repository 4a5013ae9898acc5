/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/finding.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"

#define SEVERITIES 3
#define TEXTS 8 /* of one finding */

struct entry {
	struct sr_finding finding;
	char *block; /* its texts, behind each other */
};

struct sr_findings {
	struct entry *items;
	size_t count;
	size_t capacity;
	size_t of[SEVERITIES];
};

const char *sr_severity_name(enum sr_severity severity)
{
	switch (severity) {
	case SR_SEVERITY_WARNING:
		return "warning";
	case SR_SEVERITY_DEFECT:
		return "defect";
	case SR_SEVERITY_BLOCKER:
		return "blocker";
	}
	return "blocker";
}

enum sr_status sr_findings_new(struct sr_findings **out, struct sr_err *err)
{
	struct sr_findings *findings = calloc(1, sizeof(*findings));

	if (!findings)
		return sr_fail(err, SR_NO_MEMORY, "no memory for findings");
	*out = findings;
	return SR_OK;
}

void sr_findings_free(struct sr_findings *findings)
{
	if (!findings)
		return;
	for (size_t i = 0; i < findings->count; i++)
		free(findings->items[i].block);
	free(findings->items);
	free(findings);
}

static enum sr_status make_room(struct sr_findings *findings, struct sr_err *err)
{
	if (findings->count >= SR_LIMIT_FINDINGS)
		return sr_fail(err, SR_LIMIT, "over %u findings; mend these first", SR_LIMIT_FINDINGS);
	if (findings->count < findings->capacity)
		return SR_OK;

	size_t capacity = findings->capacity ? 2 * findings->capacity : 16;
	struct entry *items = reallocarray(findings->items, capacity, sizeof(*items));
	if (!items)
		return sr_fail(err, SR_NO_MEMORY, "no memory for findings");
	findings->items = items;
	findings->capacity = capacity;
	return SR_OK;
}

enum sr_status sr_findings_add(struct sr_findings *findings, const struct sr_finding *finding,
                               struct sr_err *err)
{
	struct sr_finding copy = *finding;
	const char **texts[TEXTS] = { &copy.code, &copy.article, &copy.member, &copy.place,
		                      &copy.zh,   &copy.en,      &copy.fix_zh, &copy.fix_en };
	size_t size = 0;

	SR_TRY(make_room(findings, err));
	for (size_t i = 0; i < TEXTS; i++)
		size += *texts[i] ? strlen(*texts[i]) + 1 : 0;
	char *at = malloc(size > 0 ? size : 1);
	if (!at)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a finding");
	struct entry *entry = &findings->items[findings->count];
	entry->block = at;
	for (size_t i = 0; i < TEXTS; i++) {
		if (!*texts[i])
			continue;
		size_t bytes = strlen(*texts[i]) + 1;

		memcpy(at, *texts[i], bytes);
		*texts[i] = at;
		at += bytes;
	}
	entry->finding = copy;
	findings->count++;
	findings->of[copy.severity]++;
	return SR_OK;
}

size_t sr_findings_count(const struct sr_findings *findings)
{
	return findings->count;
}

const struct sr_finding *sr_findings_at(const struct sr_findings *findings, size_t index)
{
	return &findings->items[index].finding;
}

size_t sr_findings_of(const struct sr_findings *findings, enum sr_severity severity)
{
	return findings->of[severity];
}

enum sr_status sr_finding_to_json(const struct sr_finding *f, json_t **out, struct sr_err *err)
{
	return SR_JSON_PACK(out, err, "{s:s, s:s?, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?}", "code", f->code,
	                    "article", f->article, "severity", sr_severity_name(f->severity), "member",
	                    f->member, "place", f->place, "zh", f->zh, "en", f->en, "fix_zh", f->fix_zh,
	                    "fix_en", f->fix_en);
}

enum sr_status sr_findings_to_json(const struct sr_findings *findings, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *root = NULL;

	SR_TRY(SR_JSON_PACK(&root, err, "{s:[], s:I, s:I, s:I}", "findings", "blockers",
	                    (json_int_t)findings->of[SR_SEVERITY_BLOCKER], "defects",
	                    (json_int_t)findings->of[SR_SEVERITY_DEFECT], "warnings",
	                    (json_int_t)findings->of[SR_SEVERITY_WARNING]));
	json_t *list = json_object_get(root, "findings");
	for (size_t i = 0; i < findings->count; i++) {
		json_t *item = NULL;

		SR_TRY(sr_finding_to_json(&findings->items[i].finding, &item, err));
		SR_TRY(sr_json_append(list, item, err));
	}
	*out = SR_MOVE(root);
	return SR_OK;
}
