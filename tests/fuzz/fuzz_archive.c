/* SPDX-License-Identifier: Apache-2.0 */
/* Open and verify whatever bytes as an archive: no crash, and no verdict "ok" without a signature of ours. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "appliance/archive/verify.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

#define ENTRY_MAX (1u << 20)

static void read_everything(const struct sr_archive *archive)
{
	for (size_t i = 0; i < sr_archive_entry_count(archive); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };
		const struct sr_archive_entry *entry = sr_archive_entry_at(archive, i);
		struct sr_err err;

		if (sr_archive_find(archive, entry->name) != entry ||
		    sr_archive_read_entry(archive, entry->name, ENTRY_MAX, &bytes, &err) != SR_OK)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
	SR_CLEANUP(sr_archive_closep) struct sr_archive *archive = NULL;
	SR_CLEANUP(sr_certs_freep) struct sr_certs *no_roots = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = memfd_create("archive", MFD_CLOEXEC);
	struct sr_err err;

	if (fd < 0 || sr_fd_write_all(fd, data, size, &err) != SR_OK ||
	    sr_certs_new(&no_roots, &err) != SR_OK)
		return 0;
	if (sr_archive_open(fd, &archive, &err) == SR_OK)
		read_everything(archive);
	/* Nobody is trusted, so nothing may verify. */
	struct sr_verify_options options = { .roots = no_roots, .quick = true, .threads = 1 };
	if (sr_archive_verify(fd, &options, &report, &err) == SR_OK && report.ok)
		abort();
	return 0;
}
