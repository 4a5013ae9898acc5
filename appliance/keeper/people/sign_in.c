/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/people/sign_in.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/refusal_log.h"

static enum sr_status verify(struct sr_act *act, const char *hash, const char *text,
                             char renewed[SR_PASSWORD_HASH_TEXT], struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *password = NULL;
	struct sr_password_result result;

	SR_TRY(sr_secret_new(strlen(text), &password, err));
	memcpy(password->data, text, strlen(text));
	enum sr_status status = sr_password_pool_verify_wait(act->keeper->passwords, &password,
	                                                     hash[0] ? hash : NULL, &result, err);
	if (status == SR_OK)
		memcpy(renewed, result.hash, SR_PASSWORD_HASH_TEXT);
	return status;
}

static enum sr_status begin_attempt(struct sr_act *act, const struct sr_backoff_pair *pair,
                                    struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;
	int64_t wait_s = 0;

	pthread_mutex_lock(&keeper->lock);
	enum sr_status status = sr_backoff_begin(keeper->backoff, pair, sr_keeper_boot_ns(), &wait_s, err);
	pthread_mutex_unlock(&keeper->lock);
	if (status == SR_BUSY)
		act->error = "TooManyAttempts";
	return status;
}

static void settle_attempt(struct sr_keeper *keeper, const struct sr_backoff_pair *pair,
                           enum sr_status status)
{
	struct sr_err ignored;

	pthread_mutex_lock(&keeper->lock);
	if (status == SR_OK)
		(void)!sr_backoff_succeeded(keeper->backoff, pair, &ignored);
	else if (status != SR_DENIED)
		(void)!sr_backoff_cancel(keeper->backoff, pair, &ignored);
	pthread_mutex_unlock(&keeper->lock);
}

enum sr_status sr_sign_in_verify(struct sr_act *act, const char *user, bool known, const char *hash,
                                 const char *password, char renewed[SR_PASSWORD_HASH_TEXT],
                                 struct sr_err *err)
{
	const struct sr_backoff_pair pair = { .user = user, .address = act->caller.address };

	renewed[0] = 0;
	SR_TRY(begin_attempt(act, &pair, err));
	enum sr_status status = verify(act, hash, password, renewed, err);
	settle_attempt(act->keeper, &pair, status);
	if (status != SR_DENIED)
		return status;
	sr_refusal_log_stranger(act, known ? user : NULL, "WrongPassword");
	act->error = "WrongPassword";
	act->refusal_counted = true;
	return sr_fail(err, SR_DENIED, "no such user, or another password");
}
