/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/intake.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/secret.h"
#include "appliance/casefile/arrange.h"
#include "appliance/casefile/description_check.h"
#include "appliance/casefile/four_properties.h"
#include "appliance/casefile/inspect.h"
#include "appliance/casefile/rulebook_choose.h"
#include "appliance/crypto/digest.h"

#define DIGEST_PIECE_BYTES (1u << 20)
#define ARRANGED_MAX 5000 /* members in an answer */

void sr_intake_dispose(struct sr_intake *intake)
{
	sr_rulebook_free(intake->rulebook);
	sr_findings_free(intake->findings);
	sr_case_free(intake->description);
	sr_folder_close(intake->folder);
	free(intake->pages);
	json_decref(intake->applied);
	json_decref(intake->properties);
	*intake = (struct sr_intake){ 0 };
}

/* SHA-256 of a whole file, for check X10. */
static enum sr_status digest_file(int fd, uint8_t out[32], struct sr_err *err)
{
	SR_CLEANUP(sr_hasher_freep) struct sr_hasher *hasher = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *piece = NULL;
	struct sr_digest digest;
	uint64_t offset = 0;
	size_t got = 0;

	SR_TRY(sr_hasher_new(&hasher, err));
	SR_TRY(sr_secret_new(DIGEST_PIECE_BYTES, &piece, err));
	do {
		SR_TRY(sr_fd_pread(fd, piece->data, piece->size, offset, &got, err));
		SR_TRY(sr_hasher_add(hasher, piece->data, got, err));
		offset += got;
	} while (got == piece->size);
	SR_TRY(sr_hasher_finish(hasher, &digest, err));
	memcpy(out, digest.bytes, SR_DIGEST_BYTES);
	return SR_OK;
}

/* Who names a pack on the command line means that one; else it is the one in force when the case was started.
 */
static enum sr_status load_rulebook(const struct sr_intake_options *options,
                                    const struct sr_case *description, struct sr_rulebook **out,
                                    struct sr_err *err)
{
	const char *name = description->rulebook;

	if (options->rulebook)
		return sr_rulebook_load(options->rulebook, out, err);
	if (!name)
		name = options->fallback && options->fallback[0] ? options->fallback : "base";
	return sr_rulebook_choose(name, description, out, err);
}

/* Malware (X9), then what all findings come to. */
static enum sr_status judge_properties(const struct sr_intake_options *options, struct sr_intake *intake,
                                       struct sr_err *err)
{
	struct sr_property_facts facts = {
		.description = intake->description,
		.findings = intake->findings,
		.pages = intake->pages,
		.files = sr_folder_count(intake->folder),
		.scanned = options->clamd && options->clamd[0],
	};

	for (size_t i = 0; i < facts.files; i++)
		facts.bytes += sr_folder_at(intake->folder, i)->bytes;
	if (facts.scanned)
		SR_TRY(sr_clamd_scan_folder(options->clamd, intake->description, intake->folder,
		                            intake->findings, &facts.scan, err));
	return sr_property_judge_folder(&facts, sr_clock_now_ns(), &intake->properties, err);
}

enum sr_status sr_intake_read(const struct sr_intake_options *options, struct sr_intake *out,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_intake_dispose) struct sr_intake intake = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { .secret = true };

	intake.folder = options->opened;
	if (!intake.folder)
		SR_TRY(sr_folder_open(options->folder, &intake.folder, err));
	SR_TRY(sr_folder_read_description(intake.folder, &text, err));
	SR_TRY(sr_findings_new(&intake.findings, err));
	enum sr_status status = sr_case_read(text.data, text.size, intake.findings, &intake.description, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "case.json: ");
	sr_buf_dispose(&text);

	SR_TRY(load_rulebook(options, intake.description, &intake.rulebook, err));
	intake.pages = calloc(intake.description->member_count + 1, sizeof(*intake.pages));
	if (!intake.pages)
		return sr_fail(err, SR_NO_MEMORY, "no memory for page counts");
	SR_TRY(sr_description_check(intake.description, intake.findings, err));
	SR_TRY(sr_inspect_folder(intake.description, intake.folder, options->digests ? digest_file : NULL,
	                         options->progress, intake.findings, intake.pages, err));
	intake.applied = json_array();
	SR_TRY(sr_rulebook_judge(intake.rulebook, intake.description, sr_date_of_time(sr_clock_now_ns()),
	                         intake.findings, intake.applied, err));
	SR_TRY(judge_properties(options, &intake, err));
	*out = intake;
	/* NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores): SR_CLEANUP reads it */
	intake = (struct sr_intake){ 0 };
	return SR_OK;
}

enum sr_status sr_intake_check_json(const struct sr_intake *intake, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *object = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *arrangement = NULL;

	SR_TRY(sr_findings_to_json(intake->findings, &object, err));
	SR_TRY(sr_json_set(object, "rulebook", json_string(sr_rulebook_name(intake->rulebook)), err));
	if (intake->description->member_count <= ARRANGED_MAX)
		SR_TRY(sr_arrange(intake->description, intake->rulebook, intake->pages, &arrangement, err));
	bool changed = json_integer_value(json_object_get(arrangement, "changed")) > 0;
	SR_TRY(sr_json_set(object, "arrangement", changed ? json_incref(arrangement) : json_null(), err));
	*out = SR_MOVE(object);
	return SR_OK;
}
