/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case folder that the keeper may not enter: a thread of the caller's own process opens its files, with the
 * caller's rights, and passes the descriptors.  So the keeper reads nothing of a folder that the caller could
 * not read.  docs/WIRE.md, "A server of files".
 *
 * One packet (SOCK_SEQPACKET) a question: what is asked for, one byte, then a path relative to the folder.
 * One packet an answer: struct sr_file_answer, with the descriptor where one was opened.
 */
#pragma once

#include <stdint.h>

#define SR_FILE_ASK_FILE 'f'   /* open for reading */
#define SR_FILE_ASK_FOLDER 'd' /* the same for a folder */
#define SR_FILE_ASK_LOOK 'l'   /* lstat */
#define SR_FILE_ASK_FOLLOW 'k' /* where a link leads, inside the folder */

#define SR_FILE_PATH_BYTES 4096u

/* Numbers as the machine has them: both ends are on it. */
struct sr_file_answer {
	uint64_t error; /* an errno, or 0 */
	uint64_t mode, bytes, device, inode;
	int64_t modified_s, modified_ns, changed_s, changed_ns;
};
