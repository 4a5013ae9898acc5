/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/register/register_view.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/core/case_view.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/register_row.h"

#define NUMBER_MATCHES 64

static struct sr_bytes bytes_of(const char *text)
{
	return (struct sr_bytes){ (const uint8_t *)text, strlen(text) };
}

enum sr_status sr_register_may_see(struct sr_act *act, struct sr_txn *txn, const char *organ,
                                   const json_t *row, bool *out, struct sr_err *err)
{
	const struct sr_caller *caller = &act->caller;

	*out = false;
	if (sr_act_is(act, SR_BY(ARCHIVIST) | SR_BY(OFFICIAL) | SR_BY(SUPERVISOR)))
		return sr_case_view_is_below(txn, caller->organ, bytes_of(organ), out, err);
	if (sr_act_is(act, SR_BY(AUDITOR)))
		*out = true;
	else if (sr_act_is(act, SR_BY(HANDLER)))
		*out = strcmp(organ, caller->organ) == 0 &&
		       sr_register_names_officer(row,
		                                 caller->full_name[0] ? caller->full_name : caller->user);
	return SR_OK;
}

struct seeing {
	struct sr_act *act;
	struct sr_txn *txn;
	enum sr_status (*each)(void *context, struct sr_txn *txn, const json_t *record, struct sr_err *err);
	void *context;
};

static enum sr_status see(void *context, const char *key, json_t *record, struct sr_err *err)
{
	const struct seeing *seeing = context;
	const char *organ, *number;
	json_t *row;
	bool seen;

	(void)key;
	SR_TRY(sr_json_need_text(record, "organ", &organ, err));
	SR_TRY(sr_json_need_text(record, "number", &number, err));
	SR_TRY(sr_json_need_object(record, "row", &row, err));
	SR_TRY(sr_register_may_see(seeing->act, seeing->txn, organ, row, &seen, err));
	return seen ? seeing->each(seeing->context, seeing->txn, record, err) : SR_OK;
}

enum sr_status sr_register_each(struct sr_act *act, struct sr_txn *txn,
                                enum sr_status (*each)(void *context, struct sr_txn *txn,
                                                       const json_t *record, struct sr_err *err),
                                void *context, struct sr_err *err)
{
	struct seeing seeing = { .act = act, .txn = txn, .each = each, .context = context };

	return sr_record_each(txn, SR_DB_REGISTER, "", see, &seeing, err);
}

enum sr_status sr_register_look(struct sr_txn *txn, const char *organ, const char *number, json_t **out,
                                struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	SR_TRY(sr_register_key(organ, number, key, err));
	return sr_record_look(txn, SR_DB_REGISTER, key, out, err);
}

enum sr_status sr_register_case(struct sr_act *act, struct sr_txn *txn, const json_t *record, bool *found,
                                struct sr_case_record *out, struct sr_err *err)
{
	const char *organ = sr_json_text(record, "organ");
	const char *number = sr_json_text(record, "number");
	struct sr_case_id ids[NUMBER_MATCHES];
	size_t count = 0;

	*found = false;
	enum sr_status status =
		sr_case_store_by_number(txn, bytes_of(number), ids, NUMBER_MATCHES, &count, err);
	if (status == SR_INVALID || status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	for (size_t i = 0; i < count && i < NUMBER_MATCHES && !*found; i++) {
		SR_TRY(sr_case_store_get(txn, &ids[i], out, err));
		if (out->organ.size != strlen(organ) || memcmp(out->organ.data, organ, out->organ.size) != 0)
			continue;
		SR_TRY(sr_case_view_may_know(act, txn, out, found, err));
	}
	return SR_OK;
}
