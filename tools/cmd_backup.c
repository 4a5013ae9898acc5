/* SPDX-License-Identifier: Apache-2.0 */
/* backup, restore, rebuild. */
#include "tools/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/operations/from_tiles.h"
#include "appliance/keeper/operations/restore.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/passphrase.h"
#include "tools/progress_bar.h"

static long long number(const json_t *reply, const char *key)
{
	return json_integer_value(json_object_get(reply, key));
}

/* --- backup ---------------------------------------------------------------------------------------- */

static enum sr_status open_folder(const char *path, char absolute[PATH_MAX], int *out, struct sr_err *err)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return sr_fail_errno(err, "make %s", path);
	if (!realpath(path, absolute))
		return sr_fail_errno(err, "find %s", path);
	*out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *out < 0 ? sr_fail_errno(err, "open %s", path) : SR_OK;
}

static enum sr_status ask_backup(const struct sr_globals *globals, const char *path, bool archives,
                                 json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar;
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	char absolute[PATH_MAX];

	sr_progress_bar_init(&bar);
	SR_TRY(open_folder(path, absolute, &fd, err));
	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:b,s:s}", "archives", archives, "to", absolute));
	const struct sr_client_request request = { .method = "Backup",
		                                   .parameters = parameters,
		                                   .descriptors = &fd,
		                                   .descriptor_count = 1,
		                                   .progress = &bar.progress };

	SR_TRY(sr_connect(globals, &client, err));
	return sr_client_ask(client, &request, reply, NULL, err);
}

enum sr_status sr_cmd_backup(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	bool without = false;
	const struct sr_option options[] = { { .name = "--no-archives", .flag = &without } };
	struct sr_words words;
	char size[SR_SIZE_TEXT];

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	SR_TRY(ask_backup(globals, words.list[0], !without, &reply, err));
	if (globals->json)
		return sr_output_json(reply, err);
	sr_output_size((uint64_t)number(reply, "bytes"), size);
	printf("%lld entries of the log, %lld archives (%lld new), %s\nroot %s\n", number(reply, "size"),
	       number(reply, "archives"), number(reply, "copied"), size, sr_json_text(reply, "root"));
	puts("Not in it: the ledger's key (a restore begins a new epoch), the escrow keys, unfinished "
	     "drafts' files.");
	return SR_OK;
}

/* --- restore --------------------------------------------------------------------------------------- */

static void print_epoch(const json_t *reply)
{
	printf("epoch %lld goes on from %lld entries%s\n", number(reply, "epoch"),
	       number(reply, "previous_size"),
	       json_is_true(json_object_get(reply, "lost")) ? "; later ones are, or may be, lost" : "");
	printf("root %s\nnew verifier key, to be kept elsewhere: %s\n", sr_json_text(reply, "previous_root"),
	       sr_json_text(reply, "verifier_key"));
	puts("All sessions and grants have ended.");
}

enum sr_status sr_cmd_restore(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_passphrase_asker asker;
	struct sr_restore_request request = { .data = globals->data,
		                              .passphrase = sr_passphrase_asker_init(&asker, globals),
		                              .progress = &bar.progress };
	const struct sr_option options[] = {
		{ .name = "--checkpoint", .value = &request.checkpoint },
		{ .name = "--accept-loss", .flag = &request.accept_loss },
		{ .name = "--replace", .flag = &request.replace },
		{ .name = "--identity", .value = &request.identity },
		{ .name = "--keys", .value = &request.keys },
	};
	struct sr_words words;

	sr_progress_bar_init(&bar);
	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	request.backup = words.list[0];
	SR_TRY(sr_restore(&request, &reply, err));
	if (globals->json)
		return sr_output_json(reply, err);
	printf("restored ");
	sr_output_text(sr_json_text(reply, "data"));
	printf(": %lld archives\n", number(reply, "archives"));
	print_epoch(reply);
	return SR_OK;
}

/* --- rebuild --------------------------------------------------------------------------------------- */

static enum sr_status print_index(const json_t *reply, struct sr_err *err)
{
	long long missing = number(reply, "missing");

	printf("the index has %lld cases; %lld archives are in no entry of the log\n", number(reply, "cases"),
	       number(reply, "unknown"));
	sr_output_field("digest", sr_json_text(reply, "digest"));
	if (missing > 0)
		return sr_fail(
			err, SR_TAMPERED,
			"%lld archives that the log names are missing or cannot be read: put them back "
			"with strongroom import, then rebuild again",
			missing);
	return SR_OK;
}

static void print_passwords(const json_t *users)
{
	size_t index;
	json_t *row;

	json_array_foreach(users, index, row) {
		printf("new password, shown this once: %s (%s): %s\n", sr_json_text(row, "user"),
		       sr_json_text(row, "role"), sr_json_text(row, "password"));
	}
	puts("Everybody else: strongroom user passwd NAME, confirmed as any other.  Then: strongroom "
	     "rebuild");
}

enum sr_status sr_cmd_rebuild(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_passphrase_asker asker;
	bool from_tiles = false;
	const struct sr_option options[] = { { .name = "--from-tiles", .flag = &from_tiles } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	if (!from_tiles)
		return sr_command_run(globals, "Rebuild", json_object(), print_index, err);
	SR_TRY(sr_rebuild_from_tiles(globals->data, sr_passphrase_asker_init(&asker, globals), &reply, err));
	if (globals->json)
		return sr_output_json(reply, err);
	print_epoch(reply);
	print_passwords(json_object_get(reply, "users"));
	return SR_OK;
}
