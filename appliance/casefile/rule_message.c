/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_message.h"

#include <string.h>

#include "appliance/base/json.h"
#include "appliance/casefile/form.h"

#define NAME_BYTES 32

/* The name in the braces that @at begins with; 0 where that is no "{name}". */
static size_t take_name(const char *at, char name[NAME_BYTES])
{
	size_t size = strcspn(at + 1, "{}");

	if (at[1 + size] != '}' || size == 0 || size >= NAME_BYTES)
		return 0;
	memcpy(name, at + 1, size);
	name[size] = 0;
	return size + 2;
}

enum sr_status sr_message_check(const char *text, const char *names, struct sr_err *err)
{
	char name[NAME_BYTES];

	for (const char *at = strpbrk(text, "{}"); at; at = strpbrk(at, "{}")) {
		size_t size = *at == '{' ? take_name(at, name) : 0;

		if (size == 0)
			return sr_fail(err, SR_INVALID, ": a brace stands alone");
		if (!sr_form_is_word_of(name, names))
			return sr_fail(err, SR_INVALID, ": {%s} is none of %s, which this rule fills in",
			               name, names);
		at += size;
	}
	return SR_OK;
}

enum sr_status sr_message_fill(const char *text, const json_t *values, struct sr_buf *out, struct sr_err *err)
{
	char name[NAME_BYTES];

	while (*text) {
		size_t plain = strcspn(text, "{");

		SR_TRY(sr_buf_add(out, text, plain, err));
		text += plain;
		if (*text == 0)
			break;
		size_t size = take_name(text, name);

		if (size == 0)
			return sr_fail(err, SR_INVALID, "a brace stands alone");
		const char *value = sr_json_text(values, name);

		SR_TRY(sr_buf_add_text(out, value ? value : "", err));
		text += size;
	}
	return SR_OK;
}
