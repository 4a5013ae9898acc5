/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/options.h"

#include <string.h>

/* The option that @word names, and its "=value" if it has one. */
static const struct sr_option *find_option(const char *word, const struct sr_option *options, size_t count,
                                           const char **attached)
{
	*attached = NULL;
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(options[i].name);

		if (strncmp(word, options[i].name, length) != 0)
			continue;
		if (word[length] == 0)
			return &options[i];
		if (word[length] == '=' && !options[i].flag) {
			*attached = word + length + 1;
			return &options[i];
		}
	}
	return NULL;
}

/* Take option argv[*at]; *at moves to the last word used. */
static enum sr_status take_option(int argc, char **argv, int *at, const struct sr_option *options,
                                  size_t count, struct sr_err *err)
{
	const char *value;
	const struct sr_option *option = find_option(argv[*at], options, count, &value);

	if (!option)
		return sr_fail(err, SR_USAGE, "unknown option %s", argv[*at]);
	if (option->flag) {
		*option->flag = true;
		return SR_OK;
	}
	if (!value && *at + 1 >= argc)
		return sr_fail(err, SR_USAGE, "%s needs a value", option->name);
	if (!value)
		value = argv[++*at];
	if (option->each) {
		SR_TRY(option->each(option->context, value, err));
		while (option->many && *at + 1 < argc && argv[*at + 1][0] != '-')
			SR_TRY(option->each(option->context, argv[++*at], err));
		return SR_OK;
	}
	*option->value = value;
	return SR_OK;
}

enum sr_status sr_options_parse(int argc, char **argv, const struct sr_option *options, size_t option_count,
                                int min, int max, struct sr_words *words, struct sr_err *err)
{
	bool ended = false;
	int count = 0;

	for (int i = 1; i < argc; i++) {
		if (!ended && strcmp(argv[i], "--") == 0)
			ended = true;
		else if (!ended && argv[i][0] == '-' && argv[i][1] != 0)
			SR_TRY(take_option(argc, argv, &i, options, option_count, err));
		else
			argv[1 + count++] = argv[i];
	}
	words->list = argv + 1;
	words->count = count;
	if (count < min)
		return sr_fail(err, SR_USAGE, "too few words");
	if (max >= 0 && count > max)
		return sr_fail(err, SR_USAGE, "unexpected word %s", argv[1 + max]);
	return SR_OK;
}
