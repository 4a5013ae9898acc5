/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <sys/prctl.h>

#include "api/api_main.h"
#include "appliance/base/cleanup.h"
#include "appliance/keeper/process/keeper_process.h"
#include "appliance/keeper/process/supervisor.h"
#include "fs/fs_main.h"
#include "tools/options.h"
#include "tools/passphrase.h"

#define LISTEN "127.0.0.1:8443"

enum sr_status sr_cmd_serve(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_passphrase_asker asker;
	struct sr_serve_options serve = { .data = globals->data,
		                          .passphrase = sr_passphrase_asker_init(&asker, globals) };
	bool no_api = false, no_fs = false;
	const struct sr_option options[] = {
		{ .name = "--listen", .value = &serve.listen },
		{ .name = "--mount", .value = &serve.mount },
		{ .name = "--no-api", .flag = &no_api },
		{ .name = "--no-fs", .flag = &no_fs },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	if (no_api && serve.listen)
		return sr_fail(err, SR_USAGE, "--listen and --no-api exclude each other");
	if (no_fs && serve.mount)
		return sr_fail(err, SR_USAGE, "--mount and --no-fs exclude each other");
	if (!serve.listen)
		serve.listen = LISTEN;
	if (no_api)
		serve.listen = NULL;
	return sr_supervise(&serve, err);
}

/* --- the processes that it starts ------------------------------------------------------------------ */

enum sr_status sr_cmd_serve_keeper(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	(void)argc, (void)argv;
	(void)prctl(PR_SET_NAME, "strongroom-keep");
	return sr_keeper_process(globals->data, err);
}

enum sr_status sr_cmd_serve_mount(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	(void)globals;
	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	return sr_serve_mount(words.list[0], err);
}

enum sr_status sr_cmd_serve_fs(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	(void)globals, (void)argc, (void)argv;
	(void)prctl(PR_SET_NAME, "strongroom-fs");
	return sr_fs_main(err);
}

enum sr_status sr_cmd_serve_api(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	(void)globals, (void)argc, (void)argv;
	return sr_api_main(err);
}
