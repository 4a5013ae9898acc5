/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/seal_parts.h"

#include <string.h>

#include "appliance/archive/verify.h"
#include "appliance/base/cleanup.h"
#include "appliance/keeper/core/keeper_parts.h"
#include "appliance/keeper/core/vault.h"
#include "appliance/keeper/keys/roots.h"

enum sr_status sr_seal_require_whole(const struct sr_data *data, int fd, bool quick, struct sr_err *err)
{
	SR_CLEANUP(sr_roots_dispose) struct sr_roots roots = { 0 };
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };

	SR_TRY(sr_roots_of_data(data, &roots, err));
	const struct sr_verify_options options = { .roots = roots.seal,
		                                   .stamp_roots = roots.stamp,
		                                   .quick = quick };

	SR_TRY(sr_archive_verify(fd, &options, &report, err));
	if (!report.ok)
		return sr_fail(err, SR_TAMPERED, "%s: %s", report.damage[0].member, report.damage[0].what);
	return SR_OK;
}

/* What a further part refers to must be worth it: sealed here, and continuing the part before it. */
static enum sr_status check_part(const struct sr_data *data, const struct sr_vault_archive *opened,
                                 const struct sr_digest *before, const char *number, struct sr_err *err)
{
	const struct sr_cover *cover = sr_archive_cover(opened->archive);

	SR_TRY(sr_seal_require_whole(data, opened->fd, true, err));
	if (cover->has_previous && !sr_digest_equal(&cover->previous, before))
		return sr_fail(err, SR_TAMPERED, "it continues another part %u than the one in the vault",
		               cover->part - 1);
	if (strcmp(opened->catalogue->number, number) != 0)
		return sr_fail(err, SR_INVALID, "case.json says case number %s, the sealed case has %s",
		               number, opened->catalogue->number);
	return SR_OK;
}

enum sr_status sr_seal_check_parts(const struct sr_keeper *keeper, const struct sr_seal_plan *plan,
                                   const char *number, struct sr_err *err)
{
	const struct sr_opener *opener = sr_keyring_opener(keeper->keyring);
	struct sr_digest before = { 0 };

	for (unsigned part = 1; part < plan->part; part++) {
		SR_CLEANUP(sr_vault_archive_dispose) struct sr_vault_archive opened = { .fd = -1 };
		char name[SR_STORE_NAME];

		SR_TRY(sr_store_name(plan->case_id, part, name, err));
		enum sr_status status = sr_vault_open(keeper->data, opener, name, &opened, err);
		if (status == SR_NOT_FOUND)
			return sr_fail_in(err, SR_TAMPERED, "restore the missing part from another copy: ");
		SR_TRY(status);
		status = check_part(keeper->data, &opened, &before, number, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "archive %s: ", name);
		SR_TRY(sr_vault_seal_digest(opened.archive, &before, err));
	}
	if (plan->part > 1 && !sr_digest_equal(&before, &plan->previous))
		return sr_fail(err, SR_TAMPERED, "part %u in the vault has another seal than the log says",
		               plan->part - 1);
	return SR_OK;
}
