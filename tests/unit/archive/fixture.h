/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small sealed archives for tests, put together file by file so that each can be changed before the seal or
 * behind it.  The tar bytes are libarchive's, cover.json and the lists are spelled out after docs/FORMAT.md.
 */
#pragma once

#include "tests/unit/unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "appliance/archive/layout.h"
#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/crypto/age.h"
#include "appliance/crypto/cms.h"
#include "appliance/crypto/digest.h"
#include "appliance/crypto/pki.h"
#include "appliance/crypto/stamp.h"

#define FIXTURE_CASE "0193a5c8-7a10-7c3e-8f00-0123456789ab"
#define FIXTURE_FOLDER FIXTURE_CASE "-001"
#define FIXTURE_SEALED_AT 1795248900 /* date -u -d 2026-11-21T08:15:00Z +%s */
#define FIXTURE_SEALED_TEXT "2026-11-21T08:15:00Z"

struct fixture_file {
	char name[64];
	struct sr_buf bytes;
};

struct fixture {
	char folder[64];
	int64_t mtime_s;
	struct fixture_file *files;
	size_t count;
	struct sr_secret *identity; /* the case's */
};

/* An authority with its certificates: the appliance's own, or a stranger's. */
struct fixture_keys {
	struct sr_key *root_key, *seal_key, *stamp_key, *wrap_key;
	struct sr_cert *root, *seal, *stamp, *wrap;
	struct sr_certs *roots, *chain, *wraps;
	int64_t not_before_s; /* of all certificates; 0: a day before FIXTURE_SEALED_AT */
};

static inline void fixture_dispose(struct fixture *f)
{
	for (size_t i = 0; i < f->count; i++)
		sr_buf_dispose(&f->files[i].bytes);
	free(f->files);
	sr_secret_free(f->identity);
	*f = (struct fixture){ 0 };
}

static inline size_t fixture_index(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->files[i].name, name) == 0)
			return i;
	fail_msg("the fixture has no %s", name);
	return 0;
}

static inline struct sr_buf *fixture_bytes(struct fixture *f, const char *name)
{
	return &f->files[fixture_index(f, name)].bytes;
}

/* A new file at place @at, or at the end (SIZE_MAX); empty. */
static inline struct sr_buf *fixture_insert(struct fixture *f, size_t at, const char *name)
{
	struct fixture_file *files = realloc(f->files, (f->count + 1) * sizeof(*files));

	assert_non_null(files);
	f->files = files;
	if (at > f->count)
		at = f->count;
	memmove(&files[at + 1], &files[at], (f->count - at) * sizeof(*files));
	memset(&files[at], 0, sizeof(*files));
	snprintf(files[at].name, sizeof(files[at].name), "%s", name);
	f->count++;
	return &files[at].bytes;
}

static inline void fixture_remove(struct fixture *f, const char *name)
{
	size_t at = fixture_index(f, name);

	sr_buf_dispose(&f->files[at].bytes);
	f->count--;
	memmove(&f->files[at], &f->files[at + 1], (f->count - at) * sizeof(f->files[0]));
}

static inline void fixture_swap(struct fixture *f, const char *a, const char *b)
{
	struct fixture_file *one = &f->files[fixture_index(f, a)];
	struct fixture_file *two = &f->files[fixture_index(f, b)];
	struct fixture_file kept = *one;

	*one = *two;
	*two = kept;
}

static inline void fixture_add_text(struct fixture *f, const char *name, const char *text)
{
	struct sr_err err;

	assert_ok(sr_buf_add_text(fixture_insert(f, SIZE_MAX, name), text, &err));
}

static inline void fixture_set_text(struct fixture *f, const char *name, const char *text)
{
	struct sr_buf *bytes = fixture_bytes(f, name);
	struct sr_err err;

	bytes->size = 0;
	assert_ok(sr_buf_add_text(bytes, text, &err));
}

/* Encrypt to the case's identity. */
static inline void fixture_add_age(struct fixture *f, const char *name, const void *plain, size_t size)
{
	struct sr_bytes bytes = { .data = plain, .size = size };
	struct sr_age_recipient recipient;
	struct sr_err err;

	assert_ok(sr_age_identity_recipient(f->identity, &recipient, &err));
	assert_ok(sr_age_encrypt(&recipient, 1, bytes, fixture_insert(f, SIZE_MAX, name), &err));
}

static inline void fixture_write_cover(struct fixture *f, size_t members, uint64_t plain_bytes)
{
	struct sr_buf *cover = fixture_bytes(f, SR_NAME_COVER);
	struct sr_err err;

	cover->size = 0;
	assert_ok(sr_buf_printf(cover, &err,
	                        "{\"format\":\"strongroom-case/1\",\"case\":\"%s\",\"part\":1,"
	                        "\"previous_seal\":null,\"organ\":\"某市医疗保障局\",\"organ_code\":\"\","
	                        "\"sealed_at\":\"%s\",\"retention\":\"permanent\",\"retention_until\":null,"
	                        "\"classification\":\"none\",\"members\":%zu,\"bytes\":%llu,"
	                        "\"suite\":\"age-x25519\"}\n",
	                        FIXTURE_CASE, FIXTURE_SEALED_TEXT, members, (unsigned long long)plain_bytes));
}

static inline void fixture_write_bag_info(struct fixture *f)
{
	struct sr_buf *info = fixture_bytes(f, SR_NAME_BAG_INFO);
	unsigned long long bytes = 0;
	size_t members = 0;
	struct sr_err err;

	for (size_t i = 0; i < f->count; i++) {
		if (strncmp(f->files[i].name, "data/", 5) == 0) {
			bytes += f->files[i].bytes.size;
			members++;
		}
	}
	info->size = 0;
	assert_ok(sr_buf_printf(info, &err,
	                        "Source-Organization: 某市医疗保障局\nBagging-Date: 2026-11-21\n"
	                        "External-Identifier: %s\nBag-Group-Identifier: %s\nBag-Count: 1 of ?\n"
	                        "Payload-Oxum: %llu.%zu\nBag-Software-Agent: Strongroom 0.1\n",
	                        FIXTURE_CASE, FIXTURE_CASE, bytes, members));
}

/* A plaintext of a member; the size is all that the structure needs. */
struct fixture_member {
	const char *bytes;
	size_t size;
};

/* Everything but a seal: whatever needs keys holds a placeholder until fixture_seal. */
static inline void fixture_fill(struct fixture *f, const struct fixture_member *members, size_t count,
                                const char *catalogue)
{
	uint64_t plain_bytes = 0;
	struct sr_err err;
	char name[32];

	snprintf(f->folder, sizeof(f->folder), "%s", FIXTURE_FOLDER);
	f->mtime_s = FIXTURE_SEALED_AT;
	assert_ok(sr_age_identity_new(&f->identity, &err));
	fixture_add_text(f, SR_NAME_BAGIT, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
	fixture_add_text(f, SR_NAME_COVER, "");
	fixture_add_text(f, SR_NAME_IDENTITY_CMS, "placeholder");
	fixture_add_text(f, SR_NAME_IDENTITY_AGE, "placeholder");
	fixture_add_text(f, SR_NAME_CHAIN, "placeholder");
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "data/%06zu.age", i + 1);
		fixture_add_age(f, name, members[i].bytes, members[i].size);
		plain_bytes += members[i].size;
	}
	fixture_add_age(f, SR_NAME_CATALOGUE, catalogue, strlen(catalogue));
	fixture_add_text(f, SR_NAME_BAG_INFO, "");
	fixture_write_bag_info(f);
	fixture_add_text(f, SR_NAME_MANIFEST, "");
	fixture_add_text(f, SR_NAME_TAGMANIFEST, "");
	fixture_add_text(f, SR_NAME_SIGNATURE, "placeholder");
	fixture_add_text(f, SR_NAME_STAMP, "placeholder");
	fixture_add_text(f, SR_NAME_SEAL_DIGESTS, "");
	fixture_write_cover(f, count, plain_bytes);
}

static inline void fixture_list(struct fixture *f, struct sr_buf *list, const char *file, const char *shown)
{
	const struct sr_buf *bytes = fixture_bytes(f, file);
	struct sr_digest digest;
	char hex[SR_DIGEST_HEX];
	struct sr_err err;

	assert_ok(sr_digest_of(bytes->data, bytes->size, &digest, &err));
	sr_digest_to_hex(&digest, hex);
	assert_ok(sr_buf_printf(list, &err, "%s  %s\n", hex, shown));
}

/* The manifest of what lies in data/. */
static inline void fixture_write_manifest(struct fixture *f)
{
	struct sr_buf *list = fixture_bytes(f, SR_NAME_MANIFEST);

	list->size = 0;
	for (size_t i = 0; i < f->count; i++)
		if (strncmp(f->files[i].name, "data/", 5) == 0)
			fixture_list(f, list, f->files[i].name, f->files[i].name);
}

static inline void fixture_write_tagmanifest(struct fixture *f)
{
	static const char *const tags[] = {
		"bagit.txt",      "cover.json",    "keys/identity.p7m", "keys/identity.age",
		"keys/chain.pem", "catalogue.age", "bag-info.txt",      "manifest-sha256.txt",
	};
	struct sr_buf *list = fixture_bytes(f, SR_NAME_TAGMANIFEST);

	list->size = 0;
	for (size_t i = 0; i < SR_COUNT(tags); i++)
		fixture_list(f, list, tags[i], tags[i]);
}

static inline void fixture_write_seal_digests(struct fixture *f)
{
	struct sr_buf *list = fixture_bytes(f, SR_NAME_SEAL_DIGESTS);

	list->size = 0;
	fixture_list(f, list, SR_NAME_SIGNATURE, "tagmanifest.p7s");
	fixture_list(f, list, SR_NAME_STAMP, "tagmanifest.tsr");
}

/* --- keys and seal -------------------------------------------------------------------------------------- */

static inline void fixture_issue(struct fixture_keys *k, enum sr_cert_role role, const char *name,
                                 struct sr_key **key, struct sr_cert **cert)
{
	bool root = role == SR_CERT_ROOT;
	struct sr_err err;

	assert_ok(sr_key_generate(SR_KEY_P256, key, &err));
	struct sr_cert_request request = {
		.role = role,
		.common_name = name,
		.not_before_ns = k->not_before_s * SR_SECOND_NS,
		.subject_key = *key,
		.issuer_key = root ? NULL : k->root_key,
		.issuer_cert = root ? NULL : k->root,
	};
	assert_ok(sr_cert_issue(&request, cert, &err));
}

static inline void fixture_keys_make(struct fixture_keys *k)
{
	struct sr_err err;

	if (k->not_before_s == 0)
		k->not_before_s = FIXTURE_SEALED_AT - SR_DAY_S;
	fixture_issue(k, SR_CERT_ROOT, "Root", &k->root_key, &k->root);
	fixture_issue(k, SR_CERT_SEAL, "Seal", &k->seal_key, &k->seal);
	fixture_issue(k, SR_CERT_STAMP, "Stamp", &k->stamp_key, &k->stamp);
	fixture_issue(k, SR_CERT_WRAP, "Wrap", &k->wrap_key, &k->wrap);
	assert_ok(sr_certs_new(&k->roots, &err));
	assert_ok(sr_certs_new(&k->chain, &err));
	assert_ok(sr_certs_new(&k->wraps, &err));
	assert_ok(sr_certs_add(k->roots, k->root, &err));
	assert_ok(sr_certs_add(k->wraps, k->wrap, &err));
	assert_ok(sr_certs_add(k->chain, k->seal, &err));
	assert_ok(sr_certs_add(k->chain, k->stamp, &err));
	assert_ok(sr_certs_add(k->chain, k->root, &err));
	assert_ok(
		sr_certs_add_empty_crl(k->chain, k->root_key, k->root, k->not_before_s * SR_SECOND_NS, &err));
}

static inline void fixture_keys_dispose(struct fixture_keys *k)
{
	sr_key_free(k->root_key);
	sr_key_free(k->seal_key);
	sr_key_free(k->stamp_key);
	sr_key_free(k->wrap_key);
	sr_cert_free(k->root);
	sr_cert_free(k->seal);
	sr_cert_free(k->stamp);
	sr_cert_free(k->wrap);
	sr_certs_free(k->roots);
	sr_certs_free(k->chain);
	sr_certs_free(k->wraps);
}

/* Put the case's identity in, wrapped for the appliance and for an escrow identity. */
static inline void fixture_wrap(struct fixture *f, const struct fixture_keys *k,
                                const struct sr_secret *escrow)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;
	struct sr_buf *cms = fixture_bytes(f, SR_NAME_IDENTITY_CMS);
	struct sr_buf *age = fixture_bytes(f, SR_NAME_IDENTITY_AGE);
	struct sr_age_recipient recipient;
	struct sr_err err;

	assert_ok(sr_age_identity_to_text(f->identity, &text, &err));
	text->data[SR_AGE_IDENTITY_TEXT - 1] = '\n';
	cms->size = 0;
	age->size = 0;
	assert_ok(sr_cms_wrap(k->wraps, text, cms, &err));
	assert_ok(sr_age_identity_recipient(escrow, &recipient, &err));
	struct sr_bytes plain = { .data = text->data, .size = text->size };
	assert_ok(sr_age_encrypt(&recipient, 1, plain, age, &err));
}

/* Sign the tag manifest as it stands, stamp the signature, and list the digests of both. */
static inline void fixture_sign(struct fixture *f, const struct fixture_keys *k, int64_t stamp_s)
{
	struct sr_stamper stamper = { .key = k->stamp_key, .cert = k->stamp, .chain = k->chain };
	struct sr_buf *signature = fixture_bytes(f, SR_NAME_SIGNATURE);
	struct sr_buf *stamp = fixture_bytes(f, SR_NAME_STAMP);
	struct sr_err err;

	signature->size = 0;
	stamp->size = 0;
	assert_ok(sr_cms_sign(k->seal_key, k->seal, k->chain,
	                      sr_buf_bytes(fixture_bytes(f, SR_NAME_TAGMANIFEST)),
	                      FIXTURE_SEALED_AT * SR_SECOND_NS, signature, &err));
	assert_ok(sr_stamp_make(&stamper, sr_buf_bytes(signature), stamp_s * SR_SECOND_NS, stamp, &err));
	fixture_write_seal_digests(f);
}

/* Chain, lists, signature and stamp: afterwards the fixture is a sealed archive. */
static inline void fixture_seal(struct fixture *f, const struct fixture_keys *k)
{
	struct sr_buf *chain = fixture_bytes(f, SR_NAME_CHAIN);
	struct sr_err err;

	chain->size = 0;
	assert_ok(sr_certs_to_pem(k->chain, chain, &err));
	fixture_write_manifest(f);
	fixture_write_tagmanifest(f);
	fixture_sign(f, k, FIXTURE_SEALED_AT + 2);
}

/* --- tar ------------------------------------------------------------------------------------------------ */

#define FIXTURE_TAR_MAX (64u << 20)

static inline la_ssize_t fixture_take(struct archive *archive, void *context, const void *data, size_t size)
{
	const struct sr_buf *out = context;
	struct sr_err err;

	(void)archive;
	if (out->size + size > FIXTURE_TAR_MAX)
		return -1;
	return sr_buf_add(context, data, size, &err) == SR_OK ? (la_ssize_t)size : -1;
}

/* The archive's bytes, as libarchive writes them with the writer's settings. */
static inline void fixture_tar(const struct fixture *f, struct sr_buf *out)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	char path[160];

	out->size = 0;
	assert_int_equal(archive_write_set_format_pax_restricted(archive), ARCHIVE_OK);
	assert_int_equal(archive_write_add_filter_none(archive), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_per_block(archive, 0), ARCHIVE_OK);
	assert_int_equal(archive_write_open(archive, out, NULL, fixture_take, NULL), ARCHIVE_OK);
	for (size_t i = 0; i < f->count; i++) {
		const struct fixture_file *file = &f->files[i];

		archive_entry_clear(entry);
		snprintf(path, sizeof(path), "%s/%s", f->folder, file->name);
		archive_entry_set_pathname(entry, path);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0400);
		archive_entry_set_size(entry, (la_int64_t)file->bytes.size);
		archive_entry_set_mtime(entry, f->mtime_s, 0);
		assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
		assert_int_equal(archive_write_data(archive, file->bytes.data, file->bytes.size),
		                 file->bytes.size);
	}
	assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
	archive_write_free(archive);
	archive_entry_free(entry);
}

/* A file in memory with those bytes; the caller closes it. */
static inline int fixture_fd(const void *data, size_t size)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);
	struct sr_err err;

	assert_true(fd >= 0);
	assert_ok(sr_fd_write_all(fd, data, size, &err));
	return fd;
}
