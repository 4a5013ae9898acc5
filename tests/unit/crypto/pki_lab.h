/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of certificates, signatures and stamps share: a small authority, files, openssl. */
#pragma once

#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/crypto/pki.h"

#define LAB_DAY_NS (SR_DAY_S * SR_SECOND_NS)
/* 2026-01-01T00:00:00Z: when the lab's certificates begin. */
#define LAB_BEGIN_NS (1767225600 * SR_SECOND_NS)
#define LAB_NOW_NS (LAB_BEGIN_NS + 30 * LAB_DAY_NS)
#define LAB_NOW_TEXT "1769817600" /* the same in seconds, for openssl -attime */

/* One authority with everything that `init` makes. */
struct lab {
	struct sr_key *root_key, *seal_key, *stamp_key, *wrap_key, *escrow_key;
	struct sr_cert *root, *seal, *stamp, *wrap, *escrow;
	struct sr_certs *roots; /* the root alone */
	struct sr_certs *chain; /* root, seal, stamp and an empty revocation list: chain.pem */
};

static inline void lab_issue(const struct lab *lab, enum sr_cert_role role, const char *name,
                             struct sr_key **key, struct sr_cert **cert)
{
	struct sr_err err;

	assert_ok(sr_key_generate(SR_KEY_P256, key, &err));
	const struct sr_cert_request request = {
		.role = role,
		.common_name = name,
		.organization = "测试市医疗保障局",
		.not_before_ns = LAB_BEGIN_NS,
		.subject_key = *key,
		.issuer_key = role == SR_CERT_ROOT ? NULL : lab->root_key,
		.issuer_cert = role == SR_CERT_ROOT ? NULL : lab->root,
	};
	assert_ok(sr_cert_issue(&request, cert, &err));
}

static inline void lab_open(struct lab *lab)
{
	struct sr_err err;

	*lab = (struct lab){ 0 };
	lab_issue(lab, SR_CERT_ROOT, "Strongroom test root", &lab->root_key, &lab->root);
	lab_issue(lab, SR_CERT_SEAL, "案卷库 seal", &lab->seal_key, &lab->seal);
	lab_issue(lab, SR_CERT_STAMP, "案卷库 time stamps", &lab->stamp_key, &lab->stamp);
	lab_issue(lab, SR_CERT_WRAP, "案卷库 key wrapping", &lab->wrap_key, &lab->wrap);
	lab_issue(lab, SR_CERT_ESCROW, "案卷库 escrow", &lab->escrow_key, &lab->escrow);
	assert_ok(sr_certs_new(&lab->roots, &err));
	assert_ok(sr_certs_add(lab->roots, lab->root, &err));
	assert_ok(sr_certs_new(&lab->chain, &err));
	assert_ok(sr_certs_add(lab->chain, lab->root, &err));
	assert_ok(sr_certs_add(lab->chain, lab->seal, &err));
	assert_ok(sr_certs_add(lab->chain, lab->stamp, &err));
	assert_ok(sr_certs_add_empty_crl(lab->chain, lab->root_key, lab->root, LAB_BEGIN_NS, &err));
}

static inline void lab_close(struct lab *lab)
{
	struct sr_key *keys[] = { lab->root_key, lab->seal_key, lab->stamp_key, lab->wrap_key,
		                  lab->escrow_key };
	struct sr_cert *certs[] = { lab->root, lab->seal, lab->stamp, lab->wrap, lab->escrow };

	for (size_t i = 0; i < SR_COUNT(keys); i++) {
		sr_key_free(keys[i]);
		sr_cert_free(certs[i]);
	}
	sr_certs_free(lab->roots);
	sr_certs_free(lab->chain);
}

static inline struct sr_bytes lab_bytes(const char *text)
{
	return (struct sr_bytes){ .data = (const uint8_t *)text, .size = strlen(text) };
}

/* --- a folder under /tmp, and programs that run in it ---------------------------------------------- */

struct folder {
	char path[64];
	int fd;
};

static inline void folder_open(struct folder *folder)
{
	strcpy(folder->path, "/tmp/strongroom-pki-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(folder->fd >= 0);
}

/* The exit code of a shell command in the folder; what it says goes to the file "log" there. */
static inline int folder_run(const struct folder *folder, const char *command)
{
	char line[4096];
	int size = snprintf(line, sizeof(line), "cd %s && { %s\n} >>log 2>&1", folder->path, command);

	assert_true(size > 0 && (size_t)size < sizeof(line));
	int status = system(line); /* NOLINT(cert-env33-c): fixed texts */
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A command that must succeed; else its log is shown. */
static inline void folder_must(const struct folder *folder, const char *command)
{
	int code = folder_run(folder, command);

	if (code != 0) {
		char line[128];

		print_message("exit %d: %s\n", code, command);
		snprintf(line, sizeof(line), "tail -n 30 %s/log", folder->path);
		assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
	}
	assert_int_equal(code, 0);
}

static inline void folder_close(struct folder *folder)
{
	char line[128];

	snprintf(line, sizeof(line), "rm -rf %s", folder->path);
	assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
	close(folder->fd);
}

static inline void folder_put(const struct folder *folder, const char *name, struct sr_bytes bytes)
{
	struct sr_err err;

	assert_ok(sr_fd_write_file(folder->fd, name, 0600, bytes.data, bytes.size, &err));
}

/* The caller disposes of @out. */
static inline void folder_get(const struct folder *folder, const char *name, struct sr_buf *out)
{
	struct sr_err err;

	assert_ok(sr_fd_read_file(folder->fd, name, 1u << 20, out, &err));
}

static inline void folder_put_certs(const struct folder *folder, const char *name,
                                    const struct sr_certs *certs)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;

	assert_ok(sr_certs_to_pem(certs, &pem, &err));
	folder_put(folder, name, sr_buf_bytes(&pem));
}

static inline void folder_put_cert(const struct folder *folder, const char *name, const struct sr_cert *cert)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;

	assert_ok(sr_cert_to_pem(cert, &pem, &err));
	folder_put(folder, name, sr_buf_bytes(&pem));
}

/* The caller frees *out. */
static inline void folder_get_certs(const struct folder *folder, const char *name, struct sr_certs **out)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;

	folder_get(folder, name, &pem);
	assert_ok(sr_certs_from_pem(sr_buf_bytes(&pem), out, &err));
}

/* A passphrase; the caller owns it. */
static inline struct sr_secret *secret_of(const char *text)
{
	struct sr_secret *secret = NULL;
	struct sr_err err;

	assert_ok(sr_secret_new(strlen(text), &secret, &err));
	memcpy(secret->data, text, strlen(text));
	return secret;
}
