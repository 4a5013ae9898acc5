/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file really is.  Media and unknown formats are parsed by a helper program (strongroom-probe) that
 * has nothing but the file's descriptor and a socket, under seccomp and Landlock; a file that kills it costs
 * a finding, no more. The helper is started at the first question.  One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/base/err.h"

struct sr_probe;

struct sr_probe_answer {
	char media_type[96]; /* libmagic's, such as "application/pdf"; empty when it is not known */
	bool is_recording;   /* libavformat found a stream of sound or moving pictures */
	bool has_video;
	bool has_audio;
	int64_t duration_ms; /* -1: not known */
	int64_t start_ns;    /* container's creation time, UTC; INT64_MIN: none */
};

SR_CHECKED enum sr_status sr_probe_new(struct sr_probe **out, struct sr_err *err);
void sr_probe_free(struct sr_probe *probe); /* ends the helper; NULL is allowed */
static inline void sr_probe_freep(struct sr_probe **probe)
{
	sr_probe_free(*probe);
	*probe = NULL;
}

/*
 * Ask about the regular file @fd (borrowed; its position is left alone).  @want_recording also asks
 * libavformat. SR_CORRUPT when the helper died or took over 20 s on this file (it is restarted for the next),
 * SR_NOT_FOUND when there is no helper program (the text says where it was looked for).
 */
SR_CHECKED enum sr_status sr_probe_ask(struct sr_probe *probe, int fd, bool want_recording,
                                       struct sr_probe_answer *out, struct sr_err *err);
