/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/methods.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/cases/methods.h"
#include "appliance/keeper/drafts/methods.h"
#include "appliance/keeper/operations/methods.h"
#include "appliance/keeper/people/methods.h"
#include "appliance/keeper/reading/methods.h"
#include "appliance/keeper/register/methods.h"
#include "appliance/keeper/requests/methods.h"
#include "appliance/keeper/reviews/methods.h"
#include "appliance/keeper/wire/wire_error.h"

/* clang-format off */
/* Each family's array stands at the end of the file that has its functions. */
static const struct sr_method_family *const families[] = {
	&sr_session_methods,
	&sr_reading_methods,
	&sr_register_methods,
	&sr_stat_methods,
	&sr_warn_methods,
	&sr_review_methods,
	&sr_review_record_methods,
	&sr_review_finding_methods,
	&sr_upload_methods,
	&sr_people_methods,
	&sr_directory_methods,
	&sr_score_sheet_methods,
	&sr_roster_methods,
	&sr_account_methods,
	&sr_clock_methods,
	&sr_policy_methods,
	&sr_authority_methods,
	&sr_pass_methods,
	&sr_application_methods,
	&sr_draft_methods,
	&sr_draft_flow_methods,
	&sr_draft_file_methods,
	&sr_seal_methods,
	&sr_case_methods,
	&sr_ledger_methods,
	&sr_operation_methods,
	&sr_request_methods,
	&sr_grant_methods,
	&sr_retention_methods,
	&sr_fixity_methods,
	&sr_vault_methods,
};
/* clang-format on */

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
