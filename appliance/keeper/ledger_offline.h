/* SPDX-License-Identifier: Apache-2.0 */
/* The log without a keeper: checking a receipt needs no data directory, checking a log that no keeper would
 * serve needs the one who owns it. */
#pragma once

#include <jansson.h>

#include "appliance/base/err.h"

/*
 * Check a receipt file with a verifier key file alone.  *reply (caller owns):
 * {"ok":true,"seq","origin","size", "root","entry":{…}}.  SR_CORRUPT and SR_TAMPERED say what is wrong;
 * SR_INVALID when the key file is none.
 */
SR_CHECKED enum sr_status sr_offline_receipt(const char *receipt, const char *key, json_t **reply,
                                             struct sr_err *err);

/*
 * sr_ledger_check on a data directory whose keeper does not start.  *reply as VerifyLedger answers; statuses
 * as sr_data_open.
 */
SR_CHECKED enum sr_status sr_offline_ledger_verify(const char *data, json_t **reply, struct sr_err *err);
