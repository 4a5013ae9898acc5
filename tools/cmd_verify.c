/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"
#include "appliance/keeper/cases/case_papers.h"
#include "appliance/keeper/cases/fixity_properties.h"
#include "appliance/keeper/client.h"
#include "appliance/keeper/keys/data.h"
#include "appliance/keeper/offline.h"
#include "tools/collect.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress_bar.h"

struct verify {
	const struct sr_globals *globals;
	bool all;
	bool quick;
	const char *root;
	const char *stamp_root;
	uint64_t rate;        /* MiB a second; 0: as fast as it goes */
	int64_t older_than;   /* days since the last check; -1: whenever that was */
	struct sr_data *data; /* opened when first needed */
	struct sr_progress_bar bar;
	json_t *archives;
	const char *report; /* where the paper goes; NULL: none is wanted */
};

static void verify_dispose(struct verify *verify)
{
	sr_progress_bar_dispose(&verify->bar);
	sr_data_close(verify->data);
	json_decref(verify->archives);
}

static bool is_file(const char *word)
{
	return sr_text_ends_with(word, ".tar") || strchr(word, '/') || access(word, F_OK) == 0;
}

/* The data directory's certificates: its root, and that of an outside time-stamp authority. */
static enum sr_status use_own_roots(struct verify *verify, char root[PATH_MAX], char stamp_root[PATH_MAX],
                                    struct sr_offline_verify *request, struct sr_err *err)
{
	snprintf(root, PATH_MAX, "%s/keys/root.pem", verify->globals->data);
	if (access(root, R_OK) < 0)
		return sr_fail(err, SR_NOT_FOUND,
		               "no root certificate to trust: %s cannot be read; give --root CERT or "
		               "--data DIR",
		               root);
	request->root = root;
	if (!verify->data)
		SR_TRY(sr_data_open(verify->globals->data, &verify->data, err));
	const char *outside = sr_config_text(verify->data->config, "stamp.root");
	if (!outside[0] || request->stamp_root)
		return SR_OK;
	if (snprintf(stamp_root, PATH_MAX, "%s/%s", verify->globals->data, outside) >= PATH_MAX)
		return sr_fail(err, SR_LIMIT, "stamp.root: the path is too long");
	request->stamp_root = stamp_root;
	return SR_OK;
}

static enum sr_status verify_file(struct verify *verify, const char *path, struct sr_err *err)
{
	char root[PATH_MAX];
	char stamp_root[PATH_MAX];
	json_t *verdict = NULL;
	struct sr_offline_verify request = { .archive = path,
		                             .root = verify->root,
		                             .stamp_root = verify->stamp_root,
		                             .quick = verify->quick,
		                             .progress = &verify->bar.progress };

	if (!verify->root)
		SR_TRY(use_own_roots(verify, root, stamp_root, &request, err));
	SR_TRY(sr_offline_verify(&request, &verdict, err));
	return sr_json_append(verify->archives, verdict, err);
}

static enum sr_status set_root(json_t *parameters, const char *key, const char *path, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };

	if (!path)
		return SR_OK;
	SR_TRY(sr_fd_read_file(AT_FDCWD, path, SR_LIMIT_KEY_FILE_BYTES, &pem, err));
	return sr_json_set(parameters, key, json_stringn((const char *)pem.data, pem.size), err);
}

/* Cases are the keeper's: @references is a list, or NULL for all of them. */
static enum sr_status verify_cases(struct verify *verify, json_t *references, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	SR_CLEANUP(sr_json_decrefp) json_t *collected = json_object();
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	const struct sr_client_request request = {
		.method = "VerifyCase",
		.parameters = parameters,
		.progress = &verify->bar.progress,
		.each = sr_collect_each,
		.context = collected,
	};

	if (references)
		SR_TRY(sr_json_set(parameters, "cases", json_incref(references), err));
	else
		SR_TRY(sr_json_set(parameters, "all", json_true(), err));
	SR_TRY(sr_json_set(parameters, "quick", json_boolean(verify->quick), err));
	if (verify->rate > 0)
		SR_TRY(sr_json_set(parameters, "rate", json_integer((json_int_t)verify->rate), err));
	if (verify->older_than >= 0)
		SR_TRY(sr_json_set(parameters, "older_than", json_integer(verify->older_than), err));
	SR_TRY(set_root(parameters, "root", verify->root, err));
	SR_TRY(set_root(parameters, "stamp_root", verify->stamp_root, err));
	SR_TRY(sr_connect(verify->globals, &client, err));
	SR_TRY(sr_client_ask(client, &request, &reply, NULL, err));
	SR_TRY(sr_collect_merge(collected, reply, err));
	if (json_array_extend(verify->archives, json_object_get(reply, "archives")) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	return SR_OK;
}

static void print_verdict(const json_t *verdict)
{
	bool ok = json_is_true(json_object_get(verdict, "ok"));
	const json_t *damage = json_object_get(verdict, "damage");
	size_t index;
	json_t *one;

	printf("%s  ", ok ? "ok     " : "DAMAGED");
	sr_output_text(sr_json_text(verdict, "archive"));
	putchar('\n');
	if (ok) {
		sr_output_field("         signed by", sr_json_text(verdict, "signed_by"));
		sr_output_field("         signed at", sr_json_text(verdict, "signed_at"));
		sr_output_field("         stamped at", sr_json_text(verdict, "stamped_at"));
	}
	json_array_foreach(damage, index, one) {
		fputs("         ", stdout);
		sr_output_text(sr_json_text(one, "member"));
		fputs(": ", stdout);
		sr_output_text(sr_json_text(one, "what"));
		putchar('\n');
	}
}

/* What and where goes to standard error with --json, so that a person sees it too. */
static enum sr_status judge(struct verify *verify, struct sr_err *err)
{
	size_t bad = 0;
	size_t index;
	json_t *verdict;
	const json_t *worst = NULL;

	json_array_foreach(verify->archives, index, verdict) {
		if (json_is_true(json_object_get(verdict, "ok")))
			continue;
		bad++;
		worst = worst ? worst : verdict;
	}
	if (bad == 0)
		return SR_OK;
	const json_t *first = json_array_get(json_object_get(worst, "damage"), 0);
	return sr_fail(err, SR_TAMPERED, "%zu of %zu archives damaged or tampered; first: %s: %s: %s", bad,
	               json_array_size(verify->archives), sr_json_text(worst, "archive"),
	               first ? sr_json_text(first, "member") : "", first ? sr_json_text(first, "what") : "");
}

/* Files first, then cases with one question. */
static enum sr_status verify_words(struct verify *verify, const struct sr_words *words, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *references = json_array();

	if (!references)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	if (verify->all)
		SR_TRY(verify_cases(verify, NULL, err));
	for (int i = 0; i < words->count; i++) {
		const char *word = words->list[i];

		if (is_file(word))
			SR_TRY(verify_file(verify, word, err));
		else
			SR_TRY(sr_json_append(references, json_string(word), err));
	}
	return json_array_size(references) > 0 ? verify_cases(verify, references, err) : SR_OK;
}

/* 完整性校验报告. */
static enum sr_status write_report(const struct verify *verify, int64_t at_ns, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf page = { 0 };

	SR_TRY(sr_paper_fixity(verify->archives, at_ns, verify->quick, &page, err));
	return sr_output_file(verify->report, &page, err);
}

/* Print what was found; SR_TAMPERED when anything was. */
static enum sr_status tell(struct verify *verify, struct sr_err *err)
{
	const int64_t now_ns = sr_clock_now_ns();
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;
	size_t index;
	json_t *verdict;

	sr_progress_bar_dispose(&verify->bar);
	verify->bar.shown = false;
	if (verify->globals->json || verify->report)
		SR_TRY(sr_fixity_properties_add(verify->archives, now_ns, verify->quick, err));
	if (verify->report)
		SR_TRY(write_report(verify, now_ns, err));
	if (verify->globals->json) {
		SR_TRY(SR_JSON_PACK(&reply, err, "{s:O}", "archives", verify->archives));
		SR_TRY(sr_output_json(reply, err));
	} else {
		json_array_foreach(verify->archives, index, verdict)
			print_verdict(verdict);
		if (json_array_size(verify->archives) == 0)
			puts(verify->older_than >= 0 ? "no archive is due" : "the vault holds no archive");
	}
	return judge(verify, err);
}

enum sr_status sr_cmd_verify(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(verify_dispose)
	struct verify verify = { .globals = globals, .archives = json_array(), .older_than = -1 };
	const struct sr_option options[] = {
		{ .name = "--all", .flag = &verify.all },
		{ .name = "--quick", .flag = &verify.quick },
		{ .name = "--root", .value = &verify.root },
		{ .name = "--stamp-root", .value = &verify.stamp_root },
		{ .name = "--report", .value = &verify.report },
	};
	struct sr_words words;

	sr_progress_bar_init(&verify.bar);
	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, -1, &words, err));
	if (words.count == 0 && !verify.all)
		return sr_fail(err, SR_USAGE, "name archives or cases, or give --all");
	SR_TRY(verify_words(&verify, &words, err));
	return tell(&verify, err);
}

/* Every check is in the log, so a run that was broken off goes on where --older-than finds it. */
enum sr_status sr_cmd_fixity(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(verify_dispose)
	struct verify verify = { .globals = globals, .archives = json_array(), .older_than = -1 };
	SR_CLEANUP(sr_json_decrefp) json_t *cases = json_array();
	const char *rate = NULL;
	const char *days = NULL;
	const struct sr_option options[] = {
		{ .name = "--all", .flag = &verify.all },
		{ .name = "--rate", .value = &rate },
		{ .name = "--older-than", .value = &days },
		{ .name = "--report", .value = &verify.report },
	};
	uint64_t number = 0;
	struct sr_words words;

	sr_progress_bar_init(&verify.bar);
	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, -1, &words, err));
	if ((words.count == 0) == !verify.all)
		return sr_fail(err, SR_USAGE, "name cases, or give --all");
	if (rate && (!sr_decimal_parse(rate, strlen(rate), 1u << 20, &verify.rate) || verify.rate == 0))
		return sr_fail(err, SR_USAGE, "--rate takes MiB a second, not %s", rate);
	if (days && !sr_decimal_parse(days, strlen(days), 36500, &number))
		return sr_fail(err, SR_USAGE, "--older-than takes a number of days, not %s", days);
	verify.older_than = days ? (int64_t)number : -1;
	for (int i = 0; i < words.count; i++)
		SR_TRY(sr_json_append(cases, json_string(words.list[i]), err));
	SR_TRY(verify_cases(&verify, verify.all ? NULL : cases, err));
	return tell(&verify, err);
}
