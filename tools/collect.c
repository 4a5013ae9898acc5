/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/collect.h"

#include <stdint.h>

#include "appliance/base/json.h"

static enum sr_status extend(json_t *object, const char *key, const json_t *more, struct sr_err *err)
{
	json_t *list = json_object_get(object, key);

	if (!list) {
		SR_TRY(sr_json_set(object, key, json_array(), err));
		list = json_object_get(object, key);
	}
	if (json_array_extend(list, (json_t *)(uintptr_t)more) < 0)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a list");
	return SR_OK;
}

enum sr_status sr_collect_each(void *context, const json_t *part, struct sr_err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)part, key, value)
		if (json_is_array(value))
			SR_TRY(extend(context, key, value, err));
	return SR_OK;
}

enum sr_status sr_collect_merge(json_t *collected, json_t *reply, struct sr_err *err)
{
	const char *key;
	json_t *list;

	json_object_foreach(collected, key, list) {
		SR_TRY(extend(collected, key, json_object_get(reply, key), err));
		SR_TRY(sr_json_set(reply, key, json_incref(list), err));
	}
	return SR_OK;
}
