/* SPDX-License-Identifier: Apache-2.0 */
/* The vault and its index as wholes: ImportArchive, Rebuild. */
#include "appliance/keeper/cases/methods.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/keeper/cases/filing_tick.h"
#include "appliance/keeper/cases/import.h"
#include "appliance/keeper/cases/rebuild.h"
#include "appliance/keeper/core/act.h"
#include "appliance/keeper/core/act_progress.h"
#include "appliance/keeper/core/keeper_parts.h"

#define FILING_PATIENCE_NS                                                                                   \
	INT64_C(60000000000) /* before a rebuild, so that both digests speak of the same                     \
	                      */

static enum sr_status import_archive(struct sr_act *act, struct sr_err *err)
{
	SR_CLEANUP(sr_roots_dispose) struct sr_roots roots = { 0 };
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	const char *root = sr_act_text(act, "root");
	struct sr_act_progress progress;
	struct stat st;

	sr_act_progress_init(&progress, act);
	SR_TRY(sr_act_descriptor(act, 0, &fd, err));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return sr_fail(err, SR_INVALID, "descriptor 0 is no regular file");
	if (root)
		SR_TRY(sr_roots_parse(root, sr_act_text(act, "stamp_root"), &roots, err));
	else
		SR_TRY(sr_roots_of_data(act->keeper->data, &roots, err));
	const struct sr_import_request request = { .fd = fd,
		                                   .roots = &roots,
		                                   .progress = &progress.progress };

	return sr_import(act, &request, &act->answer, err);
}

static enum sr_status rebuild(struct sr_act *act, struct sr_err *err)
{
	struct sr_act_progress progress;
	struct sr_rebuilt done;
	struct sr_digest before;
	char before_hex[SR_DIGEST_HEX], hex[SR_DIGEST_HEX];

	sr_act_progress_init(&progress, act);
	if (sr_act_flag(act, "from_tiles"))
		return sr_act_refuse(
			act, "Invalid", err,
			"the ledger is there, so the index is made from it; the published entries "
			"are for a database that is lost");
	sr_filing_catch_up(act->keeper, FILING_PATIENCE_NS);
	SR_TRY(sr_rebuild_digest(act->keeper, &before, err));
	SR_TRY(sr_rebuild(act->keeper, &progress.progress, &done, err));
	sr_digest_to_hex(&before, before_hex);
	sr_digest_to_hex(&done.digest, hex);
	return sr_act_reply(act, err, "{s:I,s:I,s:I,s:s,s:s}", "cases", (json_int_t)done.cases, "missing",
	                    (json_int_t)done.missing, "unknown", (json_int_t)done.unknown, "digest", hex,
	                    "digest_before", before_hex);
}

static const struct sr_method methods[] = {
	{ "ImportArchive", "root:prose? stamp_root:prose?", SR_BY(ARCHIVIST), SR_DOOR_SOCKET, SR_METHOD_SLOW,
	  import_archive },
	{ "Rebuild", "from_tiles:flag?", SR_BY(ADMIN), SR_DOOR_SOCKET, SR_METHOD_SLOW, rebuild },
};
const struct sr_method_family sr_vault_methods = { methods, SR_COUNT(methods) };
