/* SPDX-License-Identifier: Apache-2.0 */
/* The register of matters (案件台账): register import, add, list, reconcile. */
#include "tools/cmd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"

static long long count_of(const json_t *reply, const char *key)
{
	return (long long)json_integer_value(json_object_get(reply, key));
}

static enum sr_status print_recorded(const json_t *reply, struct sr_err *err)
{
	(void)err;
	printf("%lld rows (台账行): %lld recorded, %lld unchanged\n", count_of(reply, "rows"),
	       count_of(reply, "recorded"), count_of(reply, "unchanged"));
	return SR_OK;
}

enum sr_status sr_cmd_register_import(const struct sr_globals *globals, int argc, char **argv,
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	fd = open(words.list[0], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return sr_fail_errno(err, "open %s", words.list[0]);
	const struct sr_client_request request = { .method = "ImportRegister",
		                                   .descriptors = &fd,
		                                   .descriptor_count = 1 };

	SR_TRY(sr_connect(globals, &client, err));
	SR_TRY(sr_client_ask(client, &request, &reply, NULL, err));
	return globals->json ? sr_output_json(reply, err) : print_recorded(reply, err);
}

enum sr_status sr_cmd_register_add(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *row = json_object();
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, -1, &words, err));
	for (int i = 0; i < words.count; i++) {
		char *equals = strchr(words.list[i], '=');

		if (!equals || equals == words.list[i])
			return sr_fail(err, SR_USAGE, "a row is given as COLUMN=VALUE, not %s",
			               words.list[i]);
		*equals = 0;
		if (json_object_get(row, words.list[i]))
			return sr_fail(err, SR_USAGE, "%s is given twice", words.list[i]);
		SR_TRY(sr_json_set(row, words.list[i], json_string(equals + 1), err));
	}
	return sr_command_run(globals, "AddRegisterRow", json_pack("{s:O}", "row", row), print_recorded, err);
}

/* The columns of a row beside its organ and number, for a table. */
static enum sr_status flatten(const json_t *reply, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *flat = json_array();
	size_t index;
	json_t *item;

	json_array_foreach(json_object_get(reply, "rows"), index, item) {
		json_t *row = json_copy(json_object_get(item, "row"));

		SR_TRY(sr_json_append(flat, row, err));
		if (json_object_update(row, item) < 0)
			return sr_fail(err, SR_NO_MEMORY, "no memory for a table");
		SR_TRY(sr_json_set(row, "sealed", json_string(sr_json_text(item, "case") ? "✓" : ""), err));
	}
	*out = SR_MOVE(flat);
	return SR_OK;
}

static enum sr_status print_register(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "number", "number (案号)" },   { "title", "title (案件名称)" },
		{ "organ", "organ (机关)" },     { "started", "started (立案)" },
		{ "decided", "decided (决定)" }, { "execution_ended", "executed (执行完毕)" },
		{ "closed", "closed (结案)" },   { "sealed", "sealed (已归档)" },
	};
	SR_CLEANUP(sr_json_decrefp) json_t *rows = NULL;

	SR_TRY(flatten(reply, &rows, err));
	SR_TRY(sr_output_table(rows, columns, SR_COUNT(columns), err));
	printf("%zu of %lld rows\n", json_array_size(rows), count_of(reply, "total"));
	if (sr_json_text(reply, "next"))
		sr_output_field("go on with --after", sr_json_text(reply, "next"));
	return SR_OK;
}

/* A whole number of an option into @parameters. */
static enum sr_status set_count(json_t *parameters, const char *key, const char *text, struct sr_err *err)
{
	uint64_t number;

	if (!text)
		return SR_OK;
	if (!sr_decimal_parse(text, strlen(text), 1000000, &number))
		return sr_fail(err, SR_USAGE, "--%s takes a number, not %s", key, text);
	return sr_json_set(parameters, key, json_integer((json_int_t)number), err);
}

static enum sr_status set_text(json_t *parameters, const char *key, const char *text, struct sr_err *err)
{
	return text ? sr_json_set(parameters, key, json_string(text), err) : SR_OK;
}

enum sr_status sr_cmd_register_list(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	const char *organ = NULL, *year = NULL, *limit = NULL, *after = NULL;
	const struct sr_option options[] = {
		{ .name = "--organ", .value = &organ },
		{ .name = "--year", .value = &year },
		{ .name = "--limit", .value = &limit },
		{ .name = "--after", .value = &after },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	SR_TRY(set_text(parameters, "organ", organ, err));
	SR_TRY(set_count(parameters, "year", year, err));
	SR_TRY(set_count(parameters, "limit", limit, err));
	SR_TRY(set_text(parameters, "after", after, err));
	return sr_command_run(globals, "ListRegister", SR_MOVE(parameters), print_register, err);
}

static enum sr_status print_reconciled(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column unsealed[] = {
		{ "number", "number (案号)" },      { "title", "title (案件名称)" },
		{ "organ", "organ (机关)" },        { "due", "due (归档期限)" },
		{ "days", "days left (剩余天数)" },
	};
	static const struct sr_column unregistered[] = {
		{ "number", "number (案号)" },
		{ "title", "title (案件名称)" },
		{ "organ", "organ (机关)" },
		{ "case", "case" },
	};

	printf("%lld rows, %lld with a sealed case (已归档), %lld overdue (逾期未归档)\n",
	       count_of(reply, "rows"), count_of(reply, "matched"), count_of(reply, "overdue"));
	if (json_array_size(json_object_get(reply, "unsealed")) > 0) {
		puts("\nin the register, not sealed (台账有、库中无):");
		SR_TRY(sr_output_table(json_object_get(reply, "unsealed"), unsealed, SR_COUNT(unsealed),
		                       err));
	}
	if (json_array_size(json_object_get(reply, "unregistered")) > 0) {
		puts("\nsealed, not in the register (库中有、台账无):");
		SR_TRY(sr_output_table(json_object_get(reply, "unregistered"), unregistered,
		                       SR_COUNT(unregistered), err));
	}
	return SR_OK;
}

enum sr_status sr_cmd_register_reconcile(const struct sr_globals *globals, int argc, char **argv,
                                         struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "ReconcileRegister", json_object(), print_reconciled, err);
}
