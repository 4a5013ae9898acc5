/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/inputs.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"

static const char *name_of(const struct sr_inputs *inputs, size_t index)
{
	return inputs->job->source.name(inputs->job->source.context, index);
}

static enum sr_status open_source(const struct sr_inputs *inputs, size_t index, int *fd, struct stat *st,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int opened = -1;

	SR_TRY(inputs->job->source.open(inputs->job->source.context, index, &opened, err));
	if (fstat(opened, st) < 0)
		return sr_fail_errno(err, "stat %s", name_of(inputs, index));
	*fd = opened;
	opened = -1;
	return SR_OK;
}

static enum sr_status no_regular_file(const struct sr_inputs *inputs, size_t index, struct sr_err *err)
{
	return sr_fail(err, SR_INVALID, "%s is not a regular file", name_of(inputs, index));
}

/* What the source looks like, from its list or by opening it. */
static enum sr_status look(const struct sr_inputs *inputs, size_t index, struct sr_file_mark *out,
                           struct sr_err *err)
{
	const struct sr_source *source = &inputs->job->source;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	struct stat st;

	if (source->mark) {
		const struct sr_file_mark *mark = source->mark(source->context, index);

		if (!mark)
			return no_regular_file(inputs, index, err);
		*out = *mark;
		return SR_OK;
	}
	SR_TRY(open_source(inputs, index, &fd, &st, err));
	if (!S_ISREG(st.st_mode))
		return no_regular_file(inputs, index, err);
	*out = sr_file_mark_of(&st);
	return SR_OK;
}

static enum sr_status survey_one(struct sr_inputs *inputs, size_t index, struct sr_err *err)
{
	struct sr_input *input = &inputs->list[index];

	SR_TRY(look(inputs, index, &input->mark, err));
	input->bytes = input->mark.bytes;
	if (input->bytes > SR_LIMIT_MEMBER_BYTES)
		return sr_fail(err, SR_LIMIT, "%s has more than 1 TiB; split it", name_of(inputs, index));
	inputs->bytes += input->bytes;
	inputs->sealed_bytes += sr_suite_sealed_bytes(inputs->suite, input->bytes);
	return SR_OK;
}

enum sr_status sr_inputs_survey(const struct sr_write_job *job, struct sr_inputs *out, struct sr_err *err)
{
	*out = (struct sr_inputs){ .job = job, .suite = sr_suite_find(job->cover.suite) };
	if (!out->suite)
		return sr_fail(err, SR_INVALID, "suite \"%s\" is unknown to this version", job->cover.suite);
	out->list = calloc(job->member_count, sizeof(*out->list));
	if (!out->list)
		return sr_fail(err, SR_NO_MEMORY, "no memory for %zu members", job->member_count);
	for (size_t i = 0; i < job->member_count; i++)
		SR_TRY(survey_one(out, i, err));
	return SR_OK;
}

void sr_inputs_dispose(struct sr_inputs *inputs)
{
	free(inputs->list);
	*inputs = (struct sr_inputs){ 0 };
}

static enum sr_status changed(const struct sr_inputs *inputs, size_t index, struct sr_err *err)
{
	return sr_fail(err, SR_INVALID, "%s changed while it was read; seal again when nobody writes to it",
	               name_of(inputs, index));
}

static enum sr_status require_unchanged(const struct sr_inputs *inputs, size_t index, const struct stat *st,
                                        struct sr_err *err)
{
	struct sr_file_mark now = sr_file_mark_of(st);

	return sr_file_mark_equal(&now, &inputs->list[index].mark) ? SR_OK : changed(inputs, index, err);
}

enum sr_status sr_inputs_open(const struct sr_inputs *inputs, size_t index, int *fd, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int opened = -1;
	struct stat st;

	SR_TRY(open_source(inputs, index, &opened, &st, err));
	SR_TRY(require_unchanged(inputs, index, &st, err));
	*fd = opened;
	opened = -1;
	return SR_OK;
}

enum sr_status sr_inputs_read(const struct sr_inputs *inputs, size_t index, int fd, uint64_t offset,
                              size_t size, bool last, uint8_t *data, struct sr_err *err)
{
	size_t got;
	struct stat st;

	enum sr_status status = sr_fd_pread(fd, data, size + (last ? 1 : 0), offset, &got, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", name_of(inputs, index));
	if (got != size)
		return changed(inputs, index, err);
	if (!last)
		return SR_OK;
	if (fstat(fd, &st) < 0)
		return sr_fail_errno(err, "stat %s", name_of(inputs, index));
	return require_unchanged(inputs, index, &st, err);
}

enum sr_status sr_inputs_set_plain(struct sr_inputs *inputs, size_t index, const struct sr_digest *digest,
                                   struct sr_err *err)
{
	const struct sr_expected_digest *expected = inputs->job->expected;

	if (expected && expected[index].given && !sr_digest_equal(digest, &expected[index].digest))
		return sr_fail(
			err, SR_TAMPERED,
			"%s is not the file that was checked: its SHA-256 differs from the expected one",
			name_of(inputs, index));
	inputs->list[index].plain = *digest;
	return SR_OK;
}
