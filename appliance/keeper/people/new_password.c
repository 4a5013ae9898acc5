/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/people/new_password.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/core/keeper_parts.h"

enum sr_status sr_new_password_hash(struct sr_keeper *keeper, const char *user, const char *password,
                                    char out[SR_PASSWORD_HASH_TEXT], struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *secret = NULL;
	struct sr_password_result result;

	SR_TRY(sr_secret_new(strlen(password), &secret, err));
	memcpy(secret->data, password, strlen(password));
	SR_TRY(sr_password_check(secret, user, err));
	SR_TRY(sr_password_pool_hash_wait(keeper->passwords, &secret, &result, err));
	memcpy(out, result.hash, SR_PASSWORD_HASH_TEXT);
	sr_wipe(&result, sizeof(result));
	return SR_OK;
}
