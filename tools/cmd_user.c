/* SPDX-License-Identifier: Apache-2.0 */
/* user add, change, confirm, drop, list, disable. */
#include "tools/cmd.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"

/* --- what all have in common ----------------------------------------------------------------------- */

static enum sr_status print_proposal(const json_t *reply, struct sr_err *err)
{
	(void)err;
	sr_output_field("proposal (提议)", sr_json_text(reply, "proposal"));
	sr_output_field("user (用户)", sr_json_text(reply, "user"));
	sr_output_field("password (密码)", sr_json_text(reply, "password"));
	fputs("Nothing has changed yet: the security administrator (安全管理员) confirms with: user "
	      "confirm\n",
	      stderr);
	return SR_OK;
}

/* A list of the words between the commas. */
static json_t *split(const char *text)
{
	json_t *list = json_array();

	for (;;) {
		size_t size = strcspn(text, ",");

		if (json_array_append_new(list, json_stringn(text, size)) < 0) {
			json_decref(list);
			return NULL;
		}
		if (!text[size])
			return list;
		text += size + 1;
	}
}

/* What `add` and `change` have in common. */
struct details {
	const char *role, *organ, *clearance, *login, *full_name;
	bool password_stdin;
	json_t *removed; /* of `change` */
};

static enum sr_status set_text(json_t *into, const char *key, const char *text, struct sr_err *err)
{
	if (text && sr_json_set(into, key, json_string(text), err) != SR_OK)
		return sr_fail(err, SR_INVALID, "--%s is not UTF-8", key);
	return SR_OK;
}

static enum sr_status compose(const char *user, const struct details *details, json_t **out,
                              struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();

	SR_TRY(set_text(parameters, "user", user, err));
	SR_TRY(set_text(parameters, "role", details->role, err));
	SR_TRY(set_text(parameters, "organ", details->organ, err));
	SR_TRY(set_text(parameters, "full_name", details->full_name, err));
	SR_TRY(set_text(parameters, "login", details->login, err));
	if (details->clearance)
		SR_TRY(sr_json_set(parameters, "clearances", split(details->clearance), err));
	if (details->removed && json_array_size(details->removed) > 0)
		SR_TRY(sr_json_set(parameters, "removed", json_incref(details->removed), err));
	*out = SR_MOVE(parameters);
	return SR_OK;
}

/* --- verbs ----------------------------------------------------------------------------------------- */

static enum sr_status add_removed(void *context, const char *argument, struct sr_err *err)
{
	return sr_json_append(context, json_string(argument), err);
}

/* Those who work with cases that others prepared. */
static bool wants_clearance(const char *role)
{
	return strcmp(role, "archivist") == 0 || strcmp(role, "official") == 0 ||
	       strcmp(role, "supervisor") == 0;
}

enum sr_status sr_cmd_user_add(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *password = NULL;
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	struct details details = { 0 };
	const struct sr_option options[] = {
		{ .name = "--role", .value = &details.role },
		{ .name = "--organ", .value = &details.organ },
		{ .name = "--clearance", .value = &details.clearance },
		{ .name = "--login", .value = &details.login },
		{ .name = "--full-name", .value = &details.full_name },
		{ .name = "--password-stdin", .flag = &details.password_stdin },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (!details.role)
		return sr_fail(err, SR_USAGE, "--role is missing");
	SR_TRY(compose(words.list[0], &details, &parameters, err));
	SR_TRY(sr_connect(globals, &client, err));
	if (details.password_stdin) {
		SR_TRY(sr_read_secret("password of the new user (新用户密码)", &password, err));
		SR_TRY(sr_json_set(parameters, "password",
		                   json_stringn((const char *)password->data, password->size), err));
	}
	SR_TRY(sr_client_call(client, "ProposeUser", SR_MOVE(parameters), &reply, err));
	if (!details.clearance && wants_clearance(details.role))
		fputs("Note: this user has no clearance.  Most cases are classified privacy (个人隐私): who "
		      "lacks "
		      "it can neither see nor seal them.  Add --clearance privacy, or later: user change "
		      "NAME "
		      "--clearance privacy\n",
		      stderr);
	if (!details.password_stdin && !details.login)
		fputs("Note: without --login and --password-stdin this user cannot sign in; see user passwd "
		      "and "
		      "user change.\n",
		      stderr);
	return globals->json ? sr_output_json(reply, err) : print_proposal(reply, err);
}

enum sr_status sr_cmd_user_change(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *removed = json_array();
	json_t *parameters = NULL;
	struct details details = { .removed = removed };
	const struct sr_option options[] = {
		{ .name = "--role", .value = &details.role },
		{ .name = "--organ", .value = &details.organ },
		{ .name = "--clearance", .value = &details.clearance },
		{ .name = "--login", .value = &details.login },
		{ .name = "--full-name", .value = &details.full_name },
		{ .name = "--remove", .each = add_removed, .context = removed },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	SR_TRY(compose(words.list[0], &details, &parameters, err));
	return sr_command_run(globals, "ChangeUser", parameters, print_proposal, err);
}

enum sr_status sr_cmd_user_disable(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	const char *reason = NULL;
	const struct sr_option options[] = { { .name = "--reason", .value = &reason } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	return sr_command_run(globals, "DisableUser",
	                      json_pack("{s:s,s:s*}", "user", words.list[0], "reason", reason),
	                      print_proposal, err);
}

static enum sr_status print_confirmed(const json_t *reply, struct sr_err *err)
{
	(void)err;
	sr_output_field("user (用户)", sr_json_text(reply, "user"));
	sr_output_field("confirmed (已确认)", sr_json_text(reply, "action"));
	return SR_OK;
}

enum sr_status sr_cmd_user_confirm(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	const char *proposal = NULL;
	const struct sr_option options[] = { { .name = "--proposal", .value = &proposal } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	return sr_command_run(globals, "ConfirmUser",
	                      json_pack("{s:s,s:s*}", "user", words.list[0], "proposal", proposal),
	                      print_confirmed, err);
}

static enum sr_status print_dropped(const json_t *reply, struct sr_err *err)
{
	(void)err;
	sr_output_field("dropped (已撤销)", sr_json_text(reply, "proposal"));
	return SR_OK;
}

enum sr_status sr_cmd_user_drop(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	const char *proposal = NULL;
	const char *reason = NULL;
	const struct sr_option options[] = { { .name = "--proposal", .value = &proposal },
		                             { .name = "--reason", .value = &reason } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	return sr_command_run(
		globals, "DropProposal",
		json_pack("{s:s,s:s*,s:s*}", "user", words.list[0], "proposal", proposal, "reason", reason),
		print_dropped, err);
}

/* --- the list -------------------------------------------------------------------------------------- */

/* One text for the table in place of a list, an object or a flag. */
static enum sr_status flatten(json_t *row, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	const char *login = sr_json_text(json_object_get(row, "login"), "name");
	bool disabled = json_is_true(json_object_get(row, "disabled"));
	size_t index;
	json_t *word;

	json_array_foreach(json_object_get(row, "clearances"), index, word) {
		SR_TRY(sr_buf_add_text(&text, index ? "," : "", err));
		SR_TRY(sr_buf_add_text(&text, json_string_value(word), err));
	}
	SR_TRY(sr_json_set(row, "clearances",
	                   json_stringn(text.data ? (const char *)text.data : "", text.size), err));
	SR_TRY(sr_json_set(row, "login", json_string(login ? login : ""), err));
	return sr_json_set(row, "state", json_string(disabled ? "disabled (停用)" : "active"), err);
}

static enum sr_status print_users(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column users[] = {
		{ "user", "user" },   { "full_name", "name" },        { "role", "role" },
		{ "organ", "organ" }, { "clearances", "clearances" }, { "login", "login" },
		{ "state", "state" }
	};
	static const struct sr_column proposals[] = { { "proposal", "waits for confirmation" },
		                                      { "action", "action" },
		                                      { "user", "user" },
		                                      { "role", "role" },
		                                      { "organ", "organ" },
		                                      { "clearances", "clearances" },
		                                      { "login", "login" },
		                                      { "by", "by" } };
	size_t index;
	json_t *row;

	json_array_foreach(json_object_get(reply, "users"), index, row)
		SR_TRY(flatten(row, err));
	json_array_foreach(json_object_get(reply, "proposals"), index, row)
		SR_TRY(flatten(row, err));
	SR_TRY(sr_output_table(json_object_get(reply, "users"), users, SR_COUNT(users), err));
	if (json_array_size(json_object_get(reply, "proposals")) == 0)
		return SR_OK;
	putchar('\n');
	return sr_output_table(json_object_get(reply, "proposals"), proposals, SR_COUNT(proposals), err);
}

enum sr_status sr_cmd_user_list(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "ListUsers", json_object(), print_users, err);
}
