/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/process/keeper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "appliance/keeper/keeper.h"
#include "appliance/keeper/keys/passphrase.h"
#include "appliance/keeper/process/front.h"
#include "appliance/keeper/process/sandbox.h"
#include "appliance/keeper/wire/descriptors.h"
#include "appliance/keeper/wire/socket_path.h"
#include "appliance/keeper/wire/wire_memory.h"

#define TRIES 150 /* for 30 s */
#define PAUSE_NS 200000000l
#define PROBE_MS 1000

/* --- opening --------------------------------------------------------------------------------------- */

static bool is_served(const char *data)
{
	char path[4096];
	struct sr_err ignored;
	int fd = -1;

	snprintf(path, sizeof(path), "%s/run/keeper.sock", data);
	if (sr_socket_path_connect(path, PROBE_MS, &fd, &ignored) != SR_OK)
		return false;
	sr_fd_close(fd);
	return true;
}

/* A command that keeps the data directory for its own length is waited for; another server is not. */
static enum sr_status open_keeper(const char *data, const struct sr_passphrase_source *passphrase,
                                  struct sr_keeper **keeper, struct sr_err *err)
{
	const struct sr_keeper_options options = { .data = data, .listen = true, .passphrase = passphrase };
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	enum sr_status status = SR_BUSY;

	for (int i = 0; i < TRIES; i++) {
		status = sr_keeper_open(&options, keeper, err);
		if (status != SR_BUSY)
			return status;
		if (is_served(data))
			return sr_fail(err, SR_BUSY, "another strongroom serves %s", data);
		nanosleep(&pause, NULL);
	}
	return status;
}

/* --- the passphrase -------------------------------------------------------------------------------- */

static enum sr_status give_passphrase(void *context, enum sr_passphrase_use use, struct sr_secret **out,
                                      struct sr_err *err)
{
	const struct sr_secret *had = context;

	(void)use;
	if (!had)
		return sr_fail(err, SR_DENIED,
		               "they are under a passphrase now, which they were not when this was started; "
		               "start strongroom serve anew");
	SR_TRY(sr_secret_new(had->size, out, err));
	memcpy((*out)->data, had->data, had->size);
	return SR_OK;
}

/* What the supervisor wrote is read at once, so that its pipe is empty before anything else happens. */
static enum sr_status open_with_passphrase(const char *data, struct sr_keeper **keeper, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *passphrase = NULL;

	SR_TRY(sr_passphrase_read(SR_KEEPER_PASSPHRASE_FD, &passphrase, err));
	sr_fd_close(SR_KEEPER_PASSPHRASE_FD);
	const struct sr_passphrase_source source = { .ask = give_passphrase, .context = passphrase };

	return open_keeper(data, &source, keeper, err);
}

/* --- what the supervisor says ---------------------------------------------------------------------- */

static enum sr_status adopt_front(struct sr_keeper *keeper, char kind, struct sr_descriptors *sockets,
                                  struct sr_err *err)
{
	enum sr_peer_kind peer = kind == SR_KEEPER_TAKES_FS ? SR_PEER_FS : SR_PEER_API;

	for (size_t i = 0; i < sockets->count; i++)
		SR_TRY(sr_keeper_adopt(keeper, sr_descriptors_take(sockets, i), peer, i == 0, err));
	return SR_OK;
}

/* False when the supervisor is gone. */
static bool take_front(struct sr_keeper *keeper)
{
	SR_CLEANUP(sr_descriptors_dispose) struct sr_descriptors sockets = { 0 };
	union {
		char space[CMSG_SPACE(SR_LIMIT_FRAME_DESCRIPTORS_MANY * sizeof(int))];
		struct cmsghdr alignment;
	} control;
	char kind = 0;
	struct iovec text = { .iov_base = &kind, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	struct sr_err err;

	ssize_t got = recvmsg(SR_KEEPER_CONTROL_FD, &message, MSG_CMSG_CLOEXEC);
	if (got < 0 && errno == EINTR)
		return true;
	if (got <= 0)
		return false;
	enum sr_status status = sr_descriptors_receive(&sockets, &message, &err);
	if (status == SR_OK)
		status = adopt_front(keeper, kind, &sockets, &err);
	if (status != SR_OK)
		sr_log(SR_LOG_ERROR, "a front end cannot be served: %s", err.text);
	return true;
}

static void *heed_supervisor(void *context)
{
	struct sr_keeper *keeper = context;

	while (take_front(keeper))
		;
	sr_keeper_stop(keeper);
	return NULL;
}

/* --- running --------------------------------------------------------------------------------------- */

static struct sr_keeper *serving; /* for the signal handler */

static void stop(int signal)
{
	(void)signal;
	if (serving)
		sr_keeper_stop(serving);
}

/* The thread for the supervisor must not take signals: they would not wake the loop. */
static enum sr_status serve(struct sr_keeper *keeper, struct sr_err *err)
{
	const struct sigaction action = { .sa_handler = stop };
	const char ready = SR_KEEPER_SAYS_READY;
	sigset_t all, before;
	pthread_t thread;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&thread, NULL, heed_supervisor, keeper);
	serving = keeper;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		return sr_fail(err, SR_BUSY, "no thread could be started");
	if (send(SR_KEEPER_CONTROL_FD, &ready, 1, MSG_NOSIGNAL) != 1)
		sr_keeper_stop(keeper);
	enum sr_status status = sr_keeper_run(keeper, err);
	(void)shutdown(SR_KEEPER_CONTROL_FD, SHUT_RDWR);
	pthread_join(thread, NULL);
	serving = NULL;
	return status;
}

enum sr_status sr_keeper_process(const char *data, struct sr_err *err)
{
	SR_CLEANUP(sr_keeper_closep) struct sr_keeper *keeper = NULL;
	struct stat st, pipe;

	if (fstat(SR_KEEPER_CONTROL_FD, &st) < 0 || !S_ISSOCK(st.st_mode) ||
	    fstat(SR_KEEPER_PASSPHRASE_FD, &pipe) < 0 || !S_ISFIFO(pipe.st_mode) ||
	    fcntl(SR_KEEPER_CONTROL_FD, F_SETFD, FD_CLOEXEC) < 0)
		return sr_fail(err, SR_INVALID, "this verb is for `strongroom serve` alone");
	SR_TRY(sr_sandbox_keeper(err));
	SR_TRY(open_with_passphrase(data, &keeper, err));
	return serve(keeper, err);
}
