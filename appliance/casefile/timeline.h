/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From arrival to departure: what the recordings of one act cover, where there are gaps, and what is said
 * about them.  docs/RULEBOOK.md, "Coverage".  Immutable after making.
 */
#pragma once

#include "appliance/casefile/description.h"
#include "appliance/casefile/rule_field.h"

/* A stretch of a recording.  Times are nanoseconds since 1970-01-01 UTC. */
struct sr_timeline_clip {
	int64_t from_ns, to_ns;
	size_t member; /* index in /members */
};

/* A stretch of the act longer than the tolerance that no recording covers. */
struct sr_timeline_gap {
	int64_t from_ns, to_ns;
	const json_t *row; /* the element of the act's gaps that says most about it; NULL: none does */
	bool reasoned; /* reasons cover it but for the tolerance, or the recording was abandoned before its
	                  end */
	bool spoken;   /* each of these reasons is said aloud in a recording */
};

struct sr_timeline {
	int64_t from_ns, to_ns;
	struct sr_timeline_clip *clips; /* owned; by beginning */
	size_t clip_count;
	struct sr_timeline_gap *gaps; /* owned; by beginning */
	size_t gap_count;
	bool abandoned; /* the act says that recording could not go on, and why */
};

void sr_timeline_dispose(struct sr_timeline *timeline);

/*
 * Of /acts/@act, which is an object.  Gaps up to @tolerance_s seconds are none.  Pictures, which begin and
 * end at once, cover nothing.
 *
 * SR_NOT_FOUND when a time that is needed is absent, or an end is before its beginning: @place then is the
 * JSON pointer of the field and @full_path the key of its label, both SR_PLACE_BYTES long.
 */
SR_CHECKED enum sr_status sr_timeline_make(const struct sr_case *description, size_t act, int64_t tolerance_s,
                                           struct sr_timeline *out, char place[SR_PLACE_BYTES],
                                           char full_path[SR_PLACE_BYTES], struct sr_err *err);

/*
 * {"from","to","recordings":[{"member","from","to"}],"gaps":[{"from","to","seconds","reason","spoken_in",
 * "spoken_at","reasoned","spoken"}],"abandoned"}, times in UTC; what is not known is null.  The caller owns
 * *out.
 */
SR_CHECKED enum sr_status sr_timeline_to_json(const struct sr_timeline *timeline,
                                              const struct sr_case *description, json_t **out,
                                              struct sr_err *err);
