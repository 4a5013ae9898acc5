/* SPDX-License-Identifier: Apache-2.0 */
/* strongroom.conf: what is read and can be written is read again with the same values. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/keys/config.h"

static void free_values(struct sr_config_value **values)
{
	free(*values);
}

static void round_trip(const struct sr_config *config)
{
	SR_CLEANUP(free_values)
	struct sr_config_value *values = calloc(sr_config_key_count, sizeof(*values));
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_config_freep) struct sr_config *again = NULL;
	struct sr_err err;

	if (!values)
		return;
	for (size_t i = 0; i < sr_config_key_count; i++) {
		const char *name = sr_config_keys[i].name;

		values[i] = (struct sr_config_value){ name, sr_config_text(config, name) };
	}
	if (sr_config_write(values, sr_config_key_count, &text, &err) != SR_OK)
		return; /* a semicolon */
	if (sr_config_parse(sr_buf_bytes(&text), &again, &err) != SR_OK)
		abort();
	for (size_t i = 0; i < sr_config_key_count; i++)
		if (strcmp(sr_config_text(again, values[i].name), values[i].value) != 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_config_freep) struct sr_config *config = NULL;
	struct sr_err err;

	if (sr_config_parse((struct sr_bytes){ data, size }, &config, &err) == SR_OK)
		round_trip(config);
	return 0;
}
