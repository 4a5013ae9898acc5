/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/text.h"

#define TRIES 3

static const char how[] =
	"give it with --passphrase-fd N, as the systemd credential " SR_PASSPHRASE_CREDENTIAL
	", or on a terminal";

/* --- a terminal ------------------------------------------------------------------------------------ */

static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
static volatile sig_atomic_t caught; /* while a passphrase is typed; one thread */

static void catch_signal(int signal)
{
	caught = signal;
}

/* A line without echo.  A signal that would end the program is given to it after the echo is back. */
static enum sr_status read_hidden(int tty, struct sr_secret **out, struct sr_err *err)
{
	const struct sigaction catching = { .sa_handler = catch_signal };
	struct pollfd typed = { .fd = tty, .events = POLLIN };
	struct sigaction before[SR_COUNT(ends)];
	struct termios shown, hidden;

	if (tcgetattr(tty, &shown) < 0)
		return sr_fail_errno(err, "ask the terminal");
	caught = 0;
	for (size_t i = 0; i < SR_COUNT(ends); i++)
		sigaction(ends[i], &catching, &before[i]);
	hidden = shown;
	hidden.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
	(void)tcsetattr(tty, TCSAFLUSH, &hidden);
	int ready = caught ? -1 : poll(&typed, 1, -1);
	enum sr_status status = ready > 0 ? sr_passphrase_read(tty, out, err)
	                                  : sr_fail(err, SR_DENIED, "no passphrase was typed");
	(void)tcsetattr(tty, TCSAFLUSH, &shown);
	for (size_t i = 0; i < SR_COUNT(ends); i++)
		sigaction(ends[i], &before[i], NULL);
	dprintf(tty, "\n");
	if (caught)
		(void)raise(caught);
	return status;
}

static enum sr_status type(const char *prompt, struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (tty < 0)
		return sr_fail(err, SR_DENIED, "a passphrase of the keys is needed: %s", how);
	dprintf(tty, "%s: ", prompt);
	return read_hidden(tty, out, err);
}

static enum sr_status type_again(const struct sr_secret *first, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *second = NULL;

	SR_TRY(type("the same again (再次输入)", &second, err));
	if (!second || second->size != first->size ||
	    !sr_secret_equal(second->data, first->data, first->size))
		return sr_fail(err, SR_INVALID, "the two passphrases differ; nothing was changed");
	return SR_OK;
}

static enum sr_status type_new(struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *first = NULL;

	SR_TRY(type("new passphrase of the keys (新的密钥口令)", &first, err));
	if (!first)
		return sr_fail(err, SR_INVALID, "the passphrase is empty");
	SR_TRY(type_again(first, err));
	*out = SR_MOVE(first);
	return SR_OK;
}

static enum sr_status type_old(struct sr_passphrase_asker *asker, struct sr_secret **out, struct sr_err *err)
{
	SR_TRY(type(asker->asked++ == 0 ? "passphrase of the keys (密钥口令)"
	                                : "wrong; once more (口令错误，请重新输入)",
	            out, err));
	return *out ? SR_OK : sr_fail(err, SR_DENIED, "no passphrase was typed");
}

/* --- descriptor, credential ------------------------------------------------------------------------ */

static enum sr_status read_descriptor(const char *number, struct sr_secret **out, struct sr_err *err)
{
	uint64_t fd;

	if (!sr_decimal_parse(number, strlen(number), INT_MAX, &fd))
		return sr_fail(err, SR_USAGE, "\"%s\" is no descriptor", number);
	enum sr_status status = sr_passphrase_read((int)fd, out, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "descriptor %s: ", number);
	return *out ? SR_OK : sr_fail(err, SR_DENIED, "descriptor %s gives no passphrase", number);
}

static bool credential_path(char path[PATH_MAX])
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	return folder && folder[0] == '/' &&
	       snprintf(path, PATH_MAX, "%s/" SR_PASSPHRASE_CREDENTIAL, folder) < PATH_MAX &&
	       access(path, F_OK) == 0;
}

static enum sr_status read_credential(const char *path, struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return sr_fail_errno(err, "open the credential %s", path);
	SR_TRY(sr_passphrase_read(fd, out, err));
	return *out ? SR_OK : sr_fail(err, SR_DENIED, "the credential %s is empty", path);
}

/* --- all of it ------------------------------------------------------------------------------------- */

static enum sr_status ask(void *context, enum sr_passphrase_use use, struct sr_secret **out,
                          struct sr_err *err)
{
	struct sr_passphrase_asker *asker = context;
	bool is_new = use == SR_PASSPHRASE_CHOOSE;
	char path[PATH_MAX];

	if (is_new && asker->new_fd)
		return read_descriptor(asker->new_fd, out, err);
	if (is_new && asker->changes)
		return type_new(out, err);
	if (asker->globals->passphrase_fd)
		return read_descriptor(asker->globals->passphrase_fd, out, err);
	if (credential_path(path))
		return read_credential(path, out, err);
	return is_new ? type_new(out, err) : type_old(asker, out, err);
}

const struct sr_passphrase_source *sr_passphrase_asker_init(struct sr_passphrase_asker *asker,
                                                            const struct sr_globals *globals)
{
	char path[PATH_MAX];

	*asker = (struct sr_passphrase_asker){ .globals = globals };
	asker->source.ask = ask;
	asker->source.context = asker;
	asker->source.tries = globals->passphrase_fd || credential_path(path) ? 1 : TRIES;
	return &asker->source;
}

enum sr_status sr_passphrase_offer(struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *first = NULL;

	SR_TRY(type("passphrase for the keys, or Enter for none (密钥口令，不设则直接回车)", &first, err));
	if (first)
		SR_TRY(sr_passphrase_require(first, err));
	if (first)
		SR_TRY(type_again(first, err));
	*out = SR_MOVE(first);
	return SR_OK;
}
