/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file really is.  Media and unknown formats are parsed by a helper program (strongroom-probe) that
 * has nothing but the file's descriptor and a socket, under seccomp and Landlock, in a process of its own for
 * each file; a file that kills it costs a finding, no more, and cannot reach the next file's answer.  The
 * helper is started at the first question.  One thread at a time.
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
	bool truncated;      /* the container speaks of content behind the end of the file */
	bool encrypted;      /* a PDF that opens with a password alone */
	unsigned pages;      /* of a PDF; 0: not known, or not asked for */
	int64_t duration_ms; /* -1: not known */
	int64_t start_ns;    /* container's creation time, UTC; INT64_MIN: none */
};

/*
 * The helper program to start instead of "strongroom-probe" beside the running program, in
 * ../libexec/strongroom from there, or in SR_LIBEXEC. Process-wide, copied; NULL undoes it.  Not thread-safe
 * to change.  SR_LIMIT for a path that is too long.
 */
SR_CHECKED enum sr_status sr_probe_set_program(const char *path, struct sr_err *err);

SR_CHECKED enum sr_status sr_probe_new(struct sr_probe **out, struct sr_err *err);
void sr_probe_free(struct sr_probe *probe); /* ends the helper; NULL is allowed */
static inline void sr_probe_freep(struct sr_probe **probe)
{
	sr_probe_free(*probe);
	*probe = NULL;
}

/* What is wanted besides the type. */
#define SR_PROBE_WANT_RECORDING 1u /* of libavformat: length and start */
#define SR_PROBE_WANT_PAGES 2u     /* of poppler: how many pages a PDF has */

/*
 * Ask about the regular file @fd (borrowed; its position is left alone).  @want: SR_PROBE_WANT_…, or 0.
 * SR_CORRUPT when the file killed the helper's process or took it over 20 s, SR_NOT_FOUND when there is no
 * helper program (the text says where it was looked for), SR_IO when the helper does not work.
 */
SR_CHECKED enum sr_status sr_probe_ask(struct sr_probe *probe, int fd, unsigned want,
                                       struct sr_probe_answer *out, struct sr_err *err);
