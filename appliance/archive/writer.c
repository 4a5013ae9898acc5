/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/archive/inputs.h"
#include "appliance/archive/layout.h"
#include "appliance/archive/pipeline.h"
#include "appliance/archive/sink.h"
#include "appliance/archive/tags.h"
#include "appliance/archive/tarball.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/limits.h"

struct writing {
	const struct sr_write_job *job;
	struct sr_inputs inputs;
	struct sr_cover cover;
	char folder[SR_ARCHIVE_NAME];
	struct sr_suite_recipient
		recipient; /* of the case's identity, which is kept until the wraps are made */
	struct sr_sink *sink;
	struct sr_tarball *tar;
	struct sr_buf tagmanifest; /* a line for each tag file that was written */
	uint64_t plain_done;
	uint64_t members_at; /* offset of the first member's tar header */
};

static void dispose(struct writing *w)
{
	sr_tarball_free(w->tar);
	sr_sink_close(w->sink);
	sr_inputs_dispose(&w->inputs);
	sr_buf_dispose(&w->tagmanifest);
}

/* --- tag files ------------------------------------------------------------------------------------------ */

/* Write a tag file that the tag manifest covers. */
static enum sr_status put_tag(struct writing *w, const char *name, struct sr_bytes content,
                              struct sr_err *err)
{
	struct sr_digest digest;

	SR_TRY(sr_digest_of(content.data, content.size, &digest, err));
	SR_TRY(sr_tags_add_digest(&w->tagmanifest, &digest, name, err));
	return sr_tarball_put(w->tar, name, content.data, content.size, err);
}

static enum sr_status put_cover(struct writing *w, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_cover_encode(&w->cover, &text, err));
	return put_tag(w, SR_NAME_COVER, sr_buf_bytes(&text), err);
}

/* The identity's text and a newline, as in an identity file of age-keygen. */
static enum sr_status identity_file(const struct sr_suite *suite, const struct sr_secret *identity,
                                    struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *file = NULL;

	SR_TRY(suite->identity_to_text(identity, &text, err));
	SR_TRY(sr_secret_new(suite->identity_text, &file, err));
	memcpy(file->data, text->data, suite->identity_text - 1);
	file->data[suite->identity_text - 1] = '\n';
	*out = SR_MOVE(file);
	return SR_OK;
}

/* Make the case's identity, and write the two ways back to it; then nobody here knows it any more. */
static enum sr_status put_identity(struct writing *w, struct sr_err *err)
{
	const struct sr_seal_keys *keys = w->job->keys;
	const struct sr_suite *suite = w->inputs.suite;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *file = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf wrapped = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf escrowed = { 0 };

	SR_TRY(suite->identity_new(&identity, err));
	SR_TRY(suite->recipient_of(identity, &w->recipient, err));
	SR_TRY(identity_file(suite, identity, &file, err));
	SR_TRY(sr_cms_wrap(keys->wrap_certs, file, &wrapped, err));
	SR_TRY(put_tag(w, SR_NAME_IDENTITY_CMS, sr_buf_bytes(&wrapped), err));
	struct sr_bytes plain = { .data = file->data, .size = file->size };
	SR_TRY(sr_age_encrypt(keys->escrow, keys->escrow_count, plain, &escrowed, err));
	return put_tag(w, SR_NAME_IDENTITY_AGE, sr_buf_bytes(&escrowed), err);
}

static enum sr_status put_tags_before(struct writing *w, struct sr_err *err)
{
	static const struct sr_bytes bagit = { .data = (const uint8_t *)SR_BAGIT_TEXT,
		                               .size = sizeof(SR_BAGIT_TEXT) - 1 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf chain = { 0 };

	SR_TRY(put_tag(w, SR_NAME_BAGIT, bagit, err));
	SR_TRY(put_cover(w, err));
	SR_TRY(put_identity(w, err));
	SR_TRY(sr_certs_to_pem(w->job->keys->chain, &chain, err));
	return put_tag(w, SR_NAME_CHAIN, sr_buf_bytes(&chain), err);
}

/* --- members -------------------------------------------------------------------------------------------- */

static enum sr_status emit_part(void *context, const struct sr_sealed_part *part, struct sr_err *err)
{
	struct writing *w = context;
	const struct sr_input *input = &w->inputs.list[part->member];

	if (part->first) {
		char name[SR_TAG_NAME];

		sr_tags_member_name(part->member, name);
		SR_TRY(sr_tarball_begin(w->tar, name, sr_suite_sealed_bytes(w->inputs.suite, input->bytes),
		                        err));
	}
	if (part->spare)
		SR_TRY(sr_tarball_add_lent(w->tar, part->data, part->size, err));
	else
		SR_TRY(sr_tarball_add(w->tar, part->data, part->size, err));
	w->plain_done += part->plain;
	sr_progress_report(w->job->progress, "seal", w->plain_done, w->inputs.bytes);
	return SR_OK;
}

static enum sr_status put_members(struct writing *w, struct sr_err *err)
{
	struct sr_pipeline_job job = {
		.inputs = &w->inputs,
		.recipient = w->recipient,
		.threads = w->job->threads,
		.emit = emit_part,
		.context = w,
	};

	SR_TRY(sr_tarball_offset(w->tar, &job.offset, err));
	w->members_at = job.offset;
	uint64_t size = job.offset;
	for (size_t i = 0; i < w->job->member_count; i++)
		size += sr_tar_entry_bytes(sr_suite_sealed_bytes(w->inputs.suite, w->inputs.list[i].bytes));
	SR_TRY(sr_sink_reserve(w->sink, size, err));
	return sr_pipeline_run(&job, err);
}

/* --- behind the members ------------------------------------------------------------------------------- */

static enum sr_status catalogue_text(const struct writing *w, struct sr_buf *out, struct sr_err *err)
{
	size_t count = w->job->member_count;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf memory = { 0 };

	SR_TRY(sr_buf_reserve(&memory, count * sizeof(struct sr_member_seal), err));
	struct sr_member_seal *seals = (struct sr_member_seal *)(void *)memory.data;
	uint64_t at = w->members_at;
	for (size_t i = 0; i < count; i++) {
		uint64_t sealed = sr_suite_sealed_bytes(w->inputs.suite, w->inputs.list[i].bytes);

		seals[i].offset = at + sr_tar_header_bytes(sealed);
		at += sr_tar_entry_bytes(sealed);
		seals[i].bytes = w->inputs.list[i].bytes;
		sr_digest_to_hex(&w->inputs.list[i].plain, seals[i].sha256);
		sr_digest_to_hex(&w->inputs.list[i].head, seals[i].head_sha256);
	}
	SR_TRY(w->job->catalogue(w->job->catalogue_context, seals, out, err));
	if (out->size > SR_LIMIT_CATALOGUE_BYTES)
		return sr_fail(err, SR_LIMIT, "the catalogue has %zu bytes, at most %u are allowed",
		               out->size, SR_LIMIT_CATALOGUE_BYTES);
	return SR_OK;
}

static enum sr_status put_catalogue(struct writing *w, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf sealed = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { .secret = true };

	SR_TRY(catalogue_text(w, &text, err));
	SR_TRY(w->inputs.suite->encrypt(&w->recipient, sr_buf_bytes(&text), &sealed, err));
	return put_tag(w, SR_NAME_CATALOGUE, sr_buf_bytes(&sealed), err);
}

static enum sr_status put_manifests(struct writing *w, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf info = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf manifest = { 0 };

	SR_TRY(sr_tags_bag_info(&w->cover, &w->inputs, &info, err));
	SR_TRY(put_tag(w, SR_NAME_BAG_INFO, sr_buf_bytes(&info), err));
	SR_TRY(sr_tags_manifest(&w->inputs, &manifest, err));
	SR_TRY(put_tag(w, SR_NAME_MANIFEST, sr_buf_bytes(&manifest), err));
	return sr_tarball_put(w->tar, SR_NAME_TAGMANIFEST, w->tagmanifest.data, w->tagmanifest.size, err);
}

/* Sign, stamp, and the digests of the two. */
static enum sr_status put_seal(struct writing *w, struct sr_write_result *out, struct sr_err *err)
{
	const struct sr_seal_keys *keys = w->job->keys;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf stamp = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf digests = { 0 };

	SR_TRY(sr_cms_sign(keys->seal_key, keys->seal_cert, keys->chain, sr_buf_bytes(&w->tagmanifest),
	                   w->cover.sealed_at_ns, &signature, err));
	SR_TRY(sr_stamp_make(&keys->stamper, sr_buf_bytes(&signature), sr_clock_now_ns(), &stamp, err));
	SR_TRY(sr_stamp_peek(sr_buf_bytes(&stamp), &out->stamped_at_ns, err));
	SR_TRY(sr_digest_of(signature.data, signature.size, &out->seal, err));
	SR_TRY(sr_digest_of(stamp.data, stamp.size, &out->stamp, err));
	SR_TRY(sr_tags_seal_digests(sr_buf_bytes(&signature), sr_buf_bytes(&stamp), &digests, err));
	SR_TRY(sr_tarball_put(w->tar, SR_NAME_SIGNATURE, signature.data, signature.size, err));
	SR_TRY(sr_tarball_put(w->tar, SR_NAME_STAMP, stamp.data, stamp.size, err));
	return sr_tarball_put(w->tar, SR_NAME_SEAL_DIGESTS, digests.data, digests.size, err);
}

static enum sr_status check_job(const struct sr_write_job *job, struct sr_err *err)
{
	if (job->member_count == 0)
		return sr_fail(err, SR_INVALID, "a case without members cannot be sealed");
	if (job->member_count > SR_LIMIT_MEMBERS)
		return sr_fail(err, SR_LIMIT,
		               "%zu members; at most %u in one part: seal the rest as a further part",
		               job->member_count, SR_LIMIT_MEMBERS);
	return SR_OK;
}

enum sr_status sr_archive_write(int fd, const struct sr_write_job *job, struct sr_write_result *out,
                                struct sr_err *err)
{
	SR_CLEANUP(dispose) struct writing w = { .job = job, .cover = job->cover };
	struct sr_write_result result = { 0 };

	SR_TRY(check_job(job, err));
	SR_TRY(sr_inputs_survey(job, &w.inputs, err));
	w.cover.members = job->member_count;
	w.cover.bytes = w.inputs.bytes;
	snprintf(w.folder, sizeof(w.folder), "%s-%03u", w.cover.case_id, w.cover.part);
	SR_TRY(sr_sink_open(fd, &w.sink, err));
	SR_TRY(sr_tarball_open(w.sink, w.folder, w.cover.sealed_at_ns / SR_SECOND_NS, &w.tar, err));
	SR_TRY(put_tags_before(&w, err));
	SR_TRY(put_members(&w, err));
	SR_TRY(put_catalogue(&w, err));
	SR_TRY(put_manifests(&w, err));
	SR_TRY(put_seal(&w, &result, err));
	SR_TRY(sr_tarball_end(w.tar, err));
	result.plain_bytes = w.inputs.bytes;
	result.archive_bytes = sr_sink_offset(w.sink);
	SR_TRY(sr_sink_finish(w.sink, err));
	*out = result;
	return SR_OK;
}
