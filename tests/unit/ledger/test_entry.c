/* SPDX-License-Identifier: Apache-2.0 */
/* Entries: the written form, every type of docs/LEDGER.md, and all that is refused. */
#include "tests/unit/ledger/ledger_lab.h"

#include "appliance/base/random.h"
#include "appliance/base/text.h"
#include "appliance/ledger/entry.h"
#include "appliance/ledger/entry_type.h"

#define CASE "0193a5b2-7c4d-7e5f-8a6b-9c0d1e2f3a4b"
#define DIGEST "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

static void counting_bytes(void *context, void *out, size_t size)
{
	(void)context;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)out)[i] = (uint8_t)i;
}

static enum sr_status encode(const char *type, const char *actor, const char *fields, uint64_t seq,
                             int64_t time_ns, struct sr_buf *out, struct sr_err *why)
{
	SR_CLEANUP(sr_json_decrefp) json_t *actor_json = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *fields_json = NULL;
	struct sr_err err;

	if (actor)
		assert_ok(sr_json_parse(actor, strlen(actor), 1u << 20, &actor_json, &err));
	if (fields)
		assert_ok(sr_json_parse(fields, strlen(fields), 1u << 20, &fields_json, &err));
	const struct sr_entry_draft draft = { .type = type, .actor = actor_json, .fields = fields_json };
	return sr_entry_encode(&draft, seq, time_ns, out, why);
}

static enum sr_status decode(const void *data, size_t size)
{
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	struct sr_err err;

	return sr_entry_decode((struct sr_bytes){ data, size }, &entry, &err);
}

/* Salt: the bytes 0 to 15 in RFC 4648's alphabet for URLs. */
static void an_entry_is_compact_json_in_a_fixed_order(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
	const char *text;
	struct sr_err err;

	(void)state;
	sr_random_inject(counting_bytes, NULL);
	/* fields come in any order, and are written in that of their type */
	enum sr_status status =
		encode("grant.revoked", "{\"user\":\"u00007\",\"role\":\"official\",\"uid\":1007}",
	               "{\"reason\":\"案件\\\"x\\\"\\n/\",\"why\":\"official\",\"request\":\"R00003\","
	               "\"grant\":\"G00042-7kq2v9\"}",
	               8190, LAB_TIME_NS, &out, &err);
	sr_random_inject(NULL, NULL);
	assert_ok(status);
	assert_ok(sr_buf_text(&out, &text, &err));
	assert_string_equal(
		text,
		"{\"v\":1,\"seq\":8190,\"time\":\"2026-11-21T08:15:00.123456Z\",\"type\":\"grant.revoked\","
		"\"salt\":\"AAECAwQFBgcICQoLDA0ODw\",\"actor\":{\"user\":\"u00007\",\"role\":\"official\","
		"\"uid\":1007},\"grant\":\"G00042-7kq2v9\",\"request\":\"R00003\",\"why\":\"official\","
		"\"reason\":\"案件\\\"x\\\"\\n/\"}");
	assert_ok(sr_entry_decode(sr_buf_bytes(&out), &entry, &err));
	assert_int_equal(entry.seq, 8190);
	assert_true(entry.time_ns == LAB_TIME_NS);
	assert_string_equal(entry.type, "grant.revoked");
	assert_string_equal(sr_json_text(entry.actor, "user"), "u00007");
	assert_string_equal(sr_json_text(entry.root, "why"), "official");
}

static void each_entry_has_a_salt_of_its_own(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf first = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf second = { 0 };
	struct sr_err err;

	(void)state;
	assert_ok(
		encode("session.closed", NULL, "{\"session\":\"S1\",\"why\":\"idle\"}", 1, 0, &first, &err));
	assert_ok(
		encode("session.closed", NULL, "{\"session\":\"S1\",\"why\":\"idle\"}", 1, 0, &second, &err));
	assert_int_equal(first.size, second.size);
	assert_memory_not_equal(first.data, second.data, first.size);
}

/* A value of each kind, as docs/LEDGER.md explains the kinds. */
static const char *sample(const char *kind)
{
	static const struct {
		const char *kind;
		const char *json;
	} samples[] = {
		{ "text", "\"文 text\"" },
		{ "count", "0" },
		{ "flag", "true" },
		{ "digest", "\"" DIGEST "\"" },
		{ "time", "\"2026-11-21T08:15:00Z\"" },
		{ "date", "\"2026-11-21\"" },
		{ "case", "\"" CASE "\"" },
		{ "cases", "[\"" CASE "\"]" },
		{ "texts", "[\"a\",\"b\"]" },
		{ "scope", "[{\"case\":\"" CASE "\",\"members\":[1,2]}]" },
		{ "ranges", "[[0,65535],[131072,131072]]" },
		{ "object", "{\"a\":{\"b\":[1,null]}}" },
		{ "objects", "[{\"code\":\"IM6.1\",\"count\":2}]" },
	};

	for (size_t i = 0; i < SR_COUNT(samples); i++)
		if (strcmp(samples[i].kind, kind) == 0)
			return samples[i].json;
	fail_msg("no sample of kind %s", kind);
	return NULL;
}

/*
 * The fields of a type as JSON, with sample values.  @which: SIZE_MAX for all, else the number of one to
 * leave out; *optional says whether that one may be left out; @no_optional leaves those out too.  False
 * behind the last.
 */
static bool fields_of(const struct sr_entry_type *type, size_t which, bool no_optional, bool *optional,
                      struct sr_buf *out)
{
	char fields[1024], *rest = fields;
	bool found = which == SIZE_MAX;
	size_t number = 0, put = 0;
	struct sr_err err;

	snprintf(fields, sizeof(fields), "%s", type->fields);
	assert_ok(sr_buf_add_text(out, "{", &err));
	for (char *field = strtok_r(fields, " ", &rest); field;
	     field = strtok_r(NULL, " ", &rest), number++) {
		char *kind = strchr(field, ':');
		char *mark = strchr(field, '?');

		*kind++ = 0;
		if (mark)
			*mark = 0;
		if (number == which) {
			*optional = mark != NULL;
			found = true;
			continue;
		}
		if (mark && no_optional)
			continue;
		assert_ok(sr_buf_printf(out, &err, "%s\"%s\":%s", put++ ? "," : "", field, sample(kind)));
	}
	assert_ok(sr_buf_add_text(out, "}", &err));
	return found;
}

static void every_type_is_written_and_read_and_misses_no_field(void **state)
{
	const struct sr_entry_type *type;
	struct sr_err err;
	size_t types = 0;

	(void)state;
	for (; (type = sr_entry_type_at(types)) != NULL; types++) {
		bool more = true;

		assert_ptr_equal(sr_entry_type_find(type->name), type);
		for (size_t which = SIZE_MAX; more; which++) {
			for (int no_optional = 0; no_optional < 2; no_optional++) {
				SR_CLEANUP(sr_buf_dispose) struct sr_buf fields = { 0 };
				SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
				bool optional = true;
				const char *text;

				more = fields_of(type, which, no_optional, &optional, &fields);
				assert_ok(sr_buf_text(&fields, &text, &err));
				enum sr_status status =
					encode(type->name, NULL, text, 5, LAB_TIME_NS, &out, &err);
				assert_int_equal(status, optional ? SR_OK : SR_INVALID);
				if (status == SR_OK)
					assert_int_equal(decode(out.data, out.size), SR_OK);
			}
		}
	}
	assert_int_equal(types, 60);
	assert_null(sr_entry_type_find("access.open"));
	assert_null(sr_entry_type_find(""));
}

/* The rows "| `type` | `fields` |" of the document are the table, in its order. */
static void the_document_has_the_same_table(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf document = { 0 };
	const struct sr_entry_type *type;
	const char *at;
	struct sr_err err;
	size_t rows = 0;

	(void)state;
	assert_ok(sr_fd_read_file(AT_FDCWD, "docs/LEDGER.md", 1u << 20, &document, &err));
	assert_ok(sr_buf_text(&document, &at, &err));
	for (size_t i = 0; (type = sr_entry_type_at(i)) != NULL; i++) {
		char row[1200];

		snprintf(row, sizeof(row), "\n| `%s` | `%s` |", type->name, type->fields);
		const char *found = strstr(at, row);
		if (!found)
			print_message("docs/LEDGER.md has not, or not in its place: %s\n", row + 1);
		assert_non_null(found);
		at = found + 1;
	}
	assert_ok(sr_buf_text(&document, &at, &err));
	for (const char *row = strstr(at, "\n| `"); row; row = strstr(row + 1, "\n| `"))
		rows += strchr(row + 4, '.') && strchr(row + 4, '.') < strchr(row + 4, '`');
	assert_int_equal(rows, 60);
}

static void values_of_another_kind_are_refused(void **state)
{
	static const struct {
		const char *type;
		const char *fields;
	} cases[] = {
		{ "session.closed", "{\"session\":\"\",\"why\":\"idle\"}" },
		{ "session.closed", "{\"session\":1,\"why\":\"idle\"}" },
		{ "session.closed", "{\"session\":null,\"why\":\"idle\"}" },
		{ "session.closed", "{\"session\":\"S1\",\"why\":\"idle\",\"more\":1}" },
		{ "session.closed", "{\"session\":\"S1\",\"why\":\"idle\",\"seq\":1}" },
		{ "session.closed", "{\"session\":\"S1\",\"why\":\"idle\",\"v\":1}" },
		{ "session.closed",
		  "{\"session\":\"S1\",\"why\":\"idle\",\"salt\":\"AAECAwQFBgcICQoLDA0ODw\"}" },
		{ "index.rebuilt", "{\"from\":\"log\",\"size\":-1,\"cases\":0,\"unknown\":0}" },
		{ "index.rebuilt", "{\"from\":\"log\",\"size\":1.0,\"cases\":0,\"unknown\":0}" },
		{ "index.rebuilt", "{\"from\":\"log\",\"size\":1,\"cases\":0,\"unknown\":0,\"lost\":1}" },
		{ "policy.changed",
		  "{\"policy\":\"6E340B9CFFB37A989CA544E6BB780A2C78901D3FB33738768511A30617AFA01D\"}" },
		{ "policy.changed", "{\"policy\":\"6e34\"}" },
		{ "policy.proposed", "{\"policy\":\"" DIGEST "\",\"table\":[]}" },
		{ "policy.proposed", "{\"policy\":\"" DIGEST "\",\"table\":{\"a\":[{\"b\":0.5}]}}" },
		{ "authority.delegated",
		  "{\"delegation\":\"A1\",\"official\":\"a\",\"deputy\":\"b\",\"from\":\"2026-02-30\","
		  "\"until\":\"2026-03-01\"}" },
		{ "clock.set",
		  "{\"before\":\"2026-11-21 08:15\",\"wall\":\"2026-11-21T08:15:00Z\",\"confirmed_by\":[]}" },
		{ "clock.set", "{\"before\":\"2026-11-21T08:15:00+08:00\",\"wall\":\"2026-11-21T08:15:00Z\","
		               "\"confirmed_by\":[]}" },
		{ "clock.set", "{\"before\":\"2026-11-21T08:15:00Z\",\"wall\":\"2026-11-21T08:15:00Z\","
		               "\"confirmed_by\":[\"\"]}" },
		{ "hold.placed",
		  "{\"hold\":\"H1\",\"case\":\"0193A5B2-7C4D-7E5F-8A6B-9C0D1E2F3A4B\",\"reason\":\"x\"}" },
		{ "disposal.proposed",
		  "{\"disposal\":\"X1\",\"cases\":[],\"list\":\"" DIGEST "\",\"reason\":\"x\"}" },
		{ "request.scope",
		  "{\"request\":\"R1\",\"index\":1,\"cases\":[\"" CASE "\"],\"members\":[]}" },
		{ "request.scope", "{\"request\":\"R1\",\"index\":1,\"cases\":[\"" CASE
		                   "\"],\"members\":[{\"case\":\"" CASE "\",\"members\":[0]}]}" },
		{ "request.scope", "{\"request\":\"R1\",\"index\":1,\"cases\":[\"" CASE
		                   "\"],\"members\":[{\"case\":\"" CASE "\",\"members\":[1],\"x\":1}]}" },
		{ "access.closed", "{\"opened\":1,\"grant\":\"G\",\"case\":\"" CASE
		                   "\",\"part\":1,\"member\":1,\"bytes\":1,\"ranges\":[[2,1]]}" },
		{ "access.closed", "{\"opened\":1,\"grant\":\"G\",\"case\":\"" CASE
		                   "\",\"part\":1,\"member\":1,\"bytes\":1,\"ranges\":[[1]]}" },
		{ "access.closed", "{\"opened\":1,\"grant\":\"G\",\"case\":\"" CASE
		                   "\",\"part\":1,\"member\":1,\"bytes\":1,\"ranges\":{}}" },
		{ "no.such", "{}" },
	};
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		if (encode(cases[i].type, NULL, cases[i].fields, 1, LAB_TIME_NS, &out, &err) != SR_INVALID)
			fail_msg("%s %s was not refused", cases[i].type, cases[i].fields);
		assert_int_equal(out.size, 0);
	}
}

static void actors_are_objects_of_known_members_or_null(void **state)
{
	static const char *const good[] = {
		"null",
		"{\"user\":\"u1\",\"role\":\"handler\",\"organ\":\"150100-YB\"}",
		"{\"user\":\"u1\",\"role\":\"admin\",\"login\":\"root\",\"uid\":0}",
		"{\"pass\":\"P1\",\"address\":\"2001:db8::1\"}",
		"{\"address\":\"192.0.2.7\"}",
	};
	static const char *const bad[] = { "{}",
		                           "[]",
		                           "\"u1\"",
		                           "1",
		                           "{\"user\":\"\"}",
		                           "{\"name\":\"u1\"}",
		                           "{\"role\":\"admin\",\"user\":\"u1\"}",
		                           "{\"uid\":\"0\"}" };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	const char *fields = "{\"session\":\"S1\",\"why\":\"idle\"}";
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(good); i++)
		assert_ok(encode("session.closed", good[i], fields, 1, LAB_TIME_NS, &out, &err));
	for (size_t i = 0; i < SR_COUNT(bad); i++)
		assert_int_equal(encode("session.closed", bad[i], fields, 1, LAB_TIME_NS, &out, &err),
		                 SR_INVALID);
}

static void numbers_and_times_at_their_bounds(void **state)
{
	static const struct {
		uint64_t seq;
		int64_t time_ns;
		enum sr_status status;
	} cases[] = {
		{ 0, 0, SR_OK },
		{ INT64_MAX, LAB_TIME_NS, SR_OK },
		{ (uint64_t)INT64_MAX + 1, LAB_TIME_NS, SR_INVALID },
		{ UINT64_MAX, LAB_TIME_NS, SR_INVALID },
		{ 1, -1, SR_INVALID },
		{ 1, INT64_MIN, SR_INVALID },
		{ 1, INT64_MAX, SR_INVALID },
		{ 1, LAB_TIME_NS + 999, SR_OK },
	};
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };

		assert_int_equal(encode("session.closed", NULL, "{\"session\":\"S1\",\"why\":\"idle\"}",
		                        cases[i].seq, cases[i].time_ns, &out, &err),
		                 cases[i].status);
		if (cases[i].status != SR_OK)
			continue;
		assert_ok(sr_entry_decode(sr_buf_bytes(&out), &entry, &err));
		assert_true(entry.seq == cases[i].seq);
		assert_true(entry.time_ns == cases[i].time_ns - cases[i].time_ns % 1000);
	}
}

/* An entry whose last text has @length characters; its size in *size. */
static enum sr_status of_length(size_t length, size_t *size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf fields = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf out = { 0 };
	const char *text;
	struct sr_err err;

	assert_ok(sr_buf_add_text(&fields, "{\"session\":\"S\",\"why\":\"", &err));
	for (size_t i = 0; i < length; i++)
		assert_ok(sr_buf_add_text(&fields, "x", &err));
	assert_ok(sr_buf_add_text(&fields, "\"}", &err));
	assert_ok(sr_buf_text(&fields, &text, &err));
	enum sr_status status = encode("session.closed", NULL, text, 1, LAB_TIME_NS, &out, &err);
	*size = out.size;
	return status;
}

static void an_entry_has_at_most_65535_bytes(void **state)
{
	size_t shortest, size;

	(void)state;
	assert_int_equal(of_length(1, &shortest), SR_OK);
	assert_int_equal(of_length(65535 - shortest + 1, &size), SR_OK);
	assert_int_equal(size, 65535);
	assert_int_equal(of_length(65535 - shortest + 2, &size), SR_LIMIT);
	assert_int_equal(of_length(900000, &size), SR_LIMIT);
}

#define HEAD "{\"v\":1,\"seq\":7,\"time\":\"2026-11-21T08:15:00.123456Z\","
#define KIND "\"type\":\"session.closed\","
#define SALT "\"salt\":\"AAECAwQFBgcICQoLDA0ODw\","
#define TAIL "\"actor\":null,\"session\":\"S1\",\"why\":\"idle\"}"

static void other_spellings_of_an_entry_are_corrupt(void **state)
{
	static const char *const bad[] = {
		"",
		"null",
		"[]",
		"{}",
		" " HEAD KIND SALT TAIL,
		HEAD KIND SALT TAIL "\n",
		HEAD " " KIND SALT TAIL,
		HEAD KIND HEAD KIND SALT TAIL,
		"{\"v\":2,\"seq\":7,\"time\":\"2026-11-21T08:15:00.123456Z\"," KIND SALT TAIL,
		"{\"v\":0,\"seq\":7,\"time\":\"2026-11-21T08:15:00.123456Z\"," KIND SALT TAIL,
		"{\"v\":1.0,\"seq\":7,\"time\":\"2026-11-21T08:15:00.123456Z\"," KIND SALT TAIL,
		"{\"seq\":7,\"v\":1,\"time\":\"2026-11-21T08:15:00.123456Z\"," KIND SALT TAIL,
		"{\"v\":1,\"seq\":07,\"time\":\"2026-11-21T08:15:00.123456Z\"," KIND SALT TAIL,
		"{\"v\":1,\"seq\":-0,\"time\":\"2026-11-21T08:15:00.123456Z\"," KIND SALT TAIL,
		"{\"v\":1,\"seq\":-7,\"time\":\"2026-11-21T08:15:00.123456Z\"," KIND SALT TAIL,
		"{\"v\":1,\"seq\":7e0,\"time\":\"2026-11-21T08:15:00.123456Z\"," KIND SALT TAIL,
		"{\"v\":1,\"seq\":9223372036854775808,\"time\":\"2026-11-21T08:15:00.123456Z\"," KIND SALT
			TAIL,
		"{\"v\":1,\"seq\":7,\"time\":\"2026-11-21T08:15:00Z\"," KIND SALT TAIL,
		"{\"v\":1,\"seq\":7,\"time\":\"2026-11-21T08:15:00.123456789Z\"," KIND SALT TAIL,
		"{\"v\":1,\"seq\":7,\"time\":\"2026-11-21T16:15:00.123456+08:00\"," KIND SALT TAIL,
		"{\"v\":1,\"seq\":7,\"time\":\"1969-12-31T23:59:59.999999Z\"," KIND SALT TAIL,
		"{\"v\":1,\"seq\":7,\"time\":\"2026-11-21 08:15:00.123456Z\"," KIND SALT TAIL,
		HEAD "\"type\":\"session.closes\"," SALT TAIL,
		HEAD "\"type\":null," SALT TAIL,
		HEAD "\"type\":\"session.clo\\u0073ed\"," SALT TAIL,
		HEAD KIND "\"salt\":\"AAECAwQFBgcICQoLDA0OD\"," TAIL,
		HEAD KIND "\"salt\":\"AAECAwQFBgcICQoLDA0ODx\"," TAIL,
		HEAD KIND "\"salt\":\"AAECAwQFBgcICQoLDA0ODw==\"," TAIL,
		HEAD KIND "\"salt\":\"\"," TAIL,
		HEAD KIND SALT "\"session\":\"S1\",\"why\":\"idle\"}",
		HEAD KIND SALT "\"actor\":null,\"why\":\"idle\",\"session\":\"S1\"}",
		HEAD KIND SALT "\"actor\":null,\"session\":\"S1\",\"why\":\"idle\",\"why\":\"idle\"}",
		HEAD KIND SALT "\"actor\":null,\"session\":\"S1\",\"why\":\"\\/\"}",
		HEAD KIND SALT "\"actor\":null,\"session\":\"S1\",\"why\":\"\\u000a\"}",
		HEAD KIND SALT "\"actor\":null,\"session\":\"S1\",\"why\":\"\\u6848\"}",
		HEAD KIND SALT "\"actor\":null,\"session\":\"S1\",\"why\":\"a\\u0000b\"}",
		HEAD KIND SALT "\"actor\":null,\"session\":\"S1\",\"why\":\"\xff\"}",
		"\xef\xbb\xbf" HEAD KIND SALT TAIL,
	};
	const char *good = HEAD KIND SALT TAIL;

	(void)state;
	assert_int_equal(decode(good, strlen(good)), SR_OK);
	for (size_t i = 0; i < SR_COUNT(bad); i++)
		if (decode(bad[i], strlen(bad[i])) != SR_CORRUPT)
			fail_msg("not refused: %s", bad[i]);
	for (size_t size = 0; size < strlen(good); size++)
		assert_int_equal(decode(good, size), SR_CORRUPT);
	static char long_text[SR_ENTRY_BYTES + 2];
	memset(long_text, '[', sizeof(long_text) - 1);
	assert_int_equal(decode(long_text, 100), SR_CORRUPT);
	assert_int_equal(decode(long_text, sizeof(long_text) - 1), SR_CORRUPT);
}

/* The Merkle tree finds every change; here only that what is accepted is spelled as its own bytes. */
static void a_flipped_bit_gives_another_entry_or_none(void **state)
{
	char text[] = HEAD KIND SALT TAIL;

	(void)state;
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		SR_CLEANUP(sr_entry_dispose) struct sr_entry entry = { 0 };
		SR_CLEANUP(sr_buf_dispose) struct sr_buf again = { 0 };
		struct sr_err err;

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		const struct sr_bytes bytes = { (const uint8_t *)text, sizeof(text) - 1 };
		enum sr_status status = sr_entry_decode(bytes, &entry, &err);
		assert_true(status == SR_OK || status == SR_CORRUPT);
		if (status == SR_OK) {
			assert_ok(sr_json_write(entry.root, &again, &err));
			assert_int_equal(again.size, bytes.size);
			assert_memory_equal(again.data, bytes.data, bytes.size);
		}
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_compact_json_in_a_fixed_order),
		cmocka_unit_test(each_entry_has_a_salt_of_its_own),
		cmocka_unit_test(every_type_is_written_and_read_and_misses_no_field),
		cmocka_unit_test(the_document_has_the_same_table),
		cmocka_unit_test(values_of_another_kind_are_refused),
		cmocka_unit_test(actors_are_objects_of_known_members_or_null),
		cmocka_unit_test(numbers_and_times_at_their_bounds),
		cmocka_unit_test(an_entry_has_at_most_65535_bytes),
		cmocka_unit_test(other_spellings_of_an_entry_are_corrupt),
		cmocka_unit_test(a_flipped_bit_gives_another_entry_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
