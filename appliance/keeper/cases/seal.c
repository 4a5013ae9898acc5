/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/seal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/archive/writer.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/log.h"
#include "appliance/casefile/classification.h"
#include "appliance/casefile/remark.h"
#include "appliance/keeper/cases/case_facts.h"
#include "appliance/keeper/cases/filer.h"
#include "appliance/keeper/cases/intake.h"
#include "appliance/keeper/cases/seal_parts.h"
#include "appliance/keeper/cases/seal_plan.h"
#include "appliance/keeper/cases/seal_record.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/rulebooks.h"
#include "appliance/keeper/core/vault.h"
#include "appliance/keeper/state/classes.h"
#include "appliance/keeper/state/record.h"

/* Everything that one sealing holds. */
struct sealing {
	struct sr_act *act;
	struct sr_data *data;
	const struct sr_seal_request *request;
	struct sr_intake intake;
	json_t *remarks; /* the description's and the command's */
	struct sr_seal_plan plan;
	struct sr_cover cover;
	struct sr_expected_digest *expected; /* or NULL */
	struct sr_filer *filer;
	char name[SR_STORE_NAME];
	struct sr_store_new *archive;
	struct sr_write_result result;
	bool recorded; /* its record is in SR_DB_SEALING */
};

static void sealing_dispose(struct sealing *sealing)
{
	sr_store_new_free(sealing->archive);
	sr_filer_free(sealing->filer);
	free(sealing->expected);
	sr_seal_plan_dispose(&sealing->plan);
	json_decref(sealing->remarks);
	sr_intake_dispose(&sealing->intake);
}

/* --- judging --------------------------------------------------------------------------------------- */

static enum sr_status gather_remarks(struct sealing *sealing, struct sr_err *err)
{
	const json_t *given = json_object_get(sealing->intake.description->root, "remarks");
	size_t index;
	json_t *remark;

	sealing->remarks = json_is_array(given) ? json_copy((json_t *)(uintptr_t)given) : json_array();
	if (!sealing->remarks)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the remarks");
	json_array_foreach(sealing->request->remarks, index, remark) {
		const char *code = sr_json_text(remark, "code");
		const char *text = sr_json_text(remark, "text");
		json_t *object = NULL;

		if (!code || !text)
			return sr_fail(err, SR_INVALID, "/remarks/%zu: a remark has code and text", index);
		SR_TRY(SR_JSON_PACK(&object, err, "{s:s,s:s,s:s?,s:s?}", "code", code, "text", text, "by",
		                    sr_json_text(remark, "by"), "head", sr_json_text(remark, "head")));
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
		.opened = sealing->request->folder,
		.rulebook = sealing->request->rulebook,
		.fallback = sr_config_text(sealing->data->config, "case.rulebook"),
		.clamd = sr_config_text(sealing->data->config, "check.clamd"),
		.progress = sealing->request->progress,
	};

	SR_TRY(sr_intake_read(&options, &sealing->intake, err));
	const json_t *classes = json_object_get(sealing->intake.description->root, "classification");
	SR_TRY(sr_seal_require_clearance(sealing->act, sr_classes_of(classes), err));
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

/* The organ as the configuration names it, or the one below it whose case this is. */
static void describe_organ(struct sealing *sealing)
{
	const json_t *organ = json_object_get(sealing->intake.description->root, "organ");
	const char *name = sr_config_text(sealing->data->config, "organ.name");
	const char *code = sr_config_text(sealing->data->config, "organ.code");
	const char *named = sr_json_text(organ, "code");
	bool below = named && strcmp(named, sealing->plan.organ) == 0 &&
	             strcmp(named, sealing->act->caller.organ) != 0;
	struct sr_cover *cover = &sealing->cover;

	if (below)
		name = sealing->plan.organ_name;
	copy_text(cover->organ, sizeof(cover->organ), name[0] ? name : sr_json_text(organ, "name"));
	copy_text(cover->organ_code, sizeof(cover->organ_code), code[0] && !below ? code : named);
}

static void describe_cover(struct sealing *sealing, int64_t now_ns)
{
	const json_t *root = sealing->intake.description->root;
	const char *retention = sr_json_text(root, "retention");
	const struct sr_seal_plan *plan = &sealing->plan;
	struct sr_cover *cover = &sealing->cover;
	unsigned years;
	int64_t end_day;

	memcpy(cover->case_id, plan->case_id, sizeof(cover->case_id));
	cover->part = plan->part;
	cover->has_previous = plan->has_previous;
	cover->previous = plan->previous;
	cover->sealed_at_ns = now_ns - now_ns % SR_SECOND_NS;
	describe_organ(sealing);
	copy_text(cover->retention, sizeof(cover->retention), retention ? retention : "permanent");
	if (sr_filer_retention(root, now_ns, &years, &end_day)) {
		char until[SR_TIME_TEXT];

		sr_date_format(end_day, until);
		snprintf(cover->retention_until, sizeof(cover->retention_until), "%.10s", until);
	}
	sr_classification_text(json_object_get(root, "classification"), cover->classification);
	cover->members = sealing->intake.description->member_count;
	copy_text(cover->suite, sizeof(cover->suite), SR_SUITE_AGE_X25519);
}

/* --- members -------------------------------------------------------------------------------------- */

static enum sr_status open_member(void *context, size_t index, int *fd, struct sr_err *err)
{
	const struct sealing *sealing = context;

	if (sr_act_is_abandoned(sealing->act))
		return sr_fail(err, SR_IO, "whoever asked for the seal has gone");
	return sr_folder_open_file(sealing->intake.folder, sealing->intake.description->members[index].path,
	                           fd, err);
}

static const char *member_name(void *context, size_t index)
{
	const struct sealing *sealing = context;

	return sealing->intake.description->members[index].path;
}

static const struct sr_file_mark *member_mark(void *context, size_t index)
{
	const struct sealing *sealing = context;
	const char *path = sealing->intake.description->members[index].path;
	const struct sr_folder_file *file = sr_folder_find(sealing->intake.folder, path);

	return file && !file->odd ? &file->mark : NULL;
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

static enum sr_status file_members(struct sealing *sealing, const struct sr_member_seal *seals,
                                   struct sr_err *err)
{
	const struct sr_case *description = sealing->intake.description;
	const struct sr_seal_plan *plan = &sealing->plan;
	SR_CLEANUP(sr_json_decrefp) json_t *defects = NULL;
	struct sr_filer_facts facts = {
		.case_id = plan->case_id,
		.part = plan->part,
		.first_number = plan->first_number,
		.organ = plan->organ,
		.handler = plan->handler,
		.archivist = sealing->act->caller.user,
		.sealed_ns = sealing->cover.sealed_at_ns,
		.case_classes = plan->case_classes,
		.description = description->root,
	};

	SR_TRY(sr_case_facts_defects(sealing->intake.findings, &defects, err));
	facts.defects = defects;
	facts.applied = sealing->intake.applied;
	sr_seal_borrow_organs(plan->organs, &facts);
	sr_filer_free(SR_MOVE(sealing->filer));
	SR_TRY(sr_filer_new(&facts, &sealing->filer, err));
	for (size_t i = 0; i < description->member_count; i++) {
		struct sr_digest head;
		const struct sr_filer_member member = {
			.json = description->members[i].json,
			.path = description->members[i].path,
			.class = description->members[i].class,
			.bytes = seals[i].bytes,
			.offset = seals[i].offset,
			.head = head.bytes,
		};

		if (!sr_digest_from_hex(seals[i].head_sha256, &head))
			return sr_fail(err, SR_INVALID, "a member has no digest");
		SR_TRY(sr_filer_add(sealing->filer, &member, err));
	}
	return SR_OK;
}

static enum sr_status compose_catalogue(void *context, const struct sr_member_seal *seals, struct sr_buf *out,
                                        struct sr_err *err)
{
	struct sealing *sealing = context;
	char digest[SR_DIGEST_HEX];

	SR_TRY(file_members(sealing, seals, err));
	SR_TRY(sr_rulebook_digest(sealing->intake.rulebook, digest, err));
	const struct sr_catalogue_facts facts = {
		.case_id = sealing->cover.case_id,
		.part = sealing->cover.part,
		.first_number = sealing->plan.first_number,
		.sealed_at_ns = sealing->cover.sealed_at_ns,
		.rulebook = sr_rulebook_name(sealing->intake.rulebook),
		.rulebook_digest = digest,
		.applied = sealing->intake.applied,
		.findings = sealing->intake.findings,
		.pages = sealing->intake.pages,
		.remarks = sealing->remarks,
		.properties = sealing->intake.properties,
	};

	return sr_catalogue_encode(sealing->intake.description, &facts, seals, out, err);
}

/* --- the archive ------------------------------------------------------------------------------------ */

/*
 * Nothing is published that would not verify: structure, lists, signature and stamp (an outside authority's
 * answer is judged here for the first time) always, the members' bytes where the configuration asks for it.
 */
static enum sr_status read_back(const struct sealing *sealing, int fd, struct sr_err *err)
{
	bool quick = !sr_config_flag(sealing->data->config, "seal.read_back");
	enum sr_status status = sr_seal_require_whole(sealing->data, fd, quick, err);

	if (status == SR_TAMPERED)
		return sr_fail_in(err, status, "the archive that was written does not verify: ");
	return status;
}

static enum sr_status write_archive(struct sealing *sealing, struct sr_err *err)
{
	const struct sr_write_job job = {
		.cover = sealing->cover,
		.source = { .open = open_member,
		            .name = member_name,
		            .mark = member_mark,
		            .context = sealing },
		.member_count = sealing->intake.description->member_count,
		.catalogue = compose_catalogue,
		.catalogue_context = sealing,
		.expected = sealing->expected,
		.keys = sr_keyring_seal_keys(sealing->act->keeper->keyring),
		.progress = sealing->request->progress,
	};

	SR_TRY(sr_store_create(sealing->data->store, sealing->name, &sealing->archive, err));
	int fd = sr_store_new_fd(sealing->archive);
	enum sr_status status = sr_archive_write(fd, &job, &sealing->result, err);
	if (status == SR_TAMPERED) /* check X10, made while the file was read for the archive */
		return sr_fail_in(err, SR_BLOCKED, "X10: ");
	SR_TRY(status);
	sealing->cover.bytes = sealing->result.plain_bytes;
	SR_TRY(sr_filer_finish(sealing->filer, &sealing->result.seal, sealing->result.archive_bytes, err));
	return read_back(sealing, fd, err);
}

/* --- log and index ----------------------------------------------------------------------------------- */

static struct sr_sealing_record record_of(const struct sealing *sealing)
{
	return (struct sr_sealing_record){
		.name = sealing->name,
		.number = sealing->intake.description->number,
		.organ = sealing->plan.organ,
		.handler = sealing->plan.handler,
		.archivist = sealing->act->caller.user,
		.draft = sealing->request->draft,
		.first_number = sealing->plan.first_number,
		.case_classes = sealing->plan.case_classes,
	};
}

static enum sr_status check_begin(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct sealing *sealing = act->work;
	const struct sr_sealing_record record = record_of(sealing);

	SR_TRY(sr_seal_plan_check(act, txn, &sealing->plan, record.number, err));
	return sr_sealing_refuse_twin(act, txn, &record, err);
}

static enum sr_status put_begin(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct sr_sealing_record record = record_of(act->work);

	return sr_sealing_put(txn, &record, err);
}

static enum sr_status drop_record(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct sealing *sealing = act->work;

	return sr_record_drop(txn, SR_DB_SEALING, sealing->name, err);
}

static enum sr_status check_sealed(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	const struct sealing *sealing = act->work;

	return sr_seal_plan_check(act, txn, &sealing->plan, sealing->intake.description->number, err);
}

/* Entry, index and the end of the record: all or nothing. */
static enum sr_status put_sealed(struct sr_act *act, struct sr_txn *txn, struct sr_err *err)
{
	struct sealing *sealing = act->work;
	const struct sr_sealing_record record = record_of(sealing);
	const struct sr_sealed_part part = {
		.record = &record,
		.cover = &sealing->cover,
		.description = sealing->intake.description->root,
		.seal = &sealing->result.seal,
		.stamp = &sealing->result.stamp,
		.stamped_at_ns = sealing->result.stamped_at_ns,
	};
	json_t *fields = NULL;

	SR_TRY(sr_sealed_fields(&part, &fields, err));
	SR_TRY(sr_act_record(act, txn, "case.sealed", fields, NULL, err));
	SR_TRY(sr_filer_put(sealing->filer, txn, NULL, err));
	return drop_record(act, txn, err);
}

/* Nothing of a sealing that failed stays but what a crash leaves, which the next start deals with. */
static void undo(struct sealing *sealing, bool published)
{
	struct sr_err err;

	if (published && sr_store_withdraw(sealing->data->store, sealing->name, &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "%s", err.text);
	if (sealing->recorded && sr_act_write(sealing->act, NULL, drop_record, &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "the record of a sealing could not be dropped: %s", err.text);
}

static enum sr_status publish(struct sealing *sealing, struct sr_err *err)
{
	enum sr_status status = sr_store_publish(sealing->archive, err);

	if (status != SR_OK) {
		undo(sealing, status != SR_EXISTS);
		return status;
	}
	status = sr_act_write(sealing->act, check_sealed, put_sealed, err);
	if (status != SR_OK)
		undo(sealing, true);
	return status;
}

static enum sr_status write_and_publish(struct sealing *sealing, struct sr_err *err)
{
	SR_TRY(sr_act_write(sealing->act, check_begin, put_begin, err));
	sealing->recorded = true;
	enum sr_status status = write_archive(sealing, err);
	if (status != SR_OK) {
		undo(sealing, false);
		return status;
	}
	return publish(sealing, err);
}

/* --- the whole ------------------------------------------------------------------------------------- */

static enum sr_status reply_sealed(const struct sealing *sealing, json_t **reply, struct sr_err *err)
{
	char seal[SR_DIGEST_HEX];
	char archive[PATH_MAX];

	sr_digest_to_hex(&sealing->result.seal, seal);
	sr_vault_path(sealing->data, sealing->name, archive);
	return SR_JSON_PACK(reply, err, "{s:s,s:s,s:i,s:s,s:s,s:I,s:I}", "case", sealing->cover.case_id,
	                    "number", sealing->intake.description->number, "part", (int)sealing->cover.part,
	                    "seal", seal, "archive", archive, "members",
	                    (json_int_t)sealing->intake.description->member_count, "bytes",
	                    (json_int_t)sealing->result.plain_bytes);
}

static enum sr_status seal_judged(struct sealing *sealing, json_t **reply, struct sr_err *err)
{
	SR_TRY(sr_seal_plan_make(sealing->act, sealing->intake.description, sealing->request->supplement,
	                         &sealing->plan, err));
	SR_TRY(sr_seal_check_parts(sealing->act->keeper, &sealing->plan, sealing->intake.description->number,
	                           err));
	SR_TRY(gather_expected(sealing, err));
	describe_cover(sealing, sr_keeper_now_ns(sealing->act->keeper));
	SR_TRY(sr_store_name(sealing->plan.case_id, sealing->plan.part, sealing->name, err));
	SR_TRY(write_and_publish(sealing, err));
	return reply_sealed(sealing, reply, err);
}

enum sr_status sr_seal(struct sr_act *act, const struct sr_seal_request *request, json_t **reply,
                       json_t **blocked, struct sr_err *err)
{
	struct sr_keeper *keeper = act->keeper;
	SR_CLEANUP(sealing_dispose)
	struct sealing sealing = { .act = act, .data = keeper->data, .request = request };

	*reply = *blocked = NULL;
	sr_act_set_work(act, &sealing);
	enum sr_status status = sr_keyring_require_valid(keeper->keyring, sr_keeper_now_ns(keeper), err);
	if (status != SR_OK) {
		sr_folder_close(request->folder);
		return status;
	}
	status = judge(&sealing, err);
	if (status == SR_BLOCKED) {
		struct sr_err second;

		if (sr_findings_to_json(sealing.intake.findings, blocked, &second) != SR_OK)
			*blocked = NULL;
		return status;
	}
	SR_TRY(status);
	return seal_judged(&sealing, reply, err);
}
