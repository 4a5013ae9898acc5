/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON with limits, on jansson: depth, duplicate keys and size are checked before a tree is built.
 * `json_t` ownership is jansson's: "borrowed" results live as long as their parent.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/base/buf.h"
#include "appliance/base/err.h"

static inline void sr_json_decrefp(json_t **json)
{
	json_decref(*json);
	*json = NULL;
}

/*
 * From here on whatever jansson frees is wiped first: for processes that hold catalogues.  Call it once,
 * before any other JSON function.
 */
void sr_json_wipe_freed(void);

/*
 * Parse untrusted UTF-8 text.  SR_LIMIT over SR_LIMIT_JSON_DEPTH levels or @max bytes, SR_CORRUPT
 * (with line and column in err) for anything that is not exactly one JSON value: duplicate keys,
 * trailing bytes, invalid UTF-8, NUL characters.  The caller owns *out.
 */
SR_CHECKED enum sr_status sr_json_parse(const void *text, size_t size, size_t max, json_t **out,
                                        struct sr_err *err);

/* Append compact text, keys in insertion order.  UTF-8 is kept as it is. */
SR_CHECKED enum sr_status sr_json_write(const json_t *json, struct sr_buf *out, struct sr_err *err);
/* The same of one string.  SR_INVALID when it is not UTF-8. */
SR_CHECKED enum sr_status sr_json_write_text(const char *text, struct sr_buf *out, struct sr_err *err);
/* The same, indented for people, with a newline at the end. */
SR_CHECKED enum sr_status sr_json_write_pretty(const json_t *json, struct sr_buf *out, struct sr_err *err);

/* Text of a member of an object, borrowed; NULL when absent, null or no string. */
const char *sr_json_text(const json_t *object, const char *key);
/* A member that must be there with that type; SR_CORRUPT names the key.  Borrowed. */
SR_CHECKED enum sr_status sr_json_need_text(const json_t *object, const char *key, const char **out,
                                            struct sr_err *err);
SR_CHECKED enum sr_status sr_json_need_u64(const json_t *object, const char *key, uint64_t max, uint64_t *out,
                                           struct sr_err *err);
SR_CHECKED enum sr_status sr_json_need_array(const json_t *object, const char *key, json_t **out,
                                             struct sr_err *err);
SR_CHECKED enum sr_status sr_json_need_object(const json_t *object, const char *key, json_t **out,
                                              struct sr_err *err);

/* json_pack with our errors: the caller owns *out.  SR_NO_MEMORY or SR_INVALID (not UTF-8). */
#define SR_JSON_PACK(out, err, ...)                                                                          \
	((*(out) = json_pack(__VA_ARGS__)) ? SR_OK : sr_fail(err, SR_NO_MEMORY, "cannot make a JSON value"))

/* Add @value, whose reference is taken in every case, to an object or array. */
SR_CHECKED enum sr_status sr_json_set(json_t *object, const char *key, json_t *value, struct sr_err *err);
SR_CHECKED enum sr_status sr_json_append(json_t *array, json_t *value, struct sr_err *err);
