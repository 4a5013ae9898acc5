/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/casefile/probe_wire.h"

#define PROGRAM "strongroom-probe"
#define WAIT_MS                                                                                              \
	((SR_PROBE_WALL_SECONDS + 5) * 1000ll) /* the helper keeps the time itself; this is for a stuck one  \
	                                        */
#define PAGES_MAX 1000000u
#define DURATION_MAX_MS (366ll * SR_DAY_S * 1000)

struct sr_probe {
	pid_t pid;  /* 0: not running */
	int socket; /* -1: not running */
};

static char explicit_program[PATH_MAX];

enum sr_status sr_probe_set_program(const char *path, struct sr_err *err)
{
	if (path && strlen(path) >= sizeof(explicit_program))
		return sr_fail(err, SR_LIMIT, "the path of the helper program is too long");
	snprintf(explicit_program, sizeof(explicit_program), "%s", path ? path : "");
	return SR_OK;
}

/* The folder of the running program; false where /proc does not say. */
static bool own_folder(char *out, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", out, size - 1);

	if (length <= 0)
		return false;
	out[length] = 0;
	char *slash = strrchr(out, '/');
	if (!slash)
		return false;
	*slash = 0;
	return true;
}

static enum sr_status find_program(char *out, size_t size, struct sr_err *err)
{
	/* Beside the program (a build), where it was installed with it (under any DESTDIR), where it belongs.
	 */
	static const char *const relative[] = { "/" PROGRAM, "/../libexec/strongroom/" PROGRAM };
	char folder[PATH_MAX];

	if (explicit_program[0]) {
		snprintf(out, size, "%s", explicit_program);
		if (access(out, X_OK) == 0)
			return SR_OK;
		return sr_fail(err, SR_NOT_FOUND, "there is no helper program at %s", out);
	}
	bool beside = own_folder(folder, sizeof(folder));
	for (size_t i = 0; beside && i < SR_COUNT(relative); i++)
		if ((size_t)snprintf(out, size, "%s%s", folder, relative[i]) < size && access(out, X_OK) == 0)
			return SR_OK;
	snprintf(out, size, "%s/" PROGRAM, SR_LIBEXEC);
	if (access(out, X_OK) == 0)
		return SR_OK;
	return sr_fail(err, SR_NOT_FOUND,
	               "the helper program " PROGRAM " is neither in %s nor in " SR_LIBEXEC
	               "; install it there",
	               beside ? folder : "the program's folder");
}

/* Nothing but the socket and standard error goes over; every signal is as at the start of a program. */
static int prepare_spawn(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int socket)
{
	sigset_t all, none;
	int error = posix_spawn_file_actions_adddup2(actions, socket, SR_PROBE_SOCKET);

	sigfillset(&all);
	sigemptyset(&none);
	if (error == 0)
		error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (error == 0)
		error = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (error == 0)
		error = posix_spawn_file_actions_addclosefrom_np(actions, SR_PROBE_SOCKET + 1);
	if (error == 0)
		error = posix_spawnattr_setsigdefault(attributes, &all);
	if (error == 0)
		error = posix_spawnattr_setsigmask(attributes, &none);
	if (error == 0)
		error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	return error;
}

static int spawn(const char *program, int socket, pid_t *pid)
{
	char name[] = PROGRAM;
	char *arguments[] = { name, NULL };
	char *environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error = posix_spawn_file_actions_init(&actions);

	if (error != 0)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (error == 0) {
		error = prepare_spawn(&actions, &attributes, socket);
		if (error == 0)
			error = posix_spawn(pid, program, &actions, &attributes, arguments, environment);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static void stop(struct sr_probe *probe)
{
	sr_fd_closep(&probe->socket);
	if (probe->pid <= 0)
		return;
	kill(probe->pid, SIGKILL);
	while (waitpid(probe->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	probe->pid = 0;
}

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One message of the helper.  SR_BUSY: none in time; SR_IO: the helper is gone or says nonsense. */
static enum sr_status receive(int socket, struct sr_probe_reply *reply, struct sr_err *err)
{
	int64_t deadline = monotonic_ms() + WAIT_MS;

	for (;;) {
		struct pollfd poll_fd = { .fd = socket, .events = POLLIN };
		int64_t left = deadline - monotonic_ms();
		int ready = poll(&poll_fd, 1, left > 0 ? (int)left : 0);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return sr_fail_errno(err, "wait for " PROGRAM);
		if (ready == 0)
			return sr_fail(err, SR_BUSY, PROGRAM " does not answer");
		ssize_t got = recv(socket, reply, sizeof(*reply), MSG_TRUNC);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != (ssize_t)sizeof(*reply) || reply->version != SR_PROBE_VERSION)
			return sr_fail(err, SR_IO, PROGRAM " ended or does not fit to this program");
		reply->media_type[sizeof(reply->media_type) - 1] = 0;
		reply->created[sizeof(reply->created) - 1] = 0;
		reply->why[sizeof(reply->why) - 1] = 0;
		return SR_OK;
	}
}

static enum sr_status greet(struct sr_probe *probe, struct sr_err *err)
{
	struct sr_probe_reply reply = { 0 };
	enum sr_status status = receive(probe->socket, &reply, err);

	if (status == SR_OK && reply.outcome != SR_PROBE_ANSWERED)
		return sr_fail(err, SR_IO, PROGRAM " cannot work: %s", reply.why);
	if (status != SR_OK)
		return sr_fail(err, SR_IO, PROGRAM " does not start");
	return SR_OK;
}

static enum sr_status start(struct sr_probe *probe, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int theirs = -1;
	char program[PATH_MAX];
	int pair[2];

	SR_TRY(find_program(program, sizeof(program), err));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return sr_fail_errno(err, "make a socket pair");
	probe->socket = pair[0];
	theirs = pair[1];

	int error = spawn(program, theirs, &probe->pid);
	if (error != 0) {
		probe->pid = 0;
		stop(probe);
		errno = error;
		return sr_fail_errno(err, "start %s", program);
	}
	sr_fd_closep(&theirs);
	enum sr_status status = greet(probe, err);
	if (status != SR_OK)
		stop(probe);
	return status;
}

static bool send_question(int socket, int fd, unsigned want)
{
	struct sr_probe_question question = {
		.version = SR_PROBE_VERSION,
		.want = want,
	};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .bytes = { 0 } };
	struct iovec part = { .iov_base = &question, .iov_len = sizeof(question) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	ssize_t sent;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)sizeof(question);
}

/* SR_IO: the helper is gone, whatever took it; it never looks into files itself, so asking again is fair. */
static enum sr_status ask_once(struct sr_probe *probe, int fd, unsigned want, struct sr_probe_reply *reply,
                               struct sr_err *err)
{
	if (probe->socket < 0)
		SR_TRY(start(probe, err));
	enum sr_status status = SR_OK;
	if (!send_question(probe->socket, fd, want))
		status = sr_fail(err, SR_IO, PROGRAM " is gone");
	else
		status = receive(probe->socket, reply, err);
	if (status != SR_OK)
		stop(probe);
	return status;
}

static bool is_media_type(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.+-_")] == 0;
}

static enum sr_status accept_reply(const struct sr_probe_reply *reply, struct sr_probe_answer *out,
                                   struct sr_err *err)
{
	if (reply->outcome == SR_PROBE_DIED)
		return sr_fail(err, SR_CORRUPT, "the program that looks at files broke down over this one");
	if (reply->outcome == SR_PROBE_TOO_LONG)
		return sr_fail(err, SR_CORRUPT, "looking at the file took longer than %d seconds",
		               SR_PROBE_WALL_SECONDS);
	if (reply->outcome != SR_PROBE_ANSWERED || !is_media_type(reply->media_type) ||
	    reply->duration_ms < -1 || reply->duration_ms > DURATION_MAX_MS || reply->pages > PAGES_MAX)
		return sr_fail(err, SR_CORRUPT, "looking at the file gave an answer that makes no sense");

	*out = (struct sr_probe_answer){
		.is_recording = (reply->flags & SR_PROBE_RECORDING) != 0,
		.has_video = (reply->flags & SR_PROBE_VIDEO) != 0,
		.has_audio = (reply->flags & SR_PROBE_AUDIO) != 0,
		.truncated = (reply->flags & SR_PROBE_TRUNCATED) != 0,
		.duration_ms = reply->duration_ms,
		.start_ns = INT64_MIN,
	};
	out->encrypted = (reply->flags & SR_PROBE_ENCRYPTED) != 0;
	out->pages = reply->pages;
	memcpy(out->media_type, reply->media_type, sizeof(out->media_type));
	int64_t start_ns;
	if (sr_time_parse(reply->created, &start_ns))
		out->start_ns = start_ns;
	return SR_OK;
}

enum sr_status sr_probe_ask(struct sr_probe *probe, int fd, unsigned want, struct sr_probe_answer *out,
                            struct sr_err *err)
{
	struct sr_probe_reply reply = { 0 };
	enum sr_status status = ask_once(probe, fd, want, &reply, err);

	if (status == SR_IO)
		status = ask_once(probe, fd, want, &reply, err);
	if (status == SR_BUSY)
		return sr_fail(err, SR_CORRUPT, "looking at the file took longer than %d seconds",
		               SR_PROBE_WALL_SECONDS);
	if (status != SR_OK)
		return status;
	return accept_reply(&reply, out, err);
}

enum sr_status sr_probe_new(struct sr_probe **out, struct sr_err *err)
{
	struct sr_probe *probe = calloc(1, sizeof(*probe));

	if (!probe)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the helper program");
	probe->socket = -1;
	*out = probe;
	return SR_OK;
}

void sr_probe_free(struct sr_probe *probe)
{
	if (!probe)
		return;
	stop(probe);
	free(probe);
}
