/* SPDX-License-Identifier: Apache-2.0 */
/* strongroom: global options, the table of verbs, help.  Contract: docs/CLI.md. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/secret.h"
#include "appliance/keeper/offline.h"
#include "tools/cmd.h"
#include "tools/exit_code.h"

static const char exit_codes[] = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 blockers, 4 not granted,\n"
				 "5 no such thing, 6 damaged or tampered.\n";

static void print_overview(FILE *out)
{
	fputs("strongroom " SR_VERSION " (案卷库): sealed archives of closed enforcement cases\n\n"
	      "Usage: strongroom [--data DIR] [--json] [--as USER --password-stdin] VERB ...\n\n",
	      out);
	for (size_t i = 0; i < sr_command_count; i++)
		if (sr_commands[i].summary)
			fprintf(out, "  %-15s %s\n", sr_commands[i].name, sr_commands[i].summary);
	fputs("\n  --data DIR  data directory (default $STRONGROOM_DATA, then /var/lib/strongroom)\n"
	      "  --socket FILE  the keeper's socket (default DATA/run/keeper.sock)\n"
	      "  --as USER --password-stdin  act as that user, by the password on standard input\n"
	      "  --passphrase-fd N  read the passphrase of the keys from descriptor N\n"
	      "  --json      one JSON document on standard output\n"
	      "  --version   print the version\n\n"
	      "`strongroom VERB --help` tells more of a verb, strongroom(1) of everything.\n",
	      out);
	fputs(exit_codes, out);
}

static void print_usage(const struct sr_command *command, FILE *out)
{
	fprintf(out, "Usage: strongroom [--data DIR] [--json] %s %s\n", command->name, command->arguments);
	if (out == stderr)
		return;
	fprintf(out, "\n%s\n", command->summary ? command->summary : "for `strongroom serve` alone");
	if (command->options)
		fprintf(out, "\n%s", command->options);
	fprintf(out, "\n%s", exit_codes);
}

/* The command whose one or two words argv begins with; *words says how many. */
static const struct sr_command *find_command(int argc, char **argv, int *words)
{
	for (size_t i = 0; i < sr_command_count; i++) {
		const char *name = sr_commands[i].name;
		const char *space = strchr(name, ' ');
		size_t first = space ? (size_t)(space - name) : strlen(name);

		if (strlen(argv[0]) != first || strncmp(argv[0], name, first) != 0)
			continue;
		if (!space) {
			*words = 1;
			return &sr_commands[i];
		}
		if (argc > 1 && strcmp(argv[1], space + 1) == 0) {
			*words = 2;
			return &sr_commands[i];
		}
	}
	return NULL;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* "--name VALUE" or "--name=VALUE"; *value is NULL where the value is missing. */
static bool take_value(int argc, char **argv, int *at, const char *name, const char **value)
{
	size_t size = strlen(name);

	if (strncmp(argv[*at], name, size) != 0)
		return false;
	if (argv[*at][size] == '=')
		*value = argv[*at] + size + 1;
	else if (argv[*at][size] == 0)
		*value = *at + 1 < argc ? argv[++*at] : "";
	else
		return false;
	return true;
}

/* Options before the verb; *at is the place of the verb, or of --help or --version. */
static enum sr_status take_globals(int argc, char **argv, struct sr_globals *globals, int *at,
                                   struct sr_err *err)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && !is_help(argv[i]) && strcmp(argv[i], "--version") != 0; i++) {
		if (strcmp(argv[i], "--json") == 0)
			globals->json = true;
		else if (strcmp(argv[i], "--password-stdin") == 0)
			globals->password_stdin = true;
		else if (!take_value(argc, argv, &i, "--data", &globals->data) &&
		         !take_value(argc, argv, &i, "--socket", &globals->socket) &&
		         !take_value(argc, argv, &i, "--passphrase-fd", &globals->passphrase_fd) &&
		         !take_value(argc, argv, &i, "--as", &globals->as))
			return sr_fail(err, SR_USAGE,
			               "unknown option %s before the verb; see strongroom --help", argv[i]);
	}
	if (!globals->data || !globals->data[0])
		return sr_fail(err, SR_USAGE, "--data needs a folder");
	if (globals->as ? !globals->as[0] || !globals->password_stdin : globals->password_stdin)
		return sr_fail(
			err, SR_USAGE,
			"--as USER and --password-stdin go together: the password is the first line of "
			"standard input");
	*at = i;
	return SR_OK;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (is_help(argv[i]))
			return true;
	return false;
}

/* What was printed reached its reader: a full disk or a closed pipe is a failure like any other. */
static enum sr_status finish_output(struct sr_err *err)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return sr_fail_errno(err, "write to standard output");
	return SR_OK;
}

/* 0, or 1 when it could not be printed. */
static int printed(void)
{
	struct sr_err err;

	if (finish_output(&err) == SR_OK)
		return 0;
	fprintf(stderr, "strongroom: %s\n", err.text);
	return 1;
}

/* --json may stand behind the verb as well: it is taken out of argv. */
static int take_json(struct sr_globals *globals, int argc, char **argv)
{
	bool ended = false;
	int kept = 1;

	for (int i = 1; i < argc; i++) {
		ended = ended || strcmp(argv[i], "--") == 0;
		if (!ended && strcmp(argv[i], "--json") == 0)
			globals->json = true;
		else
			argv[kept++] = argv[i];
	}
	return kept;
}

static int run_command(const struct sr_command *command, struct sr_globals *globals, int argc, char **argv)
{
	struct sr_err err = { 0 };

	if (wants_help(argc, argv)) {
		print_usage(command, stdout);
		return printed();
	}
	argc = take_json(globals, argc, argv);
	enum sr_status status = command->run(globals, argc, argv, &err);
	struct sr_err second;
	if (finish_output(&second) != SR_OK && status == SR_OK) {
		status = SR_IO;
		err = second;
	}
	if (status != SR_OK)
		fprintf(stderr, "strongroom %s: %s\n", command->name, err.text);
	if (status == SR_USAGE)
		print_usage(command, stderr);
	return sr_exit_code(status);
}

/* No verb begins with these words: name those that begin with the first one, such as "rulebook". */
static int refuse_verb(int argc, char **argv)
{
	struct sr_err err; /* made printable by sr_fail */
	size_t length = strlen(argv[0]);
	FILE *out = wants_help(argc, argv) ? stdout : stderr;
	bool begun = false;

	for (size_t i = 0; i < sr_command_count; i++) {
		if (strncmp(sr_commands[i].name, argv[0], length) != 0 || sr_commands[i].name[length] != ' ')
			continue;
		begun = true;
		print_usage(&sr_commands[i], out);
	}
	if (begun)
		return out == stdout ? printed() : 2;
	int code = sr_exit_code(sr_fail(&err, SR_USAGE, "no such verb: %s; see strongroom --help", argv[0]));
	fprintf(stderr, "strongroom: %s\n", err.text);
	return code;
}

static int run(int argc, char **argv)
{
	struct sr_globals globals = { .data = getenv("STRONGROOM_DATA") };
	struct sr_err err;
	int at = 0;
	int words = 0;

	const char *rulebooks = getenv("STRONGROOM_RULEBOOKS");

	if (!globals.data || !globals.data[0])
		globals.data = "/var/lib/strongroom";
	sr_offline_use_rulebooks(rulebooks ? rulebooks : "/etc/strongroom/rulebooks");
	if (take_globals(argc, argv, &globals, &at, &err) != SR_OK) {
		fprintf(stderr, "strongroom: %s\n", err.text);
		return 2;
	}
	if (at >= argc) {
		print_overview(stderr);
		return 2;
	}
	if (is_help(argv[at])) {
		print_overview(stdout);
		return printed();
	}
	if (strcmp(argv[at], "--version") == 0) {
		puts("strongroom " SR_VERSION);
		return printed();
	}
	const struct sr_command *command = find_command(argc - at, argv + at, &words);
	if (!command)
		return refuse_verb(argc - at, argv + at);
	return run_command(command, &globals, argc - at - words + 1, argv + at + words - 1);
}

int main(int argc, char **argv)
{
	struct sr_err err;

	setlocale(LC_CTYPE, "C.UTF-8"); /* libarchive converts names by it */
	sr_json_wipe_freed();
	umask(022); /* files get the modes of docs/OPERATING.md, whoever calls */
	if (sr_fd_fill_standard(&err) != SR_OK || sr_secret_harden_process(&err) != SR_OK ||
	    sr_clock_set_zone("Asia/Shanghai", &err) != SR_OK) {
		fprintf(stderr, "strongroom: %s\n", err.text);
		return 1;
	}
	return run(argc, argv);
}
