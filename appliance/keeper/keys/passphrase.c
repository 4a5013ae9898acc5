/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/keys/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/crypto/key_file.h"
#include "appliance/crypto/pki.h"
#include "appliance/keeper/keys/keyring.h"

#define TELLS SR_KEY_WRAP ".key"

static const char label[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

bool sr_passphrase_protects(const struct sr_secret *file)
{
	return memmem(file->data, file->size, label, sizeof(label) - 1) != NULL;
}

enum sr_status sr_passphrase_is_needed(int keys_fd, bool *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	char begins[sizeof(label) - 1];
	size_t got;
	enum sr_status status = sr_fd_open_regular(keys_fd, TELLS, &fd, err);

	*out = false;
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	SR_TRY(sr_fd_pread(fd, begins, sizeof(begins), 0, &got, err));
	*out = got == sizeof(begins) && memcmp(begins, label, got) == 0;
	return SR_OK;
}

static enum sr_status is_right(int keys_fd, const struct sr_secret *passphrase, struct sr_err *err)
{
	SR_CLEANUP(sr_key_freep) struct sr_key *key = NULL;

	return sr_key_read(keys_fd, TELLS, passphrase, &key, err);
}

enum sr_status sr_passphrase_open(int keys_fd, const struct sr_passphrase_source *source, bool check,
                                  struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *passphrase = NULL;
	enum sr_status status = SR_DENIED;
	bool needed;

	SR_TRY(sr_passphrase_is_needed(keys_fd, &needed, err));
	if (!needed) {
		*out = NULL;
		return SR_OK;
	}
	if (!source)
		return sr_fail(err, SR_DENIED,
		               "the keys are under a passphrase, and nobody was asked for it");
	for (unsigned i = 0; status == SR_DENIED && (i == 0 || i < source->tries); i++) {
		sr_secret_freep(&passphrase);
		SR_TRY(source->ask(source->context, SR_PASSPHRASE_OPEN, &passphrase, err));
		status = check || source->tries > 1 ? is_right(keys_fd, passphrase, err) : SR_OK;
	}
	SR_TRY(status);
	*out = SR_MOVE(passphrase);
	return SR_OK;
}

enum sr_status sr_passphrase_require(const struct sr_secret *passphrase, struct sr_err *err)
{
	if (passphrase->size < SR_PASSPHRASE_MIN)
		return sr_fail(err, SR_INVALID,
		               "the passphrase must have at least %u bytes: take several words",
		               SR_PASSPHRASE_MIN);
	return SR_OK;
}

enum sr_status sr_passphrase_choose(const struct sr_passphrase_source *source, struct sr_secret **out,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *passphrase = NULL;

	if (!source)
		return sr_fail(err, SR_DENIED,
		               "the keys are to have a passphrase, and nobody was asked for it");
	SR_TRY(source->ask(source->context, SR_PASSPHRASE_CHOOSE, &passphrase, err));
	SR_TRY(sr_passphrase_require(passphrase, err));
	*out = SR_MOVE(passphrase);
	return SR_OK;
}

enum sr_status sr_passphrase_read(int fd, struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *space = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *passphrase = NULL;
	size_t size = 0;

	SR_TRY(sr_secret_new(SR_LIMIT_PASSPHRASE_BYTES + 2, &space, err));
	for (;;) {
		/* Byte by byte: behind the line another's may stand. */
		ssize_t got = read(fd, space->data + size, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return sr_fail_errno(err, "read the passphrase");
		if (got == 0 || space->data[size] == '\n')
			break;
		if (++size > SR_LIMIT_PASSPHRASE_BYTES + 1)
			break;
	}
	if (size > 0 && space->data[size - 1] == '\r')
		size--;
	if (size > SR_LIMIT_PASSPHRASE_BYTES)
		return sr_fail(err, SR_LIMIT, "the passphrase has more than %u bytes",
		               SR_LIMIT_PASSPHRASE_BYTES);
	*out = NULL;
	if (size == 0)
		return SR_OK;
	SR_TRY(sr_secret_new(size, &passphrase, err));
	memcpy(passphrase->data, space->data, size);
	*out = SR_MOVE(passphrase);
	return SR_OK;
}

enum sr_status sr_passphrase_pipe(const struct sr_secret *passphrase, int *fd, struct sr_err *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return sr_fail_errno(err, "make a pipe");
	/* It fits: a pipe holds at least a page, and nobody reads yet. */
	enum sr_status status =
		passphrase ? sr_fd_write_all(ends[1], passphrase->data, passphrase->size, err) : SR_OK;
	sr_fd_close(ends[1]);
	if (status != SR_OK) {
		sr_fd_close(ends[0]);
		return status;
	}
	*fd = ends[0];
	return SR_OK;
}
