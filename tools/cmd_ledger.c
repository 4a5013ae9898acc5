/* SPDX-License-Identifier: Apache-2.0 */
/* ledger tail, verify, prove, extends; receipt verify. */
#include "tools/cmd.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/ledger_offline.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress_bar.h"

#include <fcntl.h>

#define PROVE_WAIT_MS 2000
#define PROVE_PAUSE_MS 100
#define NOTE_BYTES 65536u

static enum sr_status parse_seq(const char *text, uint64_t *out, struct sr_err *err)
{
	if (!sr_decimal_parse(text, strlen(text), INT64_MAX, out))
		return sr_fail(err, SR_USAGE, "%s is no number of an entry", text);
	return SR_OK;
}

/* --- tail ------------------------------------------------------------------------------------------ */

/* One entry a line, its very bytes. */
static enum sr_status print_entries(void *context, const json_t *part, struct sr_err *err)
{
	size_t index;
	json_t *entry;

	(void)context;
	json_array_foreach(json_object_get(part, "entries"), index, entry) {
		fwrite(json_string_value(entry), 1, json_string_length(entry), stdout);
		putchar('\n');
	}
	if (fflush(stdout) != 0)
		return sr_fail_errno(err, "write to standard output");
	return SR_OK;
}

/* What is there now, page by page; *from is then behind it. */
static enum sr_status print_present(struct sr_client *client, uint64_t *from, struct sr_err *err)
{
	for (;;) {
		SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
		uint64_t size;

		SR_TRY(sr_client_call(client, "LedgerEntries", json_pack("{s:I}", "from", (json_int_t)*from),
		                      &reply, err));
		SR_TRY(print_entries(NULL, reply, err));
		SR_TRY(sr_json_need_u64(reply, "size", INT64_MAX, &size, err));
		SR_TRY(sr_json_need_u64(reply, "next", INT64_MAX, from, err));
		if (*from >= size)
			return SR_OK;
	}
}

enum sr_status sr_cmd_ledger_tail(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = NULL;
	const char *first = NULL;
	bool follow = false;
	uint64_t from = 0;
	const struct sr_option options[] = {
		{ .name = "-f", .flag = &follow },
		{ .name = "--from", .value = &first },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	if (first)
		SR_TRY(parse_seq(first, &from, err));
	SR_TRY(sr_connect(globals, &client, err));
	SR_TRY(print_present(client, &from, err));
	if (!follow)
		return SR_OK;
	SR_TRY(SR_JSON_PACK(&parameters, err, "{s:I,s:b}", "from", (json_int_t)from, "follow", 1));
	const struct sr_client_request request = { .method = "LedgerEntries",
		                                   .parameters = parameters,
		                                   .each = print_entries };
	return sr_client_ask(client, &request, NULL, NULL, err);
}

/* --- verify ---------------------------------------------------------------------------------------- */

/* Where the keeper does not start, for its log is not the one that was published, the owner looks without. */
static enum sr_status ask_or_look(const struct sr_globals *globals, json_t **reply, struct sr_err *err)
{
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar;
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	const struct sr_client_request request = { .method = "VerifyLedger", .progress = &bar.progress };

	sr_progress_bar_init(&bar);
	enum sr_status status = sr_connect(globals, &client, err);
	if (status == SR_TAMPERED || status == SR_CORRUPT)
		return sr_offline_ledger_verify(globals->data, reply, err);
	SR_TRY(status);
	return sr_client_ask(client, &request, reply, NULL, err);
}

enum sr_status sr_cmd_ledger_verify(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	SR_TRY(ask_or_look(globals, &reply, err));
	bool ok = json_is_true(json_object_get(reply, "ok"));
	long long size = json_integer_value(json_object_get(reply, "size"));
	if (globals->json)
		SR_TRY(sr_output_json(reply, err));
	else if (ok)
		printf("%lld entries, their tree, the published files and all records agree\nroot %s\n", size,
		       sr_json_text(reply, "root"));
	if (ok)
		return SR_OK;
	return sr_fail(err, SR_TAMPERED, "%s", sr_json_text(reply, "why"));
}

/* --- prove ----------------------------------------------------------------------------------------- */

/* An entry is published within a second: that is waited for. */
static enum sr_status ask_receipt(struct sr_client *client, uint64_t seq, json_t **reply, struct sr_err *err)
{
	const struct timespec pause = { .tv_nsec = PROVE_PAUSE_MS * 1000000l };
	enum sr_status status = SR_BUSY;

	for (int waited = 0; status == SR_BUSY && waited <= PROVE_WAIT_MS; waited += PROVE_PAUSE_MS) {
		if (waited > 0)
			nanosleep(&pause, NULL);
		status = sr_client_call(client, "LedgerProof", json_pack("{s:I}", "seq", (json_int_t)seq),
		                        reply, err);
	}
	return status;
}

enum sr_status sr_cmd_ledger_prove(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	struct sr_words words;
	const char *receipt;
	uint64_t seq;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	SR_TRY(parse_seq(words.list[0], &seq, err));
	SR_TRY(sr_connect(globals, &client, err));
	SR_TRY(ask_receipt(client, seq, &reply, err));
	SR_TRY(sr_json_need_text(reply, "receipt", &receipt, err));
	fputs(receipt, stdout);
	return SR_OK;
}

/* --- extends --------------------------------------------------------------------------------------- */

static enum sr_status print_extension(const json_t *reply, struct sr_err *err)
{
	(void)err;
	printf("the log of %s extends that checkpoint: %lld entries then, %lld now\n",
	       sr_json_text(reply, "origin"), (long long)json_integer_value(json_object_get(reply, "old")),
	       (long long)json_integer_value(json_object_get(reply, "new")));
	return SR_OK;
}

enum sr_status sr_cmd_ledger_extends(const struct sr_globals *globals, int argc, char **argv,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	SR_TRY(sr_fd_read_file(AT_FDCWD, words.list[0], NOTE_BYTES, &text, err));
	return sr_command_run(globals, "ProveExtension",
	                      json_pack("{s:s%}", "checkpoint", (const char *)text.data, text.size),
	                      print_extension, err);
}

/* --- receipt verify -------------------------------------------------------------------------------- */

static void print_receipt(const json_t *reply)
{
	const json_t *entry = json_object_get(reply, "entry");
	char *text = json_dumps(entry, JSON_COMPACT | JSON_ENSURE_ASCII);

	printf("the receipt holds: entry %lld of %s\n",
	       (long long)json_integer_value(json_object_get(reply, "seq")), sr_json_text(reply, "origin"));
	sr_output_field("  type", sr_json_text(entry, "type"));
	sr_output_field("  time", sr_json_text(entry, "time"));
	if (text)
		sr_output_field("  entry", text);
	free(text);
}

enum sr_status sr_cmd_receipt_verify(const struct sr_globals *globals, int argc, char **argv,
                                     struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	const char *key = NULL;
	const struct sr_option options[] = { { .name = "--key", .value = &key } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (!key)
		return sr_fail(err, SR_USAGE, "--key names the file with the ledger's verifier key");
	SR_TRY(sr_offline_receipt(words.list[0], key, &reply, err));
	if (globals->json)
		return sr_output_json(reply, err);
	print_receipt(reply);
	return SR_OK;
}
