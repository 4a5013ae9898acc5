/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/fs_main.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/log.h"
#include "appliance/keeper/process/mountpoint.h"
#include "appliance/keeper/process/sandbox.h"
#include "fs/ending.h"
#include "fs/ops.h"

#define THREADS 40 /* an opening waits for the disk, so more than there are cores */
#define BUFFERS 12
#define DESCRIPTORS 65536

static struct sr_front *serving; /* for the signal handler */

static void stop(int signal)
{
	(void)signal;
	if (serving)
		sr_front_stop(serving);
}

static void begin(void *context, struct fuse_conn_info *conn)
{
	(void)context;
	conn->max_read = SR_MOUNT_READ_BYTES;
	conn->max_readahead = SR_MOUNT_READ_BYTES;
	conn->max_background = 64;
	conn->congestion_threshold = 48;
	conn->want |= conn->capable & (FUSE_CAP_ASYNC_READ | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS |
	                               FUSE_CAP_READDIRPLUS_AUTO);
	conn->want &= ~(unsigned)(FUSE_CAP_EXPORT_SUPPORT | FUSE_CAP_WRITEBACK_CACHE);
}

static enum sr_status make_session(struct sr_fs *fs, int fuse_fd, struct sr_err *err)
{
	struct fuse_lowlevel_ops ops = { .init = begin };
	char program[] = "strongroom", option[] = "-omax_read=1048576", place[32];
	char *words[] = { program, option, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(2, words);

	sr_fs_folder_ops(&ops);
	sr_fs_file_ops(&ops);
	sr_fs_write_ops(&ops);
	fs->session = fuse_session_new(&args, &ops, sizeof(ops), fs);
	fuse_opt_free_args(&args);
	if (!fs->session)
		return sr_fail(err, SR_NO_MEMORY, "libfuse could not begin");
	snprintf(place, sizeof(place), "/dev/fd/%d", fuse_fd);
	if (fuse_session_mount(fs->session, place) != 0)
		return sr_fail(err, SR_IO, "the mount's descriptor is none");
	return SR_OK;
}

/* Its end means that somebody unmounted, or that the connection broke: the process ends too. */
static void *loop(void *context)
{
	struct sr_fs *fs = context;
	struct fuse_loop_config *config = fuse_loop_cfg_create();

	fuse_loop_cfg_set_clone_fd(config, 0);
	fuse_loop_cfg_set_max_threads(config, THREADS);
	fuse_loop_cfg_set_idle_threads(config, THREADS);
	int result = fuse_session_loop_mt(fs->session, config);
	if (result != 0)
		sr_log(SR_LOG_ERROR, "the mount cannot be served: %s",
		       strerror(result < 0 ? -result : result));
	fuse_loop_cfg_destroy(config);
	sr_front_stop(fs->front);
	return NULL;
}

/* The loop and its threads take no signals: they are for the thread that listens to the keeper. */
static enum sr_status start_loop(struct sr_fs *fs, struct sr_err *err)
{
	const struct sigaction action = { .sa_handler = stop };
	sigset_t all, before;
	pthread_t thread;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&thread, NULL, loop, fs);
	serving = fs->front;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed ? sr_fail(err, SR_BUSY, "no thread could be started") : SR_OK;
}

static enum sr_status prepare(struct sr_fs *fs, struct sr_err *err)
{
	struct rlimit lockable;

	SR_TRY(sr_front_open(&fs->front, err));
	int fuse_fd = sr_front_take_descriptor(fs->front, "fuse");
	if (fuse_fd < 0)
		return sr_fail(err, SR_INVALID, "this verb is for `strongroom serve` alone");
	fs->keep_cache = strcmp(sr_front_config(fs->front, "fs.keep_cache"), "yes") == 0;
	fs->mounted_s = time(NULL);
	sr_fd_raise_limit(DESCRIPTORS);
	SR_TRY(sr_fs_grants_new(&fs->grants, err));
	SR_TRY(sr_fs_buffers_new(BUFFERS, SR_MOUNT_READ_BYTES, &fs->buffers, err));
	if (getrlimit(RLIMIT_MEMLOCK, &lockable) < 0)
		return sr_fail_errno(err, "ask how much memory may be locked");
	SR_TRY(sr_fs_recent_new(lockable.rlim_cur, &fs->recent, err));
	SR_TRY(make_session(fs, fuse_fd, err));
	return sr_sandbox_closed(err);
}

enum sr_status sr_fs_main(struct sr_err *err)
{
	static struct sr_fs fs; /* threads of libfuse's own use it to the very end */

	SR_TRY(prepare(&fs, err));
	SR_TRY(start_loop(&fs, err));
	enum sr_status status = sr_front_listen(fs.front, sr_fs_on_push, &fs, err);
	sr_fs_end_all(&fs, status == SR_OK ? "stopped" : NULL);
	/* Its threads wait in the kernel; the supervisor takes the mount away. */
	if (status != SR_OK)
		sr_log(SR_LOG_ERROR, "fs: %s", err->text);
	_exit(status == SR_OK ? 0 : 1);
}
