/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/case_view.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/uuid.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/scope.h"
#include "appliance/keeper/state/state.h"

#define NUMBER_MATCHES 64 /* organs that may have a case of one number */
#define TREE_DEPTH 8

static bool is(struct sr_bytes bytes, const char *text)
{
	return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

enum sr_status sr_case_view_is_below(struct sr_txn *txn, const char *above, struct sr_bytes organ, bool *out,
                                     struct sr_err *err)
{
	char code[SR_LABEL_BYTES];

	*out = is(organ, above);
	if (*out || organ.size >= sizeof(code))
		return SR_OK;
	memcpy(code, organ.data, organ.size);
	code[organ.size] = 0;
	for (int depth = 0; depth < TREE_DEPTH; depth++) {
		SR_CLEANUP(sr_json_decrefp) json_t *record = NULL;

		SR_TRY(sr_record_look(txn, SR_DB_ORGANS, code, &record, err));
		const char *parent = sr_json_text(record, "parent");
		if (!parent || !sr_label_is_valid(parent))
			return SR_OK;
		*out = strcmp(parent, above) == 0;
		if (*out)
			return SR_OK;
		sr_label_copy(code, parent);
	}
	return SR_OK;
}

/* A party's pass shows the cases of its grant. */
static enum sr_status is_granted(const struct sr_act *act, struct sr_txn *txn,
                                 const struct sr_case_record *record, bool *out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *grant = NULL;
	char id[SR_UUID_TEXT];

	sr_case_id_format(&record->id, id);
	enum sr_status status = sr_state_grant(txn, act->caller.grant, &grant, err);
	*out = false;
	if (status == SR_DENIED)
		return SR_OK;
	SR_TRY(status);
	*out = strcmp(sr_json_text(grant, "state"), "live") == 0 &&
	       sr_scope_lists(json_object_get(grant, "cases"), id);
	return SR_OK;
}

bool sr_case_view_handled(const struct sr_caller *caller, const struct sr_case_record *record)
{
	return is(record->handler, caller->user) ||
	       (caller->full_name[0] && is(record->organ, caller->organ) &&
	        is(record->handler, caller->full_name));
}

enum sr_status sr_case_view_may_know(struct sr_act *act, struct sr_txn *txn,
                                     const struct sr_case_record *record, bool *out, struct sr_err *err)
{
	const struct sr_caller *caller = &act->caller;

	*out = false;
	if (!caller->known)
		return SR_OK;
	if (caller->pass)
		return is_granted(act, txn, record, out, err);
	if (record->classes & ~caller->clearances)
		return SR_OK;
	if (sr_act_is(act, SR_BY(ARCHIVIST) | SR_BY(OFFICIAL))) {
		*out = is(record->organ, caller->organ);
		return SR_OK;
	}
	if (sr_act_is(act, SR_BY(SUPERVISOR)))
		return sr_case_view_is_below(txn, caller->organ, record->organ, out, err);
	if (sr_act_is(act, SR_BY(HANDLER)))
		*out = sr_case_view_handled(caller, record);
	return SR_OK;
}

static enum sr_status by_number(struct sr_act *act, struct sr_txn *txn, const char *number,
                                struct sr_case_record *out, bool *found, struct sr_err *err)
{
	struct sr_case_id ids[NUMBER_MATCHES];
	size_t count;

	*found = false;
	enum sr_status status =
		sr_case_store_by_number(txn, (struct sr_bytes){ (const uint8_t *)number, strlen(number) },
	                                ids, NUMBER_MATCHES, &count, err);
	if (status == SR_INVALID || status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	for (size_t i = 0; i < count && i < NUMBER_MATCHES && !*found; i++) {
		SR_TRY(sr_case_store_get(txn, &ids[i], out, err));
		SR_TRY(sr_case_view_may_know(act, txn, out, found, err));
	}
	return SR_OK;
}

enum sr_status sr_case_view_find(struct sr_act *act, struct sr_txn *txn, const char *reference,
                                 struct sr_case_record *out, struct sr_err *err)
{
	struct sr_case_id id;
	bool found = false;

	if (sr_case_id_parse(reference, &id)) {
		enum sr_status status = sr_case_store_get(txn, &id, out, err);

		if (status == SR_OK)
			status = sr_case_view_may_know(act, txn, out, &found, err);
		if (status != SR_OK && status != SR_NOT_FOUND)
			return status;
	} else {
		SR_TRY(by_number(act, txn, reference, out, &found, err));
	}
	return found ? SR_OK : sr_act_not_found(act, "case", reference, err);
}

static struct sr_scope scope_of(enum sr_scope_kind kind, const char *code)
{
	return (struct sr_scope){ .kind = kind, .code = { (const uint8_t *)code, strlen(code) } };
}

void sr_case_view_scopes(const struct sr_act *act, struct sr_case_scopes *out)
{
	const struct sr_caller *caller = &act->caller;

	*out = (struct sr_case_scopes){ 0 };
	if (sr_act_is(act, SR_BY(ARCHIVIST) | SR_BY(OFFICIAL))) {
		out->list[out->count++] = scope_of(SR_SCOPE_ORGAN, caller->organ);
	} else if (sr_act_is(act, SR_BY(SUPERVISOR))) {
		out->list[out->count++] = scope_of(SR_SCOPE_SUBTREE, caller->organ);
	} else if (sr_act_is(act, SR_BY(HANDLER))) {
		out->list[out->count++] = scope_of(SR_SCOPE_HANDLER, caller->user);
		/* A name counts in its own organ only: elsewhere it is somebody else's. */
		if (caller->full_name[0]) {
			out->list[out->count++] = scope_of(SR_SCOPE_HANDLER, caller->full_name);
			out->within[out->within_count++] = scope_of(SR_SCOPE_ORGAN, caller->organ);
		}
	}
}
