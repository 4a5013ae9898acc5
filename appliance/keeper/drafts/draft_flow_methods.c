/* SPDX-License-Identifier: Apache-2.0 */
/* Handing a draft over: SubmitDraft, ReturnDraft, SealDraft, DropDraft. */
#include "appliance/keeper/drafts/methods.h"

#include <fcntl.h>
#include <string.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/casefile/folder.h"
#include "appliance/keeper/cases/seal.h"
#include "appliance/keeper/core/act_progress.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/drafts/draft.h"

/* --- SubmitDraft ----------------------------------------------------------------------------------- */

/*
 * Each member's digest into the description, where it is not: the seal compares what it reads with them
 * (X10), so what is sealed is what was submitted.
 */
static enum sr_status fix_members(const struct sr_draft_folder *folder, json_t *description,
                                  struct sr_err *err)
{
	char hex[SR_DIGEST_HEX];
	size_t index;
	json_t *member;

	json_array_foreach(json_object_get(description, "members"), index, member) {
		const char *path = sr_json_text(member, "path");
		struct sr_digest digest;

		if (!path || sr_json_text(member, "sha256"))
			continue;
		enum sr_status status = sr_draft_folder_digest(folder, path, &digest, err);
		if (status == SR_NOT_FOUND) /* a finding (X2) says so */
			continue;
		SR_TRY(status);
		sr_digest_to_hex(&digest, hex);
		SR_TRY(sr_json_set(member, "sha256", json_string(hex), err));
	}
	return sr_draft_folder_describe(folder, description, err);
}

/* [{"code","severity","count"}] of the findings: what the log keeps. */
static enum sr_status sum_findings(const json_t *findings, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *sums = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *seen = json_object();
	size_t index;
	json_t *finding;

	json_array_foreach(findings, index, finding) {
		const char *code = sr_json_text(finding, "code");
		const char *severity = sr_json_text(finding, "severity");
		SR_CLEANUP(sr_buf_dispose) struct sr_buf key = { 0 };
		const char *text;
		json_t *sum;

		SR_TRY(sr_buf_printf(&key, err, "%s/%s", code, severity));
		SR_TRY(sr_buf_text(&key, &text, err));
		sum = json_object_get(seen, text);
		if (!sum) {
			SR_TRY(SR_JSON_PACK(&sum, err, "{s:s,s:s,s:i}", "code", code, "severity", severity,
			                    "count", 0));
			SR_TRY(sr_json_set(seen, text, json_incref(sum), err));
			SR_TRY(sr_json_append(sums, sum, err));
		}
		json_int_t count = json_integer_value(json_object_get(sum, "count"));
		SR_TRY(sr_json_set(sum, "count", json_integer(count + 1), err));
	}
	*out = SR_MOVE(sums);
	return SR_OK;
}

static enum sr_status description_digest(const json_t *description, char out[SR_DIGEST_HEX],
                                         struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { .secret = true };
	struct sr_digest digest;

	SR_TRY(sr_json_write_pretty(description, &text, err));
	SR_TRY(sr_digest_of(text.data, text.size, &digest, err));
	sr_digest_to_hex(&digest, out);
	return SR_OK;
}

static enum sr_status submitted_fields(const json_t *description, const struct sr_draft_verdict *verdict,
                                       json_t **out, struct sr_err *err)
{
	char digest[SR_DIGEST_HEX];
	json_t *sums = NULL;

	SR_TRY(description_digest(description, digest, err));
	SR_TRY(sum_findings(json_object_get(verdict->check, "findings"), &sums, err));
	return SR_JSON_PACK(out, err, "{s:s,s:s,s:s,s:o,s:O,s:O,s:O,s:O}", "digest", digest, "rulebook",
	                    sr_json_text(verdict->check, "rulebook"), "rulebook_digest",
	                    verdict->rulebook_digest, "findings", sums, "blockers",
	                    json_object_get(verdict->check, "blockers"), "defects",
	                    json_object_get(verdict->check, "defects"), "warnings",
	                    json_object_get(verdict->check, "warnings"), "unanswered",
	                    json_object_get(verdict->check, "unanswered"));
}

static enum sr_status submit_draft(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_folder_close) struct sr_draft_folder folder = { .fd = -1 };
	SR_CLEANUP(sr_draft_verdict_dispose) struct sr_draft_verdict verdict = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *description = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	SR_TRY(sr_draft_enter(act, SR_DRAFT_OPEN, &record, &folder, err));
	SR_TRY(sr_draft_folder_description(&folder, &description, err));
	SR_TRY(fix_members(&folder, description, err));
	SR_TRY(sr_draft_judge(act, &folder, &verdict, err));
	SR_TRY(submitted_fields(description, &verdict, &fields, err));
	SR_TRY(sr_draft_record(act, "draft.submitted", fields, SR_DRAFT_OPEN, err));
	bool blocked = verdict.blockers > 0 || verdict.unanswered > 0;
	SR_TRY(sr_json_set(verdict.check, "blocked", json_boolean(blocked), err));
	SR_TRY(sr_act_send_list(act, verdict.check, "findings", err));
	act->answer = SR_MOVE(verdict.check);
	return SR_OK;
}

/* --- ReturnDraft, DropDraft ------------------------------------------------------------------------ */

static enum sr_status return_draft(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s}", "reason", sr_act_text(act, "reason")));
	return sr_draft_record(act, "draft.returned", fields, SR_DRAFT_RECEIVED, err);
}

static enum sr_status drop_draft(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_folder_close) struct sr_draft_folder folder = { .fd = -1 };
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	SR_TRY(sr_draft_enter(act, SR_DRAFT_ALIVE, &record, &folder, err));
	bool own = strcmp(sr_json_text(record, "handler"), act->caller.user) == 0;
	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s}", "why", own ? "handler" : "archivist"));
	if (sr_act_text(act, "reason"))
		SR_TRY(sr_json_set(fields, "reason", json_string(sr_act_text(act, "reason")), err));
	SR_TRY(sr_draft_record(act, "draft.dropped", fields, SR_DRAFT_ALIVE, err));
	return sr_draft_folder_erase(act->keeper->staging_fd, folder.name, err);
}

/* --- SealDraft ------------------------------------------------------------------------------------- */

/* Sealed in the log; what remains of the folder after a crash goes at the next start. */
static void tidy_sealed(struct sr_act *act, const char *name)
{
	struct sr_err err;

	if (sr_draft_folder_erase(act->keeper->staging_fd, name, &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "the sealed draft %s is still in staging: %s", name, err.text);
}

static enum sr_status seal_draft(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_folder_close) struct sr_draft_folder folder = { .fd = -1 };
	SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;
	struct sr_act_progress progress;

	sr_act_progress_init(&progress, act);
	SR_TRY(sr_draft_enter(act, SR_DRAFT_RECEIVED, &record, &folder, err));
	struct sr_seal_request request = {
		.supplement = sr_json_text(record, "part_of"),
		.draft = folder.name,
		.remarks = sr_act_value(act, "remarks"),
		.progress = &progress.progress,
	};
	int fd = openat(folder.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return sr_fail_errno(err, "open the draft %s", folder.name);
	SR_TRY(sr_folder_open_at(fd, "draft", NULL, &request.folder, err));
	SR_TRY(sr_seal_answer(act, &request, err));
	if (sr_json_text(act->answer, "seal"))
		tidy_sealed(act, folder.name);
	return SR_OK;
}

#define GATHERERS (SR_BY(HANDLER) | SR_BY(ARCHIVIST))

static const struct sr_method methods[] = {
	{ "SubmitDraft", "draft:text", GATHERERS, SR_DOOR_PEOPLE, SR_METHOD_SLOW, submit_draft },
	{ "ReturnDraft", "draft:text reason:prose", SR_BY(ARCHIVIST), SR_DOOR_PEOPLE, 0, return_draft },
	{ "SealDraft", "draft:text remarks:objects?", SR_BY(ARCHIVIST), SR_DOOR_PEOPLE, SR_METHOD_SLOW,
	  seal_draft },
	{ "DropDraft", "draft:text reason:prose?", GATHERERS, SR_DOOR_PEOPLE, 0, drop_draft },
};
const struct sr_method_family sr_draft_flow_methods = { methods, SR_COUNT(methods) };
