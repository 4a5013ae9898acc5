/* SPDX-License-Identifier: Apache-2.0 */
/* Reading under a grant: cat, live. */
#include "tools/cmd.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/reading.h"

/* --- cat ------------------------------------------------------------------------------------------- */

/* As in HTTP (RFC 9110 section 14.1.2): FIRST-LAST, FIRST- to the end, -COUNT at the end. */
struct range {
	const char *text; /* NULL: everything */
	bool from_end;
	uint64_t first; /* or the count */
	uint64_t last;  /* included; UINT64_MAX to the end */
};

static bool parse_range(const char *text, struct range *out)
{
	const char *dash = strchr(text, '-');
	size_t left = dash ? (size_t)(dash - text) : 0;

	*out = (struct range){ .text = text, .from_end = left == 0, .last = UINT64_MAX };
	if (!dash)
		return false;
	if (left == 0)
		return sr_decimal_parse(dash + 1, strlen(dash + 1), INT64_MAX, &out->first);
	if (!sr_decimal_parse(text, left, INT64_MAX, &out->first))
		return false;
	return !dash[1] || (sr_decimal_parse(dash + 1, strlen(dash + 1), INT64_MAX, &out->last) &&
	                    out->first <= out->last);
}

static enum sr_status place_range(void *context, uint64_t bytes, uint64_t *from, uint64_t *to,
                                  struct sr_err *err)
{
	const struct range *range = context;

	if (!range->text)
		return SR_OK;
	if (range->from_end)
		*from = range->first < bytes ? bytes - range->first : 0;
	else
		*from = range->first;
	*to = range->last < bytes ? range->last + 1 : bytes;
	if (*from < *to)
		return SR_OK;
	return sr_fail(err, SR_INVALID, "--range %s holds none of the member's %" PRIu64 " bytes",
	               range->text, bytes);
}

/* A reader of ours who has enough is no failure. */
static enum sr_status to_standard_output(void *context, const uint8_t *data, size_t size, size_t *taken,
                                         bool *enough, struct sr_err *err)
{
	(void)context;
	for (*taken = 0; *taken < size;) {
		ssize_t done = write(STDOUT_FILENO, data + *taken, size - *taken);

		if (done >= 0)
			*taken += (size_t)done;
		else if (errno == EPIPE)
			break;
		else if (errno != EINTR)
			return sr_fail_errno(err, "write to standard output");
	}
	*enough = *taken < size;
	return SR_OK;
}

struct search {
	const char *case_reference, *path;
	uint64_t number;
};

static enum sr_status match_path(void *context, const json_t *part, struct sr_err *err)
{
	struct search *search = context;
	const char *id = sr_json_text(part, "case");
	const char *number = sr_json_text(part, "number");
	size_t index;
	json_t *member;

	(void)err;
	if ((!id || strcmp(id, search->case_reference) != 0) &&
	    (!number || strcmp(number, search->case_reference) != 0))
		return SR_OK;
	json_array_foreach(json_object_get(part, "members"), index, member) {
		const char *path = sr_json_text(member, "path");

		if (path && strcmp(path, search->path) == 0)
			search->number = (uint64_t)json_integer_value(json_object_get(member, "number"));
	}
	return SR_OK;
}

/* MEMBER is a number, or a path as the catalogue has it. */
static enum sr_status find_member(struct sr_client *client, struct sr_reading_request *request,
                                  const char *word, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *words = NULL;
	struct search search = { .case_reference = request->case_reference, .path = word };

	if (sr_decimal_parse(word, strlen(word), UINT32_MAX, &request->member))
		return SR_OK;
	words = json_pack("{s:s}", "grant", request->grant);
	if (!words)
		return sr_fail(err, SR_INVALID, "what was typed is not UTF-8");
	const struct sr_client_request call = {
		.method = "DescribeGrant", .parameters = words, .each = match_path, .context = &search
	};
	enum sr_status status = sr_client_ask(client, &call, NULL, NULL, err);
	if (status != SR_OK)
		return sr_reading_name_refusal(client, status, err);
	if (search.number == 0)
		return sr_fail(err, SR_DENIED, "NotGranted: the grant %s shows no member %s of that case",
		               request->grant, word);
	request->member = search.number;
	return SR_OK;
}

enum sr_status sr_cmd_cat(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	struct range range = { 0 };
	const char *range_text = NULL;
	const struct sr_option options[] = { { .name = "--range", .value = &range_text } };
	struct sr_reading_request request = {
		.channel = "fs", .place = place_range, .take = to_standard_output, .context = &range
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 3, 3, &words, err));
	if (range_text && !parse_range(range_text, &range))
		return sr_fail(err, SR_USAGE, "--range takes FIRST-LAST, FIRST- or -COUNT, not %s",
		               range_text);
	if (globals->json)
		return sr_fail(err, SR_USAGE, "a member's bytes are no JSON: leave --json out");
	request.grant = words.list[0];
	request.case_reference = words.list[1];
	signal(SIGPIPE, SIG_IGN);
	SR_TRY(sr_connect(globals, &client, err));
	SR_TRY(find_member(client, &request, words.list[2], err));
	return sr_reading_run(client, &request, err);
}

/* --- live ------------------------------------------------------------------------------------------ */

static enum sr_status print_live(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "opened", "opened" },   { "reader", "reader (查阅人)" }, { "grant", "grant" },
		{ "case", "case" },       { "number", "number (案号)" },   { "member", "member" },
		{ "title", "title" },     { "channel", "channel" },        { "since", "since" },
		{ "program", "program" },
	};
	const json_t *live = json_object_get(reply, "live");

	if (json_array_size(live) == 0) {
		puts("nobody reads now");
		return SR_OK;
	}
	return sr_output_table(live, columns, SR_COUNT(columns), err);
}

enum sr_status sr_cmd_live(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "LiveAccess", json_object(), print_live, err);
}
