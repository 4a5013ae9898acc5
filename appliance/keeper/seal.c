/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/seal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/archive/layout.h"
#include "appliance/archive/verify.h"
#include "appliance/archive/writer.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/classification.h"
#include "appliance/casefile/remark.h"
#include "appliance/keeper/intake.h"
#include "appliance/keeper/keyring.h"
#include "appliance/keeper/roots.h"
#include "appliance/keeper/rulebooks.h"
#include "appliance/keeper/vault.h"

/* Everything that one sealing holds. */
struct sealing {
	struct sr_data *data;
	const struct sr_seal_request *request;
	struct sr_intake intake;
	struct sr_keyring *keyring;
	json_t *remarks; /* the description's and the command's */
	struct sr_cover cover;
	unsigned first_number;
	struct sr_expected_digest *expected; /* or NULL */
	struct sr_store_new *archive;
};

static void sealing_dispose(struct sealing *sealing)
{
	sr_store_new_free(sealing->archive);
	free(sealing->expected);
	json_decref(sealing->remarks);
	sr_keyring_free(sealing->keyring);
	sr_intake_dispose(&sealing->intake);
}

static enum sr_status gather_remarks(struct sealing *sealing, struct sr_err *err)
{
	const json_t *given = json_object_get(sealing->intake.description->root, "remarks");

	sealing->remarks = json_is_array(given) ? json_deep_copy(given) : json_array();
	if (!sealing->remarks)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the remarks");
	for (size_t i = 0; i < sealing->request->remark_count; i++) {
		const struct sr_seal_remark *remark = &sealing->request->remarks[i];
		json_t *object = NULL;

		SR_TRY(SR_JSON_PACK(&object, err, "{s:s,s:s,s:n,s:n}", "code", remark->code, "text",
		                    remark->text, "by", "head"));
		SR_TRY(sr_json_append(sealing->remarks, object, err));
	}
	return SR_OK;
}

/* SR_BLOCKED names the first codes in the way. */
static enum sr_status require_sealable(struct sealing *sealing, struct sr_err *err)
{
	const struct sr_findings *findings = sealing->intake.findings;
	char codes[200] = "";
	size_t open = 0;

	for (size_t i = 0; i < sr_findings_count(findings); i++) {
		const struct sr_finding *finding = sr_findings_at(findings, i);
		size_t used = strlen(codes);

		if (sr_remark_answers(sealing->remarks, finding))
			continue;
		open++;
		if (used < sizeof(codes) - 40 && !strstr(codes, finding->code))
			snprintf(codes + used, sizeof(codes) - used, "%s%s", used ? ", " : "", finding->code);
	}
	if (open == 0)
		return SR_OK;
	return sr_fail(err, SR_BLOCKED,
	               "%zu findings stand in the way of the seal (%s): mend the blockers, answer warnings "
	               "with --remark "
	               "CODE=TEXT, and defects in case.json's remarks with by and head",
	               open, codes);
}

static enum sr_status judge(struct sealing *sealing, struct sr_err *err)
{
	const struct sr_intake_options options = {
		.folder = sealing->request->folder,
		.rulebook = sealing->request->rulebook,
		.fallback = sr_config_text(sealing->data->config, "case.rulebook"),
		.clamd = sr_config_text(sealing->data->config, "check.clamd"),
		.progress = sealing->request->progress,
	};

	SR_TRY(sr_intake_read(&options, &sealing->intake, err));
	SR_TRY(gather_remarks(sealing, err));
	SR_TRY(require_sealable(sealing, err));
	if (sealing->intake.description->state_secret &&
	    !sr_config_flag(sealing->data->config, "case.state_secret"))
		return sr_fail(err, SR_DENIED,
		               "the case is classified state-secret and this machine is not approved for it "
		               "(case.state_secret in " SR_CONFIG_FILE ")");
	return SR_OK;
}

/* --- cover ---------------------------------------------------------------------------------------- */

static void copy_text(char *out, size_t capacity, const char *text)
{
	snprintf(out, capacity, "%s", text ? text : "");
}

/* Retention counts from the end of the year in which the case was closed; permanent has no end. */
static void retention_end(const char *retention, const char *closed, int64_t now_ns, char out[16])
{
	int years = retention ? atoi(retention) : 0;
	int64_t days;
	int year, month, day;

	out[0] = 0;
	if (years <= 0)
		return;
	if (!closed || !sr_date_parse(closed, &days))
		days = sr_date_of_time(now_ns);
	sr_date_split(days, &year, &month, &day);
	snprintf(out, 16, "%04d-12-31", (year + years) % 10000);
}

static void describe_cover(struct sealing *sealing, int64_t now_ns)
{
	const json_t *root = sealing->intake.description->root;
	const json_t *organ = json_object_get(root, "organ");
	const char *retention = sr_json_text(root, "retention");
	const char *name = sr_config_text(sealing->data->config, "organ.name");
	const char *code = sr_config_text(sealing->data->config, "organ.code");
	struct sr_cover *cover = &sealing->cover;

	cover->sealed_at_ns = now_ns - now_ns % SR_SECOND_NS;
	copy_text(cover->organ, sizeof(cover->organ), name[0] ? name : sr_json_text(organ, "name"));
	copy_text(cover->organ_code, sizeof(cover->organ_code), code[0] ? code : sr_json_text(organ, "code"));
	copy_text(cover->retention, sizeof(cover->retention), retention ? retention : "permanent");
	retention_end(retention, sr_json_text(json_object_get(root, "dates"), "closed"), now_ns,
	              cover->retention_until);
	sr_classification_text(json_object_get(root, "classification"), cover->classification);
	cover->members = sealing->intake.description->member_count;
	copy_text(cover->suite, sizeof(cover->suite), SR_SUITE_AGE_X25519);
}

static enum sr_status plan_new_case(struct sealing *sealing, int64_t now_ns, struct sr_err *err)
{
	const char *number = sealing->intake.description->number;
	struct sr_vault_parts parts;

	enum sr_status status =
		sr_vault_find(sealing->data, sr_keyring_opener(sealing->keyring), number, &parts, err);
	if (status == SR_OK)
		return sr_fail(
			err, SR_EXISTS,
			"case number %s is sealed already (case %s); seal further files with: strongroom "
			"supplement %s FOLDER",
			number, parts.case_id, number);
	if (status != SR_NOT_FOUND)
		return status;
	sealing->cover.part = 1;
	sealing->first_number = 1;
	return sr_uuid_make(now_ns, sealing->cover.case_id, err);
}

/* SR_TAMPERED with the first damage of the archive in @fd. */
static enum sr_status require_whole(const struct sealing *sealing, int fd, bool quick, struct sr_err *err)
{
	SR_CLEANUP(sr_roots_dispose) struct sr_roots roots = { 0 };
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };

	SR_TRY(sr_roots_of_data(sealing->data, &roots, err));
	const struct sr_verify_options options = { .roots = roots.seal,
		                                   .stamp_roots = roots.stamp,
		                                   .quick = quick };

	SR_TRY(sr_archive_verify(fd, &options, &report, err));
	if (!report.ok)
		return sr_fail(err, SR_TAMPERED, "%s: %s", report.damage[0].member, report.damage[0].what);
	return SR_OK;
}

/* What a further part refers to must be worth it: sealed here, and continuing the part before it. */
static enum sr_status check_part(const struct sealing *sealing, const struct sr_vault_archive *opened,
                                 struct sr_err *err)
{
	const struct sr_cover *cover = sr_archive_cover(opened->archive);

	SR_TRY(require_whole(sealing, opened->fd, true, err));
	if (cover->has_previous && !sr_digest_equal(&cover->previous, &sealing->cover.previous))
		return sr_fail(err, SR_TAMPERED, "it continues another part %u than the one in the vault",
		               cover->part - 1);
	if (strcmp(opened->catalogue->number, sealing->intake.description->number) != 0)
		return sr_fail(err, SR_INVALID, "case.json says case number %s, the sealed case has %s",
		               sealing->intake.description->number, opened->catalogue->number);
	return SR_OK;
}

/* Numbers run on over the parts; the last part's seal digest ties the new one to it. */
static enum sr_status plan_supplement(struct sealing *sealing, struct sr_err *err)
{
	const struct sr_opener *opener = sr_keyring_opener(sealing->keyring);
	struct sr_vault_parts parts;

	SR_TRY(sr_vault_find(sealing->data, opener, sealing->request->supplement, &parts, err));
	if (parts.count >= SR_LIMIT_PARTS)
		return sr_fail(err, SR_LIMIT, "case %s has %u parts already", parts.case_id, parts.count);
	memcpy(sealing->cover.case_id, parts.case_id, sizeof(parts.case_id));
	sealing->cover.part = parts.count + 1;
	sealing->cover.has_previous = true;
	sealing->first_number = 1;
	for (unsigned part = 1; part <= parts.count; part++) {
		SR_CLEANUP(sr_vault_archive_dispose) struct sr_vault_archive opened = { .fd = -1 };
		char name[SR_STORE_NAME];

		SR_TRY(sr_store_name(parts.case_id, part, name, err));
		SR_TRY(sr_vault_open(sealing->data, opener, name, &opened, err));
		enum sr_status status = check_part(sealing, &opened, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "archive %s: ", name);
		sealing->first_number += (unsigned)opened.catalogue->member_count;
		SR_TRY(sr_vault_seal_digest(opened.archive, &sealing->cover.previous, err));
	}
	return SR_OK;
}

/* --- members -------------------------------------------------------------------------------------- */

static enum sr_status open_member(void *context, size_t index, int *fd, struct sr_err *err)
{
	const struct sealing *sealing = context;

	return sr_folder_open_file(sealing->intake.folder, sealing->intake.description->members[index].path,
	                           fd, err);
}

static const char *member_name(void *context, size_t index)
{
	const struct sealing *sealing = context;

	return sealing->intake.description->members[index].path;
}

static enum sr_status gather_expected(struct sealing *sealing, struct sr_err *err)
{
	const struct sr_case *description = sealing->intake.description;

	sealing->expected = calloc(description->member_count, sizeof(*sealing->expected));
	if (!sealing->expected)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %zu members", description->member_count);
	for (size_t i = 0; i < description->member_count; i++) {
		const char *given = description->members[i].sha256;

		sealing->expected[i].given = given && sr_digest_from_hex(given, &sealing->expected[i].digest);
	}
	return SR_OK;
}

static enum sr_status compose_catalogue(void *context, const struct sr_member_seal *seals, struct sr_buf *out,
                                        struct sr_err *err)
{
	struct sealing *sealing = context;
	char digest[SR_DIGEST_HEX];

	SR_TRY(sr_rulebook_digest(sealing->intake.rulebook, digest, err));
	const struct sr_catalogue_facts facts = {
		.case_id = sealing->cover.case_id,
		.part = sealing->cover.part,
		.first_number = sealing->first_number,
		.sealed_at_ns = sealing->cover.sealed_at_ns,
		.rulebook = sr_rulebook_name(sealing->intake.rulebook),
		.rulebook_digest = digest,
		.findings = sealing->intake.findings,
		.remarks = sealing->remarks,
		.properties = sealing->intake.properties,
	};

	return sr_catalogue_encode(sealing->intake.description, &facts, seals, out, err);
}

/* --- the whole ------------------------------------------------------------------------------------- */

/*
 * Nothing is published that would not verify: structure, lists, signature and stamp (an outside authority's
 * answer is judged here for the first time) always, the members' bytes where the configuration asks for it.
 */
static enum sr_status read_back(const struct sealing *sealing, int fd, struct sr_err *err)
{
	bool quick = !sr_config_flag(sealing->data->config, "seal.read_back");
	enum sr_status status = require_whole(sealing, fd, quick, err);

	if (status == SR_TAMPERED)
		return sr_fail_in(err, status, "the archive that was written does not verify: ");
	return status;
}

static enum sr_status write_and_publish(struct sealing *sealing, struct sr_write_result *result,
                                        char name[SR_STORE_NAME], struct sr_err *err)
{
	const struct sr_write_job job = {
		.cover = sealing->cover,
		.source = { .open = open_member, .name = member_name, .context = sealing },
		.member_count = sealing->intake.description->member_count,
		.catalogue = compose_catalogue,
		.catalogue_context = sealing,
		.expected = sealing->expected,
		.keys = sr_keyring_seal_keys(sealing->keyring),
		.progress = sealing->request->progress,
	};

	SR_TRY(sr_store_name(sealing->cover.case_id, sealing->cover.part, name, err));
	SR_TRY(sr_store_sweep(sealing->data->store, err));
	SR_TRY(sr_store_create(sealing->data->store, name, &sealing->archive, err));
	int fd = sr_store_new_fd(sealing->archive);
	enum sr_status status = sr_archive_write(fd, &job, result, err);
	if (status == SR_TAMPERED) /* check X10, made while the file was read for the archive */
		return sr_fail_in(err, SR_BLOCKED, "X10: ");
	SR_TRY(status);
	SR_TRY(read_back(sealing, fd, err));
	return sr_store_publish(sealing->archive, err);
}

static enum sr_status reply_sealed(const struct sealing *sealing, const struct sr_write_result *result,
                                   const char *name, json_t **reply, struct sr_err *err)
{
	char seal[SR_DIGEST_HEX];
	char path[SR_STORE_PATH];
	char archive[PATH_MAX];

	sr_digest_to_hex(&result->seal, seal);
	sr_store_path(name, path);
	if (snprintf(archive, sizeof(archive), "%s/vault/%s", sealing->data->path, path) >=
	    (int)sizeof(archive))
		archive[0] = 0;
	return SR_JSON_PACK(reply, err, "{s:s,s:s,s:i,s:s,s:s,s:I,s:I}", "case", sealing->cover.case_id,
	                    "number", sealing->intake.description->number, "part", (int)sealing->cover.part,
	                    "seal", seal, "archive", archive, "members",
	                    (json_int_t)sealing->intake.description->member_count, "bytes",
	                    (json_int_t)result->plain_bytes);
}

static enum sr_status seal_judged(struct sealing *sealing, json_t **reply, struct sr_err *err)
{
	struct sr_write_result result;
	char name[SR_STORE_NAME];
	int64_t now_ns = sr_clock_now_ns();

	SR_TRY(gather_expected(sealing, err));
	describe_cover(sealing, now_ns);
	if (sealing->request->supplement)
		SR_TRY(plan_supplement(sealing, err));
	else
		SR_TRY(plan_new_case(sealing, now_ns, err));
	SR_TRY(write_and_publish(sealing, &result, name, err));
	return reply_sealed(sealing, &result, name, reply, err);
}

enum sr_status sr_seal(struct sr_data *data, const struct sr_seal_request *request, json_t **reply,
                       struct sr_err *err)
{
	SR_CLEANUP(sealing_dispose) struct sealing sealing = { .data = data, .request = request };

	*reply = NULL;
	SR_TRY(sr_data_lock(data, err));
	SR_TRY(sr_keyring_load(data, &sealing.keyring, err));
	SR_TRY(sr_keyring_require_valid(sealing.keyring, sr_clock_now_ns(), err));
	enum sr_status status = judge(&sealing, err);
	if (status == SR_BLOCKED) {
		struct sr_err second;

		if (sr_findings_to_json(sealing.intake.findings, reply, &second) != SR_OK)
			*reply = NULL;
		return status;
	}
	SR_TRY(status);
	return seal_judged(&sealing, reply, err);
}
