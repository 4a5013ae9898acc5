/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strongroom and its helper strongroom-probe say to each other over a SOCK_SEQPACKET pair: a greeting
 * when the helper is ready, then one answer for each question; the file's descriptor rides with the question
 * (SCM_RIGHTS).  Both are built together, so the structs travel as they are.  Whatever the helper says is
 * untrusted: a hostile file may have taken it over.
 */
#pragma once

#include <stdint.h>

#define SR_PROBE_VERSION 2u
#define SR_PROBE_SOCKET 3         /* the helper's descriptor of the pair */
#define SR_PROBE_SECONDS 20       /* of processor, for one file */
#define SR_PROBE_WALL_SECONDS 120 /* the same on a machine that is busy, or from a slow disk */
#define SR_PROBE_TYPE_BYTES 96
#define SR_PROBE_TIME_BYTES 40

enum sr_probe_outcome {
	SR_PROBE_ANSWERED,
	SR_PROBE_DIED,     /* what looked at the file was killed by a signal or gave no answer */
	SR_PROBE_TOO_LONG, /* it took over SR_PROBE_WALL_SECONDS */
	SR_PROBE_NO_START, /* the greeting of a helper that cannot work: `why` says what is missing */
};

enum sr_probe_flag {
	SR_PROBE_RECORDING = 1,
	SR_PROBE_VIDEO = 2,
	SR_PROBE_AUDIO = 4,
	SR_PROBE_TRUNCATED = 8,
	SR_PROBE_ENCRYPTED = 16, /* a PDF that opens with a password alone */
};

struct sr_probe_question {
	uint32_t version;
	uint32_t want; /* SR_PROBE_WANT_… of probe.h */
};

struct sr_probe_reply {
	uint32_t version;
	uint32_t outcome; /* enum sr_probe_outcome */
	uint32_t flags;   /* enum sr_probe_flag */
	uint32_t pages;   /* of a PDF; 0: not known */
	int64_t duration_ms;
	char media_type[SR_PROBE_TYPE_BYTES]; /* NUL-terminated */
	char created[SR_PROBE_TIME_BYTES];    /* the container's creation time as it says it, or empty */
	char why[SR_PROBE_TYPE_BYTES];        /* of SR_PROBE_NO_START */
};
