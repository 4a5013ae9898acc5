/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole age file for a fixed identity: in memory, as a stream and by random access the same bytes come
 * out, or none.
 */
#include "tests/fuzz/target.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/crypto/age.h"

static const char identity_text[] =
	"AGE-SECRET-KEY-1NYPHNMA6PLRZS5T0HCGF0UJDS9TSNXH770D65D65992RVCFCJ6ES9E9KK7";

static struct sr_secret *identity;

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void check_stream(int in, const struct sr_secret *plain)
{
	SR_CLEANUP(sr_fd_closep) int out = memfd_create("out", MFD_CLOEXEC);
	SR_CLEANUP(sr_buf_dispose) struct sr_buf got = { 0 };
	struct sr_err err;

	need(lseek(in, 0, SEEK_SET) == 0);
	need((sr_age_decrypt_fd(identity, in, out, &err) == SR_OK) == (plain != NULL));
	if (!plain)
		return;
	need(lseek(out, 0, SEEK_SET) == 0);
	need(sr_fd_read_to_end(out, plain->size, &got, &err) == SR_OK);
	need(got.size == plain->size && memcmp(got.data, plain->data, plain->size) == 0);
}

static void check_reader(int fd, size_t size, const struct sr_secret *plain)
{
	SR_CLEANUP(sr_age_reader_closep) struct sr_age_reader *reader = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	size_t got = 0;
	struct sr_err err;
	bool good = sr_age_reader_open(fd, 0, size, identity, &reader, &err) == SR_OK;

	if (!good) {
		need(!plain);
		return;
	}
	need(sr_age_reader_size(reader) <= size);
	need(sr_buf_reserve(&out, size, &err) == SR_OK);
	good = sr_age_reader_read(reader, 0, out.data, size, &got, &err) == SR_OK;
	need(good == (plain != NULL));
	need(!good || (got == plain->size && memcmp(out.data, plain->data, got) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *plain = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = memfd_create("in", MFD_CLOEXEC);
	struct sr_err err;

	if (!identity)
		need(sr_age_identity_from_text(identity_text, strlen(identity_text), &identity, &err) ==
		     SR_OK);
	need(fd >= 0 && sr_fd_write_all(fd, data, size, &err) == SR_OK);
	bool good =
		sr_age_decrypt(identity, (struct sr_bytes){ data, size }, SIZE_MAX, &plain, &err) == SR_OK;
	need(good == (plain != NULL));
	check_stream(fd, plain);
	check_reader(fd, size, plain);
	return 0;
}
