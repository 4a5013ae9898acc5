/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/init.h"
#include "tools/ask.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/passphrase.h"

static enum sr_status print_made(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = {
		{ "user", "user (用户)" },
		{ "role", "role (角色)" },
		{ "password", "password, shown this once (密码，仅显示一次)" },
	};

	sr_output_field("data directory", sr_json_text(reply, "data"));
	sr_output_field("appliance", sr_json_text(reply, "appliance"));
	sr_output_field("root certificate", sr_json_text(reply, "root_certificate"));
	sr_output_field("verifier key", sr_json_text(reply, "verifier_key"));
	sr_output_field("escrow keys", sr_json_text(reply, "escrow"));
	putchar('\n');
	SR_TRY(sr_output_table(json_object_get(reply, "users"), columns, SR_COUNT(columns), err));
	puts("The administrator is your Unix login; hand the two passwords to two other people.");
	return SR_OK;
}

/* --- questions ---------------------------------------------------------------------------------------- */

struct answers {
	char organ[512], organ_code[128], admin_name[512], escrow[PATH_MAX];
};

/* Without a single option, somebody at a terminal is asked for what the options say. */
static enum sr_status ask_all(struct sr_init_request *request, struct answers *answers, struct sr_err *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/strongroom.conf", request->data) < (int)sizeof(path) &&
	    access(path, F_OK) == 0)
		return sr_fail(err, SR_EXISTS, "%s is a data directory already; choose another --data",
		               request->data);
	fprintf(stderr,
	        "A new data directory in %s (新建数据目录).  An empty answer takes what stands in "
	        "brackets.\n\n",
	        request->data);
	SR_TRY(sr_ask("Name of the organ (机关名称), such as 某市医疗保障局", NULL, answers->organ,
	              sizeof(answers->organ), err));
	SR_TRY(sr_ask("Its code (机关代码), such as 150100-YB", "local", answers->organ_code,
	              sizeof(answers->organ_code), err));
	SR_TRY(sr_ask("Your name: you become the administrator (系统管理员姓名)", "系统管理员",
	              answers->admin_name, sizeof(answers->admin_name), err));
	snprintf(path, sizeof(path), "%.*s/escrow", PATH_MAX - 16, request->data);
	fputs("\nThe escrow keys (托管密钥) open every case and must leave this machine: best is an\n"
	      "encrypted removable medium that is mounted now.\n",
	      stderr);
	SR_TRY(sr_ask("Folder for the escrow keys (托管密钥存放目录)", path, answers->escrow,
	              sizeof(answers->escrow), err));
	request->organ = answers->organ;
	request->organ_code = answers->organ_code;
	request->admin_name = answers->admin_name;
	/* The folder inside the data directory is made with it. */
	request->escrow_out = strcmp(answers->escrow, path) == 0 ? NULL : answers->escrow;
	return SR_OK;
}

/* What the options say, or somebody at a terminal; *out is NULL where the keys are to have none. */
static enum sr_status choose_passphrase(const struct sr_globals *globals, bool with, bool asked,
                                        struct sr_secret **out, struct sr_err *err)
{
	struct sr_passphrase_asker asker;

	if (with)
		return sr_passphrase_choose(sr_passphrase_asker_init(&asker, globals), out, err);
	if (globals->passphrase_fd)
		return sr_fail(err, SR_USAGE,
		               "--passphrase-fd is for a passphrase that --passphrase asks for");
	return asked ? sr_passphrase_offer(out, err) : SR_OK;
}

enum sr_status sr_cmd_init(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_init_request request = { .data = globals->data, .organ = "", .organ_code = "" };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *passphrase = NULL;
	bool with = false, without = false;
	const struct sr_option options[] = {
		{ .name = "--passphrase", .flag = &with },
		{ .name = "--no-passphrase", .flag = &without },
		{ .name = "--organ-code", .value = &request.organ_code },
		{ .name = "--organ", .value = &request.organ },
		{ .name = "--admin-name", .value = &request.admin_name },
		{ .name = "--escrow-out", .value = &request.escrow_out },
	};
	struct answers answers;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	if (with && without)
		return sr_fail(err, SR_USAGE, "--passphrase and --no-passphrase exclude each other");
	bool asked = argc == 1 && !globals->json && sr_ask_possible();
	if (asked)
		SR_TRY(ask_all(&request, &answers, err));
	SR_TRY(choose_passphrase(globals, with, asked, &passphrase, err));
	request.passphrase = passphrase;
	SR_TRY(sr_init(&request, &reply, err));
	if (globals->json)
		SR_TRY(sr_output_json(reply, err));
	else
		SR_TRY(print_made(reply, err));
	fprintf(stderr,
	        "Take %s off this machine now: root.key issues certificates, escrow.key and\n"
	        "escrow.age-identity open every archive.  Without them a lost appliance is a lost vault.\n",
	        sr_json_text(reply, "escrow"));
	return SR_OK;
}
