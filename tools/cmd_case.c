/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/base/uuid.h"
#include "appliance/keeper/cases/case_papers.h"
#include "appliance/keeper/client.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"

#define FIND_LIMIT_DEFAULT 50
#define FIND_PAGE 200u /* cases that one answer of the keeper holds */

struct find_words {
	const char *number, *party, *category, *from, *to, *after;
	uint64_t limit;
};

/* Pages of the keeper's until there are as many as were asked for. */
static enum sr_status find_pages(struct sr_client *client, json_t *question, uint64_t limit, json_t **reply,
                                 struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *all = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *page = NULL;
	size_t index;
	json_t *one;

	for (uint64_t left = limit; left > 0;) {
		uint64_t piece = left < FIND_PAGE ? left : FIND_PAGE;

		json_decref(page);
		page = NULL;
		SR_TRY(sr_json_set(question, "limit", json_integer((json_int_t)piece), err));
		SR_TRY(sr_client_call(client, "FindCases", json_deep_copy(question), &page, err));
		const json_t *cases = json_object_get(page, "cases");
		const char *next = sr_json_text(page, "next");

		json_array_foreach(cases, index, one)
			json_object_del(one, "organ"); /* docs/CLI.md: not part of the object */
		if (json_array_extend(all, (json_t *)(uintptr_t)cases) < 0)
			return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
		left -= json_array_size(cases) < left ? json_array_size(cases) : left;
		if (!next)
			break;
		SR_TRY(sr_json_set(question, "after", json_string(next), err));
	}
	SR_TRY(sr_json_set(page, "cases", json_incref(all), err));
	*reply = SR_MOVE(page);
	return SR_OK;
}

static enum sr_status print_found(const json_t *reply, const struct find_words *words, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "number", "number (案号)" }, { "title", "title (题名)" }, { "category", "category" },
		{ "parts", "parts" },          { "sealed_at", "sealed" },   { "case", "case" },
	};
	const json_t *cases = json_object_get(reply, "cases");
	const char *next = sr_json_text(reply, "next");
	long long total = (long long)json_integer_value(json_object_get(reply, "total"));

	if (json_array_size(cases) == 0) {
		if (total > 0 && !words->after)
			printf("%lld cases\n", total);
		else
			puts(words->number  ? "no sealed case has this number"
			     : words->after ? "no case was sealed after this one"
			                    : "no case was found");
		return SR_OK;
	}
	SR_TRY(sr_output_table(cases, columns, SR_COUNT(columns), err));
	if (next)
		printf("%zu of %lld; more with: --after %s\n", json_array_size(cases), total, next);
	return SR_OK;
}

/* The words beside the options are one question. */
static enum sr_status join(const struct sr_words *words, struct sr_buf *out, const char **text,
                           struct sr_err *err)
{
	for (int i = 0; i < words->count; i++) {
		if (i > 0)
			SR_TRY(sr_buf_add(out, " ", 1, err));
		SR_TRY(sr_buf_add_text(out, words->list[i], err));
	}
	*text = NULL;
	return words->count > 0 ? sr_buf_text(out, text, err) : SR_OK;
}

static enum sr_status ask_for(const struct sr_globals *globals, const struct sr_words *words,
                              const struct find_words *find, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *question = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const char *q;

	SR_TRY(join(words, &text, &q, err));
	question = json_pack("{s:s*,s:s*,s:s*,s:s*,s:s*,s:s*,s:s*}", "q", q, "number", find->number, "party",
	                     find->party, "category", find->category, "from", find->from, "to", find->to,
	                     "after", find->after);
	if (!question)
		return sr_fail(err, SR_USAGE, "what was typed is not UTF-8");
	SR_TRY(sr_connect(globals, &client, err));
	return find_pages(client, question, find->limit, reply, err);
}

enum sr_status sr_cmd_find(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct find_words find = { .limit = FIND_LIMIT_DEFAULT };
	const char *limit = NULL;
	const struct sr_option options[] = {
		{ .name = "--number", .value = &find.number },
		{ .name = "--party", .value = &find.party },
		{ .name = "--category", .value = &find.category },
		{ .name = "--from", .value = &find.from },
		{ .name = "--to", .value = &find.to },
		{ .name = "--after", .value = &find.after },
		{ .name = "--limit", .value = &limit },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, -1, &words, err));
	if (limit && (!sr_decimal_parse(limit, strlen(limit), 10000, &find.limit) || find.limit == 0))
		return sr_fail(err, SR_USAGE, "--limit takes a number from 1 to 10000, not %s", limit);
	if (find.after && !sr_uuid_is_valid(find.after))
		return sr_fail(err, SR_USAGE, "--after takes the cursor that the page before printed, not %s",
		               find.after);
	SR_TRY(ask_for(globals, &words, &find, &reply, err));
	return globals->json ? sr_output_json(reply, err) : print_found(reply, &find, err);
}

static enum sr_status print_members(const json_t *catalogue, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "number", "no." },         { "class", "class" }, { "volume", "volume" },
		{ "title", "title (题名)" }, { "date", "date" },   { "responsible", "responsible (责任者)" },
		{ "bytes", "bytes" },        { "path", "path" },
	};

	return sr_output_table(json_object_get(catalogue, "members"), columns, SR_COUNT(columns), err);
}

static enum sr_status print_part(const json_t *part, struct sr_err *err)
{
	const json_t *cover = json_object_get(part, "cover");

	printf("\npart %lld\n", (long long)json_integer_value(json_object_get(part, "part")));
	sr_output_field("  sealed at", sr_json_text(part, "sealed_at"));
	sr_output_field("  seal", sr_json_text(part, "seal"));
	sr_output_field("  archive", sr_json_text(part, "archive"));
	sr_output_field("  retention", sr_json_text(cover, "retention"));
	putchar('\n');
	return print_members(json_object_get(part, "catalogue"), err);
}

/* Parts come one by one, each with its members behind it. */
static enum sr_status take_part(void *context, const json_t *part, struct sr_err *err)
{
	json_t *parts = context;
	const json_t *members = json_object_get(part, "members");

	if (json_array_extend(parts, json_object_get(part, "parts")) < 0 && json_object_get(part, "parts"))
		return sr_fail(err, SR_NO_MEMORY, "no memory for a part");
	if (!members)
		return SR_OK;
	const json_t *last = json_array_get(parts, json_array_size(parts) - 1);
	json_t *list = json_object_get(json_object_get(last, "catalogue"), "members");
	if (json_array_extend(list, (json_t *)(uintptr_t)members) < 0)
		return sr_fail(err, SR_CORRUPT, "the keeper's answer has members of no part");
	return SR_OK;
}

static enum sr_status ask_case(const struct sr_globals *globals, const char *reference, json_t **reply,
                               struct sr_err *err)
{
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *parts = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_pack("{s:s}", "case", reference);
	const struct sr_client_request request = {
		.method = "ShowCase", .parameters = parameters, .each = take_part, .context = parts
	};

	if (!parameters)
		return sr_fail(err, SR_USAGE, "what was typed is not UTF-8");
	SR_TRY(sr_connect(globals, &client, err));
	SR_TRY(sr_client_ask(client, &request, reply, NULL, err));
	return sr_json_set(*reply, "parts", json_incref(parts), err);
}

enum sr_status sr_cmd_show(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_words words;
	size_t index;
	json_t *part;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	SR_TRY(ask_case(globals, words.list[0], &reply, err));
	if (globals->json)
		return sr_output_json(reply, err);
	sr_output_field("number (案号)", sr_json_text(reply, "number"));
	sr_output_field("title (题名)", sr_json_text(reply, "title"));
	sr_output_field("case", sr_json_text(reply, "case"));
	json_array_foreach(json_object_get(reply, "parts"), index, part)
		SR_TRY(print_part(part, err));
	return SR_OK;
}

enum sr_status sr_cmd_papers(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *shown = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	const char *out = NULL;
	const struct sr_option options[] = { { .name = "--out", .value = &out } };
	struct sr_words words;
	size_t index;
	json_t *name;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (!out)
		return sr_fail(err, SR_USAGE, "--out DIR says where the papers go");
	SR_TRY(ask_case(globals, words.list[0], &shown, err));
	if (mkdir(out, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make %s", out);
	fd = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sr_fail_errno(err, "open %s", out);
	SR_TRY(sr_papers_write(shown, fd, &reply, err));
	if (globals->json)
		return sr_output_json(reply, err);
	json_array_foreach(json_object_get(reply, "files"), index, name)
		sr_output_field(out, json_string_value(name));
	return SR_OK;
}
