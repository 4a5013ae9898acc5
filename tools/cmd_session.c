/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <stdio.h>

#include "appliance/base/json.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"

static enum sr_status print_caller(const json_t *reply, struct sr_err *err)
{
	(void)err;
	if (!sr_json_text(reply, "user")) {
		puts("no user of this appliance has your Unix login");
		return SR_OK;
	}
	sr_output_field("user (用户)", sr_json_text(reply, "user"));
	sr_output_field("name (姓名)", sr_json_text(reply, "full_name"));
	sr_output_field("role (角色)", sr_json_text(reply, "role"));
	sr_output_field("organ (机关)", sr_json_text(reply, "organ"));
	return SR_OK;
}

enum sr_status sr_cmd_whoami(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "WhoAmI", json_object(), print_caller, err);
}
