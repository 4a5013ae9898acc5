/* SPDX-License-Identifier: Apache-2.0 */
/* A verb of the command line: one row of the table in main.c and one function in a cmd_*.c file. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "appliance/base/err.h"

/* What stands before the verb. */
struct sr_globals {
	const char *data; /* --data, else $STRONGROOM_DATA, else /var/lib/strongroom */
	bool json;
	const char *socket;  /* --socket; NULL: DATA/run/keeper.sock */
	const char *as;      /* --as; NULL: the caller's Unix login */
	bool password_stdin; /* --password-stdin: the first line of standard input is the password of @as */
};

struct sr_command {
	const char *name;      /* "bag verify" is two words */
	const char *arguments; /* for the usage line */
	const char *summary;   /* one line */
	const char *options;   /* lines of "  --option ARG   what it does", or NULL */
	/*
	 * argv[0] is the verb's last word.  SR_USAGE: the words are wrong, and the usage line is shown with
	 * err->text. Findings and damage are printed before returning SR_BLOCKED or SR_TAMPERED.
	 */
	enum sr_status (*run)(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
};

enum sr_status sr_cmd_whoami(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_init(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_check(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_seal(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_supplement(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_verify(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_import(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_rebuild(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_fixity(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_find(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_show(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_recover(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_bag_verify(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err);
enum sr_status sr_cmd_rulebook_list(const struct sr_globals *globals, int argc, char **argv,
                                    struct sr_err *err);
enum sr_status sr_cmd_rulebook_check(const struct sr_globals *globals, int argc, char **argv,
                                     struct sr_err *err);
