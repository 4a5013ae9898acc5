/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/bag_hash.h"

enum sr_status sr_bag_hasher_init(struct sr_bag_hasher *hasher, bool sha256, bool sha512, struct sr_err *err)
{
	*hasher = (struct sr_bag_hasher){ 0 };
	if (sha256)
		SR_TRY(sr_hasher_new(&hasher->sha256, err));
	if (sha512)
		SR_TRY(sr_hasher512_new(&hasher->sha512, err));
	return SR_OK;
}

void sr_bag_hasher_dispose(struct sr_bag_hasher *hasher)
{
	sr_hasher_freep(&hasher->sha256);
	sr_hasher512_freep(&hasher->sha512);
}

enum sr_status sr_bag_hasher_add(struct sr_bag_hasher *hasher, const void *data, size_t size,
                                 struct sr_err *err)
{
	if (hasher->sha256)
		SR_TRY(sr_hasher_add(hasher->sha256, data, size, err));
	if (hasher->sha512)
		SR_TRY(sr_hasher512_add(hasher->sha512, data, size, err));
	return SR_OK;
}

enum sr_status sr_bag_hasher_finish(struct sr_bag_hasher *hasher, struct sr_bag_file *file,
                                    struct sr_err *err)
{
	if (hasher->sha256)
		SR_TRY(sr_hasher_finish(hasher->sha256, &file->sha256, err));
	if (hasher->sha512)
		SR_TRY(sr_hasher512_finish(hasher->sha512, &file->sha512, err));
	file->has_sha256 |= hasher->sha256 != NULL;
	file->has_sha512 |= hasher->sha512 != NULL;
	return SR_OK;
}
