/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/archive/layout.h"
#include "appliance/archive/verify.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/keyring.h"
#include "appliance/keeper/roots.h"
#include "appliance/keeper/vault.h"
#include "appliance/keeper/verdict.h"

/* --- verify ---------------------------------------------------------------------------------------- */

struct verifying {
	const struct sr_data *data;
	struct sr_verify_options options;
	json_t *list;
	/* The archive judged last: names come in order, so the part before a part is the one before it. */
	char before[SR_STORE_NAME];
	struct sr_digest before_seal;
};

static enum sr_status add_damage(json_t *verdict, const char *what, struct sr_err *err)
{
	json_t *damage = NULL;

	SR_TRY(SR_JSON_PACK(&damage, err, "{s:s,s:s}", "member", "archive", "what", what));
	SR_TRY(sr_json_append(json_object_get(verdict, "damage"), damage, err));
	return sr_json_set(verdict, "ok", json_false(), err);
}

/* Each part names the seal of the one before (docs/FORMAT.md): so no part can be exchanged or taken out. */
static enum sr_status check_continuity(const struct verifying *v, const char *name,
                                       const struct sr_verify_report *report, json_t *verdict,
                                       struct sr_err *err)
{
	char before[SR_STORE_NAME];
	char what[160];
	unsigned part = (unsigned)strtoul(name + SR_UUID_TEXT, NULL, 10);

	if (part < 2)
		return SR_OK;
	snprintf(before, sizeof(before), "%.36s-%03u", name, (part - 1) % 1000);
	if (strcmp(v->before, before) != 0) {
		snprintf(what, sizeof(what),
		         "part %u of its case is missing from the vault: restore it from another copy",
		         part - 1);
		return add_damage(verdict, what, err);
	}
	if (!report->cover_read || sr_digest_equal(&report->cover.previous, &v->before_seal))
		return SR_OK;
	snprintf(what, sizeof(what),
	         "it continues another part %u than the one in the vault (previous_seal in cover.json): one "
	         "of the "
	         "two was exchanged",
	         part - 1);
	return add_damage(verdict, what, err);
}

/* An archive under another one's name, or out of its place, is whole, and still not what it says. */
static enum sr_status check_place(const struct verifying *v, const char *name,
                                  const struct sr_verify_report *report, json_t *verdict, struct sr_err *err)
{
	char what[64 + SR_STORE_NAME];

	if (report->structure_read && strcmp(report->name, name) != 0) {
		snprintf(what, sizeof(what), "the file was renamed: it is %s", report->name);
		SR_TRY(add_damage(verdict, what, err));
	}
	return check_continuity(v, name, report, verdict, err);
}

/* A verdict on what could not be judged. */
static enum sr_status refuse(struct verifying *v, const char *path, const char *what, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *verdict = NULL;
	struct sr_verify_report nothing = { 0 };

	SR_TRY(sr_verdict_to_json(path, &nothing, &verdict, err));
	SR_TRY(add_damage(verdict, what, err));
	return sr_json_append(v->list, SR_MOVE(verdict), err);
}

static enum sr_status verify_one(struct verifying *v, const char *name, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *verdict = NULL;
	char path[PATH_MAX];

	sr_vault_path(v->data, name, path);
	enum sr_status status = sr_store_open_archive(v->data->store, name, &fd, err);
	if (status == SR_NO_MEMORY)
		return status;
	if (status != SR_OK) /* the others are judged all the same */
		return refuse(v, path, err->text, err);
	SR_TRY(sr_archive_verify(fd, &v->options, &report, err));
	SR_TRY(sr_verdict_to_json(path, &report, &verdict, err));
	SR_TRY(check_place(v, name, &report, verdict, err));
	snprintf(v->before, sizeof(v->before), "%s", name);
	v->before_seal = report.seal;
	return sr_json_append(v->list, SR_MOVE(verdict), err);
}

static enum sr_status verify_foreign(struct verifying *v, const char *path, struct sr_err *err)
{
	char whole[PATH_MAX];

	if (snprintf(whole, sizeof(whole), "%s/vault/%s", v->data->path, path) >= (int)sizeof(whole))
		whole[0] = 0;
	return refuse(v, whole, "not an archive of this vault: its name and folder fit no case id", err);
}

static enum sr_status verify_listed(void *context, const char *name, bool foreign, struct sr_err *err)
{
	struct verifying *v = context;

	return foreign ? verify_foreign(v, name, err) : verify_one(v, name, err);
}

static enum sr_status verify_case(struct verifying *v, struct sr_keyring **keyring, const char *reference,
                                  struct sr_err *err)
{
	struct sr_vault_parts parts;

	if (!*keyring && !sr_uuid_is_valid(reference))
		SR_TRY(sr_keyring_load(v->data, keyring, err)); /* numbers are in the catalogues alone */
	const struct sr_opener *opener = *keyring ? sr_keyring_opener(*keyring) : NULL;

	SR_TRY(sr_vault_find(v->data, opener, reference, &parts, err));
	for (unsigned part = 1; part <= parts.count; part++) {
		char name[SR_STORE_NAME];

		SR_TRY(sr_store_name(parts.case_id, part, name, err));
		SR_TRY(verify_one(v, name, err));
	}
	return SR_OK;
}

enum sr_status sr_cases_verify(const struct sr_data *data, const struct sr_cases_verify *request,
                               json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_keyring_freep) struct sr_keyring *keyring = NULL;
	SR_CLEANUP(sr_roots_dispose) struct sr_roots roots = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();

	if (request->root || request->stamp_root)
		SR_TRY(sr_roots_read(request->root, request->stamp_root, &roots, err));
	else
		SR_TRY(sr_roots_of_data(data, &roots, err));
	struct verifying v = { .data = data, .list = list };
	v.options = (struct sr_verify_options){ .roots = roots.seal,
		                                .stamp_roots = roots.stamp,
		                                .quick = request->quick,
		                                .progress = request->progress };

	if (request->all)
		SR_TRY(sr_store_list(data->store, verify_listed, &v, err));
	for (size_t i = 0; i < request->reference_count; i++)
		SR_TRY(verify_case(&v, &keyring, request->references[i], err));
	return SR_JSON_PACK(reply, err, "{s:O}", "archives", list);
}
