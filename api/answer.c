/* SPDX-License-Identifier: Apache-2.0 */
#include "api/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sr_answer_dispose(struct sr_answer *answer)
{
	sr_buf_dispose(&answer->body);
	if (answer->stream.free)
		answer->stream.free(answer->stream.context);
	for (size_t i = 0; i < answer->headers; i++)
		free(answer->header[i].value);
	*answer = (struct sr_answer){ 0 };
}

void sr_answer_reset(struct sr_answer *answer)
{
	sr_answer_dispose(answer);
	answer->body.secret = true;
}

enum sr_status sr_answer_header(struct sr_answer *answer, struct sr_err *err, const char *name,
                                const char *fmt, ...)
{
	char value[SR_ANSWER_HEADER_BYTES];
	va_list list;

	if (answer->headers == SR_ANSWER_HEADERS)
		return sr_fail(err, SR_LIMIT, "an answer has too many headers");
	va_start(list, fmt);
	int size = vsnprintf(value, sizeof(value), fmt, list);
	va_end(list);
	if (size < 0 || (size_t)size >= sizeof(value))
		return sr_fail(err, SR_LIMIT, "the header %s is too long", name);
	for (char *c = value; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	char *copy = strdup(value);
	if (!copy)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a header");
	answer->header[answer->headers++] = (struct sr_answer_header){ name, copy };
	return SR_OK;
}

const char *sr_answer_value(const struct sr_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->headers; i++)
		if (strcmp(answer->header[i].name, name) == 0)
			return answer->header[i].value;
	return NULL;
}
