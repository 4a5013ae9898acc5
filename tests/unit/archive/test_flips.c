/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/archive/fixture.h"

#include <pthread.h>

#include "appliance/archive/verify.h"
#include "appliance/base/text.h"

static const struct fixture_member three[] = { { "one", 3 }, { "", 0 }, { "three", 5 } };

static struct fixture_keys own;
static struct sr_secret *escrow;
static struct sr_certs *roots; /* from a text, as a verifier has them */

static int set_up(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf pem = { 0 };
	struct sr_err err;

	(void)state;
	fixture_keys_make(&own);
	assert_ok(sr_certs_to_pem(own.roots, &pem, &err));
	assert_ok(sr_certs_from_pem(sr_buf_bytes(&pem), &roots, &err));
	assert_ok(sr_age_identity_new(&escrow, &err));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_keys_dispose(&own);
	sr_certs_free(roots);
	sr_secret_free(escrow);
	return 0;
}

static void fill(struct fixture *f)
{
	fixture_fill(f, three, SR_COUNT(three), "{}");
	fixture_wrap(f, &own, escrow);
	fixture_seal(f, &own);
}

/*
 * A verification with signature and stamp takes milliseconds, so it sees every 13th bit (in turn every place
 * of a byte); STRONGROOM_EVERY_BIT=1 makes it every one, in minutes.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SEALED_STEP 211u
#define KNOWN_STEP 61u
#define UNSEALED_STEP 8u
#else
#define SEALED_STEP 13u
#define KNOWN_STEP 7u
#define UNSEALED_STEP 1u
#endif

struct flipping {
	const struct fixture *f;
	const struct sr_buf *tar;
	size_t first; /* bit */
	size_t step;
	size_t usual; /* damages of the archive as it is */
	struct sr_chain_memory *memory;
	size_t missed;
	size_t misnamed;
	pthread_t thread;
};

/* The file whose content byte @at of the tar is, or NULL: a header or padding. */
static const char *file_at(const struct fixture *f, size_t at)
{
	size_t offset = 0;

	for (size_t i = 0; i < f->count; i++) {
		offset += 512;
		if (at >= offset && at < offset + f->files[i].bytes.size)
			return f->files[i].name;
		offset += (f->files[i].bytes.size + 511) / 512 * 512;
	}
	return NULL;
}

/* A list can be told to be wrong only by what it lists, so its damage may have other names. */
static bool names_rightly(const struct sr_verify_report *report, const char *file)
{
	if (!file)
		file = "archive";
	if (sr_text_ends_with(file, "tagmanifest-sha256.txt") || strcmp(file, SR_NAME_SEAL_DIGESTS) == 0)
		return report->damage_count > 0;
	for (size_t i = 0; i < report->damage_count; i++)
		if (strcmp(report->damage[i].member, file) == 0 && report->damage[i].what[0])
			return true;
	return false;
}

/* One bit after the other in a file of its own. */
static void *flip_bits(void *context)
{
	struct flipping *job = context;
	SR_CLEANUP(sr_fd_closep) int fd = fixture_fd(job->tar->data, job->tar->size);

	for (size_t bit = job->first; bit < 8 * job->tar->size; bit += job->step) {
		SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
		struct sr_verify_options options = { .roots = roots, .memory = job->memory, .threads = 1 };
		uint8_t was = job->tar->data[bit / 8];
		uint8_t is = (uint8_t)(was ^ (1u << (bit % 8)));
		struct sr_err err;

		if (pwrite(fd, &is, 1, (off_t)(bit / 8)) != 1 ||
		    sr_archive_verify(fd, &options, &report, &err) != SR_OK ||
		    pwrite(fd, &was, 1, (off_t)(bit / 8)) != 1 || report.ok ||
		    (report.structure_read && report.damage_count <= job->usual))
			job->missed++;
		if (!names_rightly(&report, file_at(job->f, bit / 8)))
			job->misnamed++;
	}
	return NULL;
}

static void flip_all(const struct fixture *f, size_t step, size_t usual, struct sr_chain_memory *memory)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	struct flipping jobs[2];

	fixture_tar(f, &tar);
	for (size_t i = 0; i < SR_COUNT(jobs); i++) {
		jobs[i] = (struct flipping){ .f = f,
			                     .tar = &tar,
			                     .first = i * step,
			                     .step = 2 * step,
			                     .usual = usual,
			                     .memory = memory };
		assert_int_equal(pthread_create(&jobs[i].thread, NULL, flip_bits, &jobs[i]), 0);
	}
	for (size_t i = 0; i < SR_COUNT(jobs); i++) {
		pthread_join(jobs[i].thread, NULL);
		assert_int_equal(jobs[i].missed, 0);
		assert_int_equal(jobs[i].misnamed, 0);
	}
}

/* Structure and digests alone find every flipped bit: here neither signature nor stamp can be checked. */
static void every_flipped_bit_is_found_without_the_signature(void **state)
{
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
	struct sr_verify_options options = { .roots = roots };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };
	struct sr_err err;

	(void)state;
	fill(&f);
	fixture_set_text(&f, SR_NAME_CHAIN, "no certificates");
	fixture_write_tagmanifest(&f);
	fixture_tar(&f, &tar);
	SR_CLEANUP(sr_fd_closep) int fd = fixture_fd(tar.data, tar.size);
	assert_ok(sr_archive_verify(fd, &options, &report, &err));
	assert_int_equal(report.damage_count, 1);
	assert_string_equal(report.damage[0].member, SR_NAME_CHAIN);
	flip_all(&f, UNSEALED_STEP, 1, NULL);
}

static void no_flipped_bit_of_a_sealed_archive_goes_unnoticed(void **state)
{
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };

	(void)state;
	fill(&f);
	flip_all(&f, getenv("STRONGROOM_EVERY_BIT") ? 1 : SEALED_STEP, 0, NULL);
}

/* As a run over many archives verifies: the chains of the archive as it was are known already. */
static void nor_does_one_that_comes_behind_sound_archives(void **state)
{
	SR_CLEANUP(sr_chain_memory_freep) struct sr_chain_memory *memory = NULL;
	SR_CLEANUP(sr_verify_report_dispose) struct sr_verify_report report = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tar = { 0 };
	SR_CLEANUP(fixture_dispose) struct fixture f = { 0 };
	struct sr_err err;

	(void)state;
	fill(&f);
	fixture_tar(&f, &tar);
	SR_CLEANUP(sr_fd_closep) int fd = fixture_fd(tar.data, tar.size);
	assert_ok(sr_chain_memory_new(&memory, &err));
	const struct sr_verify_options options = { .roots = roots, .memory = memory };
	assert_ok(sr_archive_verify(fd, &options, &report, &err));
	assert_true(report.ok);
	flip_all(&f, getenv("STRONGROOM_EVERY_BIT") ? 1 : KNOWN_STEP, 0, memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flipped_bit_is_found_without_the_signature),
		cmocka_unit_test(no_flipped_bit_of_a_sealed_archive_goes_unnoticed),
		cmocka_unit_test(nor_does_one_that_comes_behind_sound_archives),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
