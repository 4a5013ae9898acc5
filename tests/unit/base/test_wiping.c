/* SPDX-License-Identifier: Apache-2.0 */
/* What was secret is not left in memory that was given back: looked for in all of the heap. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"

#define HEAP_MAX (64u << 20)

/* The sanitizers have a heap of their own, which cannot be searched: there they watch the same calls. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HEAP_IS_OURS false
#else
#define HEAP_IS_OURS true
#endif

static char pattern[33]; /* made at run time, so that the program's own text does not hold it */

static void make_pattern(char first)
{
	for (size_t i = 0; i < sizeof(pattern) - 1; i++)
		pattern[i] = (char)(first + (char)(i % 13));
}

/* How often the pattern lies in the heap, in blocks that are free too. */
static size_t copies_in_heap(void)
{
	char line[256];
	unsigned long from = 0, to = 0;
	size_t copies = 0, got = 0;
	struct sr_err err;
	FILE *maps = fopen("/proc/self/maps", "r");

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "[heap]"))
			assert_int_equal(sscanf(line, "%lx-%lx", &from, &to), 2);
	fclose(maps);
	assert_true(to > from && to - from <= HEAP_MAX);

	SR_CLEANUP(sr_fd_closep) int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	assert_true(memory >= 0);
	/* Not from the heap itself: this copy must not be found. */
	static uint8_t piece[65536 + sizeof(pattern)];
	for (unsigned long at = from; at < to; at += 65536) {
		size_t want = to - at < sizeof(piece) ? to - at : sizeof(piece);

		assert_ok(sr_fd_pread(memory, piece, want, at, &got, &err));
		for (uint8_t *found = piece;
		     (found = memmem(found, (size_t)(piece + got - found), pattern, sizeof(pattern) - 1)) &&
		     found < piece + 65536;
		     found++)
			copies++;
	}
	return copies;
}

static void expect_copies(size_t least, size_t most)
{
	size_t copies = HEAP_IS_OURS ? copies_in_heap() : least;

	assert_in_range(copies, least, most);
}

static void fill(struct sr_buf *buf)
{
	struct sr_err err;

	for (int i = 0; i < 1000; i++) /* grows from 256 bytes to 32 KiB */
		assert_ok(sr_buf_add(buf, pattern, sizeof(pattern) - 1, &err));
}

static void a_secret_buffer_leaves_nothing_behind(void **state)
{
	struct sr_buf secret = { .secret = true };

	(void)state;
	make_pattern('B');
	fill(&secret);
	assert_int_equal(secret.size, 1000 * (sizeof(pattern) - 1));
	assert_memory_equal(secret.data + secret.size - 32, pattern, 32);
	expect_copies(1000, 1000);
	sr_buf_dispose(&secret);
	expect_copies(0, 0);

	/* The search does find what another buffer leaves. */
	struct sr_buf open = { 0 };
	make_pattern('D');
	fill(&open);
	sr_buf_dispose(&open);
	expect_copies(1, SIZE_MAX);
}

static void freed_json_leaves_nothing_behind(void **state)
{
	char text[128];
	json_t *json;
	struct sr_err err;

	(void)state;
	make_pattern('F');
	snprintf(text, sizeof(text), "{\"%s\":[\"%s\"]}", pattern, pattern);
	assert_ok(sr_json_parse(text, strlen(text), 1000, &json, &err));
	expect_copies(2, SIZE_MAX);
	json_decref(json);
	expect_copies(0, 0);
}

static int set_up(void **state)
{
	(void)state;
	sr_json_wipe_freed();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_buffer_leaves_nothing_behind),
		cmocka_unit_test(freed_json_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
