/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of sealing share: keys made once, members as files in a temporary folder, a job over them. */
#pragma once

#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/archive/layout.h"
#include "appliance/archive/writer.h"
#include "appliance/crypto/suite.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"

#define SEALING_CASE "01980000-0000-7000-8000-000000000001"
#define SEALING_MEMBERS 100

struct sealing {
	char folder[64];
	int dir; /* of folder */
	struct sr_key *root_key, *seal_key, *stamp_key, *wrap_key, *escrow_key;
	struct sr_cert *root, *seal, *stamp, *wrap, *escrow;
	struct sr_certs *chain, *wraps;
	struct sr_secret *age_identity;
	struct sr_age_recipient age_recipient;
	struct sr_seal_keys keys;
	struct sr_write_job job;
	size_t catalogue_calls;
};

static inline void sealing_member_name(size_t index, char out[32])
{
	snprintf(out, 32, "member-%03zu", index);
}

/* Bytes that compress badly and differ by member and place. */
static inline void sealing_make_member(const struct sealing *s, size_t index, size_t size)
{
	uint64_t x = 0x9e3779b97f4a7c15ull * (index + 1);
	uint8_t *data = malloc(size + 1);
	char name[32];

	assert_non_null(data);
	for (size_t i = 0; i < size; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		data[i] = (uint8_t)(x >> 32);
	}
	sealing_member_name(index, name);
	int fd = openat(s->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct sr_err err;
	assert_true(fd >= 0);
	assert_ok(sr_fd_write_all(fd, data, size, &err));
	close(fd);
	free(data);
}

static inline enum sr_status sealing_open(void *context, size_t index, int *fd, struct sr_err *err)
{
	const struct sealing *s = context;
	char name[32];

	sealing_member_name(index, name);
	return sr_fd_open_regular(s->dir, name, fd, err);
}

static inline const char *sealing_name(void *context, size_t index)
{
	static _Thread_local char name[32];

	(void)context;
	sealing_member_name(index, name);
	return name;
}

/* A line for each member, so that tests see what sealing told. */
static inline enum sr_status sealing_catalogue(void *context, const struct sr_member_seal *seals,
                                               struct sr_buf *out, struct sr_err *err)
{
	struct sealing *s = context;

	s->catalogue_calls++;
	for (size_t i = 0; i < s->job.member_count; i++)
		SR_TRY(sr_buf_printf(out, err, "%llu %s %s\n", (unsigned long long)seals[i].bytes,
		                     seals[i].sha256, seals[i].head_sha256));
	return SR_OK;
}

static inline void sealing_issue(struct sealing *s, enum sr_cert_role role, struct sr_key **key,
                                 struct sr_cert **cert)
{
	struct sr_err err;

	assert_ok(sr_key_generate(SR_KEY_P256, key, &err));
	const struct sr_cert_request request = {
		.role = role,
		.common_name = "Test",
		.organization = "Strongroom",
		.not_before_ns = sr_clock_now_ns() - 3600 * SR_SECOND_NS,
		.subject_key = *key,
		.issuer_key = role == SR_CERT_ROOT ? NULL : s->root_key,
		.issuer_cert = role == SR_CERT_ROOT ? NULL : s->root,
	};
	assert_ok(sr_cert_issue(&request, cert, &err));
}

static inline void sealing_make_keys(struct sealing *s)
{
	struct sr_err err;

	sealing_issue(s, SR_CERT_ROOT, &s->root_key, &s->root);
	sealing_issue(s, SR_CERT_SEAL, &s->seal_key, &s->seal);
	sealing_issue(s, SR_CERT_STAMP, &s->stamp_key, &s->stamp);
	sealing_issue(s, SR_CERT_WRAP, &s->wrap_key, &s->wrap);
	sealing_issue(s, SR_CERT_ESCROW, &s->escrow_key, &s->escrow);
	assert_ok(sr_certs_new(&s->chain, &err));
	assert_ok(sr_certs_add(s->chain, s->seal, &err));
	assert_ok(sr_certs_add(s->chain, s->stamp, &err));
	assert_ok(sr_certs_add(s->chain, s->root, &err));
	assert_ok(sr_certs_add_empty_crl(s->chain, s->root_key, s->root, sr_clock_now_ns(), &err));
	assert_ok(sr_certs_new(&s->wraps, &err));
	assert_ok(sr_certs_add(s->wraps, s->wrap, &err));
	assert_ok(sr_certs_add(s->wraps, s->escrow, &err));
	assert_ok(sr_age_identity_new(&s->age_identity, &err));
	assert_ok(sr_age_identity_recipient(s->age_identity, &s->age_recipient, &err));
}

static inline void sealing_init(struct sealing *s)
{
	*s = (struct sealing){ .folder = "/tmp/strongroom-sealing-XXXXXX" };
	assert_non_null(mkdtemp(s->folder));
	s->dir = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(s->dir >= 0);
	sealing_make_keys(s);
	s->keys = (struct sr_seal_keys){
		.seal_key = s->seal_key,
		.seal_cert = s->seal,
		.chain = s->chain,
		.wrap_certs = s->wraps,
		.escrow = &s->age_recipient,
		.escrow_count = 1,
		.stamper = { .key = s->stamp_key, .cert = s->stamp, .chain = s->chain },
	};
	s->job = (struct sr_write_job){
		.cover = { .case_id = SEALING_CASE,
		           .part = 1,
		           .organ = "某市医疗保障局",
		           .organ_code = "150100-YB",
		           .sealed_at_ns = sr_clock_now_ns() / SR_SECOND_NS * SR_SECOND_NS,
		           .retention = "30y",
		           .retention_until = "2055-01-01",
		           .classification = "privacy",
		           .suite = SR_SUITE_AGE_X25519 },
		.source = { .open = sealing_open, .name = sealing_name, .context = s },
		.catalogue = sealing_catalogue,
		.catalogue_context = s,
		.keys = &s->keys,
	};
}

/* Run a shell command in the folder; true when it exits 0. */
static inline bool sealing_shell(const struct sealing *s, const char *command)
{
	char line[4096];

	snprintf(line, sizeof(line), "cd %s && { %s\n}", s->folder, command);
	return system(line) == 0;
}

static inline void sealing_dispose(struct sealing *s)
{
	assert_true(sealing_shell(s, "rm -rf \"$PWD\""));
	close(s->dir);
	struct sr_key *keys[] = { s->root_key, s->seal_key, s->stamp_key, s->wrap_key, s->escrow_key };
	struct sr_cert *certs[] = { s->root, s->seal, s->stamp, s->wrap, s->escrow };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		sr_key_free(keys[i]);
		sr_cert_free(certs[i]);
	}
	sr_certs_free(s->chain);
	sr_certs_free(s->wraps);
	sr_secret_free(s->age_identity);
}

/* An empty file for the archive; the caller closes it. */
static inline int sealing_output(const struct sealing *s, const char *name)
{
	int fd = openat(s->dir, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

/* Seal the job's members into the file @name. */
static inline enum sr_status sealing_run(struct sealing *s, const char *name, struct sr_write_result *result,
                                         struct sr_err *err)
{
	int fd = sealing_output(s, name);
	enum sr_status status = sr_archive_write(fd, &s->job, result, err);

	close(fd);
	return status;
}
