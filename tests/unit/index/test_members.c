/* SPDX-License-Identifier: Apache-2.0 */
/* Packed members: what is written is read again by number, and nothing else is. */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/index/members.h"

static struct sr_bytes text(const char *string)
{
	return (struct sr_bytes){ .data = (const uint8_t *)string, .size = strlen(string) };
}

static void expect_text(struct sr_bytes got, const char *want)
{
	assert_int_equal(got.size, strlen(want));
	assert_memory_equal(got.data, want, got.size);
}

static const struct sr_member_row rows[] = {
	{ .class = SR_INDEX_DOCUMENT, .bytes = 1234, .offset = 1536, .head = { 9 } },
	{ .class = SR_INDEX_MEDIUM,
	  .sub_volume = true,
	  .classes = SR_CLASS_PRIVACY | SR_CLASS_STATE_SECRET,
	  .bytes = SR_LIMIT_MEMBER_BYTES,
	  .offset = 1ull << 50 },
	{ .class = SR_INDEX_EXPLANATION },
};
static const char *const row_texts[][3] = {
	{ "documents/001 立案审批表.pdf", "立案审批表", "立案审批表" },
	{ "media/现场检查.mp4", "药店现场检查", "现场检查录像" },
	{ "名\xff.md", "", "" }, /* not UTF-8: names are bytes */
};

static void pack_rows(struct sr_buf *value, uint32_t first, uint32_t count)
{
	SR_CLEANUP(sr_members_packer_dispose) struct sr_members_packer packer = { .first_number = first };
	struct sr_err err;

	for (uint32_t i = 0; i < count; i++) {
		struct sr_member_row row = rows[i % 3];

		row.path = text(row_texts[i % 3][0]);
		row.title = text(row_texts[i % 3][1]);
		row.kind = text(row_texts[i % 3][2]);
		assert_ok(sr_members_pack(&packer, &row, &err));
	}
	assert_ok(sr_members_finish(&packer, value, &err));
}

static void members_come_back_by_their_numbers(void **state)
{
	static const uint32_t counts[] = { 0, 1, 3, 1000,
		                           SR_LIMIT_MEMBERS }; /* offsets of 2 and of 4 bytes */
	struct sr_err err;

	(void)state;
	for (size_t i = 0; i < SR_COUNT(counts); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
		struct sr_members members;
		struct sr_member_row row;

		pack_rows(&value, 21, counts[i]);
		assert_ok(sr_members_open(sr_buf_bytes(&value), &members, &err));
		assert_int_equal(members.count, counts[i]);
		for (uint32_t n = 0; n < counts[i]; n++) {
			const struct sr_member_row *want = &rows[n % 3];

			assert_ok(sr_members_get(&members, 21 + n, &row, &err));
			assert_int_equal(row.number, 21 + n);
			assert_int_equal(row.class, want->class);
			assert_int_equal(row.sub_volume, want->sub_volume);
			assert_int_equal(row.classes, want->classes);
			assert_true(row.bytes == want->bytes && row.offset == want->offset);
			assert_memory_equal(row.head, want->head, 32);
			expect_text(row.path, row_texts[n % 3][0]);
			expect_text(row.title, row_texts[n % 3][1]);
			expect_text(row.kind, row_texts[n % 3][2]);
		}
		assert_int_equal(sr_members_get(&members, 20, &row, &err), SR_NOT_FOUND);
		assert_int_equal(sr_members_get(&members, 21 + counts[i], &row, &err), SR_NOT_FOUND);
		assert_int_equal(sr_members_get(&members, UINT32_MAX, &row, &err), SR_NOT_FOUND);
	}
}

/* True when all of it reads as before. */
static bool reads_whole(struct sr_bytes value)
{
	struct sr_members members;
	struct sr_member_row row;
	struct sr_err err;

	if (sr_members_open(value, &members, &err) != SR_OK || members.count != 3 ||
	    members.first_number != 21)
		return false;
	for (uint32_t n = 21; n < 24; n++) {
		if (sr_members_get(&members, n, &row, &err) != SR_OK)
			return false;
	}
	return true;
}

static void every_flipped_bit_of_members_is_noticed(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };

	(void)state;
	pack_rows(&value, 21, 3);
	assert_true(reads_whole(sr_buf_bytes(&value)));
	for (size_t bit = 0; bit < 8 * value.size; bit++) {
		value.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(reads_whole(sr_buf_bytes(&value)));
		value.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t size = 0; size < value.size; size++)
		assert_false(reads_whole((struct sr_bytes){ value.data, size }));
}

static void one_damaged_member_leaves_the_others_readable(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf value = { 0 };
	struct sr_members members;
	struct sr_member_row row;
	struct sr_err err;

	(void)state;
	pack_rows(&value, 1, 3);
	value.data[value.size - 1] ^= 1;
	assert_ok(sr_members_open(sr_buf_bytes(&value), &members, &err));
	assert_ok(sr_members_get(&members, 1, &row, &err));
	assert_ok(sr_members_get(&members, 2, &row, &err));
	assert_int_equal(sr_members_get(&members, 3, &row, &err), SR_CORRUPT);
}

static void members_over_their_bounds_are_refused(void **state)
{
	char path[1100];
	const struct {
		const char *why;
		struct sr_member_row row;
		enum sr_status status;
	} cases[] = {
		{ "longest path", { .path = { (const uint8_t *)path, 1024 } }, SR_OK },
		{ "path too long", { .path = { (const uint8_t *)path, 1025 } }, SR_INVALID },
		{ "no path", { .path = { (const uint8_t *)path, 0 } }, SR_INVALID },
		{ "NUL in the path", { .path = { (const uint8_t *)"a\0b", 3 } }, SR_INVALID },
		{ "offset between blocks", { .path = text("a"), .offset = 100 }, SR_INVALID },
		{ "unknown classification", { .path = text("a"), .classes = 8 }, SR_INVALID },
		{ "title not UTF-8", { .path = text("a"), .title = text("\xff") }, SR_INVALID },
		{ "title not UTF-8, within the path",
		  { .path = text("a\xff\xff\xff"), .title = text("\xff\xff\xff") },
		  SR_INVALID },
		{ "kind too long, as the title",
		  { .path = text("a"),
		    .title = { (const uint8_t *)path, 300 },
		    .kind = { (const uint8_t *)path, 300 } },
		  SR_INVALID },
		{ "over 1 TiB", { .path = text("a"), .bytes = SR_LIMIT_MEMBER_BYTES + 1 }, SR_INVALID },
	};
	struct sr_err err;

	(void)state;
	memset(path, 'p', sizeof(path));
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_members_packer_dispose) struct sr_members_packer packer = { .first_number = 1 };

		print_message("case: %s\n", cases[i].why);
		assert_int_equal(sr_members_pack(&packer, &cases[i].row, &err), cases[i].status);
	}
	SR_CLEANUP(sr_members_packer_dispose)
	struct sr_members_packer full = { .first_number = 1, .count = SR_LIMIT_MEMBERS };
	assert_int_equal(sr_members_pack(&full, &cases[0].row, &err), SR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_come_back_by_their_numbers),
		cmocka_unit_test(every_flipped_bit_of_members_is_noticed),
		cmocka_unit_test(one_damaged_member_leaves_the_others_readable),
		cmocka_unit_test(members_over_their_bounds_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
