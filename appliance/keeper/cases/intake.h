/* SPDX-License-Identifier: Apache-2.0 */
/* A folder that is handed in, read and judged: what `check` and `seal` have in common. */
#pragma once

#include "appliance/base/progress.h"
#include "appliance/casefile/description.h"
#include "appliance/casefile/finding.h"
#include "appliance/casefile/folder.h"
#include "appliance/casefile/inspect.h"
#include "appliance/casefile/rulebook.h"

struct sr_intake {
	struct sr_folder *folder;
	struct sr_case *description;
	struct sr_findings *findings; /* X checks, then the rulebook's */
	struct sr_rulebook *rulebook;
	struct sr_member_pages *pages; /* one a member */
	json_t *applied;               /* articles that applied (rulebook.h) */
	json_t *properties; /* four-property report of the plaintext (casefile/four_properties.h) */
};

struct sr_intake_options {
	const char *folder;       /* its path, or */
	struct sr_folder *opened; /* the folder itself; taken in every case */
	const char *rulebook;     /* overrides the description's; NULL: not */
	const char *clamd;        /* its socket; NULL or empty: nobody looks for malware */
	const char *fallback;     /* pack for descriptions that name none; NULL: base */
	bool digests; /* compute SHA-256 where the description gives one (X10); a seal does that itself */
	const struct sr_progress *progress;
};

void sr_intake_dispose(struct sr_intake *intake);

/* What `check` says: findings, counts, the pack's name, and "arrangement" (casefile/arrange.h), null where
 * the members lie as they should or are over 5,000.  The caller owns *out. */
SR_CHECKED enum sr_status sr_intake_check_json(const struct sr_intake *intake, json_t **out,
                                               struct sr_err *err);

/* SR_OK also when there are findings; failures are those of reading the folder, case.json or the pack. */
SR_CHECKED enum sr_status sr_intake_read(const struct sr_intake_options *options, struct sr_intake *out,
                                         struct sr_err *err);
