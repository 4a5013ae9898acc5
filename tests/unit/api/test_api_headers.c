/* SPDX-License-Identifier: Apache-2.0 */
/* Cookies, bearer tokens, tus's headers, names of members. */
#include "tests/unit/unit.h"

#include "api/answer.h"
#include "api/content_name.h"
#include "api/cookie.h"
#include "api/problem.h"
#include "api/tus.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

static void the_session_is_taken_from_the_cookies(void **state)
{
	static const struct {
		const char *header, *wanted;
	} cases[] = {
		{ "__Host-session=abc", "abc" },
		{ "a=b; __Host-session=a-B_9; c=d", "a-B_9" },
		{ "__Host-session=abc ;x=y", "abc" },
		{ "x__Host-session=abc", NULL },
		{ "__host-session=abc", NULL },
		{ "__Host-session=", NULL },
		{ "__Host-session=a b", NULL },
		{ "__Host-session=\"abc\"", NULL },
		{ "__Host-session=abc; __Host-session=def", NULL },
		{ ";;;", NULL },
		{ "", NULL },
		{ NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		char token[SR_COOKIE_TOKEN_BYTES];

		print_message("case: %s\n", cases[i].header ? cases[i].header : "(none)");
		assert_int_equal(sr_cookie_session(cases[i].header, token), cases[i].wanted != NULL);
		if (cases[i].wanted)
			assert_string_equal(token, cases[i].wanted);
	}
}

static void bearer_tokens_have_one_form(void **state)
{
	char token[SR_COOKIE_TOKEN_BYTES];

	(void)state;
	assert_true(sr_cookie_bearer("Bearer abc", token));
	assert_string_equal(token, "abc");
	assert_true(sr_cookie_bearer("bearer abc ", token));
	assert_false(sr_cookie_bearer("Bearer", token));
	assert_false(sr_cookie_bearer("Bearer ", token));
	assert_false(sr_cookie_bearer("Basic abc", token));
	assert_false(sr_cookie_bearer("Bearer a,b", token));
	assert_false(sr_cookie_bearer(NULL, token));
}

static void metadata_is_pairs_of_key_and_base64(void **state)
{
	static const struct {
		const char *header;
		enum sr_status status;
		const char *name;
	} cases[] = {
		/* tus 1.0.0, "Upload-Metadata": its own example */
		{ "filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential", SR_OK,
		  "world_domination_plan.pdf" },
		{ "", SR_OK, "" },
		{ "a,b,c", SR_OK, "" },
		{ "a YQ==, b Yg==", SR_OK, "" },
		{ "a YQ==,a Yg==", SR_INVALID, NULL },
		{ "a,", SR_INVALID, NULL },
		{ ",a", SR_INVALID, NULL },
		{ " ", SR_INVALID, NULL },
		{ "a YQ", SR_INVALID, NULL },
		{ "a !", SR_INVALID, NULL },
		{ "\xe6 YQ==", SR_INVALID, NULL },
		{ "filename /w==", SR_INVALID, NULL },
		{ "filename YQpi", SR_INVALID, NULL }, /* a line break */
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf name = { 0 };
		struct sr_err err;
		const char *text;

		print_message("case: %s\n", cases[i].header);
		assert_int_equal(sr_tus_metadata_check(cases[i].header, &name, &err), cases[i].status);
		if (!cases[i].name)
			continue;
		assert_ok(sr_buf_text(&name, &text, &err));
		assert_string_equal(text, cases[i].name);
	}
}

static void checksums_name_their_algorithm(void **state)
{
	struct sr_tus_checksum sum;
	struct sr_err err;

	(void)state;
	/* SHA-1 of "hello world" (tus 1.0.0, "Checksum": its own example) */
	assert_ok(sr_tus_checksum_parse("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", &sum, &err));
	assert_int_equal(sum.algorithm, SR_TUS_SHA1);
	assert_int_equal(sum.digest[0], 0x2a);
	assert_int_equal(sr_tus_checksum_parse("sha1 Kq5s", &sum, &err), SR_INVALID);
	assert_int_equal(sr_tus_checksum_parse("md5 XrY7u+Ae7tCTyyK7j1rNww==", &sum, &err), SR_INVALID);
	assert_int_equal(sr_tus_checksum_parse("sha1", &sum, &err), SR_INVALID);
	assert_int_equal(sr_tus_checksum_parse("", &sum, &err), SR_INVALID);
}

static void uploads_are_named_by_their_address(void **state)
{
	(void)state;
	assert_string_equal(sr_tus_upload_id("/api/v1/uploads/U1"), "U1");
	assert_string_equal(sr_tus_upload_id("https://x:8443/api/v1/uploads/U1"), "U1");
	assert_string_equal(sr_tus_upload_id("U1"), "U1");
	assert_null(sr_tus_upload_id("/api/v1/uploads/"));
	assert_null(sr_tus_upload_id("/api/v1/uploads/U1/x"));
	assert_null(sr_tus_upload_id("https://x"));
	assert_null(sr_tus_upload_id(""));
}

static void names_of_members_become_headers(void **state)
{
	static const struct {
		const char *path, *type, *wanted;
	} cases[] = {
		/* RFC 8187, 3.2.3: the pound and euro signs */
		{ "documents/\xc2\xa3 and \xe2\x82\xac rates", "application/pdf",
		  "inline; filename=\"_ and _ rates\"; filename*=UTF-8''%C2%A3%20and%20%E2%82%AC%20rates" },
		{ "a\"b\\c%d.html", "text/html",
		  "attachment; filename=\"a_b_c_d.html\"; filename*=UTF-8''a%22b%5Cc%25d.html" },
		{ "x\r\nSet-Cookie: a", "text/plain",
		  "inline; filename=\"x__Set-Cookie: a\"; filename*=UTF-8''x%0D%0ASet-Cookie%3A%20a" },
		{ "v.mp4", "video/mp4", "inline; filename=\"v.mp4\"; filename*=UTF-8''v.mp4" },
		{ "v.svg", "image/svg+xml", "attachment; filename=\"v.svg\"; filename*=UTF-8''v.svg" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
		struct sr_err err;
		const char *text;

		assert_ok(sr_content_disposition(cases[i].path, cases[i].type, &out, &err));
		assert_ok(sr_buf_text(&out, &text, &err));
		assert_string_equal(text, cases[i].wanted);
	}
	assert_string_equal(sr_content_type("text/html"), "text/html");
	assert_string_equal(sr_content_type("text/html\r\nX: y"), "application/octet-stream");
	assert_string_equal(sr_content_type("a/b/c"), "application/octet-stream");
	assert_string_equal(sr_content_type(""), "application/octet-stream");
	assert_string_equal(sr_content_type("text"), "application/octet-stream");
}

static void no_header_begins_within_another(void **state)
{
	SR_CLEANUP(sr_answer_dispose) struct sr_answer answer = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(sr_answer_header(&answer, &err, "ETag", "%s", "a\r\nSet-Cookie: b"));
	assert_string_equal(sr_answer_value(&answer, "ETag"), "a  Set-Cookie: b");
}

static void problems_keep_their_names_and_hide_the_machine(void **state)
{
	SR_CLEANUP(sr_json_decrefp)
	json_t *place = sr_problem_make("org.strongroom.Invalid", 0, "/days: must be a number");
	SR_CLEANUP(sr_json_decrefp) json_t *inner = sr_problem_make("Io", 0, "open /secret/path: denied");
	SR_CLEANUP(sr_json_decrefp) json_t *unknown = sr_problem_make("org.strongroom.Frob", 0, "x");
	struct sr_err err;

	(void)state;
	assert_int_equal(sr_fail(&err, SR_DENIED, "the grant %s is over", "G1"), SR_DENIED);
	SR_CLEANUP(sr_json_decrefp) json_t *whole = sr_problem_of("Expired", 0, &err);
	SR_CLEANUP(sr_json_decrefp) json_t *hidden = sr_problem_of("Io", 0, &err);
	const json_t *part = json_array_get(json_object_get(whole, "parts"), 0);
	assert_string_equal(sr_json_text(part, "form"), "the grant {0} is over");
	assert_string_equal(json_string_value(json_array_get(json_object_get(part, "values"), 0)), "G1");
	assert_null(json_object_get(hidden, "parts"));
	assert_string_equal(sr_json_text(json_array_get(json_object_get(place, "parts"), 0), "form"),
	                    "/days: must be a number");
	assert_int_equal(sr_problem_status("org.strongroom.NotGranted"), 403);
	assert_int_equal(sr_problem_status("RequestChanged"), 409);
	assert_int_equal(sr_problem_status("NotFound"), 404);
	assert_int_equal(sr_problem_status("Busy"), 503);
	assert_int_equal(sr_problem_status("TooManyAttempts"), 429);
	assert_int_equal(sr_problem_status("org.strongroom.Frob"), 500);
	assert_string_equal(sr_json_text(place, "type"), "urn:strongroom:Invalid");
	assert_string_equal(sr_json_text(json_array_get(json_object_get(place, "errors"), 0), "pointer"),
	                    "/days");
	assert_null(sr_json_text(inner, "detail"));
	assert_string_equal(sr_json_text(unknown, "type"), "urn:strongroom:Io");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_session_is_taken_from_the_cookies),
		cmocka_unit_test(bearer_tokens_have_one_form),
		cmocka_unit_test(metadata_is_pairs_of_key_and_base64),
		cmocka_unit_test(checksums_name_their_algorithm),
		cmocka_unit_test(uploads_are_named_by_their_address),
		cmocka_unit_test(names_of_members_become_headers),
		cmocka_unit_test(no_header_begins_within_another),
		cmocka_unit_test(problems_keep_their_names_and_hide_the_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
