/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <stdio.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/keeper/init.h"
#include "tools/options.h"
#include "tools/output.h"

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

enum sr_status sr_cmd_init(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_init_request request = { .data = globals->data, .organ = "", .organ_code = "" };
	const struct sr_option options[] = {
		{ .name = "--organ-code", .value = &request.organ_code },
		{ .name = "--organ", .value = &request.organ },
		{ .name = "--escrow-out", .value = &request.escrow_out },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
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
