/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation reviews (案卷评查): review seed, draw, record, list, show, mend, close, reopen. */
#include "tools/cmd.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/papers.h"
#include "tools/scope_words.h"

#define RECORD_BYTES (1u << 20)
#define EVIDENCE_MAX 8

/* --- seed, draw ---------------------------------------------------------------------------------------- */

struct draw {
	const char *year, *count, *seed, *category, *review, *days, *reason;
	json_t *reviewers;
};

static void draw_dispose(struct draw *draw)
{
	json_decref(draw->reviewers);
}

static enum sr_status set_number(json_t *parameters, const char *key, const char *text, struct sr_err *err)
{
	uint64_t number;

	if (!text)
		return SR_OK;
	if (!sr_decimal_parse(text, strlen(text), 1000000, &number))
		return sr_fail(err, SR_USAGE, "--%s takes a number", key);
	return sr_json_set(parameters, key, json_integer((json_int_t)number), err);
}

static enum sr_status draw_parameters(const struct draw *draw, json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();

	if (!draw->review && (!draw->year || !draw->count || !draw->seed))
		return sr_fail(err, SR_USAGE,
		               "--year, --count and --seed say what is drawn; choose the seed in public");
	SR_TRY(set_number(parameters, "year", draw->year, err));
	SR_TRY(set_number(parameters, "count", draw->count, err));
	SR_TRY(set_number(parameters, "days", draw->days, err));
	SR_TRY(sr_words_set_text(parameters, "seed", draw->seed, err));
	SR_TRY(sr_words_set_text(parameters, "category", draw->category, err));
	SR_TRY(sr_words_set_text(parameters, "review", draw->review, err));
	SR_TRY(sr_words_set_text(parameters, "reason", draw->reason, err));
	SR_TRY(sr_words_set_list(parameters, "reviewers", draw->reviewers, err));
	*out = SR_MOVE(parameters);
	return SR_OK;
}

static enum sr_status print_sample(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = { { "number", "number (案号)" }, { "case", "case" } };
	static const struct sr_column asked[] = { { "request", "request (调阅申请)" },
		                                  { "organ", "organ (机关)" } };

	sr_output_field("review (评查)", sr_json_text(reply, "review"));
	printf("drawn from %zu cases; population %s\n", json_array_size(json_object_get(reply, "population")),
	       sr_json_text(reply, "population_digest"));
	SR_TRY(sr_output_table(json_object_get(reply, "sample"), columns, SR_COUNT(columns), err));
	putchar('\n');
	return sr_output_table(json_object_get(reply, "requests"), asked, SR_COUNT(asked), err);
}

static enum sr_status print_seeded(const json_t *reply, struct sr_err *err)
{
	(void)err;
	sr_output_field("review (评查)", sr_json_text(reply, "review"));
	puts("the seed is in the log; draw with: review draw --review REVIEW");
	return SR_OK;
}

enum sr_status sr_cmd_review_seed(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(draw_dispose) struct draw draw = { .reviewers = json_array() };
	json_t *parameters = NULL;
	const struct sr_option options[] = {
		{ .name = "--year", .value = &draw.year },
		{ .name = "--count", .value = &draw.count },
		{ .name = "--seed", .value = &draw.seed },
		{ .name = "--category", .value = &draw.category },
		{ .name = "--reviewer", .each = sr_words_add, .context = draw.reviewers },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	SR_TRY(draw_parameters(&draw, &parameters, err));
	return sr_command_run(globals, "SeedReview", parameters, print_seeded, err);
}

enum sr_status sr_cmd_review_draw(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(draw_dispose) struct draw draw = { .reviewers = json_array() };
	json_t *parameters = NULL;
	const struct sr_option options[] = {
		{ .name = "--year", .value = &draw.year },
		{ .name = "--count", .value = &draw.count },
		{ .name = "--seed", .value = &draw.seed },
		{ .name = "--category", .value = &draw.category },
		{ .name = "--reviewer", .each = sr_words_add, .context = draw.reviewers },
		{ .name = "--review", .value = &draw.review },
		{ .name = "--days", .value = &draw.days },
		{ .name = "--reason", .value = &draw.reason },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 0, 0, &words, err));
	SR_TRY(draw_parameters(&draw, &parameters, err));
	return sr_command_run(globals, "DrawReview", parameters, print_sample, err);
}

/* --- record -------------------------------------------------------------------------------------------- */

static enum sr_status print_recorded(const json_t *reply, struct sr_err *err)
{
	(void)err;
	sr_output_field("case", sr_json_text(reply, "case"));
	sr_output_field("result (结论)", sr_json_text(reply, "result"));
	return SR_OK;
}

enum sr_status sr_cmd_review_record(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	json_t *record = NULL;
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 2, 2, &words, err));
	fd = open(words.list[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return sr_fail_errno(err, "open %s", words.list[1]);
	SR_TRY(sr_fd_read_to_end(fd, RECORD_BYTES, &text, err));
	enum sr_status status = sr_json_parse(text.data, text.size, RECORD_BYTES, &record, err);
	if (status != SR_OK)
		return sr_fail_in(err, SR_INVALID, "%s: ", words.list[1]);
	return sr_command_run(globals, "RecordReview",
	                      json_pack("{s:s,s:o}", "review", words.list[0], "record", record),
	                      print_recorded, err);
}

/* --- list, show ---------------------------------------------------------------------------------------- */

/* What was said of a finding on its way, a line a step. */
static void print_course(const json_t *finding)
{
	static const struct {
		const char *step, *head;
	} steps[] = { { "mended", "mended (整改)" },
		      { "reopened", "reopened (退回)" },
		      { "closed", "closed (销号)" } };

	for (size_t i = 0; i < SR_COUNT(steps); i++) {
		const json_t *step = json_object_get(finding, steps[i].step);
		const json_int_t part = json_integer_value(json_object_get(step, "part"));

		if (!step || json_is_null(step))
			continue;
		printf("%s, %s, %s", sr_json_text(finding, "finding"), steps[i].head,
		       sr_json_text(step, "by") ? sr_json_text(step, "by") : "?");
		if (part > 0)
			printf(", part %lld (补充卷)", (long long)part);
		printf(": %s\n", sr_json_text(step, "text") ? sr_json_text(step, "text") : "");
	}
}

static enum sr_status print_findings(const json_t *findings, struct sr_err *err)
{
	size_t index;
	const json_t *finding;
	static const struct sr_column columns[] = {
		{ "finding", "finding (问题)" },
		{ "state", "state (状态)" },
		{ "number", "number (案号)" },
		{ "member", "member (件号)" },
		{ "page", "page (页)" },
		{ "at", "at (时刻)" },
		{ "code", "code" },
		{ "text", "text (内容)" },
	};

	SR_TRY(sr_output_table(findings, columns, SR_COUNT(columns), err));
	json_array_foreach(findings, index, finding)
		print_course(finding);
	return SR_OK;
}

static enum sr_status print_reviews(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = { { "review", "review (评查)" },
		                                    { "year", "year (年度)" },
		                                    { "count", "wanted (拟抽)" },
		                                    { "drawn", "drawn (实抽)" },
		                                    { "by", "by (抽取人)" } };

	SR_TRY(sr_output_table(json_object_get(reply, "reviews"), columns, SR_COUNT(columns), err));
	putchar('\n');
	return print_findings(json_object_get(reply, "findings"), err);
}

enum sr_status sr_cmd_review_list(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "ListReviews", json_object(), print_reviews, err);
}

static enum sr_status print_review(const json_t *reply, struct sr_err *err)
{
	static const struct sr_column columns[] = { { "number", "number (案号)" },
		                                    { "case", "case" },
		                                    { "result", "result (结论)" },
		                                    { "score", "score (得分)" } };

	sr_output_field("review (评查)", sr_json_text(reply, "review"));
	sr_output_field("seed (种子)", sr_json_text(reply, "seed"));
	sr_output_field("population (总体摘要)", sr_json_text(reply, "population"));
	SR_TRY(sr_output_table(json_object_get(reply, "cases"), columns, SR_COUNT(columns), err));
	putchar('\n');
	return print_findings(json_object_get(reply, "findings"), err);
}

enum sr_status sr_cmd_review_show(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 1, 1, &words, err));
	return sr_command_run(globals, "ShowReview", json_pack("{s:s}", "review", words.list[0]),
	                      print_review, err);
}

/* --- mend, close, reopen ------------------------------------------------------------------------------- */

static enum sr_status add_paper(void *context, const char *path, struct sr_err *err)
{
	static const char kind[] = "evidence";

	return sr_papers_add(context, kind, sizeof(kind) - 1, path, err);
}

static enum sr_status print_moved(const json_t *reply, struct sr_err *err)
{
	(void)err;
	sr_output_field("finding (问题)", sr_json_text(reply, "finding"));
	sr_output_field("state (状态)", sr_json_text(reply, "state"));
	return SR_OK;
}

enum sr_status sr_cmd_review_mend(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	SR_CLEANUP(sr_papers_dispose) struct sr_papers papers = { .list = json_array(), .max = EVIDENCE_MAX };
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	const char *text = NULL, *part = NULL;
	const struct sr_option options[] = {
		{ .name = "--text", .value = &text },
		{ .name = "--part", .value = &part },
		{ .name = "--paper", .each = add_paper, .context = &papers },
	};
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (!text)
		return sr_fail(err, SR_USAGE, "--text says how the finding was mended");
	SR_TRY(sr_words_set_text(parameters, "finding", words.list[0], err));
	SR_TRY(sr_words_set_text(parameters, "text", text, err));
	SR_TRY(set_number(parameters, "part", part, err));
	SR_TRY(sr_words_set_list(parameters, "papers", papers.list, err));
	const struct sr_client_request request = { .method = "MendFinding",
		                                   .parameters = parameters,
		                                   .descriptors = papers.files,
		                                   .descriptor_count = papers.count };
	return sr_command_ask(globals, &request, print_moved, err);
}

static enum sr_status judge(const struct sr_globals *globals, int argc, char **argv, const char *method,
                            struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *parameters = json_object();
	const char *text = NULL;
	const struct sr_option options[] = { { .name = "--text", .value = &text } };
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, options, SR_COUNT(options), 1, 1, &words, err));
	if (!text && strcmp(method, "ReopenFinding") == 0)
		return sr_fail(err, SR_USAGE, "--text says what is still to be mended");
	SR_TRY(sr_words_set_text(parameters, "finding", words.list[0], err));
	SR_TRY(sr_words_set_text(parameters, "text", text, err));
	return sr_command_run(globals, method, SR_MOVE(parameters), print_moved, err);
}

enum sr_status sr_cmd_review_close(const struct sr_globals *globals, int argc, char **argv,
                                   struct sr_err *err)
{
	return judge(globals, argc, argv, "CloseFinding", err);
}

enum sr_status sr_cmd_review_reopen(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err)
{
	return judge(globals, argc, argv, "ReopenFinding", err);
}
