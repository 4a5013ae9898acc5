/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/drafts/draft.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/casefile/remark.h"
#include "appliance/keeper/cases/intake.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/rulebooks.h"
#include "appliance/keeper/drafts/draft_view.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/scope.h"

/* --- who and when ---------------------------------------------------------------------------------- */

/* The sealed case that it became, or is to be a part of; true where there is none. */
static enum sr_status may_know_case(struct sr_act *act, struct sr_txn *txn, const char *case_id, bool *out,
                                    struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_case_id id;

	*out = true;
	if (!case_id || !sr_case_id_parse(case_id, &id))
		return SR_OK;
	enum sr_status status = sr_case_store_get(txn, &id, &record, err);
	if (status == SR_NOT_FOUND) /* not in the index yet */
		return SR_OK;
	SR_TRY(status);
	return sr_case_view_may_know(act, txn, &record, out, err);
}

enum sr_status sr_draft_may_know(struct sr_act *act, struct sr_txn *txn, const json_t *draft, bool *out,
                                 struct sr_err *err)
{
	const char *handler = sr_json_text(draft, "handler");
	const char *organ = sr_json_text(draft, "organ");

	*out = false;
	if (sr_act_is(act, SR_BY(HANDLER)))
		*out = handler && strcmp(handler, act->caller.user) == 0;
	if (!sr_act_is(act, SR_BY(ARCHIVIST)) || !organ || strcmp(organ, act->caller.organ) != 0)
		return SR_OK;
	*out = sr_scope_lists(json_object_get(draft, "prepared"), act->caller.user);
	if (*out) /* their own work */
		return SR_OK;
	SR_TRY(may_know_case(act, txn, sr_json_text(draft, "case"), out, err));
	return *out ? may_know_case(act, txn, sr_json_text(draft, "part_of"), out, err) : SR_OK;
}

static enum sr_status require_wanted(struct sr_act *act, const json_t *draft, enum sr_draft_wanted wanted,
                                     struct sr_err *err)
{
	const char *state = sr_json_text(draft, "state");
	bool is_open = strcmp(state, "open") == 0 || strcmp(state, "returned") == 0;
	bool is_submitted = strcmp(state, "submitted") == 0;

	if (wanted == SR_DRAFT_ANY || (wanted == SR_DRAFT_OPEN && is_open) ||
	    (wanted == SR_DRAFT_ALIVE && (is_open || is_submitted)))
		return SR_OK;
	if (wanted != SR_DRAFT_RECEIVED || !is_submitted)
		return sr_act_refuse(act, "WrongState", err, "the draft is %s%s", state,
		                     is_submitted ? ": it can be changed once it is returned"
		                     : is_open    ? ": it has to be submitted first"
		                                  : "");
	if (sr_scope_lists(json_object_get(draft, "prepared"), act->caller.user))
		return sr_act_refuse(act, "NotYourRole", err,
		                     "you had a hand in this draft: another archivist receives it");
	return SR_OK;
}

enum sr_status sr_draft_look(struct sr_act *act, struct sr_txn *txn, enum sr_draft_wanted wanted,
                             json_t **out, struct sr_err *err)
{
	const char *id = sr_act_text(act, "draft");
	SR_CLEANUP(sr_json_decrefp) json_t *draft = NULL;
	bool may = false;

	if (strlen(id) < SR_RECORD_KEY)
		SR_TRY(sr_record_look(txn, SR_DB_DRAFTS, id, &draft, err));
	if (draft)
		SR_TRY(sr_draft_may_know(act, txn, draft, &may, err));
	if (!may)
		return sr_act_not_found(act, "draft", id, err);
	SR_TRY(require_wanted(act, draft, wanted, err));
	*out = SR_MOVE(draft);
	return SR_OK;
}

enum sr_status sr_draft_get(struct sr_act *act, enum sr_draft_wanted wanted, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	SR_TRY(sr_txn_read(act->keeper->env, &txn, err));
	return sr_draft_look(act, txn, wanted, out, err);
}

enum sr_status sr_draft_enter(struct sr_act *act, enum sr_draft_wanted wanted, json_t **record,
                              struct sr_draft_folder *folder, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_folder_close) struct sr_draft_folder entered = { .fd = -1 };
	SR_CLEANUP(sr_json_decrefp) json_t *draft = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *again = NULL;

	SR_TRY(sr_draft_get(act, wanted, &draft, err));
	SR_TRY(sr_draft_folder_open(act->keeper->staging_fd, sr_json_text(draft, "draft"), &entered, err));
	SR_TRY(sr_draft_get(act, wanted, &again, err));
	*folder = entered;
	entered.fd = -1;
	*record = SR_MOVE(again);
	return SR_OK;
}

/* --- entries --------------------------------------------------------------------------------------- */

struct recording {
	const char *type;
	json_t *fields;
	enum sr_draft_wanted wanted;
};

static enum sr_status check_wanted(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct recording *recording = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *draft = NULL;

	return sr_draft_look(act, txn, recording->wanted, &draft, err);
}

static enum sr_status put_entry(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct recording *recording = act->work;
	SR_CLEANUP(sr_json_decrefp) json_t *fields = NULL;

	SR_TRY(SR_JSON_PACK(&fields, err, "{s:s}", "draft", sr_act_text(act, "draft")));
	if (json_object_update(fields, recording->fields) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for an entry");
	return sr_act_record(act, txn, recording->type, SR_MOVE(fields), NULL, err);
}

enum sr_status sr_draft_record(struct sr_act *act, const char *type, json_t *fields,
                               enum sr_draft_wanted wanted, struct sr_err *err)
{
	struct recording recording = { .type = type, .fields = fields, .wanted = wanted };

	sr_act_set_work(act, &recording);
	enum sr_status status = sr_act_write(act, check_wanted, put_entry, err);
	sr_act_set_work(act, NULL);
	return status;
}

/* --- judging --------------------------------------------------------------------------------------- */

void sr_draft_verdict_dispose(struct sr_draft_verdict *verdict)
{
	json_decref(verdict->check);
	verdict->check = NULL;
}

enum sr_status sr_draft_judge(struct sr_act *act, const struct sr_draft_folder *folder,
                              struct sr_draft_verdict *out, struct sr_err *err)
{
	SR_CLEANUP(sr_draft_verdict_dispose) struct sr_draft_verdict verdict = { 0 };
	SR_CLEANUP(sr_intake_dispose) struct sr_intake intake = { 0 };
	char path[PATH_MAX];
	const struct sr_intake_options options = {
		.folder = path,
		.clamd = sr_config_text(act->keeper->data->config, "check.clamd"),
		.fallback = sr_config_text(act->keeper->data->config, "case.rulebook"),
	};

	if (snprintf(path, sizeof(path), "%s/staging/%s", act->keeper->data->path, folder->name) >=
	    (int)sizeof(path))
		return sr_fail(err, SR_LIMIT, "the data directory's path is too long");
	SR_TRY(sr_intake_read(&options, &intake, err));
	SR_TRY(sr_intake_check_json(&intake, &verdict.check, err));
	SR_TRY(sr_rulebook_digest(intake.rulebook, verdict.rulebook_digest, err));
	json_t *timelines = NULL;
	SR_TRY(sr_draft_view_timelines(intake.description, &timelines, err));
	SR_TRY(sr_json_set(verdict.check, "timeline", timelines, err));
	verdict.blockers = sr_findings_of(intake.findings, SR_SEVERITY_BLOCKER);
	verdict.unanswered =
		sr_remark_unanswered(json_object_get(intake.description->root, "remarks"), intake.findings);
	SR_TRY(sr_json_set(verdict.check, "unanswered", json_integer((json_int_t)verdict.unanswered), err));
	*out = verdict;
	verdict.check = NULL;
	return SR_OK;
}
