/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: FileRequest, WithdrawRequest, ListRequests, ShowRequest, DecideRequest. */
#include "appliance/keeper/requests/methods.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/requests/request_decision.h"
#include "appliance/keeper/requests/request_filing.h"
#include "appliance/keeper/requests/request_access.h"
#include "appliance/keeper/requests/request_view.h"

#define SR_BY_STAFF_READERS (SR_BY_READERS & ~SR_BY(PARTY))

static enum sr_status check_withdrawn(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *request = NULL;

	SR_TRY(sr_request_find(act, txn, sr_act_text(act, "request"), &request, err));
	const char *state = sr_json_text(request, "state");
	if (strcmp(sr_json_text(request, "filed_by"), act->caller.user) != 0)
		return sr_act_refuse(act, "NotYourRole", err, "a request is withdrawn by whoever filed it");
	if (strcmp(state, "filed") != 0 && strcmp(state, "partly") != 0)
		return sr_act_refuse(act, "AlreadyDecided", err, "the request is %s already", state);
	return SR_OK;
}

static enum sr_status put_withdrawn(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	return sr_act_record(act, txn, "request.withdrawn",
	                     json_pack("{s:s,s:s*}", "request", sr_act_text(act, "request"), "reason",
	                               sr_act_text(act, "reason")),
	                     NULL, err);
}

static enum sr_status withdraw_request(struct sr_act *act, struct sr_err *err)
{
	return sr_act_write(act, check_withdrawn, put_withdrawn, err);
}

/* clang-format off */
static const struct sr_method methods[] = {
	{ "FileRequest", "cases:texts purpose:text reason:prose days:count? members:objects? volumes:texts? channels:texts? for:text? for_kind:text? papers:objects? reader:text? application:text? review:text?",
	  SR_BY_STAFF_READERS, SR_DOOR_PEOPLE, SR_METHOD_DESCRIPTORS, sr_file_request },
	{ "WithdrawRequest", "request:text reason:prose?", SR_BY_STAFF_READERS, SR_DOOR_PEOPLE, 0, withdraw_request },
	{ "ListRequests", "state:text? limit:count? after:text?", SR_BY_STAFF_READERS | SR_BY(AUDITOR), SR_DOOR_PEOPLE, 0, sr_list_requests },
	{ "ShowRequest", "request:text", SR_BY_STAFF_READERS | SR_BY(AUDITOR), SR_DOOR_PEOPLE, 0, sr_show_request },
	{ "DecideRequest", "request:text decision:text digest:text? cases:texts? without_members:objects? with_members:objects? days:count? channels:texts? escort:text? no_cache:flag? reason:prose? deputy_for:text?",
	  SR_BY_STAFF_READERS, SR_DOOR_PEOPLE, 0, sr_decide_request },
};
/* clang-format on */
const struct sr_method_family sr_request_methods = { methods, SR_COUNT(methods) };
