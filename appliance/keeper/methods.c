/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/method.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/families.h"
#include "appliance/keeper/wire_error.h"

/* Each family's array stands at the end of the file that has its functions. */
static const struct sr_method_family *const families[] = {
	&sr_session_methods, &sr_seal_methods, &sr_case_methods, &sr_fixity_methods, &sr_vault_methods,
};

const struct sr_method *sr_method_at(size_t index)
{
	for (size_t i = 0; i < SR_COUNT(families); i++) {
		if (index < families[i]->count)
			return &families[i]->methods[index];
		index -= families[i]->count;
	}
	return NULL;
}

const struct sr_method *sr_method_find(const char *full_name)
{
	const struct sr_method *method;
	size_t prefix = strlen(SR_WIRE_PREFIX);

	if (strncmp(full_name, SR_WIRE_PREFIX, prefix) != 0)
		return NULL;
	for (size_t i = 0; (method = sr_method_at(i)); i++)
		if (strcmp(method->name, full_name + prefix) == 0)
			return method;
	return NULL;
}
