/* SPDX-License-Identifier: Apache-2.0 */
/* strongroom.conf: one table of keys with defaults; docs/OPERATING.md shows the same table (make lint
 * compares). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

#define SR_CONFIG_FILE "strongroom.conf"

enum sr_config_kind {
	SR_CONFIG_TEXT,
	SR_CONFIG_FLAG, /* yes or no */
};

struct sr_config_key {
	const char *name; /* "section.key" */
	enum sr_config_kind kind;
	const char *fallback;
	const char *help; /* one line */
};

extern const struct sr_config_key sr_config_keys[];
extern const size_t sr_config_key_count;

struct sr_config;

/*
 * Read the text of a configuration.  Whatever it leaves out has its default.  SR_INVALID names the line of an
 * unknown key, a key given twice, a value of the wrong kind or a line of over 198 bytes.
 */
SR_CHECKED enum sr_status sr_config_parse(struct sr_bytes bytes, struct sr_config **out, struct sr_err *err);
/* The same for strongroom.conf in the folder @dir_fd; SR_NOT_FOUND when there is no such file. */
SR_CHECKED enum sr_status sr_config_load(int dir_fd, struct sr_config **out, struct sr_err *err);
void sr_config_free(struct sr_config *config); /* NULL is allowed */
static inline void sr_config_freep(struct sr_config **config)
{
	sr_config_free(*config);
	*config = NULL;
}

/* @name must be in the table. */
const char *sr_config_text(const struct sr_config *config, const char *name);
bool sr_config_flag(const struct sr_config *config, const char *name);

/* A key and its value for a new file. */
struct sr_config_value {
	const char *name;
	const char *value;
};
/* Append a commented file with every key of the table; @values replace defaults.  SR_INVALID for a value with
 * a line break, or too long for a line. */
SR_CHECKED enum sr_status sr_config_write(const struct sr_config_value *values, size_t count,
                                          struct sr_buf *out, struct sr_err *err);
