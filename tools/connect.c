/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/connect.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"
#include "tools/output.h"
#include "tools/passphrase.h"

#define SECRET_BYTES 1024

/* Byte by byte: what stands behind the line is the next reader's. */
static enum sr_status read_line(struct sr_secret *into, size_t *size, struct sr_err *err)
{
	uint8_t byte;
	ssize_t got;

	for (*size = 0;;) {
		got = read(STDIN_FILENO, &byte, 1);
		if (got < 0)
			return sr_fail_errno(err, "read standard input");
		if (got == 0 || byte == '\n')
			break;
		if (*size == into->size)
			return sr_fail(err, SR_USAGE, "the password on standard input is over %zu bytes",
			               into->size);
		into->data[(*size)++] = byte;
	}
	byte = 0;
	if (*size > 0 && into->data[*size - 1] == '\r')
		(*size)--;
	if (*size == 0)
		return sr_fail(err, SR_USAGE, "standard input has no line with a password");
	return SR_OK;
}

static enum sr_status read_hidden(const char *prompt, struct sr_secret *into, size_t *size,
                                  struct sr_err *err)
{
	struct termios before, hidden;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return read_line(into, size, err);
	hidden = before;
	hidden.c_lflag &= (tcflag_t)~ECHO;
	fprintf(stderr, "%s: ", prompt);
	fflush(stderr);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	enum sr_status status = read_line(into, size, err);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return status;
}

enum sr_status sr_read_secret(const char *prompt, struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *line = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *secret = NULL;
	size_t size;

	SR_TRY(sr_secret_new(SECRET_BYTES, &line, err));
	SR_TRY(read_hidden(prompt, line, &size, err));
	SR_TRY(sr_secret_new(size, &secret, err));
	memcpy(secret->data, line->data, size);
	*out = SR_MOVE(secret);
	return SR_OK;
}

enum sr_status sr_connect_keeping(const struct sr_globals *globals, struct sr_secret **shown,
                                  struct sr_client **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *password = NULL;
	struct sr_passphrase_asker asker;
	struct sr_client_options options = { .data = globals->data,
		                             .socket = globals->socket,
		                             .as = globals->as,
		                             .passphrase = sr_passphrase_asker_init(&asker, globals) };

	if (globals->as)
		SR_TRY(sr_read_secret("password (密码)", &password, err));
	options.password = password;
	SR_TRY(sr_client_open(&options, out, err));
	*shown = SR_MOVE(password);
	return SR_OK;
}

enum sr_status sr_connect(const struct sr_globals *globals, struct sr_client **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *password = NULL;

	return sr_connect_keeping(globals, &password, out, err);
}

enum sr_status sr_open_file(const char *path, int *fd, struct sr_err *err)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	return *fd < 0 ? sr_fail_errno(err, "open %s", path) : SR_OK;
}

enum sr_status sr_command_ask(const struct sr_globals *globals, const struct sr_client_request *request,
                              enum sr_status (*print)(const json_t *reply, struct sr_err *err),
                              struct sr_err *err)
{
	SR_CLEANUP(sr_client_closep) struct sr_client *client = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *reply = NULL;

	SR_TRY(sr_connect(globals, &client, err));
	SR_TRY(sr_client_ask(client, request, &reply, NULL, err));
	return globals->json ? sr_output_json(reply, err) : print(reply, err);
}

enum sr_status sr_command_run(const struct sr_globals *globals, const char *method, json_t *parameters,
                              enum sr_status (*print)(const json_t *reply, struct sr_err *err),
                              struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *taken = parameters;
	const struct sr_client_request request = { .method = method, .parameters = taken };

	if (!taken)
		return sr_fail(err, SR_INVALID, "what was typed is not UTF-8");
	return sr_command_ask(globals, &request, print, err);
}
