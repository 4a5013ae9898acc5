/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How C2SP tlog-tiles cuts a tree into files: tiles of 256 hashes a file on every eighth level of the tree,
 * and bundles of 256 entries.  No state; any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SR_TILE_WIDTH 256u
#define SR_TILE_LEVELS 8u    /* of tiles: 63 levels of the tree by eights */
#define SR_TILE_PATH 64      /* bytes for any path below, with NUL */
#define SR_TILE_ENTRIES (-1) /* the "level" of the bundles */

/*
 * "tile/1/x001/234.p/5"; width SR_TILE_WIDTH has no ".p".  @level is SR_TILE_ENTRIES or below SR_TILE_LEVELS,
 * @width 1 to SR_TILE_WIDTH.
 */
void sr_tile_path(int level, uint64_t index, unsigned width, char out[SR_TILE_PATH]);

/* Hashes that tiles of @level hold for a tree of @size (SR_TILE_ENTRIES: entries in bundles). */
uint64_t sr_tile_hashes(int level, uint64_t size);

/* Width of tile @index for a tree of @size: 0 when it does not exist, SR_TILE_WIDTH when full. */
unsigned sr_tile_width(int level, uint64_t index, uint64_t size);
