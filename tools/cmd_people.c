/* SPDX-License-Identifier: Apache-2.0 */
/* user passwd, session, organ, roster, delegate. */
#include "tools/cmd.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"

/* --- passwords ------------------------------------------------------------------------------------- */

static enum sr_status print_done(const json_t *reply, struct sr_err *err)
{
	(void)reply;
	(void)err;
	puts("done (已完成)");
	return SR_OK;
}

static enum sr_status set_secret(json_t *into, const char *key, const struct sr_secret *secret,
                                 struct sr_err *err)
{
	if (sr_json_set(into, key, json_stringn((const char *)secret->data, secret->size), err) != SR_OK)
		return sr_fail(err, SR_INVALID, "the password is not UTF-8");
	return SR_OK;
}

/* One's own: the present one, where there is one, and the new one. */
static enum sr_status change_own(struct sr_client *client, const struct sr_secret *shown, bool has_one,
                                 json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	SR_CLEANUP(sr_secret_freep) struct sr_secret *old = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *next = NULL;

	if (has_one && !shown) {
		SR_TRY(sr_read_secret("present password (当前密码)", &old, err));
		assert(old != NULL);
		shown = old;
	}
	if (has_one)
		SR_TRY(set_secret(parameters, "old", shown, err));
	SR_TRY(sr_read_secret("new password (新密码)", &next, err));
	assert(next != NULL);
	SR_TRY(set_secret(parameters, "new", next, err));
	return sr_client_call(client, "ChangePassword", SR_MOVE(parameters), reply, err);
}

/* Another's: proposed; the keeper makes one where none is given. */
static enum sr_status reset(struct sr_client *client, const char *user, bool given, json_t **reply,
                            struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *next = NULL;

	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:s}", "user", user));
	if (given) {
		SR_TRY(sr_read_secret("new password (新密码)", &next, err));
		SR_TRY(set_secret(parameters, "password", next, err));
	}
	return sr_client_call(client, "ResetPassword", SR_MOVE(parameters), reply, err);
}

static enum sr_status print_reset(const json_t *reply, struct sr_err *err)
{
	if (!sr_json_text(reply, "proposal"))
		return print_done(reply, err);
	sr_output_field("proposal (提议)", sr_json_text(reply, "proposal"));
	sr_output_field("password (密码)", sr_json_text(reply, "password"));
	fputs("It holds when the security administrator (安全管理员) has confirmed: user confirm\n", stderr);
	return SR_OK;
}

enum sr_status sr_cmd_user_passwd(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *me = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *shown = NULL;
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	bool given = false;
	const struct sr_option options[] = { { .name = "--password-stdin", .flag = &given } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	SR_TRY(sr_connect_keeping(globals, &shown, &client, err));
	SR_TRY(sr_client_call(client, "WhoAmI", NULL, &me, err));
	const char *user = sr_json_text(me, "user");
	if (user && strcmp(user, words.list[0]) == 0)
		SR_TRY(change_own(client, shown, json_is_true(json_object_get(me, "password")), &reply, err));
	else
		SR_TRY(reset(client, words.list[0], given, &reply, err));
	return globals->json ? sr_output_json(reply, err) : print_reset(reply, err);
}

/* --- sessions -------------------------------------------------------------------------------------- */

static enum sr_status print_sessions(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "session", "session" }, { "user", "user" },           { "channel", "channel" },
		{ "address", "address" }, { "opened", "opened (UTC)" }, { "last_used", "last used" }
	};

	return sr_output_table(json_object_get(reply, "sessions"), columns, SR_COUNT(columns), err);
}

enum sr_status sr_cmd_session_list(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	const char *user = NULL;
	const struct sr_option options[] = { { .name = "--user", .value = &user } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	return sr_command_run(globals, "ListSessions", json_pack("{s:s*}", "user", user), print_sessions,
	                      err);
}

static enum sr_status print_ended(const json_t *reply, struct sr_err *err)
{
	(void)err;
	printf("%lld ended (已结束)\n", (long long)json_integer_value(json_object_get(reply, "ended")));
	return SR_OK;
}

enum sr_status sr_cmd_session_end(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	const char *user = NULL;
	const struct sr_option options[] = { { .name = "--user", .value = &user } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 1, &words, err));
	return sr_command_run(
		globals, "EndSessions",
		json_pack("{s:s*,s:s*}", "which", words.count ? words.list[0] : NULL, "user", user),
		print_ended, err);
}

/* --- organs ---------------------------------------------------------------------------------------- */

enum sr_status sr_cmd_organ_add(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	const char *level = NULL;
	const char *parent = NULL;
	const struct sr_option options[] = { { .name = "--level", .value = &level },
		                             { .name = "--parent", .value = &parent } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 2, 2, &words, err));
	if (!level)
		return sr_fail(err, SR_USAGE, "--level is missing");
	return sr_command_run(globals, "AddOrgan",
	                      json_pack("{s:s,s:s,s:s,s:s*}", "organ", words.list[0], "name", words.list[1],
	                                "level", level, "parent", parent),
	                      print_done, err);
}

static enum sr_status print_organs(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "organ", "code" }, { "name", "name" }, { "level", "level" }, { "parent", "below" }
	};

	return sr_output_table(json_object_get(reply, "organs"), columns, SR_COUNT(columns), err);
}

enum sr_status sr_cmd_organ_list(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "ListOrgans", json_object(), print_organs, err);
}

/* --- rosters --------------------------------------------------------------------------------------- */

static enum sr_status print_roster(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = { { "proposal", "proposal" }, { "user", "user" } };

	return sr_output_table(json_object_get(reply, "proposals"), columns, SR_COUNT(columns), err);
}

enum sr_status sr_cmd_roster_import(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	SR_TRY(sr_open_file(words.list[0], &fd, err));
	const struct sr_client_request request = {
		.method = "ImportRoster",
		.descriptors = &fd,
		.descriptor_count = 1,
	};

	SR_TRY(sr_connect(globals, &client, err));
	SR_TRY(sr_client_ask(client, &request, &reply, NULL, err));
	return globals->json ? sr_output_json(reply, err) : print_roster(reply, err);
}

/* --- deputies -------------------------------------------------------------------------------------- */

static enum sr_status print_delegation(const json_t *reply, struct sr_err *err)
{
	(void)err;
	sr_output_field("delegation (授权)", sr_json_text(reply, "delegation"));
	return SR_OK;
}

enum sr_status sr_cmd_delegate_add(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	const char *from = NULL;
	const char *until = NULL;
	const struct sr_option options[] = { { .name = "--from", .value = &from },
		                             { .name = "--until", .value = &until } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 2, 2, &words, err));
	if (!from || !until)
		return sr_fail(err, SR_USAGE, "--from and --until are missing");
	return sr_command_run(globals, "Delegate",
	                      json_pack("{s:s,s:s,s:s,s:s}", "official", words.list[0], "deputy",
	                                words.list[1], "from", from, "until", until),
	                      print_delegation, err);
}

enum sr_status sr_cmd_delegate_end(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 2, 2, &words, err));
	return sr_command_run(globals, "EndDelegation",
	                      json_pack("{s:s,s:s}", "official", words.list[0], "deputy", words.list[1]),
	                      print_ended, err);
}

static enum sr_status print_delegations(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = { { "delegation", "delegation" },
		                                    { "official", "official" },
		                                    { "deputy", "deputy" },
		                                    { "from", "from" },
		                                    { "until", "until" } };

	return sr_output_table(json_object_get(reply, "delegations"), columns, SR_COUNT(columns), err);
}

enum sr_status sr_cmd_delegate_list(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "ListDelegations", json_object(), print_delegations, err);
}
