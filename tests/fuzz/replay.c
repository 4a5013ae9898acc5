/* SPDX-License-Identifier: Apache-2.0 */
/* main() for fuzz targets without libFuzzer: run the target once on each file of the command line. */
#include <stdio.h>
#include <stdlib.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "tests/fuzz/target.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf input = { 0 };
		struct sr_err err;

		if (sr_fd_read_file(AT_FDCWD, argv[i], 64u << 20, &input, &err) != SR_OK) {
			fprintf(stderr, "%s\n", err.text);
			return EXIT_FAILURE;
		}
		LLVMFuzzerTestOneInput(input.data, input.size);
	}
	return EXIT_SUCCESS;
}
