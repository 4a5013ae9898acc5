/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/crypto/pem.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/cursor.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"

#define LABEL_MAX 32 /* bytes, with NUL; "CERTIFICATE" and "X509 CRL" are what we know */

struct line {
	const char *text;
	size_t size;
};

struct pem {
	struct sr_cursor c;
	size_t number; /* of the line taken last, from 1 */
};

/* The next line without its end; the last one may lack it. */
static struct line next_line(struct pem *pem)
{
	const uint8_t *start = pem->c.next;
	const uint8_t *end = memchr(start, '\n', pem->c.left);
	size_t size = end ? (size_t)(end - start) : pem->c.left;

	(void)sr_cursor_take(&pem->c, end ? size + 1 : size);
	pem->number++;
	if (size > 0 && start[size - 1] == '\r')
		size--;
	return (struct line){ .text = (const char *)start, .size = size };
}

/* "-----BEGIN LABEL-----" and its like. */
static bool take_label(struct line line, const char *before, char label[LABEL_MAX])
{
	static const char after[] = "-----";
	size_t head = strlen(before), tail = sizeof(after) - 1;

	if (line.size <= head + tail || line.size - head - tail >= LABEL_MAX ||
	    memcmp(line.text, before, head) != 0 || memcmp(line.text + line.size - tail, after, tail) != 0)
		return false;
	size_t size = line.size - head - tail;
	memcpy(label, line.text + head, size);
	label[size] = 0;
	return strlen(label) == size;
}

static enum sr_status read_block(struct pem *pem, const char *label, struct sr_buf *der, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf base64 = { 0 };
	char end[LABEL_MAX];

	for (;;) {
		if (pem->c.left == 0)
			return sr_fail(err, SR_CORRUPT, "PEM ends inside a block");
		struct line line = next_line(pem);
		if (take_label(line, "-----END ", end))
			break;
		SR_TRY(sr_buf_add(&base64, line.text, line.size, err));
	}
	if (strcmp(label, end) != 0)
		return sr_fail(err, SR_CORRUPT, "PEM block '%s' ends as '%s'", label, end);
	return sr_base64_decode(SR_BASE64_PADDED, (const char *)base64.data, base64.size, der, err);
}

enum sr_status sr_pem_read(struct sr_bytes bytes, sr_pem_visit *visit, void *context, struct sr_err *err)
{
	struct pem pem = { .c = { .next = bytes.data, .left = bytes.size } };

	if (bytes.size > SR_LIMIT_TAG_FILE_BYTES)
		return sr_fail(err, SR_LIMIT, "PEM of more than %u bytes", SR_LIMIT_TAG_FILE_BYTES);
	while (pem.c.left > 0) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf der = { 0 };
		char label[LABEL_MAX];
		struct line line = next_line(&pem);
		size_t number = pem.number;

		if (line.size == 0)
			continue;
		if (!take_label(line, "-----BEGIN ", label))
			return sr_fail(err, SR_CORRUPT, "line %zu: text outside of PEM blocks", number);
		enum sr_status status = read_block(&pem, label, &der, err);
		if (status == SR_OK)
			status = visit(context, label, sr_buf_bytes(&der), err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "PEM block at line %zu: ", number);
	}
	return SR_OK;
}
