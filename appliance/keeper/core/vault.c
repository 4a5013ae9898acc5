/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/core/vault.h"

#include <stdio.h>
#include <stdlib.h>

#include "appliance/archive/layout.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/index/case_store.h"

void sr_vault_path(const struct sr_data *data, const char *name, char out[PATH_MAX])
{
	char path[SR_STORE_PATH];

	sr_store_path(name, path);
	if (snprintf(out, PATH_MAX, "%s/vault/%s", data->path, path) >= PATH_MAX)
		out[0] = 0;
}

void sr_vault_archive_dispose(struct sr_vault_archive *opened)
{
	sr_catalogue_free(opened->catalogue);
	sr_secret_free(opened->identity);
	sr_archive_close(opened->archive);
	sr_fd_close(opened->fd);
	*opened = (struct sr_vault_archive){ .fd = -1 };
}

enum sr_status sr_vault_unlock(int fd, const struct sr_opener *opener, struct sr_vault_archive *out,
                               struct sr_err *err)
{
	SR_CLEANUP(sr_vault_archive_dispose) struct sr_vault_archive opened = { .fd = -1 };

	SR_TRY(sr_archive_open(fd, &opened.archive, err));
	SR_TRY(sr_archive_identity(opened.archive, opener, &opened.identity, err));
	SR_TRY(sr_archive_catalogue(opened.archive, opened.identity, &opened.catalogue, err));
	*out = opened;
	/* NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores): SR_CLEANUP reads it */
	opened = (struct sr_vault_archive){ .fd = -1 };
	return SR_OK;
}

enum sr_status sr_vault_open(const struct sr_data *data, const struct sr_opener *opener, const char *name,
                             struct sr_vault_archive *out, struct sr_err *err)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	SR_TRY(sr_store_open_archive(data->store, name, &fd, err));
	enum sr_status status = sr_vault_unlock(fd, opener, out, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "archive %s: ", name);
	out->fd = fd;
	fd = -1;
	return SR_OK;
}

enum sr_status sr_vault_names(struct sr_txn *txn, const char *name, bool *out, struct sr_err *err)
{
	struct sr_case_record record;
	struct sr_case_id id;
	char case_id[SR_UUID_TEXT];

	*out = false;
	snprintf(case_id, sizeof(case_id), "%.36s", name);
	if (!sr_store_name_is_valid(name) || !sr_case_id_parse(case_id, &id))
		return SR_OK;
	enum sr_status status = sr_case_store_get(txn, &id, &record, err);
	if (status == SR_NOT_FOUND)
		return SR_OK;
	SR_TRY(status);
	*out = strtoul(name + SR_UUID_TEXT, NULL, 10) <= record.part_count;
	return SR_OK;
}

enum sr_status sr_vault_seal_digest(const struct sr_archive *archive, struct sr_digest *out,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };

	SR_TRY(sr_archive_read_entry(archive, SR_NAME_SIGNATURE, SR_LIMIT_SIGNATURE_BYTES, &signature, err));
	return sr_digest_of(signature.data, signature.size, out, err);
}
