/* SPDX-License-Identifier: Apache-2.0 */
/* Copying out under a grant (channel copy): export. */
#include "tools/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/archive/outlet.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/keeper/cases/case_papers.h"
#include "appliance/keeper/reading/export_properties.h"
#include "appliance/keeper/reading/grant_papers.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress_bar.h"
#include "tools/reading.h"

/* What one export holds. */
struct export
{
	const char *grant, *out;
	struct sr_client *client;
	struct sr_outlet *outlet;
	const struct sr_progress *progress;
	json_t *cases;     /* what DescribeGrant said, each case once with all its members */
	json_t *approvers; /* of ExportGrant */
	char id[64];
	char folder[SR_LIMIT_PATH_BYTES]; /* of the member that is being written */
	const char *sha256;               /* of its catalogue row */
	uint64_t members, bytes, total;
	uint64_t matching; /* members whose digest is the catalogue's */
};

static void export_dispose(struct export *export)
{
	sr_outlet_free(export->outlet);
	sr_client_close(export->client);
	json_decref(export->cases);
	json_decref(export->approvers);
}

/* --- what there is --------------------------------------------------------------------------------- */

/* A case with very many members comes in several answers. */
static enum sr_status take_case(void *context, const json_t *part, struct sr_err *err)
{
	struct export *export = context;
	const json_t *last = json_array_get(export->cases, json_array_size(export->cases) - 1);
	const char *id = sr_json_text(part, "case");
	const char *before = sr_json_text(last, "case");
	const char *damage = sr_json_text(part, "damage");

	if (!id)
		return sr_fail(err, SR_CORRUPT, "the keeper describes no case");
	if (damage)
		return sr_fail(err, SR_TAMPERED, "case %s cannot be copied: %s", id, damage);
	if (!before || strcmp(before, id) != 0)
		return sr_json_append(export->cases, json_deep_copy(part), err);
	if (json_array_extend(json_object_get(last, "members"), json_object_get(part, "members")) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a case's members");
	return SR_OK;
}

static enum sr_status begin(struct export *export, enum sr_outlet_form form, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *words = json_pack("{s:s}", "grant", export->grant);
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	const struct sr_client_request call = {
		.method = "DescribeGrant", .parameters = words, .each = take_case, .context = export
	};

	if (!words)
		return sr_fail(err, SR_INVALID, "what was typed is not UTF-8");
	enum sr_status status = sr_client_call(
		export->client, "ExportGrant",
		json_pack("{s:s,s:s}", "grant", export->grant, "form", sr_outlet_form_name(form)), &reply,
		err);
	if (status == SR_OK) {
		snprintf(export->id, sizeof(export->id), "%s", sr_json_text(reply, "export"));
		export->approvers = json_incref(json_object_get(reply, "approved_by"));
		export->cases = json_array();
		status = sr_client_ask(export->client, &call, NULL, NULL, err);
	}
	return status == SR_OK ? SR_OK : sr_reading_name_refusal(export->client, status, err);
}

/* A case's folder: its number, which may hold what a name cannot. */
static void case_folder(const json_t *one, char out[SR_LIMIT_NAME_BYTES + 1])
{
	const char *number = sr_json_text(one, "number");

	if (!number || !number[0] || number[0] == '.')
		number = sr_json_text(one, "case");
	snprintf(out, SR_LIMIT_NAME_BYTES + 1, "%s", number);
	for (char *c = out; *c; c++)
		if (*c == '/' || *c == '\\')
			*c = '_';
	sr_text_make_printable(out, SR_LIMIT_NAME_BYTES + 1);
}

static uint64_t total_bytes(const json_t *cases)
{
	uint64_t total = 0;
	size_t index, at;
	json_t *one, *member;

	json_array_foreach(cases, index, one)
		json_array_foreach(json_object_get(one, "members"), at, member)
			total += (uint64_t)json_integer_value(json_object_get(member, "bytes"));
	return total;
}

/* --- its files ------------------------------------------------------------------------------------- */

static enum sr_status begin_member(void *context, const struct sr_member_info *info, struct sr_err *err)
{
	struct export *export = context;

	return sr_outlet_begin(export->outlet, export->folder, info->path, info->bytes, err);
}

static enum sr_status take_bytes(void *context, const uint8_t *data, size_t size, size_t *taken, bool *enough,
                                 struct sr_err *err)
{
	struct export *export = context;

	*enough = false;
	SR_TRY(sr_outlet_add(export->outlet, data, size, err));
	*taken = size;
	export->bytes += size;
	sr_progress_report(export->progress, "copy", export->bytes, export->total);
	return SR_OK;
}

static enum sr_status copy_member(struct export *export, const json_t *one, const char *folder,
                                  const json_t *member, struct sr_err *err)
{
	const char *path = sr_json_text(member, "path");
	const char *sha256 = sr_json_text(member, "sha256");
	char part[SR_PAPER_FOLDER_BYTES], hex[SR_DIGEST_HEX];
	struct sr_digest digest;
	const struct sr_reading_request request = {
		.grant = export->grant,
		.case_reference = sr_json_text(one, "case"),
		.member = (uint64_t)json_integer_value(json_object_get(member, "number")),
		.channel = "copy",
		.begin = begin_member,
		.take = take_bytes,
		.context = export,
	};

	sr_case_paper_folder((unsigned)json_integer_value(json_object_get(member, "part")), part);
	snprintf(export->folder, sizeof(export->folder), "%s%s%s", folder, part[0] ? "/" : "", part);
	SR_TRY(sr_reading_run(export->client, &request, err));
	SR_TRY(sr_outlet_end(export->outlet, &digest, err));
	sr_digest_to_hex(&digest, hex);
	if (!path || !sha256 || strcmp(hex, sha256) != 0)
		return sr_fail(err, SR_TAMPERED, "%s is not what the catalogue says",
		               path ? path : "a member");
	export->matching++;
	export->members++;
	return SR_OK;
}

/* 四性检测, of this case's part of the copy: it lies beside the members, and sha256.txt covers it. */
static enum sr_status put_properties(struct export *export, const json_t *one,
                                     const struct sr_export_facts *facts, const char *folder,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *report = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf page = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_export_properties(facts, &report, err));
	SR_TRY(sr_paper_property_report(report, sr_json_text(one, "number"), &page, err));
	SR_TRY(sr_json_write_pretty(report, &text, err));
	SR_TRY(sr_outlet_put(export->outlet, folder, SR_PAPER_PROPERTIES, page.data, page.size, err));
	return sr_outlet_put(export->outlet, folder, SR_PAPER_PROPERTIES_JSON, text.data, text.size, err);
}

static enum sr_status put_papers(struct export *export, const json_t *one, const char *folder,
                                 struct sr_err *err)
{
	static const char note[] =
		"这是依批准从封装档案复制出来的文件，复制已记入日志。逐个文件的 SHA-256 见 " SR_OUTLET_LIST
		"，\n可用 sha256sum -c " SR_OUTLET_LIST " 核对。封装本身的核验：strongroom verify 案号\n\n"
		"These are copies, made under a grant; the ledger has an entry for them.  Check them "
		"with\nsha256sum -c " SR_OUTLET_LIST
		", and the sealed archive with: strongroom verify CASE\n";
	SR_CLEANUP(sr_buf_dispose) struct sr_buf list = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf catalogue = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf seal = { 0 };

	SR_TRY(sr_case_paper_list(one, &list, err));
	SR_TRY(sr_case_paper_catalogue(one, folder, &catalogue, err));
	SR_TRY(sr_case_paper_seal(one, note, &seal, err));
	SR_TRY(sr_outlet_put(export->outlet, folder, SR_PAPER_LIST, list.data, list.size, err));
	SR_TRY(sr_outlet_put(export->outlet, folder, SR_PAPER_CATALOGUE, catalogue.data, catalogue.size,
	                     err));
	return sr_outlet_put(export->outlet, folder, SR_PAPER_SEAL, seal.data, seal.size, err);
}

static enum sr_status copy_cases(struct export *export, struct sr_err *err)
{
	size_t index, at;
	json_t *one, *member;

	export->total = total_bytes(export->cases);
	json_array_foreach(export->cases, index, one) {
		struct sr_export_facts facts = {
			.described = one,
			.members = export->members,
			.bytes = export->bytes,
			.matching = export->matching,
			.form = sr_outlet_form_name(sr_outlet_form_of(export->out)),
			.at_ns = sr_clock_now_ns(),
		};
		char folder[SR_LIMIT_NAME_BYTES + 1];

		case_folder(one, folder);
		json_array_foreach(json_object_get(one, "members"), at, member)
			SR_TRY(copy_member(export, one, folder, member, err));
		facts.members = export->members - facts.members;
		facts.bytes = export->bytes - facts.bytes;
		facts.matching = export->matching - facts.matching;
		SR_TRY(put_papers(export, one, folder, err));
		SR_TRY(put_properties(export, one, &facts, folder, err));
	}
	return SR_OK;
}

/* --- the whole ------------------------------------------------------------------------------------- */

/*
 * The entry is written before the copy gets its name: what lies there under its name is in the ledger.  A
 * crash between the two leaves an entry of an export that was not completed.
 */
static enum sr_status finish(struct export *export, json_t **reply, struct sr_err *err)
{
	const enum sr_outlet_form form = sr_outlet_form_of(export->out);
	struct sr_digest digest;
	char hex[SR_DIGEST_HEX];

	SR_TRY(sr_outlet_complete(export->outlet, &digest, err));
	sr_digest_to_hex(&digest, hex);
	enum sr_status status = sr_client_call(export->client, "FinishExport",
	                                       json_pack("{s:s,s:I,s:I,s:s}", "export", export->id, "members",
	                                                 (json_int_t) export->members, "bytes",
	                                                 (json_int_t) export->bytes, "digest", hex),
	                                       NULL, err);
	if (status != SR_OK)
		return sr_reading_name_refusal(export->client, status, err);
	SR_TRY(sr_outlet_publish(export->outlet, err));
	return SR_JSON_PACK(reply, err, "{s:s,s:s,s:s,s:s,s:I,s:I,s:s,s:O}", "export", export->id, "grant",
	                    export->grant, "out", export->out, "form", sr_outlet_form_name(form), "members",
	                    (json_int_t) export->members, "bytes", (json_int_t) export->bytes, "digest", hex,
	                    "approved_by", export->approvers);
}

static enum sr_status run_export(struct export *export, json_t **reply, struct sr_err *err)
{
	const enum sr_outlet_form form = sr_outlet_form_of(export->out);

	SR_TRY(begin(export, form, err));
	SR_TRY(copy_cases(export, err));
	return finish(export, reply, err);
}

enum sr_status sr_cmd_export(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar;
	SR_CLEANUP(export_dispose) struct export export = { .progress = &bar.progress };
	const struct sr_option options[] = { { .name = "--out", .value = &export.out } };
	struct sr_words words;

	sr_progress_bar_init(&bar);
	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (!export.out)
		return sr_fail(err, SR_USAGE, "--out is needed");
	export.grant = words.list[0];
	SR_TRY(sr_outlet_open(sr_outlet_form_of(export.out), export.out, export.grant,
	                      sr_clock_now_ns() / SR_SECOND_NS, &export.outlet, err));
	SR_TRY(sr_connect(globals, &export.client, err));
	SR_TRY(run_export(&export, &reply, err));
	sr_progress_bar_dispose(&bar);
	bar.shown = false;
	if (globals->json)
		return sr_output_json(reply, err);
	printf("%" PRIu64 " members copied into ", export.members);
	sr_output_text(export.out);
	printf("\nexport (复制) %s, digest %s\n", export.id, sr_json_text(reply, "digest"));
	return SR_OK;
}
