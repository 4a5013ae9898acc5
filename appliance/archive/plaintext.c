/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/plaintext.h"

#include <string.h>

#include "appliance/archive/layout.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/limits.h"
#include "appliance/crypto/suite.h"

/* The catalogue must be of this archive. */
static enum sr_status check_catalogue(const struct sr_archive *archive, const struct sr_catalogue *catalogue,
                                      struct sr_err *err)
{
	const struct sr_cover *cover = sr_archive_cover(archive);

	if (strcmp(catalogue->case_id, cover->case_id) != 0 || catalogue->part != cover->part)
		return sr_fail(err, SR_TAMPERED, "it is of another case or part (%s, part %u)",
		               catalogue->case_id, catalogue->part);
	if (catalogue->member_count != sr_archive_member_count(archive))
		return sr_fail(err, SR_TAMPERED, "it lists %zu members, the archive has %zu",
		               catalogue->member_count, sr_archive_member_count(archive));
	return SR_OK;
}

enum sr_status sr_plaintext_catalogue(const struct sr_archive *archive, const struct sr_secret *identity,
                                      struct sr_secret **text, struct sr_catalogue **out, struct sr_err *err)
{
	SR_CLEANUP(sr_catalogue_freep) struct sr_catalogue *catalogue = NULL;
	SR_CLEANUP(sr_secret_freep) struct sr_secret *plain = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf sealed = { 0 };
	struct sr_bytes bytes;

	SR_TRY(sr_archive_read_entry(archive, SR_NAME_CATALOGUE, SIZE_MAX, &sealed, err));
	enum sr_status status =
		sr_suite_find(sr_archive_cover(archive)->suite)
			->decrypt(identity, sr_buf_bytes(&sealed), SR_LIMIT_CATALOGUE_BYTES, &plain, err);
	if (status == SR_OK) {
		bytes = (struct sr_bytes){ .data = plain->data, .size = plain->size };
		status = sr_catalogue_decode(bytes, &catalogue, err);
	}
	if (status == SR_OK)
		status = check_catalogue(archive, catalogue, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, SR_NAME_CATALOGUE ": ");
	*text = SR_MOVE(plain);
	*out = SR_MOVE(catalogue);
	return SR_OK;
}
