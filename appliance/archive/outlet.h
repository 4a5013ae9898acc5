/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files on their way out of the house: into a folder, a tar (pax), or a disc image (ISO 9660 with Joliet and
 * Rock Ridge).  What is written lies under a temporary name beside the target, which it gets when it is
 * whole and synced: all or nothing.  At the end comes sha256.txt, a list of all files for `sha256sum -c`.
 * One thread at a time; the locale must be UTF-8, for libarchive converts names by it.
 */
#pragma once

#include <stdint.h>

#include "appliance/base/err.h"
#include "appliance/crypto/digest.h"

#define SR_OUTLET_LIST "sha256.txt"

enum sr_outlet_form {
	SR_OUTLET_DIRECTORY,
	SR_OUTLET_TAR,
	SR_OUTLET_ISO,
};
/* "directory", "tar", "iso". */
const char *sr_outlet_form_name(enum sr_outlet_form form);
/* By the ending of @path: ".tar", ".iso", else a folder. */
enum sr_outlet_form sr_outlet_form_of(const char *path);

struct sr_outlet;

/*
 * @path must not exist (SR_EXISTS); @label: the volume's name of a disc (cut to what ISO 9660 takes);
 * @time_s: mtime of every file.  A disc image is put together in a nameless file in the same folder first, so
 * twice its size must be free.
 */
SR_CHECKED enum sr_status sr_outlet_open(enum sr_outlet_form form, const char *path, const char *label,
                                         int64_t time_s, struct sr_outlet **out, struct sr_err *err);
/* What was not finished is removed.  NULL is allowed. */
void sr_outlet_free(struct sr_outlet *outlet);
static inline void sr_outlet_freep(struct sr_outlet **outlet)
{
	sr_outlet_free(*outlet);
	*outlet = NULL;
}

/* Begin a file of exactly @size bytes.  @folder (NULL: none) and @name below it: relative, untrusted
 * (SR_DENIED, SR_LIMIT as sr_safe_path_make; long components are cut as there); SR_EXISTS where a folder has
 * it already. */
SR_CHECKED enum sr_status sr_outlet_begin(struct sr_outlet *outlet, const char *folder, const char *name,
                                          uint64_t size, struct sr_err *err);
SR_CHECKED enum sr_status sr_outlet_add(struct sr_outlet *outlet, const void *data, size_t size,
                                        struct sr_err *err);
/* The file is whole; its digest. */
SR_CHECKED enum sr_status sr_outlet_end(struct sr_outlet *outlet, struct sr_digest *digest,
                                        struct sr_err *err);
/* A whole file. */
SR_CHECKED enum sr_status sr_outlet_put(struct sr_outlet *outlet, const char *folder, const char *name,
                                        const void *data, size_t size, struct sr_err *err);

/*
 * Write the list and sync: everything is on the disk and has no name yet.  @digest: SHA-256 of the tar or
 * image, or, of a folder, of its sha256.txt.
 */
SR_CHECKED enum sr_status sr_outlet_complete(struct sr_outlet *outlet, struct sr_digest *digest,
                                             struct sr_err *err);
/* Give it its name; SR_EXISTS when somebody took that meanwhile. */
SR_CHECKED enum sr_status sr_outlet_publish(struct sr_outlet *outlet, struct sr_err *err);
