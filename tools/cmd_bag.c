/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/archive/bag.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress_bar.h"

static enum sr_status list_json(const struct sr_bag_problem *list, size_t count, json_t **out,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *array = json_array();

	if (!array)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	for (size_t i = 0; i < count; i++) {
		json_t *one = NULL;

		SR_TRY(SR_JSON_PACK(&one, err, "{s:s, s:s}", "path", list[i].path, "what", list[i].what));
		SR_TRY(sr_json_append(array, one, err));
	}
	*out = SR_MOVE(array);
	return SR_OK;
}

static enum sr_status print_json(const char *bag, const struct sr_bag_report *report, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *problems = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *notes = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;

	char name[4096];

	snprintf(name, sizeof(name), "%s", bag);
	sr_text_make_printable(name, sizeof(name)); /* JSON takes UTF-8 only */
	SR_TRY(list_json(report->problems, report->problem_count, &problems, err));
	SR_TRY(list_json(report->notes, report->note_count, &notes, err));
	SR_TRY(SR_JSON_PACK(&reply, err, "{s:s, s:b, s:I, s:I, s:O, s:O}", "bag", name, "valid",
	                    report->valid, "files", (json_int_t)report->files, "bytes",
	                    (json_int_t)report->bytes, "problems", problems, "notes", notes));
	return sr_output_json(reply, err);
}

static void print_list(const char *head, const struct sr_bag_problem *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		printf("  %s  ", head);
		if (list[i].path[0]) {
			sr_output_text(list[i].path);
			fputs(": ", stdout);
		}
		sr_output_text(list[i].what);
		putchar('\n');
	}
}

static void print_report(const char *bag, const struct sr_bag_report *report)
{
	char size[SR_SIZE_TEXT];

	sr_output_size(report->bytes, size);
	fputs(report->valid ? "valid    " : "INVALID  ", stdout);
	sr_output_text(bag);
	printf("  %" PRIu64 " payload files, %s\n", report->files, size);
	print_list("problem", report->problems, report->problem_count);
	print_list("note   ", report->notes, report->note_count);
}

enum sr_status sr_cmd_bag_verify(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_bag_report_dispose) struct sr_bag_report report = { 0 };
	SR_CLEANUP(sr_progress_bar_dispose) struct sr_progress_bar bar = { 0 };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	const char *bag = words.list[0];
	sr_progress_bar_init(&bar);
	SR_TRY(sr_bag_verify(bag, &bar.progress, &report, err));
	sr_progress_bar_dispose(&bar);
	bar.shown = false;
	if (globals->json)
		SR_TRY(print_json(bag, &report, err));
	else
		print_report(bag, &report);
	if (report.valid)
		return SR_OK;
	const struct sr_bag_problem *first = &report.problems[0];
	return sr_fail(err, SR_TAMPERED, "%s is no valid bag: %zu problems; first: %s%s%s", bag,
	               report.problem_count, first->path, first->path[0] ? ": " : "", first->what);
}
