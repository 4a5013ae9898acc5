/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age-tool: age files without a vault, for scripts, tests and custodians.  Data goes to standard output,
 * messages to standard error; docs/CLI.md lists the exit codes.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/base/secret.h"
#include "appliance/base/text.h"
#include "appliance/crypto/age.h"
#include "appliance/crypto/key_file.h"
#include "tools/exit_code.h"

/* What stands on the command line behind the verb. */
struct request {
	struct sr_age_recipient recipients[SR_LIMIT_AGE_STANZAS];
	size_t recipient_count;
	const char *identity; /* a path */
	char *const *words;   /* what is left */
	int word_count;
};

struct verb {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *options; /* letters that it takes */
	int words;
	enum sr_status (*run)(const struct request *request, struct sr_err *err);
};

static enum sr_status run_keygen(const struct request *request, struct sr_err *err);
static enum sr_status run_encrypt(const struct request *request, struct sr_err *err);
static enum sr_status run_decrypt(const struct request *request, struct sr_err *err);
static enum sr_status run_range(const struct request *request, struct sr_err *err);

static const struct verb verbs[] = {
	{ "keygen", "", "print a new identity file", "h", 0, run_keygen },
	{ "encrypt", "-r RECIPIENT... FILE", "encrypt to every recipient (age1...)", "hr:", 1, run_encrypt },
	{ "decrypt", "-i IDENTITY FILE", "decrypt with an identity file", "hi:", 1, run_decrypt },
	{ "range", "-i IDENTITY FIRST-LAST FILE", "decrypt bytes FIRST to LAST (from 0), FIRST- or -COUNT",
	  "hi:", 2, run_range },
};

static void print_usage(FILE *to)
{
	fprintf(to, "usage: age-tool VERB ...\n\n");
	for (size_t i = 0; i < SR_COUNT(verbs); i++)
		fprintf(to, "  age-tool %-7s %-28s %s\n", verbs[i].name, verbs[i].arguments,
		        verbs[i].summary);
	fprintf(to, "\nOutput goes to standard output.  FILE - is standard input, but for range.\n"
	            "exit: 0 done, 1 failed, 2 wrong usage, 4 no identity matches, 5 no such file,\n"
	            "6 damaged or tampered (what was written before that is authentic, but not whole)\n");
}

static enum sr_status open_input(const char *path, int *out, struct sr_err *err)
{
	int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	                                : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return sr_fail_errno(err, "open %s", path);
	*out = fd;
	return SR_OK;
}

static enum sr_status read_identity(const char *path, struct sr_secret **out, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;

	SR_TRY(sr_key_file_read(AT_FDCWD, path, &text, err));
	enum sr_status status = sr_age_identity_from_text((const char *)text->data, text->size, out, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "%s: ", path);
	return SR_OK;
}

static enum sr_status run_keygen(const struct request *request, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *text = NULL;
	struct sr_age_recipient recipient;
	char recipient_text[SR_AGE_RECIPIENT_TEXT];
	char now[SR_TIME_TEXT];
	char comments[256];

	(void)request;
	SR_TRY(sr_age_identity_new(&identity, err));
	SR_TRY(sr_age_identity_recipient(identity, &recipient, err));
	SR_TRY(sr_age_recipient_to_text(&recipient, recipient_text, err));
	SR_TRY(sr_age_identity_to_text(identity, &text, err));
	sr_time_format_utc(sr_clock_now_ns(), now);
	int size = snprintf(comments, sizeof(comments), "# created: %s\n# public key: %s\n", now,
	                    recipient_text);

	/* Not through stdio, whose buffer would keep the key. */
	SR_TRY(sr_fd_write_all(STDOUT_FILENO, comments, (size_t)size, err));
	SR_TRY(sr_fd_write_all(STDOUT_FILENO, text->data, SR_AGE_IDENTITY_TEXT - 1, err));
	return sr_fd_write_all(STDOUT_FILENO, "\n", 1, err);
}

static enum sr_status run_encrypt(const struct request *request, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	SR_TRY(open_input(request->words[0], &fd, err));
	return sr_age_encrypt_fd(request->recipients, request->recipient_count, fd, STDOUT_FILENO, err);
}

static enum sr_status run_decrypt(const struct request *request, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	SR_TRY(read_identity(request->identity, &identity, err));
	SR_TRY(open_input(request->words[0], &fd, err));
	return sr_age_decrypt_fd(identity, fd, STDOUT_FILENO, err);
}

/* As in HTTP (RFC 9110 section 14.1.2): FIRST-LAST, FIRST- to the end, -COUNT at the end. */
struct range {
	bool from_end;
	uint64_t first; /* or the count */
	uint64_t last;  /* included; UINT64_MAX to the end */
};

static bool parse_range(const char *text, struct range *out)
{
	const char *dash = strchr(text, '-');

	if (!dash)
		return false;
	size_t left = (size_t)(dash - text);
	size_t right = strlen(dash + 1);

	*out = (struct range){ .from_end = left == 0, .last = UINT64_MAX };
	if (left == 0)
		return sr_decimal_parse(dash + 1, right, INT64_MAX, &out->first);
	if (!sr_decimal_parse(text, left, INT64_MAX, &out->first))
		return false;
	if (right == 0)
		return true;
	return sr_decimal_parse(dash + 1, right, INT64_MAX, &out->last) && out->first <= out->last;
}

/* Where the range begins and ends (excluded) in @size bytes; false when it holds none of them. */
static bool place_range(const struct range *range, uint64_t size, uint64_t *from, uint64_t *to)
{
	if (range->from_end)
		*from = range->first < size ? size - range->first : 0;
	else
		*from = range->first;
	*to = range->last < size ? range->last + 1 : size;
	return *from < *to;
}

static enum sr_status write_range(struct sr_age_reader *reader, uint64_t from, uint64_t to,
                                  struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *plain = NULL;

	SR_TRY(sr_secret_new(SR_AGE_CHUNK_BYTES, &plain, err));
	while (from < to) {
		/* To the end of a chunk, so that each is decrypted once. */
		uint64_t want = SR_AGE_CHUNK_BYTES - from % SR_AGE_CHUNK_BYTES;
		size_t got;

		if (want > to - from)
			want = to - from;
		SR_TRY(sr_age_reader_read(reader, from, plain->data, (size_t)want, &got, err));
		SR_TRY(sr_fd_write_all(STDOUT_FILENO, plain->data, got, err));
		from += got;
	}
	return SR_OK;
}

static enum sr_status run_range(const struct request *request, struct sr_err *err)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	SR_CLEANUP(sr_age_reader_closep) struct sr_age_reader *reader = NULL;
	const char *path = request->words[1];
	struct range range;
	struct stat st;
	uint64_t from, to;

	/* run_verb has parsed it before. */
	if (!parse_range(request->words[0], &range))
		return sr_fail(err, SR_INVALID, "%s is no range", request->words[0]);
	SR_TRY(read_identity(request->identity, &identity, err));
	SR_TRY(open_input(path, &fd, err));
	if (fstat(fd, &st) < 0)
		return sr_fail_errno(err, "stat %s", path);
	if (!S_ISREG(st.st_mode))
		return sr_fail(err, SR_INVALID, "%s is not a regular file", path);
	SR_TRY(sr_age_reader_open(fd, 0, (uint64_t)st.st_size, identity, &reader, err));
	if (!place_range(&range, sr_age_reader_size(reader), &from, &to))
		return sr_fail(err, SR_INVALID, "range %s holds none of the %llu bytes", request->words[0],
		               (unsigned long long)sr_age_reader_size(reader));
	return write_range(reader, from, to, err);
}

static int wrong_usage(const struct verb *verb, const char *why)
{
	fprintf(stderr, "age-tool %s: %s\n", verb->name, why);
	fprintf(stderr, "usage: age-tool %s %s\n", verb->name, verb->arguments);
	return sr_exit_code(SR_USAGE);
}

static int add_recipient(const struct verb *verb, struct request *request, const char *text)
{
	struct sr_err err;

	if (request->recipient_count == SR_COUNT(request->recipients))
		return wrong_usage(verb, "too many recipients");
	if (sr_age_recipient_from_text(text, &request->recipients[request->recipient_count], &err) != SR_OK)
		return wrong_usage(verb, err.text);
	request->recipient_count++;
	return EXIT_SUCCESS;
}

/* "-500" is a range, not an option. */
static bool is_option(const char *word)
{
	return !(word[0] == '-' && word[1] >= '0' && word[1] <= '9');
}

/* Options into @request; EXIT_SUCCESS, sr_exit_code(SR_USAGE), or -1 when help was asked for. */
static int parse_options(const struct verb *verb, int argc, char **argv, struct request *request)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "recipient", required_argument, NULL, 'r' },
		{ "identity", required_argument, NULL, 'i' },
		{ 0 },
	};
	int option;

	opterr = 0;
	while (optind < argc && is_option(argv[optind]) &&
	       (option = getopt_long(argc, argv, "+:hr:i:", longs, NULL)) != -1) {
		if (option == '?' || option == ':' || !strchr(verb->options, option))
			return wrong_usage(verb, option == ':' ? "an option lacks its value"
			                                       : "there is no such option here");
		if (option == 'h')
			return -1;
		if (option == 'i')
			request->identity = optarg;
		if (option == 'r' && add_recipient(verb, request, optarg) != EXIT_SUCCESS)
			return sr_exit_code(SR_USAGE);
	}
	request->words = argv + optind;
	request->word_count = argc - optind;
	return EXIT_SUCCESS;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	struct request request = { .words = argv };
	struct sr_err err = { 0 };
	struct range range;
	enum sr_status status = sr_secret_harden_process(&err);
	int code = parse_options(verb, argc, argv, &request);

	if (code < 0) {
		print_usage(stdout);
		return EXIT_SUCCESS;
	}
	if (code != EXIT_SUCCESS)
		return code;
	if (strchr(verb->options, 'r') && request.recipient_count == 0)
		return wrong_usage(verb, "a recipient is needed: -r age1...");
	if (strchr(verb->options, 'i') && !request.identity)
		return wrong_usage(verb, "an identity file is needed: -i FILE");
	if (request.word_count != verb->words)
		return wrong_usage(verb, "too many or too few arguments");
	if (verb->run == run_range && !parse_range(request.words[0], &range))
		return wrong_usage(verb, "a range is FIRST-LAST, FIRST- or -COUNT");

	if (status == SR_OK)
		status = verb->run(&request, &err);
	if (status != SR_OK)
		fprintf(stderr, "age-tool %s: %s\n", verb->name, err.text);
	return sr_exit_code(status);
}

int main(int argc, char **argv)
{
	struct sr_err err;

	if (sr_fd_fill_standard(&err) != SR_OK) {
		fprintf(stderr, "age-tool: %s\n", err.text);
		return sr_exit_code(SR_IO);
	}
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		print_usage(stdout);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; argc >= 2 && i < SR_COUNT(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name) == 0)
			return run_verb(&verbs[i], argc - 1, argv + 1);
	}
	print_usage(stderr);
	return sr_exit_code(SR_USAGE);
}
