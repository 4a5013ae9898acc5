/* SPDX-License-Identifier: Apache-2.0 */
/* Paths and widths of tiles as tlog-tiles gives them. */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/ledger/tile.h"

static void paths_are_those_of_the_specification(void **state)
{
	static const struct {
		int level;
		uint64_t index;
		unsigned width;
		const char *path;
	} cases[] = {
		{ 0, 0, 256, "tile/0/000" },
		{ 0, 0, 1, "tile/0/000.p/1" },
		{ 0, 1234067, 256, "tile/0/x001/x234/067" },
		{ 1, 1234067, 255, "tile/1/x001/x234/067.p/255" },
		{ 0, 273, 112, "tile/0/273.p/112" },
		{ 1, 1, 17, "tile/1/001.p/17" },
		{ 2, 0, 1, "tile/2/000.p/1" },
		{ SR_TILE_ENTRIES, 0, 256, "tile/entries/000" },
		{ SR_TILE_ENTRIES, 273, 112, "tile/entries/273.p/112" },
		{ SR_TILE_ENTRIES, 999, 256, "tile/entries/999" },
		{ SR_TILE_ENTRIES, 1000, 256, "tile/entries/x001/000" },
		{ SR_TILE_ENTRIES, 999999, 256, "tile/entries/x999/999" },
		{ SR_TILE_ENTRIES, 1000000, 3, "tile/entries/x001/x000/000.p/3" },
		{ 7, 5, 256, "tile/7/005" },
		{ SR_TILE_ENTRIES, INT64_MAX / 256, 255, "tile/entries/x036/x028/x797/x018/x963/967.p/255" },
		{ SR_TILE_ENTRIES, UINT64_MAX, 255, "tile/entries/x018/x446/x744/x073/x709/x551/615.p/255" },
	};
	char path[SR_TILE_PATH];

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		sr_tile_path(cases[i].level, cases[i].index, cases[i].width, path);
		assert_string_equal(path, cases[i].path);
	}
}

/* "for size s, floor(s / 256^l) mod 256" */
static void widths_are_those_of_the_specification(void **state)
{
	static const struct {
		int level;
		uint64_t index, size;
		unsigned width;
	} cases[] = {
		{ 0, 0, 0, 0 },
		{ 0, 0, 1, 1 },
		{ 0, 0, 255, 255 },
		{ 0, 0, 256, 256 },
		{ 0, 1, 256, 0 },
		{ 1, 0, 255, 0 },
		{ 1, 0, 256, 1 },
		{ 0, 272, 70000, 256 },
		{ 0, 273, 70000, 112 },
		{ 0, 274, 70000, 0 },
		{ 1, 0, 70000, 256 },
		{ 1, 1, 70000, 17 },
		{ 2, 0, 70000, 1 },
		{ 3, 0, 70000, 0 },
		{ SR_TILE_ENTRIES, 273, 70000, 112 },
		{ 7, 0, INT64_MAX, 127 },
		{ 6, 127, INT64_MAX, 255 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++)
		assert_int_equal(sr_tile_width(cases[i].level, cases[i].index, cases[i].size),
		                 cases[i].width);
	assert_int_equal(sr_tile_hashes(1, 70000), 273);
	assert_int_equal(sr_tile_hashes(SR_TILE_ENTRIES, 70000), 70000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_those_of_the_specification),
		cmocka_unit_test(widths_are_those_of_the_specification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
