/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/process/offspring.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "appliance/base/buf.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"

#define FIRST 3
#define INHERITS_MAX 128
#define FAILED 127
#define LOCKED_BYTES (256u << 20)
#define DESCRIPTORS 65536u

/* --- in the new process: nothing that allocates --------------------------------------------------------- */

/* The descriptors are moved out of the way first, for one may stand where another is to go. */
static bool place_descriptors(const struct sr_offspring_plan *plan, int *program)
{
	int above = FIRST + (int)plan->inherits_count;
	int moved[INHERITS_MAX];

	*program = fcntl(plan->program_fd, F_DUPFD_CLOEXEC, above);
	for (size_t i = 0; i < plan->inherits_count; i++) {
		moved[i] = fcntl(plan->inherits[i], F_DUPFD_CLOEXEC, above);
		if (moved[i] < 0)
			return false;
	}
	for (size_t i = 0; i < plan->inherits_count; i++)
		if (dup2(moved[i], FIRST + (int)i) < 0)
			return false;
	return *program >= 0;
}

/* Keys and plaintext are locked in memory, and each opening takes a descriptor: root may allow it. */
static void raise_limits(void)
{
	static const struct rlimit locked = { LOCKED_BYTES, LOCKED_BYTES };
	static const struct rlimit descriptors = { DESCRIPTORS, DESCRIPTORS };
	struct rlimit now;

	if (getrlimit(RLIMIT_MEMLOCK, &now) == 0 && now.rlim_max < LOCKED_BYTES)
		(void)setrlimit(RLIMIT_MEMLOCK, &locked);
	if (getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_max < DESCRIPTORS)
		(void)setrlimit(RLIMIT_NOFILE, &descriptors);
}

/* The kernel takes them from root that becomes somebody else, but not from others that had some. */
static bool drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 &&
	       syscall(SYS_capset, &head, none) == 0;
}

static bool become(const struct sr_identity *identity)
{
	if (identity->change) {
		raise_limits();
		if (setgroups(0, NULL) != 0 || setresgid(identity->gid, identity->gid, identity->gid) != 0 ||
		    setresuid(identity->uid, identity->uid, identity->uid) != 0)
			return false;
	}
	return geteuid() == 0 || drop_capabilities();
}

static void run(const struct sr_offspring_plan *plan, pid_t parent)
{
	char strongroom[] = "strongroom", data_word[] = "--data";
	char verb[32], data[4096];
	char *with_data[] = { strongroom, data_word, data, verb, NULL };
	char *without[] = { strongroom, verb, NULL };
	sigset_t none;
	int program;

	snprintf(verb, sizeof(verb), "%s", plan->verb);
	snprintf(data, sizeof(data), "%s", plan->data ? plan->data : "");
	sigemptyset(&none);
	if (!place_descriptors(plan, &program) || !become(&plan->identity) ||
	    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0 || getppid() != parent ||
	    sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return;
	(void)execveat(program, "", plan->data ? with_data : without, environ, AT_EMPTY_PATH);
}

bool sr_offspring_may_change(void)
{
	const uint64_t wanted = 1ull << CAP_SETUID | 1ull << CAP_SETGID | 1ull << CAP_KILL;
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3];

	if (geteuid() == 0)
		return true;
	if (syscall(SYS_capget, &head, now) != 0)
		return false;
	return ((now[0].effective | (uint64_t)now[1].effective << 32) & wanted) == wanted;
}

/* --- the supervisor's side ----------------------------------------------------------------------------- */

enum sr_status sr_offspring_start(const struct sr_offspring_plan *plan, pid_t *pid, struct sr_err *err)
{
	pid_t parent = getpid();

	if (plan->inherits_count > INHERITS_MAX)
		return sr_fail(err, SR_LIMIT, "more than %d descriptors for %s", INHERITS_MAX, plan->verb);
	pid_t child = fork();
	if (child < 0)
		return sr_fail_errno(err, "start %s", plan->verb);
	if (child == 0) {
		run(plan, parent);
		dprintf(STDERR_FILENO, "strongroom %s: cannot be started: %s\n", plan->verb, strerror(errno));
		_exit(FAILED);
	}
	*pid = child;
	return SR_OK;
}

enum sr_status sr_offspring_write_options(const json_t *json, int *fd, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_fd_closep) int file = memfd_create("options", MFD_CLOEXEC);

	if (file < 0)
		return sr_fail_errno(err, "make a file for options");
	SR_TRY(sr_json_write(json, &text, err));
	SR_TRY(sr_fd_write_all(file, text.data, text.size, err));
	if (lseek(file, 0, SEEK_SET) < 0)
		return sr_fail_errno(err, "rewind the options");
	*fd = sr_fd_move(&file);
	return SR_OK;
}
