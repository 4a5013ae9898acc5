/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, streams and random access, against Debian's age. */
#include "tests/unit/crypto/age_files.h"

#include "appliance/base/random.h"

/* The borders of a chunk, and a second chunk that is full. */
static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072 };

static uint8_t plain[200000];

static void make_with_age(size_t size)
{
	fill_pattern(plain, sizeof(plain));
	write_file("plain", plain, size);
	assert_int_equal(system("age -r " TEST_RECIPIENT " -o made.age plain"), 0);
}

static enum sr_status decrypt_stream(const char *from, const char *to)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(TEST_IDENTITY);
	SR_CLEANUP(sr_fd_closep) int in = open(from, O_RDONLY | O_CLOEXEC);
	SR_CLEANUP(sr_fd_closep) int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct sr_err err;
	enum sr_status status = sr_age_decrypt_fd(identity, in, out, &err);

	if (status != SR_OK)
		print_message("    %s\n", err.text);
	return status;
}

static enum sr_status open_reader(int fd, uint64_t offset, uint64_t size, struct sr_age_reader **out)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(TEST_IDENTITY);
	struct sr_err err;

	return sr_age_reader_open(fd, offset, size, identity, out, &err);
}

static void assert_file(const char *name, const void *want, size_t size)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf bytes = { 0 };

	read_file(name, &bytes);
	assert_int_equal(bytes.size, size);
	if (size > 0)
		assert_memory_equal(bytes.data, want, size);
}

static void what_age_encrypts_opens_in_every_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(sizes); i++) {
		SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(TEST_IDENTITY);
		SR_CLEANUP(sr_secret_freep) struct sr_secret *out = NULL;
		SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };
		SR_CLEANUP(sr_age_reader_closep) struct sr_age_reader *reader = NULL;
		SR_CLEANUP(sr_fd_closep) int fd = -1;
		static uint8_t back[sizeof(plain)];
		size_t got;
		struct sr_err err;

		print_message("case: %zu bytes\n", sizes[i]);
		make_with_age(sizes[i]);
		read_file("made.age", &file);
		assert_int_equal(file.size, SR_AGE_HEAD_BYTES + sr_age_payload_bytes(sizes[i]));

		assert_ok(sr_age_decrypt(identity, sr_buf_bytes(&file), sizes[i], &out, &err));
		assert_int_equal(out->size, sizes[i]);
		assert_memory_equal(out->data, plain, sizes[i]);

		assert_int_equal(decrypt_stream("made.age", "out"), SR_OK);
		assert_file("out", plain, sizes[i]);

		fd = open("made.age", O_RDONLY | O_CLOEXEC);
		assert_int_equal(open_reader(fd, 0, file.size, &reader), SR_OK);
		assert_true(sr_age_reader_size(reader) == sizes[i]);
		assert_ok(sr_age_reader_read(reader, 0, back, sizeof(back), &got, &err));
		assert_int_equal(got, sizes[i]);
		assert_memory_equal(back, plain, sizes[i]);
	}
}

static void age_opens_what_we_encrypt(void **state)
{
	(void)state;
	fill_pattern(plain, sizeof(plain));
	for (size_t i = 0; i < SR_COUNT(sizes); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };
		SR_CLEANUP(sr_fd_closep) int in = -1;
		SR_CLEANUP(sr_fd_closep) int out = -1;
		struct sr_age_recipient recipients[2] = { load_recipient(OTHER_RECIPIENT),
			                                  load_recipient(TEST_RECIPIENT) };
		struct sr_err err;

		print_message("case: %zu bytes\n", sizes[i]);
		assert_ok(sr_age_encrypt(recipients, 2, (struct sr_bytes){ plain, sizes[i] }, &file, &err));
		write_file("ours.age", file.data, file.size);
		assert_int_equal(system("age -d -i identity ours.age > out"), 0);
		assert_file("out", plain, sizes[i]);
		assert_int_equal(system("age -d -i other ours.age > out"), 0);
		assert_file("out", plain, sizes[i]);

		write_file("plain", plain, sizes[i]);
		in = open("plain", O_RDONLY | O_CLOEXEC);
		out = open("stream.age", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		assert_ok(sr_age_encrypt_fd(recipients + 1, 1, in, out, &err));
		assert_int_equal(system("age -d -i identity stream.age > out"), 0);
		assert_file("out", plain, sizes[i]);
	}
}

static void a_plaintext_over_the_callers_limit_is_refused(void **state)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(TEST_IDENTITY);
	SR_CLEANUP(sr_secret_freep) struct sr_secret *out = NULL;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };
	struct sr_err err;

	(void)state;
	make_with_age(100);
	read_file("made.age", &file);
	assert_int_equal(sr_age_decrypt(identity, sr_buf_bytes(&file), 99, &out, &err), SR_LIMIT);
	assert_null(out);
}

/* What was done to a file of three chunks: 65536, 65536 and 1000 bytes. */
struct damage {
	const char *why;
	size_t keep;       /* bytes of the file */
	const char *extra; /* behind them */
	size_t extra_size;
	size_t flip;     /* an offset, or 0 */
	size_t released; /* plaintext that a stream may show: whole chunks before the damage */
	enum sr_status want;
};

#define CHUNK(k) (SR_AGE_HEAD_BYTES + (k)*SR_AGE_SEALED_CHUNK_BYTES)
#define END (CHUNK(2) + 1016)

static const struct damage damages[] = {
	{ "nothing behind the header", 168, "", 0, 0, 0, SR_CORRUPT },
	{ "nonce cut", 183, "", 0, 0, 0, SR_CORRUPT },
	{ "no chunk at all", CHUNK(0), "", 0, 0, 0, SR_CORRUPT },
	{ "tag cut", CHUNK(0) + 15, "", 0, 0, 0, SR_CORRUPT },
	{ "first chunk short", CHUNK(0) + 1000, "", 0, 0, 0, SR_TAMPERED },
	{ "first chunk alone: no last one", CHUNK(1), "", 0, 0, 0, SR_TAMPERED },
	{ "second chunk of 16 bytes: empty", CHUNK(1) + 16, "", 0, 0, 65536, SR_CORRUPT },
	{ "second chunk of 15 bytes", CHUNK(1) + 15, "", 0, 0, 65536, SR_CORRUPT },
	{ "two chunks: no last one", CHUNK(2), "", 0, 0, 65536, SR_TAMPERED },
	{ "last byte cut", END - 1, "", 0, 0, 131072, SR_TAMPERED },
	{ "last chunk reduced to its tag", CHUNK(2) + 16, "", 0, 0, 131072, SR_CORRUPT },
	{ "a byte behind the end", END, "x", 1, 0, 131072, SR_TAMPERED },
	{ "a newline behind the end", END, "\n", 1, 0, 131072, SR_TAMPERED },
	{ "bit of the nonce", END, "", 0, 170, 0, SR_TAMPERED },
	{ "bit of the first chunk", END, "", 0, CHUNK(0) + 5, 0, SR_TAMPERED },
	{ "bit of the second tag", END, "", 0, CHUNK(2) - 1, 65536, SR_TAMPERED },
	{ "bit of the last chunk", END, "", 0, CHUNK(2) + 5, 131072, SR_TAMPERED },
};

static void make_damaged(const struct damage *damage)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };
	struct sr_err err;

	read_file("made.age", &file);
	assert_int_equal(file.size, END);
	file.size = damage->keep;
	assert_ok(sr_buf_add(&file, damage->extra, damage->extra_size, &err));
	if (damage->flip > 0)
		file.data[damage->flip] ^= 1;
	write_file("bad.age", file.data, file.size);
}

static void a_stream_shows_no_byte_of_a_bad_chunk(void **state)
{
	(void)state;
	make_with_age(132072);
	for (size_t i = 0; i < SR_COUNT(damages); i++) {
		print_message("case: %s\n", damages[i].why);
		make_damaged(&damages[i]);
		assert_int_equal(decrypt_stream("bad.age", "out"), damages[i].want);
		assert_file("out", plain, damages[i].released);
		assert_int_not_equal(system("age -d -i identity bad.age > /dev/null 2>&1"), 0);
	}
}

static void a_damaged_file_in_memory_gives_nothing(void **state)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(TEST_IDENTITY);

	(void)state;
	make_with_age(132072);
	for (size_t i = 0; i < SR_COUNT(damages); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };
		SR_CLEANUP(sr_secret_freep) struct sr_secret *out = NULL;
		struct sr_err err;

		print_message("case: %s\n", damages[i].why);
		make_damaged(&damages[i]);
		read_file("bad.age", &file);
		enum sr_status status = sr_age_decrypt(identity, sr_buf_bytes(&file), 1u << 20, &out, &err);

		assert_true(status == SR_CORRUPT || status == SR_TAMPERED);
		assert_null(out);
	}
}

static void chunks_cannot_be_moved_dropped_or_doubled(void **state)
{
	static const struct {
		const char *why;
		int order[4]; /* chunks, -1 ends */
	} cases[] = {
		{ "swapped", { 1, 0, 2, -1 } },
		{ "first dropped", { 1, 2, -1 } },
		{ "second dropped", { 0, 2, -1 } },
		{ "first twice", { 0, 0, 2, -1 } },
		{ "last one alone", { 2, -1 } },
		{ "last one first", { 2, 0, 1, -1 } },
		{ "another behind the last", { 0, 1, 2, 2 } },
	};
	SR_CLEANUP(sr_buf_dispose) struct sr_buf good = { 0 };
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(TEST_IDENTITY);
	struct sr_err err;

	(void)state;
	make_with_age(132072);
	read_file("made.age", &good);
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };
		SR_CLEANUP(sr_secret_freep) struct sr_secret *out = NULL;

		print_message("case: %s\n", cases[i].why);
		assert_ok(sr_buf_add(&file, good.data, CHUNK(0), &err));
		for (size_t k = 0; k < 4 && cases[i].order[k] >= 0; k++) {
			size_t chunk = (size_t)cases[i].order[k];
			size_t from = CHUNK(chunk);
			size_t size = chunk == 2 ? 1016 : SR_AGE_SEALED_CHUNK_BYTES;

			assert_ok(sr_buf_add(&file, good.data + from, size, &err));
		}
		assert_int_equal(sr_age_decrypt(identity, sr_buf_bytes(&file), 1u << 20, &out, &err),
		                 SR_TAMPERED);
	}
}

/* The age file lies inside another file, as in an archive. */
static void any_range_reads_as_in_the_plaintext(void **state)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf outer = { 0 };
	SR_CLEANUP(sr_age_reader_closep) struct sr_age_reader *reader = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	static uint8_t back[sizeof(plain)];
	struct sr_err err;

	(void)state;
	make_with_age(sizeof(plain));
	read_file("made.age", &file);
	assert_ok(sr_buf_add(&outer, plain, 777, &err));
	assert_ok(sr_buf_add(&outer, file.data, file.size, &err));
	assert_ok(sr_buf_add(&outer, plain, 333, &err));
	write_file("outer", outer.data, outer.size);
	fd = open("outer", O_RDONLY | O_CLOEXEC);
	assert_int_equal(open_reader(fd, 777, file.size, &reader), SR_OK);
	for (int i = 0; i < 300; i++) {
		uint32_t draw[2];
		size_t got;

		assert_ok(sr_random_fill(draw, sizeof(draw), &err));
		size_t from = draw[0] % (sizeof(plain) + 10);
		size_t size = draw[1] % (i % 2 ? 500 : sizeof(plain));
		size_t left = from < sizeof(plain) ? sizeof(plain) - from : 0;

		assert_ok(sr_age_reader_read(reader, from, back, size, &got, &err));
		assert_int_equal(got, size < left ? size : left);
		if (got > 0)
			assert_memory_equal(back, plain + from, got);
	}
	size_t got = 1;
	assert_ok(sr_age_reader_read(reader, UINT64_MAX, back, sizeof(back), &got, &err));
	assert_int_equal(got, 0);
}

static void a_reader_refuses_a_false_size_when_it_opens(void **state)
{
	SR_CLEANUP(sr_fd_closep) int fd = -1;

	(void)state;
	make_with_age(132072);
	fd = open("made.age", O_RDONLY | O_CLOEXEC);
	for (size_t size = 0; size <= END + 20; size += size < END - 2100 ? 173 : 1) {
		SR_CLEANUP(sr_age_reader_closep) struct sr_age_reader *reader = NULL;

		assert_int_equal(open_reader(fd, 0, size, &reader) == SR_OK, size == END);
	}
	SR_CLEANUP(sr_age_reader_closep) struct sr_age_reader *reader = NULL;
	assert_int_not_equal(open_reader(fd, UINT64_MAX - 10, END, &reader), SR_OK);
	assert_int_not_equal(open_reader(fd, 10, UINT64_MAX - 5, &reader), SR_OK);
}

static void a_reader_goes_on_serving_the_other_chunks(void **state)
{
	static const struct damage second = { .keep = END, .extra = "", .flip = CHUNK(1) + 100 };
	static uint8_t back[sizeof(plain)];
	SR_CLEANUP(sr_age_reader_closep) struct sr_age_reader *reader = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	size_t got = 0;
	struct sr_err err;

	(void)state;
	make_with_age(132072);
	make_damaged(&second);
	fd = open("bad.age", O_RDONLY | O_CLOEXEC);
	assert_int_equal(open_reader(fd, 0, END, &reader), SR_OK);
	assert_int_equal(sr_age_reader_read(reader, 65536, back, 10, &got, &err), SR_TAMPERED);
	assert_non_null(strstr(err.text, "chunk 1"));
	assert_int_equal(sr_age_reader_read(reader, 65535, back, 2, &got, &err), SR_TAMPERED);
	assert_int_equal(sr_age_reader_read(reader, 65536, back, 65536, &got, &err), SR_TAMPERED);
	assert_int_equal(got, 0);
	assert_ok(sr_age_reader_read(reader, 65000, back, 536, &got, &err));
	assert_memory_equal(back, plain + 65000, 536);
	assert_ok(sr_age_reader_read(reader, 131072, back, 1000, &got, &err));
	assert_memory_equal(back, plain + 131072, 1000);
}

static void a_reader_takes_a_payload_key_unwrapped_before(void **state)
{
	SR_CLEANUP(sr_secret_freep) struct sr_secret *identity = load_identity(TEST_IDENTITY);
	SR_CLEANUP(sr_buf_dispose) struct sr_buf file = { 0 };
	SR_CLEANUP(sr_age_reader_closep) struct sr_age_reader *reader = NULL;
	SR_CLEANUP(sr_fd_closep) int fd = -1;
	uint8_t payload_key[SR_AGE_KEY_BYTES], back[10];
	size_t head, got;
	struct sr_err err;

	(void)state;
	make_with_age(70000);
	read_file("made.age", &file);
	/* The first 184 bytes are enough. */
	assert_ok(sr_age_head_open(file.data, SR_AGE_HEAD_BYTES, identity, payload_key, &head, &err));
	fd = open("made.age", O_RDONLY | O_CLOEXEC);
	assert_ok(sr_age_reader_open_key(fd, 0, file.size, head, payload_key, &reader, &err));
	assert_ok(sr_age_reader_read(reader, 65530, back, sizeof(back), &got, &err));
	assert_memory_equal(back, plain + 65530, sizeof(back));
	sr_age_reader_closep(&reader);
	assert_int_equal(sr_age_reader_open_key(fd, 0, file.size, file.size + 1, payload_key, &reader, &err),
	                 SR_CORRUPT);
	payload_key[0] ^= 1;
	assert_int_equal(sr_age_reader_open_key(fd, 0, file.size, head, payload_key, &reader, &err),
	                 SR_TAMPERED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_age_encrypts_opens_in_every_way),
		cmocka_unit_test(age_opens_what_we_encrypt),
		cmocka_unit_test(a_plaintext_over_the_callers_limit_is_refused),
		cmocka_unit_test(a_stream_shows_no_byte_of_a_bad_chunk),
		cmocka_unit_test(a_damaged_file_in_memory_gives_nothing),
		cmocka_unit_test(chunks_cannot_be_moved_dropped_or_doubled),
		cmocka_unit_test(any_range_reads_as_in_the_plaintext),
		cmocka_unit_test(a_reader_refuses_a_false_size_when_it_opens),
		cmocka_unit_test(a_reader_goes_on_serving_the_other_chunks),
		cmocka_unit_test(a_reader_takes_a_payload_key_unwrapped_before),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
