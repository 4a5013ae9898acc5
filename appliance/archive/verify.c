/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/verify.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/archive/damage.h"
#include "appliance/archive/fixity.h"
#include "appliance/archive/layout.h"
#include "appliance/archive/manifest.h"
#include "appliance/archive/scan.h"
#include "appliance/archive/tags.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/limits.h"
#include "appliance/crypto/cms.h"
#include "appliance/crypto/stamp.h"

/* An outside authority's clock may be behind ours by this much before its stamp contradicts cover.json. */
#define STAMP_TOLERANCE_NS (300 * SR_SECOND_NS)

/* What every message on changed bytes ends with. */
#define RESTORE "restore this archive from another copy"

/* The tag files that the tag manifest must name, in this order. */
enum tag {
	TAG_BAGIT,
	TAG_COVER,
	TAG_IDENTITY_CMS,
	TAG_IDENTITY_AGE,
	TAG_CHAIN,
	TAG_CATALOGUE, /* up to 64 MiB: hashed, never loaded */
	TAG_BAG_INFO,
	TAG_MANIFEST,
	TAG_COUNT,
};

static const char *const tag_names[TAG_COUNT] = {
	[TAG_BAGIT] = SR_NAME_BAGIT,
	[TAG_COVER] = SR_NAME_COVER,
	[TAG_IDENTITY_CMS] = SR_NAME_IDENTITY_CMS,
	[TAG_IDENTITY_AGE] = SR_NAME_IDENTITY_AGE,
	[TAG_CHAIN] = SR_NAME_CHAIN,
	[TAG_CATALOGUE] = SR_NAME_CATALOGUE,
	[TAG_BAG_INFO] = SR_NAME_BAG_INFO,
	[TAG_MANIFEST] = SR_NAME_MANIFEST,
};

/* A small file in memory: what is judged is what was hashed, whatever happens to the file meanwhile. */
struct loaded {
	bool readable;
	struct sr_buf bytes;
	struct sr_digest digest;
};

struct verification {
	int fd;
	const struct sr_verify_options *options;
	struct sr_verify_report *report;
	struct sr_scan scan;
	struct loaded tags[TAG_COUNT];
	struct loaded tagmanifest;
	struct loaded signature;
	struct loaded stamp;
	struct loaded seal_digests;
	struct sr_manifest_entry *members; /* what the manifest says of each */
};

static void verification_dispose(struct verification *v)
{
	for (size_t i = 0; i < TAG_COUNT; i++)
		sr_buf_dispose(&v->tags[i].bytes);
	sr_buf_dispose(&v->tagmanifest.bytes);
	sr_buf_dispose(&v->signature.bytes);
	sr_buf_dispose(&v->stamp.bytes);
	sr_buf_dispose(&v->seal_digests.bytes);
	sr_scan_dispose(&v->scan);
	free(v->members);
}

/* --- loading -------------------------------------------------------------------------------------------- */

static enum sr_status load(struct verification *v, const char *name, struct loaded *out, struct sr_err *err)
{
	struct sr_err why;
	enum sr_status status = sr_scan_read_entry(v->fd, sr_scan_find(&v->scan, name),
	                                           SR_LIMIT_TAG_FILE_BYTES, &out->bytes, &why);

	if (status != SR_OK)
		return sr_damage_take(v->report, name, status, &why, err);
	SR_TRY(sr_digest_of(out->bytes.data, out->bytes.size, &out->digest, err));
	out->readable = true;
	return SR_OK;
}

static enum sr_status load_catalogue(struct verification *v, struct sr_err *err)
{
	const struct sr_archive_entry *entry = sr_scan_find(&v->scan, SR_NAME_CATALOGUE);
	struct sr_fixity item = { .name = entry->name, .offset = entry->offset, .size = entry->size };

	SR_TRY(sr_fixity_hash(v->fd, &item, 1, v->options->threads, NULL, err));
	if (item.status != SR_OK)
		return sr_damage_add(v->report, err, entry->name, "it cannot be read at offset %llu: %s",
		                     (unsigned long long)item.failed_at, strerror(item.sys_errno));
	v->tags[TAG_CATALOGUE].digest = item.digest;
	v->tags[TAG_CATALOGUE].readable = true;
	return SR_OK;
}

static enum sr_status load_all(struct verification *v, struct sr_err *err)
{
	for (size_t i = 0; i < TAG_COUNT; i++)
		if (i != TAG_CATALOGUE)
			SR_TRY(load(v, tag_names[i], &v->tags[i], err));
	SR_TRY(load_catalogue(v, err));
	SR_TRY(load(v, SR_NAME_TAGMANIFEST, &v->tagmanifest, err));
	SR_TRY(load(v, SR_NAME_SIGNATURE, &v->signature, err));
	SR_TRY(load(v, SR_NAME_STAMP, &v->stamp, err));
	SR_TRY(load(v, SR_NAME_SEAL_DIGESTS, &v->seal_digests, err));
	v->report->seal = v->signature.digest;
	return SR_OK;
}

/* --- covers and lists ----------------------------------------------------------------------------------- */

static enum sr_status check_cover(struct verification *v, struct sr_err *err)
{
	const struct loaded *bagit = &v->tags[TAG_BAGIT];
	const struct loaded *cover = &v->tags[TAG_COVER];
	struct sr_err why;

	if (bagit->readable && (bagit->bytes.size != strlen(SR_BAGIT_TEXT) ||
	                        memcmp(bagit->bytes.data, SR_BAGIT_TEXT, bagit->bytes.size) != 0))
		SR_TRY(sr_damage_add(v->report, err, SR_NAME_BAGIT, "it is not the two lines of BagIt 1.0"));
	if (!cover->readable)
		return SR_OK;
	enum sr_status status =
		sr_scan_check_cover(&v->scan, sr_buf_bytes(&cover->bytes), &v->report->cover, &why);
	v->report->cover_read = status == SR_OK;
	return sr_damage_take(v->report, SR_NAME_COVER, status, &why, err);
}

/* What BagIt tools show of an archive must not contradict its cover. */
static enum sr_status check_bag_info(struct verification *v, struct sr_err *err)
{
	const struct loaded *info = &v->tags[TAG_BAG_INFO];
	uint64_t bytes = 0;
	struct sr_err why;

	if (!info->readable || !v->report->cover_read)
		return SR_OK;
	for (size_t i = 0; i < v->scan.member_count; i++)
		bytes += sr_scan_member(&v->scan, i)->size;
	enum sr_status status = sr_tags_check_bag_info(sr_buf_bytes(&info->bytes), &v->report->cover, bytes,
	                                               v->scan.member_count, &why);
	return sr_damage_take(v->report, SR_NAME_BAG_INFO, status, &why, err);
}

/* Compare what a list says of a file with what the file is. */
static enum sr_status compare(struct verification *v, const char *list, const char *name,
                              const struct sr_manifest_entry *listed, const struct sr_digest *actual,
                              struct sr_err *err)
{
	char is[SR_DIGEST_HEX];
	char should[SR_DIGEST_HEX];

	if (!listed->listed || sr_digest_equal(&listed->digest, actual))
		return SR_OK;
	sr_digest_to_hex(actual, is);
	sr_digest_to_hex(&listed->digest, should);
	return sr_damage_add(
		v->report, err, name,
		"these are not the bytes that were sealed: their SHA-256 is %s, %s says %s; " RESTORE, is,
		list, should);
}

/* seal/sha256.txt: names are as seen from inside seal/. */
static enum sr_status check_seal_digests(struct verification *v, struct sr_err *err)
{
	struct sr_manifest_entry lines[] = { { .name = strrchr(SR_NAME_SIGNATURE, '/') + 1 },
		                             { .name = strrchr(SR_NAME_STAMP, '/') + 1 } };

	if (!v->seal_digests.readable)
		return SR_OK;
	SR_TRY(sr_manifest_read(SR_NAME_SEAL_DIGESTS, sr_buf_bytes(&v->seal_digests.bytes), lines,
	                        SR_COUNT(lines), v->report, err));
	if (v->signature.readable)
		SR_TRY(compare(v, SR_NAME_SEAL_DIGESTS, SR_NAME_SIGNATURE, &lines[0], &v->signature.digest,
		               err));
	if (v->stamp.readable)
		SR_TRY(compare(v, SR_NAME_SEAL_DIGESTS, SR_NAME_STAMP, &lines[1], &v->stamp.digest, err));
	return SR_OK;
}

static enum sr_status check_lists(struct verification *v, struct sr_err *err)
{
	struct sr_manifest_entry lines[TAG_COUNT];
	const struct loaded *manifest = &v->tags[TAG_MANIFEST];
	size_t count = v->scan.member_count;

	for (size_t i = 0; i < TAG_COUNT; i++)
		lines[i] = (struct sr_manifest_entry){ .name = tag_names[i] };
	v->members = calloc(count, sizeof(*v->members));
	if (!v->members)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the digests of %zu members", count);
	for (size_t i = 0; i < count; i++)
		v->members[i].name = sr_scan_member(&v->scan, i)->name;
	if (v->tagmanifest.readable)
		SR_TRY(sr_manifest_read(SR_NAME_TAGMANIFEST, sr_buf_bytes(&v->tagmanifest.bytes), lines,
		                        TAG_COUNT, v->report, err));
	if (manifest->readable)
		SR_TRY(sr_manifest_read(SR_NAME_MANIFEST, sr_buf_bytes(&manifest->bytes), v->members, count,
		                        v->report, err));
	for (size_t i = 0; i < TAG_COUNT; i++)
		if (v->tags[i].readable)
			SR_TRY(compare(v, SR_NAME_TAGMANIFEST, tag_names[i], &lines[i], &v->tags[i].digest,
			               err));
	return SR_OK;
}

/* --- signature and stamp -------------------------------------------------------------------------------- */

static enum sr_status take_signer(struct verification *v, const struct sr_cert *signer, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf subject = { 0 };
	const char *text;

	SR_TRY(sr_cert_subject(signer, &subject, err));
	SR_TRY(sr_buf_text(&subject, &text, err));
	v->report->signed_by = strdup(text);
	if (!v->report->signed_by)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the signer's name");
	v->report->signed_at_ns = v->report->cover.sealed_at_ns;
	return SR_OK;
}

/* As of the stamp's time: certificates run out long before an archive does. */
static enum sr_status check_signature(struct verification *v, const struct sr_certs *chain,
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_cert_freep) struct sr_cert *signer = NULL;
	struct sr_err why;
	int64_t at_ns;

	if (!v->signature.readable || !v->tagmanifest.readable)
		return SR_OK;
	/* Without a stamp that can be read (which is damage of its own) the claimed time has to do. */
	if (!v->stamp.readable || sr_stamp_peek(sr_buf_bytes(&v->stamp.bytes), &at_ns, &why) != SR_OK)
		at_ns = v->scan.mtime_s * SR_SECOND_NS;
	enum sr_status status =
		sr_cms_verify(sr_buf_bytes(&v->signature.bytes), sr_buf_bytes(&v->tagmanifest.bytes),
	                      v->options->roots, chain, at_ns, &signer, &why);
	if (status == SR_OK)
		return take_signer(v, signer, err);
	return sr_damage_take(
		v->report, SR_NAME_SIGNATURE,
		sr_fail_in(&why, status, "the signature over %s does not hold: ", SR_NAME_TAGMANIFEST), &why,
		err);
}

static enum sr_status check_stamp(struct verification *v, const struct sr_certs *chain, struct sr_err *err)
{
	char stamped[SR_TIME_TEXT];
	char sealed[SR_TIME_TEXT];
	struct sr_err why;
	int64_t at_ns;

	const struct sr_certs *roots = v->options->stamp_roots ? v->options->stamp_roots : v->options->roots;

	if (!v->stamp.readable || !v->signature.readable)
		return SR_OK;
	enum sr_status status = sr_stamp_verify(
		sr_buf_bytes(&v->stamp.bytes), sr_buf_bytes(&v->signature.bytes), roots, chain, &at_ns, &why);
	if (status != SR_OK)
		return sr_damage_take(
			v->report, SR_NAME_STAMP,
			sr_fail_in(&why, status, "the time stamp over %s does not hold: ", SR_NAME_SIGNATURE),
			&why, err);
	v->report->stamped_at_ns = at_ns;
	int64_t sealed_ns = v->scan.mtime_s * SR_SECOND_NS;
	if (at_ns >= sealed_ns - STAMP_TOLERANCE_NS)
		return SR_OK;
	sr_time_format_utc(at_ns, stamped);
	sr_time_format_utc(sealed_ns, sealed);
	return sr_damage_add(v->report, err, SR_NAME_STAMP,
	                     "stamped at %s, before the sealing at %s that cover.json claims", stamped,
	                     sealed);
}

static enum sr_status check_seal(struct verification *v, struct sr_err *err)
{
	SR_CLEANUP(sr_certs_freep) struct sr_certs *chain = NULL;
	struct sr_err why;

	if (!v->tags[TAG_CHAIN].readable)
		return SR_OK;
	enum sr_status status = sr_chain_memory_certs(v->options->memory,
	                                              sr_buf_bytes(&v->tags[TAG_CHAIN].bytes), &chain, &why);
	if (status != SR_OK)
		return sr_damage_take(
			v->report, SR_NAME_CHAIN,
			sr_fail_in(&why, status, "without its certificates the seal cannot be checked: "),
			&why, err);
	SR_TRY(check_signature(v, chain, err));
	return check_stamp(v, chain, err);
}

/* --- members -------------------------------------------------------------------------------------------- */

static void free_items(struct sr_fixity **items)
{
	free(*items);
}

static enum sr_status check_members(struct verification *v, struct sr_err *err)
{
	size_t count = v->scan.member_count;
	SR_CLEANUP(free_items) struct sr_fixity *items = calloc(count, sizeof(*items));

	if (!items)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the digests of %zu members", count);
	for (size_t i = 0; i < count; i++) {
		const struct sr_archive_entry *member = sr_scan_member(&v->scan, i);

		items[i].name = member->name;
		items[i].offset = member->offset;
		items[i].size = member->size;
	}
	SR_TRY(sr_fixity_hash(v->fd, items, count, v->options->threads, v->options->progress, err));
	for (size_t i = 0; i < count; i++) {
		if (items[i].status == SR_OK)
			SR_TRY(compare(v, SR_NAME_MANIFEST, items[i].name, &v->members[i], &items[i].digest,
			               err));
		else
			SR_TRY(sr_damage_add(v->report, err, items[i].name,
			                     "it cannot be read at offset %llu of the archive: %s; " RESTORE,
			                     (unsigned long long)items[i].failed_at,
			                     items[i].sys_errno ? strerror(items[i].sys_errno)
			                                        : "the file ends there"));
	}
	return SR_OK;
}

/* --- the whole ------------------------------------------------------------------------------------------ */

static enum sr_status verify(struct verification *v, struct sr_err *err)
{
	struct sr_err why;
	enum sr_status status = sr_scan_read(v->fd, &v->scan, &why);

	if (status == SR_INVALID) {
		*err = why;
		return status;
	}
	if (status != SR_OK)
		return sr_damage_take(v->report, "archive", status, &why, err);
	v->report->structure_read = true;
	memcpy(v->report->name, v->scan.name, sizeof(v->report->name));
	SR_TRY(load_all(v, err));
	SR_TRY(check_cover(v, err));
	SR_TRY(check_bag_info(v, err));
	SR_TRY(check_seal_digests(v, err));
	SR_TRY(check_lists(v, err));
	SR_TRY(check_seal(v, err));
	if (!v->options->quick)
		SR_TRY(check_members(v, err));
	return SR_OK;
}

enum sr_status sr_archive_verify(int fd, const struct sr_verify_options *options,
                                 struct sr_verify_report *report, struct sr_err *err)
{
	struct sr_verify_report found = { 0 };
	SR_CLEANUP(verification_dispose)
	struct verification v = {
		.fd = fd,
		.options = options,
		.report = &found,
	};

	enum sr_status status = verify(&v, err);
	if (status != SR_OK) {
		sr_verify_report_dispose(&found);
		return status;
	}
	found.ok = found.damage_count == 0;
	*report = found;
	return SR_OK;
}

void sr_verify_report_dispose(struct sr_verify_report *report)
{
	/* The texts are ours to free; they are const for readers of the report. */
	for (size_t i = 0; i < report->damage_count; i++) {
		free((char *)(uintptr_t)report->damage[i].member);
		free((char *)(uintptr_t)report->damage[i].what);
	}
	free(report->damage);
	free(report->signed_by);
	*report = (struct sr_verify_report){ 0 };
}
