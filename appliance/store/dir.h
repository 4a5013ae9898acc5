/* SPDX-License-Identifier: Apache-2.0 */
/* The store in a folder of a POSIX file system: the implementation of store.h that there is. */
#pragma once

#include "appliance/store/store.h"

/* Prefix of an unfinished archive's name where O_TMPFILE is not to be had. */
#define SR_STORE_UNFINISHED ".unfinished-"
