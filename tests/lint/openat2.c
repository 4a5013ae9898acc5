/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LD_PRELOAD for a valgrind that does not know openat2 (before 3.20): the same with openat, one component
 * after the other, no links at all and no way up.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...); /* in the C library's place */

static bool is_link(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

/* Opens one component and closes the folder it is in, unless that is the caller's. */
static int step(int folder, int callers, const char *name, int flags, mode_t mode)
{
	int fd = -1;

	if (strcmp(name, "..") == 0)
		errno = EXDEV;
	else if (is_link(folder, name))
		errno = ELOOP;
	else
		fd = openat(folder, name, flags | O_NOFOLLOW, mode);
	int why = errno;
	if (folder != callers)
		close(folder);
	errno = why;
	return fd;
}

static int open_beneath(int callers, const char *path, const struct open_how *how)
{
	int folder = callers;
	char name[256];

	if (path[0] == '/') {
		errno = EXDEV;
		return -1;
	}
	for (;;) {
		size_t size = strcspn(path, "/");
		const char *rest = path + size + strspn(path + size, "/");

		if (size >= sizeof(name)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(name, path, size);
		name[size] = 0;
		if (!*rest)
			return step(folder, callers, name, (int)how->flags, (mode_t)how->mode);
		folder = step(folder, callers, name, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		if (folder < 0)
			return -1;
		path = rest;
	}
}

long syscall(long number, ...)
{
	static long (*next)(long, long, long, long, long, long, long);
	long word[6];
	va_list words;

	va_start(words, number);
	for (int i = 0; i < 6; i++)
		word[i] = va_arg(words, long);
	va_end(words);
	if (number == SYS_openat2)
		return open_beneath((int)word[0], (const char *)(uintptr_t)word[1],
		                    (const struct open_how *)(uintptr_t)word[2]);
	if (!next)
		next = (long (*)(long, long, long, long, long, long, long))(uintptr_t)dlsym(RTLD_NEXT,
		                                                                            "syscall");
	return next(number, word[0], word[1], word[2], word[3], word[4], word[5]);
}
