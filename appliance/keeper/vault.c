/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/archive/layout.h"
#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/log.h"

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

enum sr_status sr_vault_open(const struct sr_data *data, const struct sr_opener *opener, const char *name,
                             struct sr_vault_archive *out, struct sr_err *err)
{
	SR_CLEANUP(sr_vault_archive_dispose) struct sr_vault_archive opened = { .fd = -1 };

	SR_TRY(sr_store_open_archive(data->store, name, &opened.fd, err));
	enum sr_status status = sr_archive_open(opened.fd, &opened.archive, err);
	if (status == SR_OK)
		status = sr_archive_identity(opened.archive, opener, &opened.identity, err);
	if (status == SR_OK)
		status = sr_archive_catalogue(opened.archive, opened.identity, &opened.catalogue, err);
	if (status != SR_OK)
		return sr_fail_in(err, status, "archive %s: ", name);
	*out = opened;
	/* NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores): SR_CLEANUP reads it */
	opened = (struct sr_vault_archive){ .fd = -1 };
	return SR_OK;
}

/* Gathers names into cases: they come in order, so the parts of a case follow each other. */
struct walk {
	const struct sr_data *data;
	const struct sr_opener *opener;
	const char *only_id; /* NULL: every case */
	struct sr_vault_parts parts;
	bool gap;
	bool stop;
	enum sr_status (*each)(void *context, const struct sr_vault_parts *parts,
	                       const struct sr_vault_archive *first, bool *stop, struct sr_err *err);
	void *context;
};

static enum sr_status finish_case(struct walk *walk, struct sr_err *err)
{
	SR_CLEANUP(sr_vault_archive_dispose) struct sr_vault_archive first = { .fd = -1 };
	char name[SR_STORE_NAME];

	if (walk->parts.count == 0 || walk->stop || !walk->each)
		return SR_OK;
	SR_TRY(sr_store_name(walk->parts.case_id, 1, name, err));
	enum sr_status status = sr_vault_open(walk->data, walk->opener, name, &first, err);
	if (status == SR_NO_MEMORY)
		return status;
	if (status != SR_OK) {
		sr_log(SR_LOG_WARNING, "passed over: %s", err->text);
		return SR_OK;
	}
	return walk->each(walk->context, &walk->parts, &first, &walk->stop, err);
}

static enum sr_status take_name(void *context, const char *name, bool foreign, struct sr_err *err)
{
	struct walk *walk = context;
	char case_id[SR_UUID_TEXT];

	if (foreign || walk->stop)
		return SR_OK;
	snprintf(case_id, sizeof(case_id), "%.36s", name);
	unsigned part = (unsigned)strtoul(name + SR_UUID_TEXT, NULL, 10);
	if (walk->only_id && strcmp(walk->only_id, case_id) != 0)
		return SR_OK;
	if (strcmp(walk->parts.case_id, case_id) != 0) {
		SR_TRY(finish_case(walk, err));
		memcpy(walk->parts.case_id, case_id, sizeof(case_id));
		walk->parts.count = 0;
	}
	if (part != walk->parts.count + 1) {
		walk->gap = true;
		sr_log(SR_LOG_WARNING, "case %s: part %u follows part %u", case_id, part, walk->parts.count);
	}
	walk->parts.count = part;
	return SR_OK;
}

enum sr_status sr_vault_each(const struct sr_data *data, const struct sr_opener *opener,
                             enum sr_status (*each)(void *context, const struct sr_vault_parts *parts,
                                                    const struct sr_vault_archive *first, bool *stop,
                                                    struct sr_err *err),
                             void *context, struct sr_err *err)
{
	struct walk walk = { .data = data, .opener = opener, .each = each, .context = context };

	SR_TRY(sr_store_list(data->store, take_name, &walk, err));
	return finish_case(&walk, err);
}

static enum sr_status find_by_id(const struct sr_data *data, const char *case_id, struct sr_vault_parts *out,
                                 struct sr_err *err)
{
	struct walk walk = { .data = data, .only_id = case_id };

	SR_TRY(sr_store_list(data->store, take_name, &walk, err));
	if (walk.parts.count == 0)
		return sr_fail(err, SR_NOT_FOUND, "no sealed case with the id %s", case_id);
	if (walk.gap)
		return sr_fail(err, SR_CORRUPT, "a part of case %s is missing from the vault", case_id);
	*out = walk.parts;
	return SR_OK;
}

struct search {
	const char *number;
	struct sr_vault_parts found;
};

static enum sr_status match_number(void *context, const struct sr_vault_parts *parts,
                                   const struct sr_vault_archive *first, bool *stop, struct sr_err *err)
{
	struct search *search = context;

	(void)err;
	if (first->catalogue->number && strcmp(first->catalogue->number, search->number) == 0) {
		search->found = *parts;
		*stop = true;
	}
	return SR_OK;
}

enum sr_status sr_vault_find(const struct sr_data *data, const struct sr_opener *opener,
                             const char *reference, struct sr_vault_parts *out, struct sr_err *err)
{
	struct search search = { .number = reference };

	if (sr_uuid_is_valid(reference))
		return find_by_id(data, reference, out, err);
	SR_TRY(sr_vault_each(data, opener, match_number, &search, err));
	if (search.found.count == 0)
		return sr_fail(err, SR_NOT_FOUND, "no sealed case with the number %s", reference);
	return find_by_id(data, search.found.case_id, out, err);
}

enum sr_status sr_vault_seal_digest(const struct sr_archive *archive, struct sr_digest *out,
                                    struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf signature = { 0 };

	SR_TRY(sr_archive_read_entry(archive, SR_NAME_SIGNATURE, SR_LIMIT_SIGNATURE_BYTES, &signature, err));
	return sr_digest_of(signature.data, signature.size, out, err);
}
