/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"

struct stretch {
	int64_t from_ns, to_ns;
};

void sr_timeline_dispose(struct sr_timeline *timeline)
{
	free(timeline->clips);
	free(timeline->gaps);
	*timeline = (struct sr_timeline){ 0 };
}

/* --- reading -------------------------------------------------------------------------------------------- */

static bool time_of(const json_t *object, const char *key, int64_t *out)
{
	const char *text = sr_json_text(object, key);

	return text && sr_time_parse(text, out);
}

/* Which of the two times is absent; the second where it is before the first; NULL: neither. */
static const char *take_stretch(const json_t *object, const char *from_key, const char *to_key,
                                struct stretch *out)
{
	if (!time_of(object, from_key, &out->from_ns))
		return from_key;
	if (!time_of(object, to_key, &out->to_ns) || out->to_ns < out->from_ns)
		return to_key;
	return NULL;
}

static enum sr_status no_time(const char *list, size_t index, const char *key, char place[SR_PLACE_BYTES],
                              char full_path[SR_PLACE_BYTES], struct sr_err *err)
{
	snprintf(place, SR_PLACE_BYTES, "/%s/%zu/%s", list, index, key);
	snprintf(full_path, SR_PLACE_BYTES, "%s.%s", list, key);
	return sr_fail(err, SR_NOT_FOUND, "%s: is no time that could be judged by", place);
}

static int compare_clips(const void *a, const void *b)
{
	const struct sr_timeline_clip *left = a;
	const struct sr_timeline_clip *right = b;

	if (left->from_ns != right->from_ns)
		return left->from_ns < right->from_ns ? -1 : 1;
	return (left->to_ns > right->to_ns) - (left->to_ns < right->to_ns);
}

static enum sr_status take_clips(const struct sr_case *description, const json_t *recordings,
                                 struct sr_timeline *timeline, char place[SR_PLACE_BYTES],
                                 char full_path[SR_PLACE_BYTES], struct sr_err *err)
{
	size_t index;
	json_t *path;

	timeline->clips = calloc(json_array_size(recordings) + 1, sizeof(*timeline->clips));
	if (!timeline->clips)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a timeline");
	json_array_foreach(recordings, index, path) {
		const struct sr_member *member =
			json_is_string(path) ? sr_case_member(description, json_string_value(path)) : NULL;
		struct stretch stretch;

		if (!member || member->class != SR_MEMBER_MEDIUM)
			continue; /* X14 says so */
		size_t at = (size_t)(member - description->members);
		const char *absent = take_stretch(member->json, "recorded_from", "recorded_to", &stretch);

		if (absent)
			return no_time("members", at, absent, place, full_path, err);
		if (stretch.from_ns < stretch.to_ns)
			timeline->clips[timeline->clip_count++] =
				(struct sr_timeline_clip){ stretch.from_ns, stretch.to_ns, at };
	}
	qsort(timeline->clips, timeline->clip_count, sizeof(*timeline->clips), compare_clips);
	return SR_OK;
}

/* --- gaps ----------------------------------------------------------------------------------------------- */

static int64_t overlap_of(struct stretch a, const struct sr_timeline_gap *gap)
{
	int64_t from = a.from_ns > gap->from_ns ? a.from_ns : gap->from_ns;
	int64_t to = a.to_ns < gap->to_ns ? a.to_ns : gap->to_ns;

	return to > from ? to - from : 0;
}

static int compare_stretches(const void *a, const void *b)
{
	const struct stretch *left = a;
	const struct stretch *right = b;

	return (left->from_ns > right->from_ns) - (left->from_ns < right->from_ns);
}

/* The longest piece of a gap that none of the sorted reasons covers. */
static int64_t longest_rest(const struct sr_timeline_gap *gap, const struct stretch *reasons, size_t count)
{
	int64_t at = gap->from_ns, longest = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t until = reasons[i].from_ns < gap->to_ns ? reasons[i].from_ns : gap->to_ns;

		if (until - at > longest)
			longest = until - at;
		if (reasons[i].to_ns > at)
			at = reasons[i].to_ns;
	}
	return gap->to_ns - at > longest ? gap->to_ns - at : longest;
}

/* Find the rows of the act that speak about a gap. */
static enum sr_status judge_gap(const json_t *rows, int64_t tolerance_ns, struct sr_timeline_gap *gap,
                                struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf space = { 0 };
	size_t count = 0, index;
	int64_t most = 0;
	json_t *row;

	SR_TRY(sr_buf_reserve(&space, (json_array_size(rows) + 1) * sizeof(struct stretch), err));
	struct stretch *reasons = (struct stretch *)(void *)space.data;
	gap->spoken = true;
	json_array_foreach(rows, index, row) {
		struct stretch stretch;

		if (take_stretch(row, "from", "to", &stretch) ||
		    sr_text_is_blank(sr_json_text(row, "reason")))
			continue;
		int64_t overlap = overlap_of(stretch, gap);

		if (overlap == 0)
			continue;
		reasons[count++] = stretch;
		gap->spoken = gap->spoken && !sr_text_is_blank(sr_json_text(row, "spoken_in")) &&
		              !sr_text_is_blank(sr_json_text(row, "spoken_at"));
		if (overlap > most)
			gap->row = row;
		most = overlap > most ? overlap : most;
	}
	qsort(reasons, count, sizeof(*reasons), compare_stretches);
	gap->spoken = gap->spoken && count > 0;
	gap->reasoned = longest_rest(gap, reasons, count) <= tolerance_ns;
	return SR_OK;
}

static enum sr_status add_gap(struct sr_timeline *timeline, const json_t *act, struct stretch stretch,
                              int64_t tolerance_ns, struct sr_err *err)
{
	struct sr_timeline_gap gap = { .from_ns = stretch.from_ns, .to_ns = stretch.to_ns };

	if (stretch.to_ns - stretch.from_ns <= tolerance_ns)
		return SR_OK;
	SR_TRY(judge_gap(json_object_get(act, "gaps"), tolerance_ns, &gap, err));
	/* From where recording was given up, nothing more is to be expected. */
	if (timeline->abandoned && stretch.to_ns == timeline->to_ns)
		gap.reasoned = true;
	timeline->gaps[timeline->gap_count++] = gap;
	return SR_OK;
}

static enum sr_status find_gaps(struct sr_timeline *timeline, const json_t *act, int64_t tolerance_ns,
                                struct sr_err *err)
{
	int64_t at = timeline->from_ns;

	timeline->gaps = calloc(timeline->clip_count + 1, sizeof(*timeline->gaps));
	if (!timeline->gaps)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a timeline");
	for (size_t i = 0; i < timeline->clip_count && at < timeline->to_ns; i++) {
		const struct sr_timeline_clip *clip = &timeline->clips[i];
		int64_t until = clip->from_ns < timeline->to_ns ? clip->from_ns : timeline->to_ns;

		SR_TRY(add_gap(timeline, act, (struct stretch){ at, until }, tolerance_ns, err));
		if (clip->to_ns > at)
			at = clip->to_ns;
	}
	return add_gap(timeline, act, (struct stretch){ at, timeline->to_ns }, tolerance_ns, err);
}

enum sr_status sr_timeline_make(const struct sr_case *description, size_t act, int64_t tolerance_s,
                                struct sr_timeline *out, char place[SR_PLACE_BYTES],
                                char full_path[SR_PLACE_BYTES], struct sr_err *err)
{
	SR_CLEANUP(sr_timeline_dispose) struct sr_timeline timeline = { 0 };
	const json_t *json = json_array_get(json_object_get(description->root, "acts"), act);
	const json_t *abandoned = json_object_get(json, "abandoned");
	struct stretch whole;
	const char *absent = take_stretch(json, "from", "to", &whole);

	if (absent)
		return no_time("acts", act, absent, place, full_path, err);
	timeline.from_ns = whole.from_ns;
	timeline.to_ns = whole.to_ns;
	timeline.abandoned = !sr_text_is_blank(sr_json_text(abandoned, "reason"));
	SR_TRY(take_clips(description, json_object_get(json, "recordings"), &timeline, place, full_path,
	                  err));
	SR_TRY(find_gaps(&timeline, json, tolerance_s * SR_SECOND_NS, err));
	*out = timeline;
	timeline = (struct sr_timeline){ 0 };
	return SR_OK;
}

/* --- for pages ------------------------------------------------------------------------------------------ */

static enum sr_status add_clips(const struct sr_timeline *timeline, const struct sr_case *description,
                                json_t *list, struct sr_err *err)
{
	char from[SR_TIME_TEXT], to[SR_TIME_TEXT];

	for (size_t i = 0; i < timeline->clip_count; i++) {
		const struct sr_timeline_clip *clip = &timeline->clips[i];
		json_t *one = NULL;

		sr_time_format_utc(clip->from_ns, from);
		sr_time_format_utc(clip->to_ns, to);
		SR_TRY(SR_JSON_PACK(&one, err, "{s:s,s:s,s:s}", "member",
		                    description->members[clip->member].path, "from", from, "to", to));
		SR_TRY(sr_json_append(list, one, err));
	}
	return SR_OK;
}

static enum sr_status add_gaps(const struct sr_timeline *timeline, json_t *list, struct sr_err *err)
{
	char from[SR_TIME_TEXT], to[SR_TIME_TEXT];

	for (size_t i = 0; i < timeline->gap_count; i++) {
		const struct sr_timeline_gap *gap = &timeline->gaps[i];
		json_t *one = NULL;

		sr_time_format_utc(gap->from_ns, from);
		sr_time_format_utc(gap->to_ns, to);
		SR_TRY(SR_JSON_PACK(&one, err, "{s:s,s:s,s:I,s:s?,s:s?,s:s?,s:b,s:b}", "from", from, "to", to,
		                    "seconds", (json_int_t)((gap->to_ns - gap->from_ns) / SR_SECOND_NS),
		                    "reason", sr_json_text(gap->row, "reason"), "spoken_in",
		                    sr_json_text(gap->row, "spoken_in"), "spoken_at",
		                    sr_json_text(gap->row, "spoken_at"), "reasoned", gap->reasoned, "spoken",
		                    gap->spoken));
		SR_TRY(sr_json_append(list, one, err));
	}
	return SR_OK;
}

enum sr_status sr_timeline_to_json(const struct sr_timeline *timeline, const struct sr_case *description,
                                   json_t **out, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *recordings = json_array();
	SR_CLEANUP(sr_json_decrefp) json_t *gaps = json_array();
	char from[SR_TIME_TEXT], to[SR_TIME_TEXT];

	SR_TRY(add_clips(timeline, description, recordings, err));
	SR_TRY(add_gaps(timeline, gaps, err));
	sr_time_format_utc(timeline->from_ns, from);
	sr_time_format_utc(timeline->to_ns, to);
	return SR_JSON_PACK(out, err, "{s:s,s:s,s:O,s:O,s:b}", "from", from, "to", to, "recordings",
	                    recordings, "gaps", gaps, "abandoned", timeline->abandoned);
}
