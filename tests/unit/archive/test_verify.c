/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/archive/fixture.h"

#include "appliance/archive/verify.h"

static const struct fixture_member three[] = { { "one", 3 }, { "", 0 }, { "three", 5 } };

static struct fixture_keys own;
static struct fixture_keys stranger;
static struct sr_secret *escrow;

static int set_up(void **state)
{
	struct sr_err err;

	(void)state;
	fixture_keys_make(&own);
	fixture_keys_make(&stranger);
	assert_ok(sr_age_identity_new(&escrow, &err));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_keys_dispose(&own);
	fixture_keys_dispose(&stranger);
	sr_secret_free(escrow);
	return 0;
}

static void fill(struct fixture *f)
{
	fixture_fill(f, three, SR_COUNT(three), "{}");
	fixture_wrap(f, &own, escrow);
	fixture_seal(f, &own);
}

static void verify_fd(int fd, bool quick, const struct sr_certs *roots, struct sr_verify_report *report)
{
	struct sr_verify_options options = { .roots = roots, .quick = quick };
	struct sr_err err;

	assert_ok(sr_archive_verify(fd, &options, report, &err));
}

static void verify(const struct fixture *f, bool quick, const struct sr_certs *roots,
                   struct sr_verify_report *report)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };

	fixture_tar(f, &tar);
	SR_CLEANUP(sr_fd_closep) int fd = fixture_fd(tar.data, tar.size);
	verify_fd(fd, quick, roots, report);
}

/* Some damage of @member must say @says. */
static void must_say(const struct sr_verify_report *report, const char *member, const char *says)
{
	for (size_t i = 0; i < report->damage_count; i++)
		if (strcmp(report->damage[i].member, member) == 0 && strstr(report->damage[i].what, says))
			return;
	for (size_t i = 0; i < report->damage_count; i++)
		print_message("%s: %s\n", report->damage[i].member, report->damage[i].what);
	fail_msg("no damage of %s says \"%s\"", member, says);
}

static void a_whole_archive_verifies(void **state)
{
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

	(void)state;
	fill(&f);
	for (int i = 0; i < 4; i++) {
		SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
		const struct sr_buf *signature = fixture_bytes(&f, SR_NAME_SIGNATURE);
		struct sr_digest seal;
		struct sr_err err;

		verify(&f, i & 1, i & 2 ? own.roots : NULL, &report);
		for (size_t d = 0; d < report.damage_count; d++)
			print_message("%s: %s\n", report.damage[d].member, report.damage[d].what);
		assert_true(report.ok);
		assert_true(report.structure_read);
		assert_int_equal(report.damage_count, 0);
		assert_string_equal(report.cover.case_id, FIXTURE_CASE);
		assert_non_null(strstr(report.signed_by, "CN=Seal"));
		assert_int_equal(report.signed_at_ns, FIXTURE_SEALED_AT * SR_SECOND_NS);
		assert_int_equal(report.stamped_at_ns, (FIXTURE_SEALED_AT + 2) * SR_SECOND_NS);
		assert_ok(sr_digest_of(signature->data, signature->size, &seal, &err));
		assert_true(sr_digest_equal(&seal, &report.seal));
	}
}

/* What somebody does to the files before they lie in the archive, without a key or with a foreign one. */
struct change {
	const char *why;
	void (*change)(struct fixture *f);
	const char *member, *says;
};

static void flip(struct fixture *f, const char *name)
{
	struct sr_buf *bytes = fixture_bytes(f, name);

	bytes->data[bytes->size / 2] ^= 1;
}

static void flip_member(struct fixture *f)
{
	flip(f, "data/000002.age");
}

static void flip_catalogue(struct fixture *f)
{
	flip(f, "catalogue.age");
}

static void flip_identity(struct fixture *f)
{
	flip(f, "keys/identity.p7m");
}

static void flip_signature(struct fixture *f)
{
	flip(f, "seal/tagmanifest.p7s");
}

static void flip_stamp(struct fixture *f)
{
	flip(f, "seal/tagmanifest.tsr");
}

static void truncate_chain(struct fixture *f)
{
	fixture_bytes(f, SR_NAME_CHAIN)->size -= 40;
}

static void swap_contents(struct fixture *f)
{
	struct sr_buf *one = fixture_bytes(f, "data/000001.age");
	struct sr_buf *two = fixture_bytes(f, "data/000003.age");
	struct sr_buf kept = *one;

	*one = *two;
	*two = kept;
}

static void drop_line(struct fixture *f, const char *list, const char *name)
{
	struct sr_buf *bytes = fixture_bytes(f, list);
	struct sr_err err;
	const char *text;

	assert_ok(sr_buf_text(bytes, &text, &err));
	const char *at = strstr(text, name);
	assert_non_null(at);
	size_t line = (size_t)(at - text) - 66;
	size_t size = 66 + strlen(name) + 1;
	memmove(bytes->data + line, bytes->data + line + size, bytes->size - line - size);
	bytes->size -= size;
}

/* Whoever alters the lists can redo every digest, but not the signature. */
static void redo_digests(struct fixture *f)
{
	fixture_write_tagmanifest(f);
	fixture_write_seal_digests(f);
}

static void omit_member_from_manifest(struct fixture *f)
{
	drop_line(f, SR_NAME_MANIFEST, "data/000002.age");
	redo_digests(f);
}

static void list_member_twice(struct fixture *f)
{
	fixture_list(f, fixture_bytes(f, SR_NAME_MANIFEST), "data/000002.age", "data/000002.age");
	redo_digests(f);
}

static void list_stranger(struct fixture *f)
{
	fixture_list(f, fixture_bytes(f, SR_NAME_MANIFEST), "bagit.txt", "data/../bagit.txt");
	redo_digests(f);
}

static void reorder_manifest(struct fixture *f)
{
	drop_line(f, SR_NAME_MANIFEST, "data/000001.age");
	fixture_list(f, fixture_bytes(f, SR_NAME_MANIFEST), "data/000001.age", "data/000001.age");
	redo_digests(f);
}

static void cut_manifest(struct fixture *f)
{
	fixture_bytes(f, SR_NAME_MANIFEST)->size--;
	redo_digests(f);
}

static void manifest_in_capitals(struct fixture *f)
{
	struct sr_buf *list = fixture_bytes(f, SR_NAME_MANIFEST);

	for (size_t i = 0; i < 64; i++)
		if (list->data[i] >= 'a')
			list->data[i] = (uint8_t)(list->data[i] - 32);
	redo_digests(f);
}

static void manifest_with_binary_mark(struct fixture *f)
{
	fixture_bytes(f, SR_NAME_MANIFEST)->data[65] = '*';
	redo_digests(f);
}

static void omit_tag(struct fixture *f)
{
	drop_line(f, SR_NAME_TAGMANIFEST, "bag-info.txt");
	fixture_write_seal_digests(f);
}

static void list_seal_in_tags(struct fixture *f)
{
	fixture_list(f, fixture_bytes(f, SR_NAME_TAGMANIFEST), SR_NAME_STAMP, SR_NAME_STAMP);
	fixture_write_seal_digests(f);
}

static void omit_stamp_digest(struct fixture *f)
{
	drop_line(f, SR_NAME_SEAL_DIGESTS, "tagmanifest.tsr");
}

static void empty_seal_digests(struct fixture *f)
{
	fixture_bytes(f, SR_NAME_SEAL_DIGESTS)->size = 0;
}

static void change_cover(struct fixture *f)
{
	struct sr_buf *cover = fixture_bytes(f, SR_NAME_COVER);
	struct sr_err err;
	const char *text;

	assert_ok(sr_buf_text(cover, &text, &err));
	memcpy(strstr((char *)cover->data, "permanent") - 1, "\"30y\"      ", 11);
	redo_digests(f);
}

static void change_bagit(struct fixture *f)
{
	fixture_set_text(f, SR_NAME_BAGIT, "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n");
	redo_digests(f);
}

static void forge_member(struct fixture *f)
{
	flip(f, "data/000002.age");
	fixture_write_manifest(f);
	redo_digests(f);
}

static void seal_by_stranger(struct fixture *f)
{
	fixture_seal(f, &stranger);
}

static void sign_by_stranger_keep_chain(struct fixture *f)
{
	fixture_sign(f, &stranger, FIXTURE_SEALED_AT + 2);
}

static void stamp_early(struct fixture *f)
{
	fixture_sign(f, &own, FIXTURE_SEALED_AT - 301);
}

static void stamp_of_other_bytes(struct fixture *f)
{
	struct sr_stamper stamper = { .key = own.stamp_key, .cert = own.stamp, .chain = own.chain };
	struct sr_bytes other = { .data = (const uint8_t *)"other", .size = 5 };
	struct sr_buf *stamp = fixture_bytes(f, SR_NAME_STAMP);
	struct sr_err err;

	stamp->size = 0;
	assert_ok(sr_stamp_make(&stamper, other, FIXTURE_SEALED_AT * SR_SECOND_NS, stamp, &err));
	fixture_write_seal_digests(f);
}

/* A signature over another text by the right key: a seal that was taken from another archive. */
static void signature_of_other_bytes(struct fixture *f)
{
	struct sr_buf *tags = fixture_bytes(f, SR_NAME_TAGMANIFEST);

	tags->data[0] ^= 1;
	fixture_sign(f, &own, FIXTURE_SEALED_AT + 2);
	tags->data[0] ^= 1;
}

static void bytes_behind_signature(struct fixture *f)
{
	struct sr_err err;

	assert_ok(sr_buf_add(fixture_bytes(f, SR_NAME_SIGNATURE), "x", 1, &err));
	fixture_write_seal_digests(f);
}

static void bytes_behind_stamp(struct fixture *f)
{
	struct sr_err err;

	assert_ok(sr_buf_add(fixture_bytes(f, SR_NAME_STAMP), "x", 1, &err));
	fixture_write_seal_digests(f);
}

static void every_forgery_is_named(void **state)
{
	static const struct change changes[] = {
		{ "byte of a member", flip_member, "data/000002.age", "not the bytes that were sealed" },
		{ "byte of the catalogue", flip_catalogue, "catalogue.age", "not the bytes" },
		{ "byte of a wrap", flip_identity, "keys/identity.p7m", "not the bytes" },
		{ "byte of the signature", flip_signature, "seal/tagmanifest.p7s", "not the bytes" },
		{ "byte of the stamp", flip_stamp, "seal/tagmanifest.tsr", "not the bytes" },
		{ "certificates cut off", truncate_chain, "keys/chain.pem", "cannot be checked" },
		{ "members exchanged (cover still fits)", swap_contents, "data/000001.age", "not the bytes" },
		{ "member left out of the manifest", omit_member_from_manifest, "manifest-sha256.txt",
		  "does not name data/000002.age" },
		{ "member left out: signature", omit_member_from_manifest, "seal/tagmanifest.p7s",
		  "does not hold" },
		{ "member listed twice", list_member_twice, "manifest-sha256.txt", "a second time" },
		{ "something else listed", list_stranger, "manifest-sha256.txt", "must not be there" },
		{ "other order", reorder_manifest, "manifest-sha256.txt", "out of order" },
		{ "last line without end", cut_manifest, "manifest-sha256.txt", "cut off" },
		{ "digest in capitals", manifest_in_capitals, "manifest-sha256.txt", "line 1 is not" },
		{ "binary mark", manifest_with_binary_mark, "manifest-sha256.txt", "line 1 is not" },
		{ "tag file left out", omit_tag, "tagmanifest-sha256.txt", "does not name bag-info.txt" },
		{ "seal listed among tags", list_seal_in_tags, "tagmanifest-sha256.txt",
		  "must not be there" },
		{ "stamp's digest left out", omit_stamp_digest, "seal/sha256.txt",
		  "does not name tagmanifest.tsr" },
		{ "no digests of the seal", empty_seal_digests, "seal/sha256.txt", "does not name" },
		{ "cover changed", change_cover, "cover.json", "retention" },
		{ "bagit.txt of another version", change_bagit, "bagit.txt", "two lines of BagIt 1.0" },
		{ "digests redone", forge_member, "seal/tagmanifest.p7s", "does not hold" },
		{ "sealed by a stranger", seal_by_stranger, "seal/tagmanifest.p7s", "does not hold" },
		{ "stamped by a stranger", seal_by_stranger, "seal/tagmanifest.tsr", "does not hold" },
		{ "signed by a stranger under our chain", sign_by_stranger_keep_chain, "seal/tagmanifest.p7s",
		  "does not hold" },
		{ "stamped before the sealing", stamp_early, "seal/tagmanifest.tsr", "before the sealing" },
		{ "stamp of something else", stamp_of_other_bytes, "seal/tagmanifest.tsr", "does not hold" },
		{ "signature of something else", signature_of_other_bytes, "seal/tagmanifest.p7s",
		  "does not hold" },
		{ "bytes behind the signature", bytes_behind_signature, "seal/tagmanifest.p7s",
		  "does not hold" },
		{ "bytes behind the stamp", bytes_behind_stamp, "seal/tagmanifest.tsr", "does not hold" },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(changes); i++) {
		SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
		SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

		print_message("case: %s\n", changes[i].why);
		fill(&f);
		changes[i].change(&f);
		verify(&f, false, own.roots, &report);
		assert_false(report.ok);
		must_say(&report, changes[i].member, changes[i].says);
	}
}

static void a_foreign_root_holds_only_where_no_root_is_given(void **state)
{
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report with = { 0 };
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report without = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

	(void)state;
	fill(&f);
	fixture_seal(&f, &stranger);
	verify(&f, true, own.roots, &with);
	assert_false(with.ok);
	assert_null(with.signed_by);
	assert_int_equal(with.signed_at_ns, 0);
	assert_int_equal(with.stamped_at_ns, 0);
	verify(&f, true, NULL, &without);
	assert_true(without.ok);
}

static void a_stamp_may_be_a_little_early(void **state)
{
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

	(void)state;
	fill(&f);
	fixture_sign(&f, &own, FIXTURE_SEALED_AT - 300);
	verify(&f, true, own.roots, &report);
	assert_true(report.ok);
}

static void every_damage_is_listed_not_only_the_first(void **state)
{
	static const char *const flipped[] = { "data/000001.age", "data/000003.age", "bag-info.txt",
		                               "catalogue.age", "seal/tagmanifest.tsr" };
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

	(void)state;
	fill(&f);
	for (size_t i = 0; i < SR_COUNT(flipped); i++)
		flip(&f, flipped[i]);
	verify(&f, false, own.roots, &report);
	assert_false(report.ok);
	for (size_t i = 0; i < SR_COUNT(flipped); i++)
		must_say(&report, flipped[i], "not the bytes that were sealed");
}

static void a_quick_verification_leaves_members_alone(void **state)
{
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

	(void)state;
	fill(&f);
	flip(&f, "data/000001.age");
	verify(&f, true, own.roots, &report);
	assert_true(report.ok);
}

static void no_truncation_and_no_extension_goes_unnoticed(void **state)
{
	static const size_t more[] = { 1, 512, 10240 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

	(void)state;
	fill(&f);
	fixture_tar(&f, &tar);
	SR_CLEANUP(sr_fd_closep) int fd = fixture_fd(tar.data, tar.size);
	for (size_t i = 0; i < SR_COUNT(more); i++) {
		SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };

		assert_int_equal(ftruncate(fd, (off_t)(tar.size + more[i])), 0);
		verify_fd(fd, true, own.roots, &report);
		assert_false(report.ok);
		must_say(&report, "archive", "follow the end");
	}
	for (size_t size = tar.size; size > 0; size--) {
		SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };

		assert_int_equal(ftruncate(fd, (off_t)(size - 1)), 0);
		verify_fd(fd, true, own.roots, &report);
		assert_false(report.ok);
		assert_false(report.structure_read);
		must_say(&report, "archive", "offset ");
	}
}

static void what_is_no_file_is_no_verdict(void **state)
{
	struct sr_verify_options options = { .quick = true };
	struct sr_verify_report report = { 0 };
	int ends[2];
	struct sr_err err;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(sr_archive_verify(ends[0], &options, &report, &err), SR_INVALID);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_archive_verifies),
		cmocka_unit_test(every_forgery_is_named),
		cmocka_unit_test(a_foreign_root_holds_only_where_no_root_is_given),
		cmocka_unit_test(a_stamp_may_be_a_little_early),
		cmocka_unit_test(every_damage_is_listed_not_only_the_first),
		cmocka_unit_test(a_quick_verification_leaves_members_alone),
		cmocka_unit_test(no_truncation_and_no_extension_goes_unnoticed),
		cmocka_unit_test(what_is_no_file_is_no_verdict),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
