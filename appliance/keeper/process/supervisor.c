/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/process/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/log.h"
#include "appliance/keeper/process/front_launch.h"
#include "appliance/keeper/process/keeper_process.h"
#include "appliance/keeper/process/mountpoint.h"
#include "appliance/keeper/process/notify.h"
#include "appliance/keeper/process/serve_setup.h"
#include "appliance/keeper/wire/wire_time.h"

#define MS 1000000ll
#define SHORT_LIFE_NS (1000 * MS) /* who died sooner waits longer each time */
#define FIRST_WAIT_NS (50 * MS)
#define LONGEST_WAIT_NS (5000 * MS)
#define FRONT_END_NS (5000 * MS)   /* from SIGTERM to SIGKILL */
#define KEEPER_END_NS (20000 * MS) /* it finishes what is under way */

enum which { KEEPER, FS, API, PROCESSES };

static const char *const names[PROCESSES] = { "keeper", "fs", "api" };

struct process {
	bool wanted;
	pid_t pid; /* 0: does not run */
	int64_t started;
	int64_t due;  /* when to start it */
	int64_t kill; /* when to end it by force; SR_WIRE_NEVER */
	unsigned short_lives;
};

struct supervisor {
	struct sr_serve_setup setup;
	struct process processes[PROCESSES];
	int signal_fd;
	int control; /* to the keeper; -1: it does not run */
	bool ready;  /* the keeper said so */
	bool served; /* it was ready once */
	bool stopping;
	bool failed; /* what ended cannot be started anew from here */
};

/* --- starting -------------------------------------------------------------------------------------- */

static void mark_started(struct process *process, pid_t pid)
{
	process->pid = pid;
	process->started = sr_wire_now_ns();
	process->kill = SR_WIRE_NEVER;
}

static enum sr_status start_keeper(struct supervisor *s, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int ours = -1;
	SR_CLEANUP(sr_fd_closep) int theirs = -1;
	SR_CLEANUP(sr_fd_closep) int passphrase = -1;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return sr_fail_errno(err, "make a pair of sockets");
	ours = ends[0];
	theirs = ends[1];
	SR_TRY(sr_passphrase_pipe(s->setup.passphrase, &passphrase, err));
	const int inherits[] = { theirs, passphrase };
	const struct sr_offspring_plan plan = {
		.verb = "serve-keeper",
		.data = s->setup.data,
		.program_fd = s->setup.program_fd,
		.inherits = inherits,
		.inherits_count = SR_COUNT(inherits),
		.identity = s->setup.keeper,
	};
	SR_TRY(sr_offspring_start(&plan, &pid, err));
	mark_started(&s->processes[KEEPER], pid);
	s->control = sr_fd_move(&ours);
	return SR_OK;
}

static enum sr_status start_fs(struct supervisor *s, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *more = NULL;
	SR_CLEANUP(sr_fd_closep) int fuse = -1;
	pid_t pid;

	SR_TRY(SR_JSON_PACK(&more, err, "{s:s}", "mount", s->setup.mountpoint.path));
	if (s->setup.mount_is_given)
		fuse = s->setup.fuse_fd, s->setup.fuse_fd = -1;
	else
		SR_TRY(sr_mountpoint_attach(&s->setup.mountpoint, &fuse, err));
	const struct sr_front_descriptor named = { "fuse", fuse };
	const struct sr_front_plan plan = { .name = "fs",
		                            .verb = "serve-fs",
		                            .kind = SR_KEEPER_TAKES_FS,
		                            .calls = 24,
		                            .data = s->setup.data,
		                            .config = s->setup.config,
		                            .more = more,
		                            .descriptors = &named,
		                            .descriptor_count = 1,
		                            .program_fd = s->setup.program_fd,
		                            .identity = s->setup.fs };
	SR_TRY(sr_front_launch(&plan, s->control, &pid, err));
	mark_started(&s->processes[FS], pid);
	return SR_OK;
}

static enum sr_status start_api(struct supervisor *s, struct sr_err *err)
{
	SR_CLEANUP(sr_json_decrefp) json_t *more = NULL;
	pid_t pid;

	SR_TRY(SR_JSON_PACK(&more, err, "{s:s}", "listen", s->setup.listen));
	const struct sr_front_descriptor named[] = { { "listen", s->setup.listen_fd },
		                                     { "state", s->setup.api_state_fd },
		                                     { "certificate", s->setup.certificate_fd },
		                                     { "private_key", s->setup.private_key_fd } };
	const struct sr_front_plan plan = { .name = "api",
		                            .verb = "serve-api",
		                            .kind = SR_KEEPER_TAKES_API,
		                            .calls = 48,
		                            .data = s->setup.data,
		                            .config = s->setup.config,
		                            .more = more,
		                            .descriptors = named,
		                            .descriptor_count = SR_COUNT(named),
		                            .program_fd = s->setup.program_fd,
		                            .identity = s->setup.api };
	SR_TRY(sr_front_launch(&plan, s->control, &pid, err));
	mark_started(&s->processes[API], pid);
	return SR_OK;
}

static enum sr_status start(struct supervisor *s, enum which which, struct sr_err *err)
{
	switch (which) {
	case KEEPER:
		return start_keeper(s, err);
	case FS:
		return start_fs(s, err);
	case API:
		return start_api(s, err);
	case PROCESSES:
		break;
	}
	return SR_OK;
}

static void wait_longer(struct process *process)
{
	int64_t wait = FIRST_WAIT_NS << (process->short_lives < 16 ? process->short_lives : 16);

	process->short_lives++;
	process->due = sr_wire_now_ns() + (wait < LONGEST_WAIT_NS ? wait : LONGEST_WAIT_NS);
}

/* What did not start is tried again later; before anybody was served it is an error. */
static enum sr_status start_due(struct supervisor *s, struct sr_err *err)
{
	for (enum which which = KEEPER; which < PROCESSES; which++) {
		struct process *process = &s->processes[which];

		if (!process->wanted || process->pid || s->stopping || sr_wire_now_ns() < process->due ||
		    (which != KEEPER && !s->ready))
			continue;
		enum sr_status status = start(s, which, err);
		if (status == SR_OK)
			continue;
		if (!s->served)
			return status;
		if (which == FS)
			sr_mountpoint_detach(&s->setup.mountpoint);
		sr_log(SR_LOG_ERROR, "%s: %s", names[which], err->text);
		wait_longer(process);
	}
	return SR_OK;
}

/* --- ending ---------------------------------------------------------------------------------------- */

static void ask_to_end(struct process *process, int64_t patience)
{
	if (!process->pid || process->kill != SR_WIRE_NEVER)
		return;
	(void)kill(process->pid, SIGTERM);
	process->kill = sr_wire_now_ns() + patience;
}

static void say_how(enum which which, int result)
{
	if (WIFSIGNALED(result))
		sr_log(SR_LOG_ERROR, "%s was ended by signal %d (%s)", names[which], WTERMSIG(result),
		       strsignal(WTERMSIG(result)));
	else if (WEXITSTATUS(result) != 0)
		sr_log(SR_LOG_ERROR, "%s ended with exit code %d", names[which], WEXITSTATUS(result));
}

static void keeper_died(struct supervisor *s)
{
	sr_fd_close(s->control);
	s->control = -1;
	s->ready = false;
	sr_mountpoint_detach(&s->setup.mountpoint);
	/* They end of themselves too, for their sockets are closed. */
	ask_to_end(&s->processes[FS], FRONT_END_NS);
	ask_to_end(&s->processes[API], FRONT_END_NS);
}

static void died(struct supervisor *s, enum which which, int result)
{
	struct process *process = &s->processes[which];

	process->pid = 0;
	process->kill = SR_WIRE_NEVER;
	if (which == FS)
		sr_mountpoint_detach(&s->setup.mountpoint);
	if (which == KEEPER)
		keeper_died(s);
	say_how(which, result);
	if (s->setup.mount_is_given && which != API && !s->stopping)
		s->stopping = s->failed = true;
	if (sr_wire_now_ns() - process->started > SHORT_LIFE_NS)
		process->short_lives = 0;
	wait_longer(process);
}

/* SR_IO when the keeper ended before it was ever ready: it has said why. */
static enum sr_status reap(struct supervisor *s, struct sr_err *err)
{
	for (enum which which = KEEPER; which < PROCESSES; which++) {
		pid_t pid = s->processes[which].pid;
		int result;

		if (!pid || waitpid(pid, &result, WNOHANG) != pid)
			continue;
		died(s, which, result);
		if (which == KEEPER && !s->served && !s->stopping && WIFEXITED(result) &&
		    WEXITSTATUS(result) == SR_KEEPER_EXIT_DENIED)
			return sr_fail(err, SR_DENIED, "the keeper could not begin");
		if (which == KEEPER && !s->served && !s->stopping)
			return sr_fail(err, SR_IO, "the keeper could not begin");
	}
	return SR_OK;
}

/* Front ends first, so that they tell the keeper what they served; then the keeper. */
static bool stop_step(struct supervisor *s)
{
	ask_to_end(&s->processes[FS], FRONT_END_NS);
	ask_to_end(&s->processes[API], FRONT_END_NS);
	if (s->processes[FS].pid || s->processes[API].pid)
		return false;
	sr_mountpoint_detach(&s->setup.mountpoint);
	ask_to_end(&s->processes[KEEPER], KEEPER_END_NS);
	return !s->processes[KEEPER].pid;
}

/* --- the loop -------------------------------------------------------------------------------------- */

static void take_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		struct sr_err err;

		if (info.ssi_signo == SIGCHLD || s->stopping)
			continue;
		s->stopping = true;
		if (sr_notify("STOPPING=1", &err) != SR_OK)
			sr_log(SR_LOG_WARNING, "%s", err.text);
	}
}

static void take_control(struct supervisor *s)
{
	char said = 0;

	if (recv(s->control, &said, 1, MSG_DONTWAIT) == 1 && said == SR_KEEPER_SAYS_READY)
		s->ready = true;
}

/* The moment at which something is to be done without anything happening. */
static int64_t next_moment(const struct supervisor *s)
{
	int64_t next = SR_WIRE_NEVER;

	for (enum which which = KEEPER; which < PROCESSES; which++) {
		const struct process *process = &s->processes[which];
		int64_t moment = process->pid ? process->kill : process->due;

		if (process->wanted && (process->pid || which == KEEPER || s->ready) && moment < next)
			next = moment;
	}
	return next;
}

static void end_by_force(struct supervisor *s)
{
	for (enum which which = KEEPER; which < PROCESSES; which++) {
		struct process *process = &s->processes[which];

		if (!process->pid || sr_wire_now_ns() < process->kill)
			continue;
		sr_log(SR_LOG_ERROR, "%s does not end; it is ended by force", names[which]);
		(void)kill(process->pid, SIGKILL);
		process->kill = SR_WIRE_NEVER;
	}
}

static void wait_for_something(struct supervisor *s)
{
	struct pollfd watched[] = { { .fd = s->signal_fd, .events = POLLIN },
		                    { .fd = s->ready ? -1 : s->control, .events = POLLIN } };

	(void)poll(watched, SR_COUNT(watched), sr_wire_left_ms(next_moment(s)));
	if (watched[0].revents)
		take_signals(s);
	if (watched[1].revents & POLLIN)
		take_control(s);
	else if (watched[1].revents)
		(void)poll(NULL, 0, 1); /* its end is here before the news of it */
}

static void say_ready(struct supervisor *s)
{
	struct sr_err err;

	if (s->served || !s->ready)
		return;
	s->served = true;
	sr_log(SR_LOG_NOTICE, "serving %s%s%s%s%s", s->setup.data, s->setup.listen ? ", https://" : "",
	       s->setup.listen ? s->setup.listen : "", s->processes[FS].wanted ? ", " : "",
	       s->processes[FS].wanted ? s->setup.mountpoint.path : "");
	if (sr_notify("READY=1", &err) != SR_OK)
		sr_log(SR_LOG_WARNING, "%s", err.text);
}

static enum sr_status serve(struct supervisor *s, struct sr_err *err)
{
	for (;;) {
		SR_TRY(reap(s, err));
		if (s->stopping && stop_step(s))
			return s->failed ? sr_fail(err, SR_IO,
			                           "the mount was made before this process and ended with "
			                           "it; the service manager starts both anew")
			                 : SR_OK;
		SR_TRY(start_due(s, err));
		say_ready(s);
		end_by_force(s);
		wait_for_something(s);
	}
}

/* Whatever still runs after a failed start is ended; the failure stays the reason. */
static void end_all(struct supervisor *s)
{
	struct sr_err ignored;

	s->stopping = true;
	while (!stop_step(s)) {
		end_by_force(s);
		wait_for_something(s);
		(void)!reap(s, &ignored);
	}
	sr_serve_setup_dispose(&s->setup);
	sr_fd_close(s->control);
	sr_fd_close(s->signal_fd);
}

enum sr_status sr_supervise(const struct sr_serve_options *options, struct sr_err *err)
{
	SR_CLEANUP(end_all) struct supervisor s = { .signal_fd = -1, .control = -1 };
	sigset_t signals;

	for (enum which which = KEEPER; which < PROCESSES; which++)
		s.processes[which].kill = SR_WIRE_NEVER;
	/* Whoever read the log may be gone: that ends neither this process nor those that it starts. */
	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return sr_fail_errno(err, "hold signals back");
	s.signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s.signal_fd < 0)
		return sr_fail_errno(err, "make a descriptor for signals");
	sr_serve_setup_init(&s.setup);
	SR_TRY(sr_serve_setup_make(options, &s.setup, err));
	s.processes[KEEPER].wanted = true;
	s.processes[FS].wanted = options->mount != NULL;
	s.processes[API].wanted = options->listen != NULL;
	return serve(&s, err);
}
