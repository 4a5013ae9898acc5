/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/ledger/tile.h"

#include <stdio.h>

void sr_tile_path(int level, uint64_t index, unsigned width, char out[SR_TILE_PATH])
{
	uint64_t unit = 1;
	int used;

	if (level == SR_TILE_ENTRIES)
		used = snprintf(out, SR_TILE_PATH, "tile/entries/");
	else
		used = snprintf(out, SR_TILE_PATH, "tile/%d/", level);
	while (index / unit >= 1000)
		unit *= 1000;
	for (; unit > 1; unit /= 1000)
		used += snprintf(out + used, SR_TILE_PATH - (size_t)used, "x%03u/",
		                 (unsigned)(index / unit % 1000));
	used += snprintf(out + used, SR_TILE_PATH - (size_t)used, "%03u", (unsigned)(index % 1000));
	if (width < SR_TILE_WIDTH)
		snprintf(out + used, SR_TILE_PATH - (size_t)used, ".p/%u", width);
}

uint64_t sr_tile_hashes(int level, uint64_t size)
{
	return level == SR_TILE_ENTRIES ? size : size >> (8 * (unsigned)level);
}

unsigned sr_tile_width(int level, uint64_t index, uint64_t size)
{
	uint64_t hashes = sr_tile_hashes(level, size);

	if (index >= hashes / SR_TILE_WIDTH)
		return index == hashes / SR_TILE_WIDTH ? (unsigned)(hashes % SR_TILE_WIDTH) : 0;
	return SR_TILE_WIDTH;
}
