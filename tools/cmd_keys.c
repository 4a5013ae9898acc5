/* SPDX-License-Identifier: Apache-2.0 */
/* keys passphrase. */
#include "tools/cmd.h"

#include <stdio.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/passphrase.h"

static enum sr_status protect(const struct sr_globals *globals, const char *new_fd, bool without,
                              json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *chosen = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	SR_CLEANUP(sr_fd_closep) int pipe = -1;
	struct sr_passphrase_asker asker;
	const struct sr_passphrase_source *source = sr_passphrase_asker_init(&asker, globals);

	asker.new_fd = new_fd;
	asker.changes = true;
	SR_TRY(sr_connect(globals, &client, err)); /* the old one is tried before a new one is asked for */
	if (!without)
		SR_TRY(sr_passphrase_choose(source, &chosen, err));
	SR_TRY(sr_passphrase_pipe(chosen, &pipe, err));
	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:b}", "remove", without));
	const struct sr_client_request request = {
		.method = "ProtectKeys", .parameters = parameters, .descriptors = &pipe, .descriptor_count = 1
	};

	return sr_client_ask(client, &request, reply, NULL, err);
}

enum sr_status sr_cmd_keys_passphrase(const struct sr_globals *globals, int argc, char **argv,
                                      struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	const char *new_fd = NULL;
	bool without = false;
	const struct sr_option options[] = {
		{ .name = "--new-passphrase-fd", .value = &new_fd },
		{ .name = "--remove", .flag = &without },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	if (without && new_fd)
		return sr_fail(err, SR_USAGE, "--remove and --new-passphrase-fd exclude each other");
	SR_TRY(protect(globals, new_fd, without, &reply, err));
	if (globals->json)
		return sr_output_json(reply, err);
	puts(without ? "The keys have no passphrase any more."
	             : "The keys are under the new passphrase.  It is written down nowhere: keep it as you "
	               "keep "
	               "the escrow keys.");
	return SR_OK;
}
