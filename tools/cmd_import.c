/* SPDX-License-Identifier: Apache-2.0 */
/* import */
#include "tools/cmd.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/keeper/client.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress_bar.h"

struct import {
	const char *root;
	struct sr_client *client;
	struct sr_progress_bar bar;
	json_t *list; /* what came in */
};

static void import_dispose(struct import *import)
{
	sr_progress_bar_dispose(&import->bar);
	sr_client_close(import->client);
	json_decref(import->list);
}

static enum sr_status parameters_of(const struct import *import, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };

	if (import->root) {
		SR_TRY(sr_fd_read_file(AT_FDCWD, import->root, SR_LIMIT_KEY_FILE_BYTES, &pem, err));
		SR_TRY(sr_json_set(parameters, "root", json_stringn((const char *)pem.data, pem.size), err));
	}
	*out = SR_MOVE(parameters);
	return SR_OK;
}

static enum sr_status import_file(struct import *import, const char *path, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	json_t *reply = NULL;

	if (fd < 0)
		return sr_fail_errno(err, "open %s", path);
	SR_TRY(parameters_of(import, &parameters, err));
	const struct sr_client_request request = { .method = "ImportArchive",
		                                   .parameters = parameters,
		                                   .descriptors = &fd,
		                                   .descriptor_count = 1,
		                                   .progress = &import->bar.progress };

	enum sr_status status = sr_client_ask(import->client, &request, &reply, NULL, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", path);
	return sr_json_append(import->list, reply, err);
}

static void print_imported(const json_t *list)
{
	size_t index;
	json_t *one;

	json_array_foreach(list, index, one) {
		fputs("imported (已接收入库): ", stdout);
		sr_output_text(sr_json_text(one, "number"));
		printf(", part %lld\n", (long long)json_integer_value(json_object_get(one, "part")));
		sr_output_field("case", sr_json_text(one, "case"));
		sr_output_field("archive", sr_json_text(one, "archive"));
	}
}

/* Files one after the other; what came in before one that is refused stays, and is printed. */
enum sr_status sr_cmd_import(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(import_dispose) struct import import = { .list = json_array() };
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	const struct sr_option options[] = { { .name = "--root", .value = &import.root } };
	enum sr_status status = SR_OK;
	struct sr_words words;

	sr_progress_bar_init(&import.bar);
	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, -1, &words, err));
	SR_TRY(sr_connect(globals, &import.client, err));
	for (int i = 0; i < words.count && status == SR_OK; i++)
		status = import_file(&import, words.list[i], err);
	sr_progress_bar_dispose(&import.bar);
	import.bar.shown = false;
	if (globals->json) {
		struct sr_err second;

		if (SR_JSON_PACK(&reply, &second, "{s:O}", "imported", import.list) != SR_OK ||
		    sr_output_json(reply, &second) != SR_OK)
			return sr_fail(err, SR_IO, "%s", second.text);
	} else {
		print_imported(import.list);
	}
	return status;
}
