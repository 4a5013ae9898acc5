/* SPDX-License-Identifier: Apache-2.0 */
/* From an archive in the vault to its place in the index: adoption at a start, import, rebuild. */
#pragma once

#include "appliance/keeper/cases/filer.h"
#include "appliance/keeper/cases/seal_record.h"
#include "appliance/keeper/core/vault.h"

/* An opened archive and what is filed of it. */
struct sr_part_filing {
	struct sr_vault_archive opened;
	json_t *organs;
	struct sr_digest seal, stamp;
	int64_t stamped_at_ns;
	struct sr_filer *filer;
};

void sr_part_filing_dispose(struct sr_part_filing *filing);

/* Set the classes of the case where @record is of a further part; the first is in the index.  SR_NOT_FOUND.
 */
SR_CHECKED enum sr_status sr_part_filing_classes(const struct sr_keeper *keeper,
                                                 struct sr_sealing_record *record, struct sr_err *err);

/*
 * Read the archive @record->name and make its filer; not verified here beyond what unlocking does.  @record
 * must last as long.  SR_NOT_FOUND when it is not in the vault; SR_INVALID when the archive is of another
 * number than the record.
 */
SR_CHECKED enum sr_status sr_part_filing_read(const struct sr_keeper *keeper,
                                              const struct sr_sealing_record *record,
                                              struct sr_part_filing *out, struct sr_err *err);
