/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/keys/config.h"

#include <assert.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/base/text.h"

#define LINE_BYTES ((unsigned)INI_MAX_LINE - 2u) /* of a line, without its end */

const struct sr_config_key sr_config_keys[] = {
	{ "appliance.id", SR_CONFIG_TEXT, "", "this appliance's id; written by init, never changed" },
	{ "organ.name", SR_CONFIG_TEXT, "", "name of the organ (机关名称) on seals and papers" },
	{ "organ.code", SR_CONFIG_TEXT, "", "code of the organ, such as 150100-YB" },
	{ "case.zone", SR_CONFIG_TEXT, "Asia/Shanghai", "time zone of times without one" },
	{ "case.rulebook", SR_CONFIG_TEXT, "", "rulebook pack for cases that name none; empty: base" },
	{ "case.state_secret", SR_CONFIG_FLAG, "no", "yes: this machine is approved for state secrets" },
	{ "check.clamd", SR_CONFIG_TEXT, "",
	  "Unix socket of clamd, which then looks at every file for malware; empty: nobody does" },
	{ "seal.read_back", SR_CONFIG_FLAG, "no",
	  "yes: read each archive back in full before it is published" },
	{ "stamp.url", SR_CONFIG_TEXT, "", "RFC 3161 time-stamp server; empty: the built-in one" },
	{ "stamp.root", SR_CONFIG_TEXT, "",
	  "PEM file with that server's root, relative to the data directory" },
	{ "serve.fs_user", SR_CONFIG_TEXT, "", "Unix user of the filesystem's process; empty: uid 65532" },
	{ "serve.api_user", SR_CONFIG_TEXT, "", "Unix user of the https process; empty: uid 65531" },
	{ "fs.keep_cache", SR_CONFIG_FLAG, "no",
	  "yes: what was read stays in the kernel's page cache for later openings, whose bytes are then not "
	  "in the ledger" },
	{ "api.certificate", SR_CONFIG_TEXT, "",
	  "PEM file with the certificates for https, relative to the data directory; empty: one of its own" },
	{ "api.private_key", SR_CONFIG_TEXT, "", "PEM file with that certificate's key" },
	{ "api.access_lines", SR_CONFIG_FLAG, "no", "yes: a line in the log for each request" },
	{ "api.metrics_everywhere", SR_CONFIG_FLAG, "no",
	  "yes: /metrics for every address, not this machine's alone" },
};
const size_t sr_config_key_count = SR_COUNT(sr_config_keys);

struct sr_config {
	struct sr_buf copies[SR_COUNT(sr_config_keys)];
	const char *values[SR_COUNT(sr_config_keys)]; /* in copies; NULL: the default */
};

void sr_config_free(struct sr_config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < sr_config_key_count; i++)
		sr_buf_dispose(&config->copies[i]);
	free(config);
}

static size_t index_of(const char *name)
{
	for (size_t i = 0; i < sr_config_key_count; i++)
		if (strcmp(sr_config_keys[i].name, name) == 0)
			return i;
	return sr_config_key_count;
}

/* What inih's handler needs: it can only say "stop". */
struct parse {
	struct sr_config *config;
	struct sr_err *err;
	enum sr_status status;
};

static enum sr_status take_value(struct sr_config *config, const char *name, const char *value,
                                 struct sr_err *err)
{
	size_t index = index_of(name);

	if (index == sr_config_key_count)
		return sr_fail(err, SR_INVALID, "unknown key %s", name);
	if (config->values[index])
		return sr_fail(err, SR_INVALID, "%s is given twice", name);
	if (!sr_utf8_is_valid(value, strlen(value)))
		return sr_fail(err, SR_INVALID, "%s is not UTF-8", name);
	bool flag = strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
	if (sr_config_keys[index].kind == SR_CONFIG_FLAG && !flag)
		return sr_fail(err, SR_INVALID, "%s must be yes or no", name);
	SR_TRY(sr_buf_add_text(&config->copies[index], value, err));
	return sr_buf_text(&config->copies[index], &config->values[index], err);
}

static int handle_value(void *context, const char *section, const char *key, const char *value)
{
	struct parse *parse = context;
	char name[128];

	snprintf(name, sizeof(name), "%s.%s", section, key);
	parse->status = take_value(parse->config, name, value, parse->err);
	return parse->status == SR_OK;
}

/* inih takes a longer line for two. */
static enum sr_status check_lines(const char *text, struct sr_err *err)
{
	for (unsigned line = 1; *text; line++) {
		size_t size = strcspn(text, "\n");

		if (size > LINE_BYTES)
			return sr_fail(err, SR_INVALID, SR_CONFIG_FILE ", line %u: over %u bytes; shorten it",
			               line, LINE_BYTES);
		text += size + (text[size] ? 1 : 0);
	}
	return SR_OK;
}

enum sr_status sr_config_parse(struct sr_bytes bytes, struct sr_config **out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_config_freep) struct sr_config *config = calloc(1, sizeof(*config));
	struct parse parse = { .config = config, .err = err };
	const char *string;

	if (!config)
		return sr_fail(err, SR_NO_MEMORY, "no memory for the configuration");
	SR_TRY(sr_buf_add(&text, bytes.data, bytes.size, err));
	SR_TRY(sr_buf_text(&text, &string, err));
	if (strlen(string) != text.size)
		return sr_fail(err, SR_INVALID, SR_CONFIG_FILE ": a NUL byte in it");
	SR_TRY(check_lines(string, err));

	int line = ini_parse_string(string, handle_value, &parse);
	if (line > 0 && parse.status == SR_OK)
		return sr_fail(err, SR_INVALID, SR_CONFIG_FILE ", line %d: neither [section] nor key = value",
		               line);
	if (line != 0 && parse.status != SR_OK)
		return sr_fail_in(err, parse.status, SR_CONFIG_FILE ", line %d: ", line);
	if (line != 0)
		return sr_fail(err, SR_NO_MEMORY, SR_CONFIG_FILE ": cannot be parsed");
	*out = SR_MOVE(config);
	return SR_OK;
}

enum sr_status sr_config_load(int dir_fd, struct sr_config **out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };

	SR_TRY(sr_fd_read_file(dir_fd, SR_CONFIG_FILE, SR_LIMIT_CONFIG_BYTES, &text, err));
	return sr_config_parse(sr_buf_bytes(&text), out, err);
}

const char *sr_config_text(const struct sr_config *config, const char *name)
{
	size_t index = index_of(name);

	assert(index < sr_config_key_count);
	return config->values[index] ? config->values[index] : sr_config_keys[index].fallback;
}

bool sr_config_flag(const struct sr_config *config, const char *name)
{
	return strcmp(sr_config_text(config, name), "yes") == 0;
}

static const char *value_of(const struct sr_config_value *values, size_t count,
                            const struct sr_config_key *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(values[i].name, key->name) == 0)
			return values[i].value;
	return key->fallback;
}

enum sr_status sr_config_write(const struct sr_config_value *values, size_t count, struct sr_buf *out,
                               struct sr_err *err)
{
	char section[32] = "";

	SR_TRY(sr_buf_add_text(out, "# Strongroom's configuration; every key with what it is for.\n", err));
	for (size_t i = 0; i < sr_config_key_count; i++) {
		const struct sr_config_key *key = &sr_config_keys[i];
		const char *value = value_of(values, count, key);
		const char *dot = strchr(key->name, '.');
		int length = (int)(dot - key->name);

		if (strpbrk(value, "\r\n;"))
			return sr_fail(err, SR_INVALID, "%s may not hold a line break or a semicolon",
			               key->name);
		if (strlen(dot + 1) + strlen(" = ") + strlen(value) > LINE_BYTES)
			return sr_fail(err, SR_INVALID, "%s: too long for a line of " SR_CONFIG_FILE,
			               key->name);
		if (strncmp(section, key->name, (size_t)length) != 0 || section[length] != 0) {
			snprintf(section, sizeof(section), "%.*s", length, key->name);
			SR_TRY(sr_buf_printf(out, err, "\n[%s]\n", section));
		}
		SR_TRY(sr_buf_printf(out, err, "; %s\n%s = %s\n", key->help, dot + 1, value));
	}
	return SR_OK;
}
