/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <malloc.h>
#include <stdlib.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/wire/frame_scan.h"
#include "appliance/keeper/wire/message.h"
#include "appliance/keeper/wire/wire_memory.h"

static enum sr_status parse_call(const char *text, size_t size, struct sr_message *out)
{
	struct sr_err err;

	return sr_message_parse_call((const uint8_t *)text, size, out, &err);
}

static enum sr_status parse_answer(const char *text, size_t size, struct sr_message *out)
{
	struct sr_err err;

	return sr_message_parse_answer((const uint8_t *)text, size, out, &err);
}

/* The forms of varlink.org, "Method Call". */
static void frames_have_varlinks_form(void **state)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_pack("{s:s}", "grant", "G00042-7kq2v9");
	static const char *const want[] = {
		"{\"method\":\"org.strongroom.RevokeGrant\",\"parameters\":{\"grant\":\"G00042-7kq2v9\"}}",
		"{\"method\":\"org.strongroom.RevokeGrant\",\"parameters\":{},\"more\":true}",
		"{\"parameters\":{\"grant\":\"G00042-7kq2v9\"}}",
		"{\"parameters\":{},\"continues\":true}",
		"{\"error\":\"org.strongroom.NotGranted\",\"parameters\":{}}",
	};
	const char *method = "org.strongroom.RevokeGrant";
	struct sr_frame frames[5] = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_message_write_call(method, parameters, false, &frames[0], &err));
	assert_ok(sr_message_write_call(method, NULL, true, &frames[1], &err));
	assert_ok(sr_message_write_answer(parameters, false, &frames[2], &err));
	assert_ok(sr_message_write_answer(NULL, true, &frames[3], &err));
	assert_ok(sr_message_write_error("org.strongroom.NotGranted", NULL, &frames[4], &err));
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(frames[i].size, strlen(want[i]));
		/* Its NUL is part of the memory. */
		assert_string_equal((const char *)frames[i].text, want[i]);
		sr_frame_dispose(&frames[i]);
	}
}

static void names_are_checked_when_written(void **state)
{
	static const struct {
		const char *name;
		bool valid;
	} cases[] = {
		{ "org.strongroom.WhoAmI", true },
		{ "org.varlink.service.GetInfo", true },
		{ "a.B", true },
		{ "org.strong-room.X9", true },
		{ "", false },
		{ "WhoAmI", false },
		{ "org.strongroom.whoAmI", false },
		{ "org.strongroom.", false },
		{ ".WhoAmI", false },
		{ "org.strongroom.Who\"", false },
		{ "org.strongroom.Who AmI", false },
		{ "org.strongroom.Wer\xc3\xa4", false },
		{ "9rg.strongroom.WhoAmI", false },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };
		enum sr_status want = cases[i].valid ? SR_OK : SR_INVALID;
		struct sr_err err;

		print_message("case: %s\n", cases[i].name);
		assert_int_equal(sr_message_name_is_valid(cases[i].name), cases[i].valid);
		assert_int_equal(sr_message_write_call(cases[i].name, NULL, false, &frame, &err), want);
	}
	SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };
	SR_CLEANUP(sr_json_decrefp) json_t *list = json_array();
	struct sr_err err;
	assert_int_equal(sr_message_write_answer(list, false, &frame, &err), SR_INVALID);
}

static void answers_are_read_as_strictly(void **state)
{
	static const struct {
		const char *why, *text;
		enum sr_status want;
	} cases[] = {
		{ "an answer", "{\"parameters\":{\"a\":1}}", SR_OK },
		{ "an empty one", "{}", SR_OK },
		{ "one of several", "{\"parameters\":{},\"continues\":true}", SR_OK },
		{ "an error", "{\"error\":\"org.strongroom.Busy\"}", SR_OK },
		{ "a push", "{\"method\":\"org.strongroom.GrantEnded\",\"parameters\":{}}", SR_OK },
		{ "an error that goes on", "{\"error\":\"org.strongroom.Busy\",\"continues\":true}",
		  SR_INVALID },
		{ "push and error", "{\"error\":\"a.B\",\"method\":\"a.B\"}", SR_INVALID },
		{ "a push that goes on", "{\"method\":\"a.B\",\"continues\":true}", SR_INVALID },
		{ "an error's name", "{\"error\":\"Busy\"}", SR_INVALID },
		{ "unknown key", "{\"parameters\":{},\"x\":1}", SR_INVALID },
		{ "a doubled key", "{\"parameters\":{},\"parameters\":{}}", SR_INVALID },
		{ "a list", "[]", SR_INVALID },
		{ "nothing", "", SR_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		struct sr_message message = { 0 };

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(parse_answer(cases[i].text, strlen(cases[i].text), &message), cases[i].want);
		if (cases[i].want == SR_OK)
			assert_true(json_is_object(message.parameters));
		sr_message_dispose(&message);
	}
}

static const char call_text[] =
	"{\"method\":\"org.strongroom.FindCases\",\"parameters\":{\"words\":[\"现场\"],"
	"\"limit\":50},\"more\":true}";

static void every_truncation_is_refused(void **state)
{
	struct sr_message message = { 0 };

	(void)state;
	for (size_t size = 0; size + 1 < sizeof(call_text); size++)
		assert_int_equal(parse_call(call_text, size, &message), SR_INVALID);
	assert_int_equal(parse_call(call_text, sizeof(call_text) - 1, &message), SR_OK);
	assert_string_equal(message.method, "org.strongroom.FindCases");
	assert_true(message.more);
	sr_message_dispose(&message);
}

static void every_flipped_bit_gives_a_sound_message_or_none(void **state)
{
	char text[sizeof(call_text)];

	(void)state;
	memcpy(text, call_text, sizeof(text));
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		struct sr_message message = { 0 };

		text[bit / 8] = (char)(text[bit / 8] ^ (1 << (bit % 8)));
		enum sr_status status = parse_call(text, sizeof(text) - 1, &message);
		if (status == SR_OK) {
			assert_true(sr_message_name_is_valid(message.method));
			assert_true(json_is_object(message.parameters));
		} else {
			assert_null(message.root);
		}
		sr_message_dispose(&message);
		text[bit / 8] = (char)(text[bit / 8] ^ (1 << (bit % 8)));
	}
}

/* jansson's calls of malloc, counted. */
static size_t allocated;

static void *count_malloc(size_t size)
{
	void *data = malloc(size);

	if (data)
		allocated += malloc_usable_size(data) + sizeof(size_t);
	return data;
}

static void count_free(void *data)
{
	if (data)
		allocated -= malloc_usable_size(data) + sizeof(size_t);
	free(data);
}

static void the_weight_is_no_less_than_what_jansson_allocates(void **state)
{
	static const struct {
		const char *why, *piece;
		size_t times;
	} cases[] = {
		{ "numbers", "1,", 20000 },
		{ "short texts", "\"a\",", 20000 },
		{ "empty objects", "{},", 20000 },
		{ "empty lists", "[],", 20000 },
		{ "small objects", "{\"a\":\"b\"},", 10000 },
		{ "lists of lists", "[[[[1]]]],", 5000 },
		{ "one object with many keys", NULL, 20000 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
		struct sr_message message = { 0 };
		struct sr_frame_scan scan = { 0 };
		struct sr_err err;

		const char *piece = cases[i].piece;
		assert_ok(sr_buf_printf(&text, &err, "{\"method\":\"a.B\",\"parameters\":{\"l\":%s",
		                        piece ? "[" : "{"));
		for (size_t n = 0; n < cases[i].times; n++)
			assert_ok(piece ? sr_buf_add_text(&text, piece, &err)
			                : sr_buf_printf(&text, &err, "\"%zu\":\"a\",", n));
		assert_ok(sr_buf_add_text(&text, piece ? "0]}}" : "\"last\":0}}}", &err));
		assert_ok(sr_frame_scan_add(&scan, text.data, text.size, &err));
		json_set_alloc_funcs(count_malloc, count_free);
		allocated = 0;
		assert_ok(sr_message_parse_call(text.data, text.size, &message, &err));
		print_message("case: %s: %zu bytes, weight %zu\n", cases[i].why, allocated,
		              sr_frame_scan_weight(&scan));
		assert_true(allocated <= sr_frame_scan_weight(&scan) + text.size);
		sr_message_dispose(&message);
		assert_int_equal(allocated, 0);
		json_set_alloc_funcs(malloc, free);
	}
}

static void json_is_freed_by_the_wiping_function_once_asked_for(void **state)
{
	json_malloc_t allocate;
	json_free_t release;
	char *text;

	(void)state;
	sr_wire_memory_wipe_json();
	json_get_alloc_funcs(&allocate, &release);
	assert_ptr_not_equal(release, free);
	json_t *password = json_string("geheim");
	json_decref(password);
	text = allocate(64);
	assert_non_null(text);
	release(text);
	release(NULL);
	json_set_alloc_funcs(malloc, free);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_have_varlinks_form),
		cmocka_unit_test(names_are_checked_when_written),
		cmocka_unit_test(answers_are_read_as_strictly),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_flipped_bit_gives_a_sound_message_or_none),
		cmocka_unit_test(the_weight_is_no_less_than_what_jansson_allocates),
		cmocka_unit_test(json_is_freed_by_the_wiping_function_once_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
