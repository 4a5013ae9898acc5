/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/wire_memory.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>

#include "appliance/base/secret.h"

enum sr_status sr_wire_memory_new(size_t size, uint8_t **out, struct sr_err *err)
{
	uint8_t *data = malloc(size == 0 ? 1 : size);

	if (!data)
		return sr_fail(err, SR_NO_MEMORY, "no memory for a frame of %zu bytes", size);
	*out = data;
	return SR_OK;
}

void sr_wire_memory_free(uint8_t *data, size_t size)
{
	if (!data)
		return;
	sr_wipe(data, size);
	free(data);
}

static void wipe_and_free(void *data)
{
	if (!data)
		return;
	sr_wipe(data, malloc_usable_size(data));
	free(data);
}

void sr_wire_memory_wipe_json(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}
