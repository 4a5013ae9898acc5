/* SPDX-License-Identifier: Apache-2.0 */
#include "api/special.h"

#include <stdio.h>
#include <string.h>

#include "api/metrics.h"
#include "api/service.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"

static void answer_text(struct sr_request *request, const char *type, enum sr_status status,
                        const struct sr_err *err)
{
	if (status != SR_OK) {
		sr_request_refused(request, "", status, err);
		return;
	}
	request->answer.status = 200;
	request->answer.type = type;
	request->answered = true;
}

/* --- without the keeper ---------------------------------------------------------------------------- */

void sr_special_health(struct sr_request *request)
{
	if (atomic_load(&request->service->stopping))
		sr_request_problem(request, "Busy", "the server is stopping");
	else
		sr_request_json(request, json_pack("{s:s}", "status", "ok"));
}

static bool is_from_here(const struct sr_request *request)
{
	return sr_text_starts_with(request->address, "127.") || strcmp(request->address, "::1") == 0;
}

void sr_special_metrics(struct sr_request *request)
{
	struct sr_service *service = request->service;
	struct sr_err err;

	if (!service->metrics_everywhere && !is_from_here(request)) {
		sr_request_problem(request, "NoSuchPath", NULL);
		return;
	}
	answer_text(request, "text/plain; version=0.0.4",
	            sr_metrics_write(service->metrics, sr_openings_live(service->openings),
	                             &request->answer.body, &err),
	            &err);
}

void sr_special_openapi(struct sr_request *request)
{
	const struct sr_buf *document = &request->service->openapi;

	request->answer.status = 200;
	request->answer.type = "application/json";
	request->answer.fixed = document->data;
	request->answer.fixed_size = document->size;
	request->answered = true;
}

/* --- DescribeGrant: one answer a case -------------------------------------------------------------- */

struct description {
	json_t *cases;
	bool lost; /* one could not be kept */
};

/* Takes every answer: a socket on which one is left is of no more use. */
static enum sr_status take_case(void *context, const json_t *part, struct sr_err *err)
{
	struct description *description = context;

	if (sr_json_append(description->cases, json_deep_copy(part), err) != SR_OK)
		description->lost = true;
	return SR_OK;
}

void sr_special_grant(struct sr_request *request)
{
	const struct sr_keeper_link *link = &request->service->link;
	SR_CLEANUP(sr_json_decrefp) json_t *cases = json_array();
	struct description description = { .cases = cases };
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_json_decrefp)
	json_t *parameters = json_pack("{s:s}", "grant", sr_request_value(request, "grant"));
	const struct sr_client_request call = { .method = "DescribeGrant",
		                                .parameters = parameters,
		                                .each = take_case,
		                                .context = &description };
	char refusal[SR_MESSAGE_NAME_BYTES] = "";
	struct sr_err err;

	enum sr_status status = sr_request_claim(request, parameters, &err);
	if (status == SR_OK)
		status = link->ask(link->context, &call, &reply, NULL, refusal, &err);
	if (status == SR_OK)
		status = description.lost ? sr_fail(&err, SR_NO_MEMORY, "no memory for an answer")
		                          : sr_json_set(reply, "cases", json_incref(cases), &err);
	if (status == SR_OK)
		sr_request_json(request, json_incref(reply));
	else
		sr_request_refused(request, refusal, status, &err);
}

/* --- the published log ----------------------------------------------------------------------------- */

void sr_special_checkpoint(struct sr_request *request)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	const char *text = NULL;
	struct sr_err err;

	if (!sr_request_ask(request, "LedgerCheckpoint", json_object(), &reply, NULL))
		return;
	enum sr_status status = sr_json_need_text(reply, "checkpoint", &text, &err);
	if (status == SR_OK)
		status = sr_buf_add_text(&request->answer.body, text, &err);
	answer_text(request, "text/plain; charset=utf-8", status, &err);
}

void sr_special_tile(struct sr_request *request)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	char path[SR_URI_BYTES + 8];
	const char *text = NULL;
	struct sr_err err;

	snprintf(path, sizeof(path), "tile/%s", sr_request_value(request, "path"));
	if (!sr_request_ask(request, "LedgerTile", json_pack("{s:s}", "path", path), &reply, NULL))
		return;
	enum sr_status status = sr_json_need_text(reply, "data", &text, &err);
	if (status == SR_OK)
		status = sr_base64_decode(SR_BASE64_PADDED, text, strlen(text), &request->answer.body, &err);
	answer_text(request, "application/octet-stream", status, &err);
}

/* --- commands by name ------------------------------------------------------------------------------ */

/*
 * Commands that answer neither with a key nor with a descriptor, give out no session, and are not the front
 * ends' own.  A new command is closed until it stands here.
 */
static const char *const open_commands[] = {
	"AddOrgan",        "AddRegisterRow",   "AnswerFinding",     "ApproveDisposal",  "ChangePassword",
	"ChangeUser",      "CheckDraft",       "Configure",         "ConfirmClock",     "ConfirmPolicy",
	"ConfirmUser",     "CreateDraft",      "DecideRequest",     "Delegate",         "DescribeDraft",
	"DisableUser",     "DrawReview",       "DropApplication",   "DropDraft",        "DropProposal",
	"EndDelegation",   "EscortBeat",       "FileRequest",       "FindCases",        "ImportRegister",
	"ImportRoster",    "IssuePass",        "LastFixity",        "LedgerCheckpoint", "LedgerEntries",
	"LedgerProof",     "ListApplications", "ListColleagues",    "ListDelegations",  "ListDisposals",
	"ListDrafts",      "ListGrants",       "ListHolds",         "ListOrgans",       "ListRegister",
	"ListRequests",    "ListScoreSheets",  "ListSessions",      "ListUploads",      "ListUsers",
	"LiveAccess",      "PlaceHold",        "ProposeDisposal",   "ProposePolicy",    "ProposeUser",
	"ProveExtension",  "Readings",         "ReconcileRegister", "RecordReview",     "ReleaseHold",
	"RemoveMember",    "ResetPassword",    "ReturnDraft",       "ReturnGrant",      "RevokeGrant",
	"ShowCase",        "ShowDraft",        "ShowPolicy",        "ShowRequest",      "Statistics",
	"Status",          "SubmitDraft",      "VerifyLedger",      "Warnings",         "WhoAmI",
	"WithdrawRequest",
};

bool sr_special_is_open(const char *command)
{
	for (size_t i = 0; i < SR_COUNT(open_commands); i++)
		if (strcmp(open_commands[i], command) == 0)
			return true;
	return false;
}

void sr_special_command(struct sr_request *request)
{
	const char *command = sr_request_value(request, "command");
	json_t *parameters = NULL, *reply = NULL;

	if (!sr_special_is_open(command)) {
		sr_request_problem(request, "NoSuchPath", NULL);
		return;
	}
	if (!sr_request_parameters(request, &parameters))
		return;
	json_object_del(parameters, "command"); /* the path's own */
	if (sr_request_ask(request, command, parameters, &reply, NULL))
		sr_request_json(request, reply);
}
