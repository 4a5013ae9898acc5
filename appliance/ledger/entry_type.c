/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/ledger/entry_type.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/base/uuid.h"
#include "appliance/ledger/entry.h"

/* clang-format off */
static const struct sr_entry_type types[] = {
	{ "ledger.opened", "appliance:text epoch:count organ:object keys:object version:text previous_checkpoint:text? previous_size:count? previous_root:digest? lost:flag?" },

	{ "user.proposed", "proposal:text action:text user:text full_name:text? role:text? organ:text? clearances:texts? login:object? removed:texts? roster:digest? reason:text?" },
	{ "user.confirmed", "proposal:text user:text" },
	{ "user.dropped", "proposal:text user:text reason:text?" },
	{ "user.changed", "user:text what:text uid:count?" },
	{ "user.disabled", "user:text proposal:text? reason:text?" },
	{ "session.opened", "session:text user:text? pass:text? channel:text address:text? uid:count? until:time" },
	{ "session.closed", "session:text why:text" },
	{ "session.refused", "count:count user:text? addresses:texts since:time until:time" },
	{ "organ.added", "organ:text name:text level:text parent:text?" },

	{ "register.recorded", "number:text organ:text row:object file:digest? line:count?" },
	{ "draft.opened", "draft:text organ:text handler:text number:text? part_of:case?" },
	{ "draft.changed", "draft:text what:text path:text? bytes:count? digest:digest? code:text?" },
	{ "draft.viewed", "draft:text path:text bytes:count address:text? session:text?" },
	{ "draft.submitted", "draft:text digest:digest rulebook:text rulebook_digest:digest findings:objects blockers:count defects:count warnings:count unanswered:count?" },
	{ "draft.returned", "draft:text reason:text" },
	{ "draft.dropped", "draft:text why:text reason:text?" },

	{ "authority.delegated", "delegation:text official:text deputy:text from:date until:date" },
	{ "authority.ended", "delegation:text official:text deputy:text why:text" },

	{ "case.sealed", "case:case part:count number:text organ:text seal:digest stamp:digest stamped_at:time members:count bytes:count handler:text archivist:text retention:text retained_until:date? classification:texts draft:text? previous:digest? recovered:flag?" },
	{ "case.imported", "case:case part:count number:text organ:text seal:digest stamp:digest stamped_at:time members:count bytes:count archivist:text from:text retention:text retained_until:date? classification:texts previous:digest?" },

	{ "application.filed", "application:text record:digest address:text?" },
	{ "application.dropped", "application:text reason:text" },
	{ "pass.issued", "pass:text grant:text application:text? identity:text until:time" },
	{ "pass.used", "pass:text grant:text session:text address:text" },

	{ "request.filed", "request:text reader:text? organ:text class:text purpose:text reason:text case_count:count cases:cases? population:digest? scope_entries:count? members:scope? volumes:texts channels:texts days:count on_behalf:object? papers:objects? application:text? review:text? classification:texts?" },
	{ "request.scope", "request:text index:count cases:cases members:scope?" },
	{ "request.decided", "request:text digest:digest decision:text official:text deputy_for:text? handled:cases? policy:digest awaits:count? grant:text? reader:text? cases:cases? without:scope? with:scope? channels:texts? days:count? from:time? until:time? escort:text? no_cache:flag? classification:texts? reason:text?" },
	{ "request.withdrawn", "request:text reason:text?" },

	{ "grant.revoked", "grant:text request:text why:text reason:text?" },
	{ "grant.returned", "grant:text request:text reason:text?" },
	{ "escort.began", "grant:text escort:text session:text" },
	{ "escort.ended", "grant:text escort:text session:text why:text" },

	{ "access.opened", "grant:text request:text approved_by:texts case:case part:count member:count channel:text uid:count? address:text? pid:count? program:text? session:text? pass:text? reader_name:text? approved_by_names:texts?" },
	{ "access.closed", "opened:count grant:text case:case part:count member:count bytes:count ranges:ranges lost:flag? why:text?" },
	{ "access.refused", "why:text count:count channel:text? grant:text? case:case? member:count? uid:count? address:text? since:time? until:time?" },
	{ "export.made", "grant:text request:text approved_by:texts cases:cases members:count bytes:count form:text digest:digest to:text export:text?" },

	{ "review.seeded", "review:text year:count category:text? count:count seed:text population:digest? population_size:count? reviewers:texts?" },
	{ "review.drawn", "review:text sample:cases request:text? population:digest? population_size:count? requests:texts?" },
	{ "review.recorded", "review:text case:case result:text score:count? record:digest" },
	{ "review.finding", "review:text case:case code:text text:text member:count? finding:text? page:text? at:text?" },
	{ "review.mended", "review:text finding:text case:case text:text part:count? papers:objects?" },
	{ "review.closed", "review:text finding:text case:case text:text?" },
	{ "review.reopened", "review:text finding:text case:case text:text" },

	{ "fixity.passed", "case:case part:count seal:digest bytes:count depth:text" },
	{ "fixity.failed", "case:case part:count seal:digest? bytes:count damage:objects reported_by:text?" },

	{ "hold.placed", "hold:text case:case reason:text" },
	{ "hold.released", "hold:text case:case reason:text" },
	{ "disposal.proposed", "disposal:text cases:cases list:digest reason:text" },
	{ "disposal.approved", "disposal:text list:digest" },
	{ "disposal.done", "disposal:text case:case part:count number:text seal:digest method:text" },

	{ "rulebook.changed", "name:text digest:digest? previous:digest?" },
	{ "policy.proposed", "policy:digest table:object previous:digest?" },
	{ "policy.changed", "policy:digest previous:digest?" },
	{ "config.changed", "key:text value:text? previous:text?" },
	{ "key.changed", "what:text digest:digest previous:digest? verifier:text? reason:text" },
	{ "clock.set", "before:time wall:time confirmed_by:texts" },
	{ "backup.made", "size:count root:digest archives:count bytes:count to:text?" },
	{ "checkpoint.witnessed", "size:count root:digest" },
	{ "index.rebuilt", "from:text size:count cases:count unknown:count lost:flag?" },
};
/* clang-format on */

#define ACTOR_FIELDS                                                                                         \
	"user:text? role:text? organ:text? login:text? uid:count? session:text? pass:text? address:text?"

const struct sr_entry_type *sr_entry_type_at(size_t index)
{
	return index < SR_COUNT(types) ? &types[index] : NULL;
}

const struct sr_entry_type *sr_entry_type_find(const char *name)
{
	for (size_t i = 0; i < SR_COUNT(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

/* --- kinds -------------------------------------------------------------------------------------- */

static bool is_text(json_t *value)
{
	return json_is_string(value) && json_string_length(value) > 0;
}

static bool is_count(json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_flag(json_t *value)
{
	return json_is_boolean(value);
}

static bool is_digest(json_t *value)
{
	uint8_t bytes[32];

	return json_is_string(value) &&
	       sr_hex_decode(json_string_value(value), json_string_length(value), true, bytes, sizeof(bytes));
}

static bool is_time(json_t *value)
{
	int64_t time_ns;

	return json_is_string(value) && sr_time_parse(json_string_value(value), &time_ns) &&
	       sr_text_ends_with(json_string_value(value), "Z");
}

/* The one spelling that sr_entry_encode gives a point in time. */
static bool is_moment(json_t *value)
{
	char again[SR_TIME_TEXT];
	int64_t time_ns;

	if (!json_is_string(value) || !sr_time_parse(json_string_value(value), &time_ns) || time_ns < 0)
		return false;
	sr_time_format_utc_us(time_ns, again);
	return strcmp(json_string_value(value), again) == 0;
}

static bool is_date(json_t *value)
{
	int64_t days;

	return json_is_string(value) && sr_date_parse(json_string_value(value), &days);
}

static bool is_case(json_t *value)
{
	return json_is_string(value) && sr_uuid_is_valid(json_string_value(value));
}

static bool is_object(json_t *value)
{
	return json_is_object(value);
}

static bool is_member(json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) > 0;
}

/* A list of at least @min, each as @is_one says. */
static bool is_list(json_t *value, size_t min, bool (*is_one)(json_t *))
{
	if (!json_is_array(value) || json_array_size(value) < min)
		return false;
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!is_one(json_array_get(value, i)))
			return false;
	return true;
}

static bool is_texts(json_t *value)
{
	return is_list(value, 0, is_text);
}

static bool is_cases(json_t *value)
{
	return is_list(value, 1, is_case);
}

static bool is_objects(json_t *value)
{
	return is_list(value, 0, is_object);
}

static bool is_case_scope(json_t *value)
{
	return json_object_size(value) == 2 && is_case(json_object_get(value, "case")) &&
	       is_list(json_object_get(value, "members"), 1, is_member);
}

static bool is_scope(json_t *value)
{
	return is_list(value, 1, is_case_scope);
}

static bool is_range(json_t *value)
{
	return json_array_size(value) == 2 && is_list(value, 2, is_count) &&
	       json_integer_value(json_array_get(value, 0)) <= json_integer_value(json_array_get(value, 1));
}

static bool is_ranges(json_t *value)
{
	return is_list(value, 0, is_range);
}

static bool is_salt(json_t *value)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf salt = { 0 };
	struct sr_err ignored;

	return json_is_string(value) &&
	       sr_base64_decode(SR_BASE64_URL, json_string_value(value), json_string_length(value), &salt,
	                        &ignored) == SR_OK &&
	       salt.size == SR_ENTRY_SALT_BYTES;
}

static bool is_actor(json_t *value)
{
	struct sr_err ignored;
	void *iter;

	if (json_is_null(value))
		return true;
	iter = json_object_iter(value);
	return iter && sr_entry_fields_check(ACTOR_FIELDS, value, &iter, &ignored) == SR_OK && !iter;
}

static const struct {
	const char *name;
	bool (*holds)(json_t *value);
} kinds[] = {
	{ "text", is_text },     { "count", is_count }, { "flag", is_flag },     { "digest", is_digest },
	{ "time", is_time },     { "date", is_date },   { "case", is_case },     { "cases", is_cases },
	{ "texts", is_texts },   { "scope", is_scope }, { "ranges", is_ranges }, { "object", is_object },
	{ "moment", is_moment }, { "salt", is_salt },   { "actor", is_actor },   { "objects", is_objects },
};

static bool is_of_kind(json_t *value, const char *kind)
{
	for (size_t i = 0; i < SR_COUNT(kinds); i++)
		if (strcmp(kinds[i].name, kind) == 0)
			return kinds[i].holds(value);
	return false;
}

/* --- fields ------------------------------------------------------------------------------------- */

struct field {
	char name[32];
	char kind[16];
	bool optional;
};

/* The next of a list of fields; false behind the last. */
static bool next_field(const char **fields, struct field *out)
{
	const char *name = *fields + strspn(*fields, " ");
	size_t name_size = strcspn(name, ":");
	const char *kind = name + name_size + 1;

	if (name[0] == 0 || name[name_size] == 0)
		return false;
	size_t kind_size = strcspn(kind, " ?");
	if (name_size >= sizeof(out->name) || kind_size >= sizeof(out->kind))
		return false; /* the table is ours: a unit test reads all of it */
	memcpy(out->name, name, name_size);
	memcpy(out->kind, kind, kind_size);
	out->name[name_size] = out->kind[kind_size] = 0;
	out->optional = kind[kind_size] == '?';
	*fields = kind + kind_size + (out->optional ? 1 : 0);
	return true;
}

enum sr_status sr_entry_fields_check(const char *fields, json_t *object, void **iter, struct sr_err *err)
{
	struct field field;

	while (next_field(&fields, &field)) {
		if (*iter && strcmp(json_object_iter_key(*iter), field.name) == 0) {
			if (!is_of_kind(json_object_iter_value(*iter), field.kind))
				return sr_fail(err, SR_CORRUPT, "the entry's \"%s\" is no %s", field.name,
				               field.kind);
			*iter = json_object_iter_next(object, *iter);
		} else if (!field.optional) {
			return sr_fail(err, SR_CORRUPT, "the entry's \"%s\" is not there or not in its place",
			               field.name);
		}
	}
	return SR_OK;
}

enum sr_status sr_entry_fields_copy(const char *fields, const json_t *from, json_t *to, struct sr_err *err)
{
	size_t copied = 0;
	struct field field;

	while (next_field(&fields, &field)) {
		const json_t *value = json_object_get(from, field.name);

		if (!value)
			continue;
		SR_TRY(sr_json_set(to, field.name, json_deep_copy(value), err));
		copied++;
	}
	if (copied != json_object_size(from))
		return sr_fail(err, SR_INVALID, "the entry has a field that its type does not know");
	return SR_OK;
}
