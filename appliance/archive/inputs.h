/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of an archive that is being written: what their sources look like, and whether they stayed
 * that way.  Private to archive/.  The list is filled before threads start; afterwards different threads may
 * work on different members.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "appliance/archive/writer.h"
#include "appliance/base/err.h"
#include "appliance/base/fd.h"
#include "appliance/crypto/digest.h"
#include "appliance/crypto/suite.h"

struct sr_input {
	uint64_t bytes;           /* of plaintext */
	struct sr_file_mark mark; /* as the survey found it */
	struct sr_digest plain;   /* of the plaintext; set once it was read */
	struct sr_digest head;    /* of the age file's head */
	struct sr_digest sealed;  /* of the age file */
};

struct sr_inputs {
	const struct sr_write_job *job; /* borrowed */
	const struct sr_suite *suite;   /* the one that job->cover names */
	struct sr_input *list;          /* job->member_count */
	uint64_t bytes;                 /* of plaintext, all together */
	uint64_t sealed_bytes;          /* of age files */
};

/* Note every source's size and times, from its list or by opening it once.  SR_INVALID names one that is no
 * regular file.
 * @out is to be disposed of in every case. */
SR_CHECKED enum sr_status sr_inputs_survey(const struct sr_write_job *job, struct sr_inputs *out,
                                           struct sr_err *err);
void sr_inputs_dispose(struct sr_inputs *inputs);

/* Open a source for reading; SR_INVALID when it is not as the survey found it. */
SR_CHECKED enum sr_status sr_inputs_open(const struct sr_inputs *inputs, size_t index, int *fd,
                                         struct sr_err *err);
/*
 * Read exactly @size bytes at @offset.  With @last the source must end there and still be as the survey
 * found it; @data then has room for one byte more.  SR_INVALID names a source that changed.
 */
SR_CHECKED enum sr_status sr_inputs_read(const struct sr_inputs *inputs, size_t index, int fd,
                                         uint64_t offset, size_t size, bool last, uint8_t *data,
                                         struct sr_err *err);
/* Note the plaintext's digest; SR_TAMPERED when another was expected. */
SR_CHECKED enum sr_status sr_inputs_set_plain(struct sr_inputs *inputs, size_t index,
                                              const struct sr_digest *digest, struct sr_err *err);
