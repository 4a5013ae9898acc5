/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strongroom-probe: says what a file is, how long a recording lasts, how many pages a PDF has
 * (appliance/casefile/probe_wire.h).
 *
 * Two layers of processes.  The first loads the libraries and libmagic's database, gives up every right
 * (another user where it is root, no new privileges, Landlock without any file, seccomp) and then only takes
 * questions; it never reads a file.  For each question it forks a process that gives up the rest (no socket,
 * no further process), looks at the one file and writes its answer into a pipe.  So a hostile file can at
 * most lie about itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <magic.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/casefile/probe.h"
#include "appliance/casefile/probe_wire.h"
#include "tools/probe_pdf.h"
#include "tools/probe_recording.h"

#ifdef __has_feature
#define CLANG_FEATURE(name) __has_feature(name)
#else
#define CLANG_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || CLANG_FEATURE(address_sanitizer)
#define SANITIZED true /* sanitizers reserve terabytes of address space */
#else
#define SANITIZED false
#endif

#define NOBODY 65534
#define HEAD_BYTES (1u << 20)     /* what libmagic gets to see */
#define MEMORY_BYTES (1ull << 30) /* address space of the process that looks */
#define LANDLOCK_FS_ABI_1 ((1ull << 13) - 1)
#define LANDLOCK_FS_ABI_2 ((1ull << 14) - 1)
#define LANDLOCK_FS_ABI_3 ((1ull << 15) - 1)

/* --- the sandbox -------------------------------------------------------------------------------- */

/* What looking at a file takes. */
static const char looker_calls[] =
	"read pread64 write close fstat newfstatat lseek brk munmap mremap madvise futex clock_gettime "
	"clock_nanosleep gettimeofday time getrandom exit exit_group rt_sigaction rt_sigprocmask "
	"rt_sigreturn "
	"sigaltstack sched_yield sched_getaffinity getpid gettid restart_syscall";

/* What taking questions and starting a looker takes besides. */
static const char taker_calls[] = "recvmsg sendmsg poll ppoll pipe2 fork clone clone3 wait4 kill prlimit64 "
				  "set_robust_list seccomp rseq prctl";

/* Calls that this processor does not have are left out. */
static int allow(scmp_filter_ctx filter, const char *names)
{
	int error = 0;

	for (const char *at = names; *at && error == 0; at += strspn(at, " ")) {
		size_t length = strcspn(at, " ");
		char name[32];

		snprintf(name, sizeof(name), "%.*s", (int)length, at);
		int number = seccomp_syscall_resolve_name(name);
		if (number != __NR_SCMP_ERROR)
			error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
		at += length;
	}
	return error;
}

/* Memory yes, but none that can be executed; and a look at how a descriptor was opened. */
static int allow_memory(scmp_filter_ctx filter)
{
	int error =
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_EQ, F_GETFL));

	if (error < 0)
		return error;
	error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	                         SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	if (error < 0)
		return error;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	                        SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* Every other call fails with EPERM.  Returns NULL where a filter cannot be made. */
static scmp_filter_ctx make_filter(bool taker)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (!filter)
		return NULL;
	int error = allow(filter, looker_calls);
	if (error == 0)
		error = allow_memory(filter);
	if (error == 0 && taker)
		error = allow(filter, taker_calls);
	if (error == 0)
		return filter;
	seccomp_release(filter);
	return NULL;
}

/* No file at all from here on.  A kernel without Landlock leaves that to seccomp alone. */
static void leave_file_system(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attributes = { .handled_access_fs = LANDLOCK_FS_ABI_1 };

	if (abi < 1)
		return;
	if (abi == 2)
		attributes.handled_access_fs = LANDLOCK_FS_ABI_2;
	if (abi >= 3)
		attributes.handled_access_fs = LANDLOCK_FS_ABI_3;
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes,
	                           sizeof(attributes.handled_access_fs), 0);
	if (ruleset < 0)
		return;
	syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
}

/* Where a container has no such user id, root stays, without anything that seccomp forbids. */
static void leave_root(void)
{
	if (geteuid() != 0)
		return;
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return;
}

static bool limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit limit = { .rlim_cur = value, .rlim_max = value };

	return setrlimit(resource, &limit) == 0;
}

/* NULL when everything is in place, else what is missing.  The kernel sends the parent-death signal when the
 * thread that started this program ends; the next question then starts another one. */
static const char *close_sandbox(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return "no_new_privs is refused";
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return "prctl is refused";
	if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, 0) || !limit(RLIMIT_NOFILE, 16))
		return "setrlimit is refused";
	leave_file_system();

	scmp_filter_ctx filter = make_filter(true);
	bool loaded = filter && seccomp_load(filter) == 0;
	if (filter)
		seccomp_release(filter);
	return loaded ? NULL : "seccomp is refused";
}

/* --- one file ----------------------------------------------------------------------------------- */

static void look_at_type(magic_t magic, int fd, struct sr_probe_reply *reply)
{
	uint8_t *head = malloc(HEAD_BYTES);
	struct sr_err err;
	size_t got;

	if (!head || sr_fd_pread(fd, head, HEAD_BYTES, 0, &got, &err) != SR_OK)
		return;
	const char *type = magic_buffer(magic, head, got);
	if (type && strlen(type) < sizeof(reply->media_type))
		snprintf(reply->media_type, sizeof(reply->media_type), "%s", type);
}

/* Give up what only the taker of questions needs.  The limit of address space bounds hostile headers. */
static bool close_inner_sandbox(scmp_filter_ctx filter)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || !limit(RLIMIT_CPU, SR_PROBE_SECONDS))
		return false;
	if (!SANITIZED && !limit(RLIMIT_AS, MEMORY_BYTES))
		return false;
	return seccomp_load(filter) == 0;
}

static _Noreturn void look(magic_t magic, scmp_filter_ctx filter, const struct sr_probe_question *question,
                           int fd, int answer_fd)
{
	struct sr_probe_reply reply = {
		.version = SR_PROBE_VERSION,
		.outcome = SR_PROBE_ANSWERED,
		.duration_ms = -1,
	};
	struct sr_err err;
	struct stat st;

	if (!close_inner_sandbox(filter) || fstat(fd, &st) < 0)
		_exit(EXIT_FAILURE);
	look_at_type(magic, fd, &reply);
	if (question->want & SR_PROBE_WANT_RECORDING)
		sr_probe_recording_look(fd, st.st_size, &reply);
	if (question->want & SR_PROBE_WANT_PAGES)
		sr_probe_pdf_look(fd, &reply);
	_exit(sr_fd_write_all(answer_fd, &reply, sizeof(reply), &err) == SR_OK ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void send_reply(const struct sr_probe_reply *reply)
{
	struct iovec part = { .iov_base = (void *)(uintptr_t)reply, .iov_len = sizeof(*reply) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t sent;

	do
		sent = sendmsg(SR_PROBE_SOCKET, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		_exit(EXIT_SUCCESS); /* nobody listens any more */
}

/* Wait for the looker's answer, and end it whatever it says. */
static void collect(pid_t looker, int answer_fd, struct sr_probe_reply *reply)
{
	struct pollfd poll_fd = { .fd = answer_fd, .events = POLLIN };
	ssize_t got = -1;
	int ready;

	do
		ready = poll(&poll_fd, 1, SR_PROBE_WALL_SECONDS * 1000);
	while (ready < 0 && errno == EINTR);
	if (ready > 0) /* smaller than PIPE_BUF: all of it or nothing */
		got = read(answer_fd, reply, sizeof(*reply));
	kill(looker, SIGKILL);
	while (waitpid(looker, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (got == (ssize_t)sizeof(*reply) && reply->outcome == SR_PROBE_ANSWERED)
		return;
	*reply = (struct sr_probe_reply){ .outcome = ready == 0 ? SR_PROBE_TOO_LONG : SR_PROBE_DIED };
}

static void answer(magic_t magic, scmp_filter_ctx filter, const struct sr_probe_question *question, int fd)
{
	struct sr_probe_reply reply = { .outcome = SR_PROBE_DIED };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == 0) {
		pid_t looker = fork();

		if (looker == 0) {
			close(SR_PROBE_SOCKET);
			close(ends[0]);
			look(magic, filter, question, fd, ends[1]);
		}
		close(ends[1]);
		if (looker > 0)
			collect(looker, ends[0], &reply);
		close(ends[0]);
	}
	reply.version = SR_PROBE_VERSION;
	send_reply(&reply);
}

/* One question with one descriptor; false at the end of the conversation. */
static bool take_question(struct sr_probe_question *question, int *fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = { .iov_base = question, .iov_len = sizeof(*question) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t got;

	do
		got = recvmsg(SR_PROBE_SOCKET, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	const struct cmsghdr *header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (got != (ssize_t)sizeof(*question) || question->version != SR_PROBE_VERSION || !header ||
	    header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int)))
		return false;
	memcpy(fd, CMSG_DATA(header), sizeof(*fd));
	return true;
}

static _Noreturn void give_up(const char *why)
{
	struct sr_probe_reply greeting = { .version = SR_PROBE_VERSION, .outcome = SR_PROBE_NO_START };

	snprintf(greeting.why, sizeof(greeting.why), "%s", why);
	send_reply(&greeting);
	_exit(EXIT_FAILURE);
}

static bool has_partner(void)
{
	int type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(SR_PROBE_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int main(void)
{
	struct sr_probe_reply greeting = { .version = SR_PROBE_VERSION, .outcome = SR_PROBE_ANSWERED };
	struct sr_probe_question question;
	int fd;

	if (!has_partner()) {
		fputs("strongroom-probe is started by strongroom; it does nothing on its own\n", stderr);
		return 2;
	}
	leave_root();
	magic_t magic = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_ERROR);
	if (!magic || magic_load(magic, NULL) < 0)
		give_up("libmagic's database cannot be read; install the package libmagic-mgc");
	sr_probe_recording_init();
	if (!sr_probe_pdf_init())
		give_up("poppler does not work");
	scmp_filter_ctx filter = make_filter(false);
	if (!filter)
		give_up("seccomp filters cannot be made");
	const char *missing = close_sandbox();
	if (missing)
		give_up(missing);
	send_reply(&greeting);
	while (take_question(&question, &fd)) {
		answer(magic, filter, &question, fd);
		close(fd);
	}
	_exit(EXIT_SUCCESS);
}
