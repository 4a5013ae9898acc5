/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/people/application.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/crypto/digest.h"
#include "appliance/keeper/state/pass.h"
#include "appliance/keeper/state/record.h"
#include "appliance/keeper/state/state.h"

enum sr_status sr_application_digest(const json_t *record, char out[65], struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_digest digest;

	_Static_assert(SR_DIGEST_HEX == 65, "the size in the header");
	SR_TRY(sr_json_write(record, &text, err));
	SR_TRY(sr_digest_of(text.data, text.size, &digest, err));
	sr_digest_to_hex(&digest, out);
	return SR_OK;
}

/* --- records --------------------------------------------------------------------------------------- */

static void record_key(const char *application, char out[SR_RECORD_KEY])
{
	snprintf(out, SR_RECORD_KEY, "b/%.100s", application);
}

static enum sr_status code_key(const char *code, char out[SR_RECORD_KEY], struct sr_err *err)
{
	struct sr_digest digest;
	char hex[SR_DIGEST_HEX];
	char text[SR_PASS_TEXT];

	if (!sr_pass_squeeze(code, text, sizeof(text)))
		text[0] = 0; /* nobody's */
	SR_TRY(sr_digest_of(text, strlen(text), &digest, err));
	sr_wipe(text, sizeof(text));
	sr_digest_to_hex(&digest, hex);
	snprintf(out, SR_RECORD_KEY, "c/%s", hex);
	return SR_OK;
}

enum sr_status sr_application_put(struct sr_txn *txn, const json_t *record, const char *code,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *link = NULL;
	char key[SR_RECORD_KEY];

	SR_TRY(SR_JSON_PACK(&link, err, "{s:s}", "application", sr_json_text(record, "application")));
	SR_TRY(code_key(code, key, err));
	SR_TRY(sr_record_put(txn, SR_DB_APPLICATIONS, key, link, err));
	record_key(sr_json_text(record, "application"), key);
	return sr_record_put(txn, SR_DB_APPLICATIONS, key, record, err);
}

enum sr_status sr_application_get(struct sr_txn *txn, const char *application, json_t **out,
                                  struct sr_err *err)
{
	char key[SR_RECORD_KEY];

	record_key(application, key);
	return sr_record_look(txn, SR_DB_APPLICATIONS, key, out, err);
}

enum sr_status sr_application_of_code(struct sr_txn *txn, const char *code, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *link = NULL;
	char key[SR_RECORD_KEY];

	*out = NULL;
	SR_TRY(code_key(code, key, err));
	SR_TRY(sr_record_look(txn, SR_DB_APPLICATIONS, key, &link, err));
	const char *application = sr_json_text(link, "application");
	return application ? sr_application_get(txn, application, out, err) : SR_OK;
}

enum sr_status sr_application_forget(struct sr_txn *txn, const json_t *record, const char *reason,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *left = NULL;
	char key[SR_RECORD_KEY];

	SR_TRY(SR_JSON_PACK(&left, err, "{s:O,s:O,s:s}", "application",
	                    json_object_get(record, "application"), "filed_at",
	                    json_object_get(record, "filed_at"), "dropped", reason));
	record_key(sr_json_text(record, "application"), key);
	return sr_record_put(txn, SR_DB_APPLICATIONS, key, left, err);
}

/* --- how far it is --------------------------------------------------------------------------------- */

/* The reason of the decision that refused. */
static const char *refusal_of(const json_t *request)
{
	const json_t *decisions = json_object_get(request, "decisions");

	return sr_json_text(json_array_get(decisions, json_array_size(decisions) - 1), "reason");
}

static enum sr_status request_of(struct sr_txn *txn, const json_t *record, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *link = NULL;
	char key[SR_RECORD_KEY];

	*out = NULL;
	snprintf(key, sizeof(key), SR_STATE_APPLICATION "%.100s", sr_json_text(record, "application"));
	SR_TRY(sr_record_look(txn, SR_DB_PEOPLE, key, &link, err));
	const char *request = sr_json_text(link, "request");
	return request ? sr_record_look(txn, SR_DB_REQUESTS, request, out, err) : SR_OK;
}

enum sr_status sr_application_stage(struct sr_txn *txn, const json_t *record, json_t **request,
                                    const char **stage, const char **reason, struct sr_err *err)
{
	SR_TRY(request_of(txn, record, request, err));
	const char *state = sr_json_text(*request, "state");
	*stage = "received";
	*reason = sr_json_text(record, "dropped");
	if (*reason)
		*stage = "dropped";
	else if (state && (strcmp(state, "filed") == 0 || strcmp(state, "partly") == 0))
		*stage = "in-review";
	else if (state && strcmp(state, "approved") == 0)
		*stage = "approved";
	else if (state && strcmp(state, "refused") == 0) {
		*stage = "refused";
		*reason = refusal_of(*request);
	}
	return SR_OK;
}
