/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/process/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/log.h"

/* --- Landlock -------------------------------------------------------------------------------------- */

/* As the kernel has it today; the system's header may be older. */
struct ruleset {
	uint64_t access_fs, access_net, scoped;
};
#define NET_ALL 3u      /* bind, connect; from version 4 */
#define SCOPE_SIGNAL 2u /* from version 6 */
#define SCOPE_ALL 3u    /* and abstract sockets */
#define FS_VERSION_1 ((1ull << 13) - 1)
#define FS_VERSION_2 (FS_VERSION_1 | 1ull << 13)
#define FS_VERSION_3 (FS_VERSION_2 | 1ull << 14)
#define FS_VERSION_5 (FS_VERSION_3 | 1ull << 15)

static long landlock_version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static size_t ruleset_size(long version)
{
	if (version >= 6)
		return sizeof(struct ruleset);
	return version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

static uint64_t all_of_files(long version)
{
	if (version >= 5)
		return FS_VERSION_5;
	if (version >= 3)
		return FS_VERSION_3;
	return version == 2 ? FS_VERSION_2 : FS_VERSION_1;
}

/* @everywhere: what stays allowed for every file. */
static bool close_landlock(const struct ruleset *rules, size_t size, uint64_t everywhere)
{
	SR_CLEANUP(sr_fd_closep) int ruleset = (int)syscall(SYS_landlock_create_ruleset, rules, size, 0);
	SR_CLEANUP(sr_fd_closep) int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct landlock_path_beneath_attr rule = { .allowed_access = everywhere, .parent_fd = top };

	if (ruleset < 0 || top < 0)
		return false;
	if (everywhere && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		return false;
	return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
}

/* --- seccomp --------------------------------------------------------------------------------------- */

static const char *const never[] = {
	"ptrace",
	"process_vm_readv",
	"process_vm_writev",
	"pidfd_getfd",
	"kcmp",
	"mount",
	"umount2",
	"move_mount",
	"open_tree",
	"fsopen",
	"fsmount",
	"fsconfig",
	"fspick",
	"mount_setattr",
	"pivot_root",
	"unshare",
	"setns",
	"init_module",
	"finit_module",
	"delete_module",
	"kexec_load",
	"kexec_file_load",
	"reboot",
	"swapon",
	"swapoff",
	"bpf",
	"perf_event_open",
	"userfaultfd",
	"io_uring_setup",
	"keyctl",
	"add_key",
	"request_key",
	"acct",
	"quotactl",
	"settimeofday",
	"clock_settime",
	"adjtimex",
	"clock_adjtime",
	"sethostname",
	"setdomainname",
	"iopl",
	"ioperm",
	"mknod",
	"mknodat",
	"open_by_handle_at",
	"syslog",
	"vhangup",
};

/* What a process with all its descriptors at hand has no use for. */
static const char *const not_when_closed[] = {
	"open",     "openat",        "openat2",       "creat",     "execve",    "execveat", "fork",
	"vfork",    "socket",        "connect",       "bind",      "listen",    "link",     "linkat",
	"symlink",  "symlinkat",     "rename",        "renameat",  "renameat2", "unlink",   "unlinkat",
	"mkdir",    "mkdirat",       "rmdir",         "chmod",     "fchmodat",  "chown",    "lchown",
	"fchownat", "truncate",      "setxattr",      "lsetxattr", "setuid",    "setgid",   "setreuid",
	"setregid", "setresuid",     "setresgid",     "chroot",    "chdir",     "shmget",   "msgget",
	"semget",   "inotify_init1", "fanotify_init",
};

static const char *const not_without_clients[] = { "accept", "accept4" };

static bool forbid(scmp_filter_ctx filter, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int number = seccomp_syscall_resolve_name(names[i]);

		/* A name that this machine or this library does not have needs no rule. */
		if (number != __NR_SCMP_ERROR && number >= 0 &&
		    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0) < 0)
			return false;
	}
	return true;
}

/* Threads, no processes: clone3 hides its flags behind a pointer, and glibc does without it. */
static bool forbid_processes(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);

	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
	       seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &no_thread) == 0;
}

/* How much a process gives up. */
enum closed {
	CLOSED_LITTLE,
	CLOSED_BUT_CLIENTS, /* it still accepts connections of the socket that it has */
	CLOSED,
};

static bool close_seccomp(enum closed closed_to)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	bool closed =
		filter && forbid(filter, never, SR_COUNT(never)) &&
		(closed_to == CLOSED_LITTLE ||
	         (forbid(filter, not_when_closed, SR_COUNT(not_when_closed)) && forbid_processes(filter))) &&
		(closed_to != CLOSED || forbid(filter, not_without_clients, SR_COUNT(not_without_clients))) &&
		seccomp_load(filter) == 0;
	seccomp_release(filter);
	return closed;
}

/* --- both ------------------------------------------------------------------------------------------ */

static enum sr_status close_all(const char *who, const struct ruleset *rules, long version,
                                uint64_t everywhere, enum closed closed_to, struct sr_err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return sr_fail_errno(err, "give up new privileges");
	if (version < 1 || !close_landlock(rules, ruleset_size(version), everywhere))
		sr_log(SR_LOG_WARNING, "%s runs without Landlock: this kernel has none", who);
	if (!close_seccomp(closed_to))
		sr_log(SR_LOG_WARNING, "%s runs without seccomp: this kernel does not take the filter", who);
	return SR_OK;
}

enum sr_status sr_sandbox_keeper(struct sr_err *err)
{
	long version = landlock_version();
	struct ruleset rules = { .access_fs = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK };
	uint64_t everywhere = 0;

	/* A ruleset that does not name it forbids to move files from folder to folder. */
	if (version >= 2) {
		rules.access_fs |= LANDLOCK_ACCESS_FS_REFER;
		everywhere = LANDLOCK_ACCESS_FS_REFER;
	}
	if (version >= 6)
		rules.scoped = SCOPE_SIGNAL;
	return close_all("the keeper", &rules, version >= 2 ? version : 0, everywhere, CLOSED_LITTLE, err);
}

static enum sr_status close_front_end(enum closed closed_to, struct sr_err *err)
{
	long version = landlock_version();
	const struct ruleset rules = { .access_fs = all_of_files(version),
		                       .access_net = version >= 4 ? NET_ALL : 0,
		                       .scoped = version >= 6 ? SCOPE_ALL : 0 };

	return close_all("the front end", &rules, version, 0, closed_to, err);
}

enum sr_status sr_sandbox_closed(struct sr_err *err)
{
	return close_front_end(CLOSED, err);
}

enum sr_status sr_sandbox_clients(struct sr_err *err)
{
	return close_front_end(CLOSED_BUT_CLIENTS, err);
}
