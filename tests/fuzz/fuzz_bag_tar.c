/* SPDX-License-Identifier: Apache-2.0 */
/* A bag in a tar, from its first byte to the verdict. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "appliance/archive/bag.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_bag_report_dispose) struct sr_bag_report report = { 0 };
	SR_CLEANUP(sr_fd_closep) int fd = memfd_create("bag", MFD_CLOEXEC);
	struct sr_err err;

	if (fd < 0 || sr_fd_write_all(fd, data, size, &err) != SR_OK)
		return 0;
	enum sr_status status = sr_bag_verify_fd(fd, NULL, &report, &err);
	if (status == SR_OK && report.valid != (report.problem_count == 0))
		abort();
	return 0;
}
