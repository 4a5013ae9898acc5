/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/keys/roots.h"

#include <fcntl.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/fd.h"
#include "appliance/base/limits.h"
#include "appliance/keeper/keys/keyring.h"

void sr_roots_dispose(struct sr_roots *roots)
{
	sr_certs_free(roots->seal);
	sr_certs_free(roots->stamp);
	*roots = (struct sr_roots){ 0 };
}

/* Certificates of one more PEM file behind those that @pem holds already. */
static enum sr_status read_certs(int dir_fd, const char *path, struct sr_buf *pem, struct sr_certs **out,
                                 struct sr_err *err)
{
	SR_TRY(sr_fd_read_file(dir_fd, path, SR_LIMIT_KEY_FILE_BYTES, pem, err));
	SR_TRY(sr_buf_add(pem, "\n", 1, err));
	enum sr_status status = sr_certs_from_pem(sr_buf_bytes(pem), out, err);
	if (status != SR_OK)
		return sr_fail_in(err, SR_INVALID, "root certificate %s: ", path);
	return SR_OK;
}

enum sr_status sr_roots_read(const char *seal, const char *stamp, struct sr_roots *out, struct sr_err *err)
{
	SR_CLEANUP(sr_roots_dispose) struct sr_roots roots = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };

	if (!seal && stamp)
		return sr_fail(err, SR_USAGE, "a root for stamps needs one for seals: give --root too");
	if (seal)
		SR_TRY(read_certs(AT_FDCWD, seal, &pem, &roots.seal, err));
	if (stamp)
		SR_TRY(read_certs(AT_FDCWD, stamp, &pem, &roots.stamp, err));
	*out = SR_MOVE(roots);
	return SR_OK;
}

/* Certificates of one more text behind those that @pem holds already. */
static enum sr_status parse_certs(const char *text, const char *what, struct sr_buf *pem,
                                  struct sr_certs **out, struct sr_err *err)
{
	SR_TRY(sr_buf_add_text(pem, text, err));
	SR_TRY(sr_buf_add(pem, "\n", 1, err));
	enum sr_status status = sr_certs_from_pem(sr_buf_bytes(pem), out, err);
	if (status != SR_OK)
		return sr_fail_in(err, SR_INVALID, "/%s: ", what);
	return SR_OK;
}

enum sr_status sr_roots_parse(const char *seal, const char *stamp, struct sr_roots *out, struct sr_err *err)
{
	SR_CLEANUP(sr_roots_dispose) struct sr_roots roots = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };

	if (seal)
		SR_TRY(parse_certs(seal, "root", &pem, &roots.seal, err));
	if (stamp)
		SR_TRY(parse_certs(stamp, "stamp_root", &pem, &roots.stamp, err));
	*out = SR_MOVE(roots);
	return SR_OK;
}

enum sr_status sr_roots_of_data(const struct sr_data *data, struct sr_roots *out, struct sr_err *err)
{
	SR_CLEANUP(sr_roots_dispose) struct sr_roots roots = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	const char *outside = sr_config_text(data->config, "stamp.root");

	enum sr_status status = read_certs(data->keys_fd, SR_KEY_ROOT, &pem, &roots.seal, err);
	if (status != SR_OK)
		return sr_keyring_explain(data, status, err);
	if (outside[0]) {
		status = read_certs(data->dir_fd, outside, &pem, &roots.stamp, err);
		if (status != SR_OK)
			return sr_fail_in(err, status, "stamp.root: ");
	}
	*out = SR_MOVE(roots);
	return SR_OK;
}
