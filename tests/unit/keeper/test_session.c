/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/random.h"
#include "appliance/keeper/state/session.h"

#define NOON_NS 1795176000000000000ll
/* token and csrf of 32 bytes, in base64url (python: urlsafe_b64encode) */
#define CSRF "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define TOKEN "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"
/* printf TOKEN | sha256sum */
#define TOKEN_HASH "cf0931e168b49e987503caf18af6fe253b6b3d82a81008c3e8e1ee67c7c8dc55"

#define RECORD(user, role, grant, opened, used)                                                              \
	"{\"v\":1,\"token\":\"" TOKEN_HASH "\",\"user\":\"" user "\",\"role\":\"" role                       \
	"\",\"organ\":\"140300\",\"grant\":\"" grant "\",\"channel\":\"web\",\"address\":\"192.0.2.1\","     \
	"\"opened_ns\":" opened ",\"last_used_ns\":" used ",\"csrf\":\"" CSRF "\"}"
#define GOOD RECORD("u00007", "official", "", "1795176000000000000", "1795176000000000000")

static const struct sr_session_opening opening = { .user = "u00007",
	                                           .role = SR_ROLE_OFFICIAL,
	                                           .organ = "140300",
	                                           .channel = SR_SESSION_WEB,
	                                           .address = "192.0.2.1",
	                                           .now_ns = NOON_NS };

static void count_up(void *context, void *out, size_t size)
{
	uint8_t *next = context;

	for (size_t i = 0; i < size; i++)
		((uint8_t *)out)[i] = (*next)++;
}

static enum sr_status decode(const void *data, size_t size, struct sr_session *out)
{
	struct sr_err err;

	return sr_session_decode((struct sr_bytes){ .data = data, .size = size }, out, &err);
}

static void a_session_has_the_documented_token_and_record(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	char token[SR_SESSION_TOKEN_TEXT];
	struct sr_session session;
	uint8_t next = 0;
	struct sr_err err;

	(void)state;
	sr_random_inject(count_up, &next);
	enum sr_status status = sr_session_make(&opening, &session, token, &err);
	sr_random_inject(NULL, NULL);
	assert_int_equal(status, SR_OK);
	assert_string_equal(token, TOKEN);
	assert_ok(sr_session_encode(&session, &text, &err));
	assert_int_equal(text.size, strlen(GOOD));
	assert_memory_equal(text.data, GOOD, text.size);
	/* The token is not in what is stored. */
	assert_null(memmem(text.data, text.size, TOKEN, strlen(TOKEN)));
	assert_int_equal(strncmp(session.id + 1, TOKEN_HASH, 16), 0);
	assert_int_equal(session.id[0], 's');
	assert_int_equal(strlen(session.id), SR_SESSION_ID_TEXT - 1);
}

static void a_record_is_read_as_it_was_written(void **state)
{
	static const char pass[] =
		RECORD("P00003", "party", "G00042-7kq2v9", "1795176000000000000", "1795176060000000000");
	struct sr_session session;

	(void)state;
	assert_int_equal(decode(GOOD, strlen(GOOD), &session), SR_OK);
	assert_string_equal(session.user, "u00007");
	assert_int_equal(session.role, SR_ROLE_OFFICIAL);
	assert_int_equal(session.opened_ns, NOON_NS);
	assert_string_equal(session.csrf, CSRF);
	assert_int_equal(sr_session_until_ns(&session), NOON_NS + 36000 * SR_SECOND_NS);
	assert_int_equal(sr_session_due_ns(&session), NOON_NS + 900 * SR_SECOND_NS);
	assert_int_equal(decode(pass, strlen(pass), &session), SR_OK);
	assert_string_equal(session.grant, "G00042-7kq2v9");
	assert_int_equal(sr_session_until_ns(&session), NOON_NS + 7200 * SR_SECOND_NS);
	assert_int_equal(sr_session_due_ns(&session), NOON_NS + 960 * SR_SECOND_NS);
}

static void malformed_records_are_refused(void **state)
{
	static const struct {
		const char *why, *record;
	} cases[] = {
		{ "empty", "" },
		{ "no object", "[]" },
		{ "no key", "{}" },
		{ "white space", " " GOOD },
		{ "something behind", GOOD "\n" },
		{ "version 0", "{\"v\":0" },
		{ "a role that is none", RECORD("u00007", "root", "", "1", "1") },
		{ "a party without a grant", RECORD("P1", "party", "", "1", "1") },
		{ "an official under a grant", RECORD("u1", "official", "G1", "1", "1") },
		{ "no user", RECORD("", "official", "", "1", "1") },
		{ "a blank user", RECORD("  ", "official", "", "1", "1") },
		{ "a control character", RECORD("u\\u0007", "official", "", "1", "1") },
		{ "a NUL character", RECORD("u\\u0000x", "official", "", "1", "1") },
		{ "an escape that is none of ours", RECORD("\\u0075", "official", "", "1", "1") },
		{ "64 bytes of user",
		  RECORD("uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu", "official", "",
		         "1", "1") },
		{ "used before it opened", RECORD("u1", "official", "", "2", "1") },
		{ "used after its end", RECORD("u1", "official", "", "1", "36000000000002") },
		{ "a pass used after its end", RECORD("P1", "party", "G1", "1", "7200000000002") },
		{ "a negative time", RECORD("u1", "official", "", "-1", "1") },
		{ "a time that is none", RECORD("u1", "official", "", "1", "9223372036854775808") },
		{ "a real number", RECORD("u1", "official", "", "1.0", "1") },
		{ "a text for a time", RECORD("u1", "official", "", "\"1\"", "1") },
		{ "a key twice", RECORD("u1\",\"user\":\"u1", "official", "", "1", "1") },
		{ "another key", RECORD("u1\",\"more\":\"u1", "official", "", "1", "1") },
	};
	struct sr_session session;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(decode(cases[i].record, strlen(cases[i].record), &session), SR_CORRUPT);
	}
}

static void the_bound_of_a_record_is_kept(void **state)
{
	char text[SR_SESSION_RECORD_MAX + 1];
	struct sr_session session;

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, GOOD, strlen(GOOD));
	assert_int_equal(decode(text, sizeof(text), &session), SR_LIMIT);
	assert_int_equal(decode(text, sizeof(text) - 1, &session), SR_CORRUPT);
}

static void every_truncation_is_corrupt(void **state)
{
	struct sr_session session;

	(void)state;
	for (size_t size = 0; size < strlen(GOOD); size++)
		assert_int_equal(decode(GOOD, size, &session), SR_CORRUPT);
}

/* A flip may make another value; then it is that value's one spelling. */
static void every_flipped_bit_is_refused_or_is_another_record(void **state)
{
	char text[] = GOOD;

	(void)state;
	for (size_t bit = 0; bit < 8 * strlen(GOOD); bit++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf again = { 0 };
		struct sr_session session;
		struct sr_err err;

		text[bit / 8] = (char)(text[bit / 8] ^ (1 << (bit % 8)));
		if (decode(text, strlen(GOOD), &session) == SR_OK) {
			assert_ok(sr_session_encode(&session, &again, &err));
			assert_memory_equal(again.data, text, strlen(GOOD));
		}
		text[bit / 8] = (char)(text[bit / 8] ^ (1 << (bit % 8)));
	}
}

static void the_longest_record_fits(void **state)
{
	static const char quotes[] = "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""
				     "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"";
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const struct sr_session_opening longest = { .user = quotes,
		                                    .role = SR_ROLE_PARTY,
		                                    .organ = quotes,
		                                    .grant = quotes,
		                                    .channel = SR_SESSION_WEB,
		                                    .address = quotes,
		                                    .now_ns = NOON_NS };
	char token[SR_SESSION_TOKEN_TEXT];
	struct sr_session session, again;
	struct sr_err err;

	(void)state;
	assert_int_equal(strlen(quotes), SR_LABEL_BYTES - 1);
	assert_ok(sr_session_make(&longest, &session, token, &err));
	assert_ok(sr_session_encode(&session, &text, &err));
	assert_int_equal(decode(text.data, text.size, &again), SR_OK);
	assert_string_equal(again.user, quotes);
}

static void what_cannot_be_a_session_is_not_made(void **state)
{
	static const struct {
		const char *why;
		struct sr_session_opening opening;
	} cases[] = {
		{ "no user", { "", SR_ROLE_ADMIN, "o", NULL, SR_SESSION_WEB, "a", 1 } },
		{ "no organ", { "u", SR_ROLE_ADMIN, NULL, NULL, SR_SESSION_WEB, "a", 1 } },
		{ "a line break", { "u", SR_ROLE_ADMIN, "o", NULL, SR_SESSION_WEB, "a\n", 1 } },
		{ "a party without a grant", { "u", SR_ROLE_PARTY, "o", NULL, SR_SESSION_WEB, "a", 1 } },
		{ "an empty grant", { "u", SR_ROLE_PARTY, "o", "", SR_SESSION_WEB, "a", 1 } },
		{ "a handler under a grant", { "u", SR_ROLE_HANDLER, "o", "G", SR_SESSION_WEB, "a", 1 } },
		{ "before 1970", { "u", SR_ROLE_ADMIN, "o", NULL, SR_SESSION_WEB, "a", -1 } },
	};
	char token[SR_SESSION_TOKEN_TEXT];
	struct sr_session session;
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_session_make(&cases[i].opening, &session, token, &err), SR_INVALID);
	}
}

static void a_text_that_cannot_be_a_token_is_refused_before_it_is_looked_up(void **state)
{
	static const char *const texts[] = { "", "x", TOKEN "=", TOKEN "A", "+" TOKEN,
		                             /* the last character carries two bits that must be 0 */
		                             "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9",
		                             "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9P/8" };
	struct sr_digest hash;
	char hex[SR_DIGEST_HEX];
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(texts); i++)
		assert_int_equal(sr_session_token_hash(texts[i], strlen(texts[i]), &hash, &err), SR_DENIED);
	assert_ok(sr_session_token_hash(TOKEN, strlen(TOKEN), &hash, &err));
	sr_digest_to_hex(&hash, hex);
	assert_string_equal(hex, TOKEN_HASH);
}

static void the_header_token_is_the_sessions_own(void **state)
{
	char token[SR_SESSION_TOKEN_TEXT];
	struct sr_session session, other;
	struct sr_err err;

	(void)state;
	assert_ok(sr_session_make(&opening, &session, token, &err));
	assert_ok(sr_session_make(&opening, &other, token, &err));
	assert_true(sr_session_csrf_matches(&session, session.csrf, strlen(session.csrf)));
	assert_false(sr_session_csrf_matches(&session, other.csrf, strlen(other.csrf)));
	assert_false(sr_session_csrf_matches(&session, session.csrf, strlen(session.csrf) - 1));
	assert_false(sr_session_csrf_matches(&session, "", 0));
	assert_false(sr_session_csrf_matches(&session, token, strlen(token)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_has_the_documented_token_and_record),
		cmocka_unit_test(a_record_is_read_as_it_was_written),
		cmocka_unit_test(malformed_records_are_refused),
		cmocka_unit_test(the_bound_of_a_record_is_kept),
		cmocka_unit_test(every_truncation_is_corrupt),
		cmocka_unit_test(every_flipped_bit_is_refused_or_is_another_record),
		cmocka_unit_test(the_longest_record_fits),
		cmocka_unit_test(what_cannot_be_a_session_is_not_made),
		cmocka_unit_test(a_text_that_cannot_be_a_token_is_refused_before_it_is_looked_up),
		cmocka_unit_test(the_header_token_is_the_sessions_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
