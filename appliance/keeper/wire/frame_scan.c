/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/frame_scan.h"

#include "appliance/base/limits.h"

/* What jansson 2.14 allocates on a 64-bit machine, rounded up: a key with its value, an empty object. */
#define VALUE_BYTES 208u
#define CONTAINER_BYTES 320u

static enum sr_status open_container(struct sr_frame_scan *scan, struct sr_err *err)
{
	if (++scan->depth > SR_LIMIT_JSON_DEPTH)
		return sr_fail(err, SR_LIMIT, "JSON is nested over %u levels deep", SR_LIMIT_JSON_DEPTH);
	if (++scan->containers > SR_LIMIT_FRAME_CONTAINERS)
		return sr_fail(err, SR_LIMIT, "over %u objects and lists in a frame",
		               SR_LIMIT_FRAME_CONTAINERS);
	return SR_OK;
}

enum sr_status sr_frame_scan_add(struct sr_frame_scan *scan, const uint8_t *text, size_t size,
                                 struct sr_err *err)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t c = text[i];

		if (scan->escaped) {
			scan->escaped = false;
		} else if (scan->quoted) {
			scan->escaped = c == '\\';
			scan->quoted = c != '"';
		} else if (c == '"') {
			scan->quoted = true;
		} else if (c == '{' || c == '[') {
			/* The first value inside; each further one follows a comma. */
			scan->values++;
			SR_TRY(open_container(scan, err));
		} else if (c == ',') {
			scan->values++;
		} else if ((c == '}' || c == ']') && scan->depth > 0) {
			scan->depth--;
		}
		if (scan->values > SR_LIMIT_FRAME_VALUES)
			return sr_fail(err, SR_LIMIT, "over %u values in a frame", SR_LIMIT_FRAME_VALUES);
	}
	return SR_OK;
}

size_t sr_frame_scan_weight(const struct sr_frame_scan *scan)
{
	return (size_t)scan->values * VALUE_BYTES + (size_t)scan->containers * CONTAINER_BYTES;
}
