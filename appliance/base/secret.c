/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/base/secret.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- spares ---------------------------------------------------------------------------------------- */

/*
 * Keys and single chunks come and go with every opening.  The kernel stops all threads of the process for
 * each mapping and unmapping, so some of these sizes are kept: wiped, and locked as they are.
 */
#define SPARES 16
#define SPARE_LARGE 65536u

struct spares {
	size_t mapped;
	size_t count;
	struct sr_secret *list[SPARES];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct spares spares[2];

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

/* The mappings are not the child's. */
static void in_child(void)
{
	spares[0].count = spares[1].count = 0;
	pthread_mutex_unlock(&lock);
}

static void begin(void)
{
	spares[0].mapped = (size_t)sysconf(_SC_PAGESIZE);
	spares[1].mapped = SPARE_LARGE;
	(void)pthread_atfork(before_fork, after_fork, in_child);
}

static struct spares *spares_of(size_t mapped)
{
	pthread_once(&once, begin);
	for (size_t i = 0; i < sizeof(spares) / sizeof(spares[0]); i++)
		if (spares[i].mapped == mapped)
			return &spares[i];
	return NULL;
}

static struct sr_secret *take_spare(size_t mapped)
{
	struct spares *of = spares_of(mapped);
	struct sr_secret *secret = NULL;

	if (!of)
		return NULL;
	pthread_mutex_lock(&lock);
	if (of->count > 0)
		secret = of->list[--of->count];
	pthread_mutex_unlock(&lock);
	return secret;
}

/* Wiped already; false where it is to be unmapped. */
static bool keep_spare(struct sr_secret *secret)
{
	struct spares *of = secret->locked ? spares_of(secret->mapped) : NULL;
	bool kept = false;

	if (!of)
		return false;
	pthread_mutex_lock(&lock);
	if (of->count < SPARES) {
		of->list[of->count++] = secret;
		kept = true;
	}
	pthread_mutex_unlock(&lock);
	return kept;
}

/* --- secrets --------------------------------------------------------------------------------------- */

static enum sr_status map(size_t size, size_t mapped, struct sr_secret **out, struct sr_err *err)
{
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

enum sr_status sr_secret_new(size_t size, struct sr_secret **out, struct sr_err *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t mapped;

	if (size == 0 || __builtin_add_overflow(size, page - 1, &mapped))
		return sr_fail(err, SR_NO_MEMORY, "a secret of %zu bytes", size);
	mapped -= mapped % page;

	struct sr_secret *spare = take_spare(mapped);
	if (!spare)
		return map(size, mapped, out, err);
	spare->size = size;
	*out = spare;
	return SR_OK;
}

void sr_secret_free(struct sr_secret *secret)
{
	if (!secret)
		return;
	sr_wipe(secret->data, secret->mapped);
	if (keep_spare(secret))
		return;
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
