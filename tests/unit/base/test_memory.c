/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/cursor.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"
#include "appliance/base/uuid.h"

static void a_secret_is_locked_and_left_out_of_core_files(void **state)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *secret = NULL;
	struct sr_err err;
	char line[256], range[64];
	bool mine = false, no_dump = false, no_fork = false, locked = false;

	(void)state;
	assert_ok(sr_secret_new(40, &secret, &err));
	memset(secret->data, 7, secret->size);
	snprintf(range, sizeof(range), "%lx-", (unsigned long)secret->data);
	FILE *maps = fopen("/proc/self/smaps", "r");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (strncmp(line, range, strlen(range)) == 0)
			mine = true;
		if (mine && strncmp(line, "VmFlags:", 8) == 0) {
			no_dump = strstr(line, " dd") != NULL;
			no_fork = strstr(line, " dc") != NULL;
			locked = strstr(line, " lo") != NULL;
			break;
		}
	}
	fclose(maps);
	assert_true(mine);
	assert_true(no_dump);
	assert_true(no_fork);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they make mlock do nothing */
	assert_int_equal(locked, secret->locked);
#else
	(void)locked;
#endif
}

static void secrets_compare_by_content(void **state)
{
	(void)state;
	assert_true(sr_secret_equal("abc", "abc", 3));
	assert_false(sr_secret_equal("abc", "abd", 3));
	assert_true(sr_secret_equal("abc", "abd", 2));
}

static void a_buffer_grows_and_stays_text(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf buf = { 0 };
	const char *text;
	struct sr_err err;

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_ok(sr_buf_printf(&buf, &err, "%03d", i));
	assert_int_equal(buf.size, 3000);
	assert_ok(sr_buf_text(&buf, &text, &err));
	assert_int_equal(strlen(text), 3000);
	assert_memory_equal(text + 2997, "999", 3);
	assert_int_equal(sr_buf_reserve(&buf, SIZE_MAX, &err), SR_NO_MEMORY);
}

static void a_cursor_never_leaves_its_bytes(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 'a', '\n', 'b' };
	struct sr_cursor c = { .next = bytes, .left = sizeof(bytes) };
	size_t size;

	(void)state;
	assert_int_equal(sr_cursor_le(&c, 2), 0x0201);
	assert_int_equal(sr_cursor_be(&c, 2), 0x0304);
	assert_ptr_equal(sr_cursor_line(&c, &size), bytes + 4);
	assert_int_equal(size, 1);
	assert_null(sr_cursor_line(&c, &size));
	assert_true(c.bad);
	assert_null(sr_cursor_take(&c, 1));
	assert_int_equal(sr_cursor_be(&c, 1), 0);
}

static void fill_counting(void *context, void *out, size_t size)
{
	uint8_t *next = context;

	for (size_t i = 0; i < size; i++)
		((uint8_t *)out)[i] = (*next)++;
}

/* Layout of RFC 9562 section 5.7: 48 bits of milliseconds, version, variant. */
static void a_case_id_is_a_uuid_of_version_7(void **state)
{
	uint8_t next = 0;
	char id[SR_UUID_TEXT];
	struct sr_err err;

	(void)state;
	sr_random_inject(fill_counting, &next);
	assert_ok(sr_uuid_make(0x017f22e279b0ll * 1000000, id, &err));
	sr_random_inject(NULL, NULL);
	assert_string_equal(id, "017f22e2-79b0-7607-8809-0a0b0c0d0e0f");
	assert_true(sr_uuid_is_valid(id));
	assert_false(sr_uuid_is_valid("017F22E2-79b0-7607-8809-0a0b0c0d0e0f"));
	assert_false(sr_uuid_is_valid("017f22e2-79b0-4607-8809-0a0b0c0d0e0f"));
	assert_false(sr_uuid_is_valid("017f22e2-79b0-7607-c809-0a0b0c0d0e0f"));
	assert_false(sr_uuid_is_valid("017f22e279b0-7607-8809-0a0b0c0d0e0f0"));
	assert_false(sr_uuid_is_valid(""));
}

static void an_error_is_one_printable_line(void **state)
{
	struct sr_err err;

	(void)state;
	assert_int_equal(sr_fail(&err, SR_INVALID, "name %s", "a\nb\x1b]0;x\x07"), SR_INVALID);
	assert_string_equal(err.text, "name a?b?]0;x?");
	assert_int_equal(sr_fail_in(&err, SR_INVALID, "case %d: ", 7), SR_INVALID);
	assert_string_equal(err.text, "case 7: name a?b?]0;x?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_locked_and_left_out_of_core_files),
		cmocka_unit_test(secrets_compare_by_content),
		cmocka_unit_test(a_buffer_grows_and_stays_text),
		cmocka_unit_test(a_cursor_never_leaves_its_bytes),
		cmocka_unit_test(a_case_id_is_a_uuid_of_version_7),
		cmocka_unit_test(an_error_is_one_printable_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
