/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum sr_status sr_secret_new(size_t size, struct sr_secret **out, struct sr_err *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t mapped;

	if (size == 0 || __builtin_add_overflow(size, page - 1, &mapped))
		return sr_fail(err, SR_NO_MEMORY, "a secret of %zu bytes", size);
	mapped -= mapped % page;

	struct sr_secret *secret = calloc(1, sizeof(*secret));
	if (!secret)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a secret");
	void *data = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (data == MAP_FAILED) {
		free(secret);
		return sr_fail_errno(err, "memory for a secret");
	}
	*secret = (struct sr_secret){ .data = data, .size = size, .mapped = mapped };
	secret->locked = mlock(data, mapped) == 0;
	(void)madvise(data, mapped, MADV_DONTDUMP);
	(void)madvise(data, mapped, MADV_DONTFORK);
	*out = secret;
	return SR_OK;
}

void sr_secret_free(struct sr_secret *secret)
{
	if (!secret)
		return;
	sr_wipe(secret->data, secret->mapped);
	munmap(secret->data, secret->mapped);
	free(secret);
}

void sr_wipe(void *data, size_t size)
{
	explicit_bzero(data, size);
}

bool sr_secret_equal(const void *a, const void *b, size_t size)
{
	const uint8_t *left = a;
	const uint8_t *right = b;
	uint8_t difference = 0;

	for (size_t i = 0; i < size; i++)
		difference |= left[i] ^ right[i];
	return difference == 0;
}

enum sr_status sr_secret_harden_process(struct sr_err *err)
{
	static const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return sr_fail_errno(err, "switch off core files");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return sr_fail_errno(err, "switch off tracing");
	return SR_OK;
}
