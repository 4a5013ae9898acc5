/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/operations/found.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

enum sr_status sr_found_record(struct sr_found *found,
                               enum sr_status (*compare)(void *context, struct sr_txn *txn,
                                                         struct sr_err *err),
                               struct sr_err *err)
{
	SR_CLEANUP(sr_txn_abortp) struct sr_txn *txn = NULL;

	SR_TRY(sr_txn_read(found->keeper->env, &txn, err));
	SR_TRY(compare(found, txn, err));
	sr_txn_abortp(&txn);
	if (found->count == 0)
		return SR_OK;
	found->write = true;
	return sr_keeper_write(found->keeper, compare, found, false, err);
}

enum sr_status sr_found_differs(struct sr_found *found, struct sr_txn *txn, const char *type, json_t *fields,
                                struct sr_err *err)
{
	found->count++;
	if (found->write)
		return sr_keeper_record(found->keeper, txn, type, fields, NULL, err);
	json_decref(fields);
	return SR_OK;
}
