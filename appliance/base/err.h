/* SPDX-License-Identifier: Apache-2.0 */
/* Status codes and error text used by every module. */
#pragma once

#include <stdarg.h>

/*
 * One code per decision a caller can take; the cause goes into struct sr_err.
 * Each front end maps these once, in a switch without a default, so a new code
 * does not compile until it is mapped.
 */
enum sr_status {
	SR_OK = 0,
	SR_INVALID,   /* the caller's input is wrong */
	SR_USAGE,     /* a verb's words are wrong: the command line alone */
	SR_NOT_FOUND, /* there is no such thing; "could not look" is SR_IO */
	SR_EXISTS,
	SR_DENIED,   /* not granted, not your role, or the system refused */
	SR_BLOCKED,  /* blockers among the findings */
	SR_BUSY,     /* may succeed later */
	SR_LIMIT,    /* a documented bound was reached */
	SR_CORRUPT,  /* stored bytes do not parse */
	SR_TAMPERED, /* stored bytes parse but fail a digest or signature */
	SR_NO_MEMORY,
	SR_IO, /* err->sys_errno says which */
};

struct sr_err {
	int sys_errno;   /* 0 unless a system call failed */
	char text[512];  /* one line, outermost context first */
	char parts[768]; /* the same for other languages: err_parts.h */
};

#define SR_CHECKED __attribute__((warn_unused_result))
#define SR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Record why, return what: every failure path is `return sr_fail(...)`. */
enum sr_status sr_fail(struct sr_err *err, enum sr_status status, const char *fmt, ...) SR_PRINTF(3, 4);

/* As sr_fail, for functions that take such arguments themselves. */
enum sr_status sr_fail_list(struct sr_err *err, enum sr_status status, const char *fmt, va_list args)
	SR_PRINTF(3, 0);

/* As sr_fail, with errno: ENOENT, EEXIST, EACCES, EPERM, ENOMEM keep their meaning, else SR_IO. */
enum sr_status sr_fail_errno(struct sr_err *err, const char *fmt, ...) SR_PRINTF(2, 3);

/* Put context in front of err->text ("case 17: "); returns status unchanged. */
enum sr_status sr_fail_in(struct sr_err *err, enum sr_status status, const char *fmt, ...) SR_PRINTF(3, 4);

/* Clang's analyser sees one file at a time: tell it that a failure is never SR_OK. */
#ifdef __clang_analyzer__
#define sr_fail(err, status, ...) (sr_fail((err), (status), __VA_ARGS__), (status))
#define sr_fail_in(err, status, ...) (sr_fail_in((err), (status), __VA_ARGS__), (status))
#define sr_fail_errno(...) (sr_fail_errno(__VA_ARGS__), SR_IO)
#endif

/* The code's name for programs and logs, such as "not-found".  Never NULL. */
const char *sr_status_name(enum sr_status status);

/* Return at once with the callee's status; err already says why. */
#define SR_TRY(call)                                                                                         \
	do {                                                                                                 \
		enum sr_status status_ = (call);                                                             \
		if (status_ != SR_OK)                                                                        \
			return status_;                                                                      \
	} while (0)
