/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/archive/tar_header.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/text.h"

/* Places in a header block, in bytes. */
enum {
	NAME_AT = 0,
	MODE_AT = 100,
	UID_AT = 108,
	GID_AT = 116,
	SIZE_AT = 124,
	MTIME_AT = 136,
	CHECKSUM_AT = 148,
	TYPE_AT = 156,
	LINK_AT = 157,
	MAGIC_AT = 257,
	VERSION_AT = 263,
	USER_AT = 265,
	GROUP_AT = 297,
	MAJOR_AT = 329,
	MINOR_AT = 337,
	PREFIX_AT = 345,
	REST_AT = 500,
};

#define NUMBER_BYTES 12u /* of the size and mtime fields */
#define OCTAL_DIGITS 11u /* in them, before a blank */
#define OCTAL_12_MAX 0777777777777ull

/* What to say when a field differs from what was rebuilt; ordered by place. */
static const struct {
	size_t at;
	const char *what;
} fields[] = {
	{ NAME_AT, "name is followed by something" },
	{ MODE_AT, "mode is not 0400" },
	{ UID_AT, "owner is not 0" },
	{ GID_AT, "group is not 0" },
	{ SIZE_AT, "size is not written as it must be" },
	{ MTIME_AT, "time is not written as it must be" },
	{ CHECKSUM_AT, "checksum does not fit the header" },
	{ TYPE_AT, "type is not a regular file" },
	{ LINK_AT, "link name is not empty" },
	{ MAGIC_AT, "magic is not \"ustar\"" },
	{ VERSION_AT, "version is not \"00\"" },
	{ USER_AT, "owner's name is not empty" },
	{ GROUP_AT, "group's name is not empty" },
	{ MAJOR_AT, "device number is not 0" },
	{ MINOR_AT, "device number is not 0" },
	{ PREFIX_AT, "prefix is not empty" },
	{ REST_AT, "unused bytes at its end are not zero" },
};

static void put_octal(uint8_t *at, size_t digits, uint64_t value)
{
	for (size_t i = digits; i > 0; i--) {
		at[i - 1] = (uint8_t)('0' + (value & 7));
		value >>= 3;
	}
}

/* Six digits, a blank and a NUL. */
static void put_short(uint8_t *at, uint64_t value)
{
	put_octal(at, 6, value);
	at[6] = ' ';
}

/* 11 octal digits and a blank, else 12 digits, else base 256 under a set top bit, as libarchive does. */
static void put_size(uint8_t *at, uint64_t value)
{
	if (value <= SR_TAR_OCTAL_MAX) {
		put_octal(at, OCTAL_DIGITS, value);
		at[OCTAL_DIGITS] = ' ';
		return;
	}
	if (value <= OCTAL_12_MAX) {
		put_octal(at, NUMBER_BYTES, value);
		return;
	}
	for (size_t i = NUMBER_BYTES; i > 1; i--) {
		at[i - 1] = (uint8_t)value;
		value >>= 8;
	}
	at[0] = 0x80;
}

static void make_block(const char *name, char type, uint64_t size, int64_t mtime_s, uint8_t *out)
{
	unsigned sum = 0;

	memset(out, 0, SR_TAR_BLOCK);
	memcpy(out + NAME_AT, name, strlen(name));
	put_short(out + MODE_AT, 0400);
	put_short(out + UID_AT, 0);
	put_short(out + GID_AT, 0);
	put_size(out + SIZE_AT, size);
	put_octal(out + MTIME_AT, OCTAL_DIGITS, (uint64_t)mtime_s);
	out[MTIME_AT + OCTAL_DIGITS] = ' ';
	memset(out + CHECKSUM_AT, ' ', 8);
	out[TYPE_AT] = (uint8_t)type;
	memcpy(out + MAGIC_AT, "ustar", 6);
	memcpy(out + VERSION_AT, "00", 2);
	put_short(out + MAJOR_AT, 0);
	put_short(out + MINOR_AT, 0);
	for (size_t i = 0; i < SR_TAR_BLOCK; i++)
		sum += out[i];
	put_octal(out + CHECKSUM_AT, 6, sum);
	out[CHECKSUM_AT + 6] = 0;
}

/* "folder/PaxHeader/name" */
static bool make_pax_name(const char *name, char out[SR_TAR_NAME_MAX + 1])
{
	const char *slash = strrchr(name, '/');
	int length;

	if (!slash)
		return false;
	length = snprintf(out, SR_TAR_NAME_MAX + 1, "%.*s/PaxHeader%s", (int)(slash - name), name, slash);
	return length > 0 && (unsigned)length <= SR_TAR_NAME_MAX;
}

/* "LEN size=N\n", where LEN counts itself too. */
static int make_pax_record(uint64_t size, char *out, size_t capacity)
{
	int rest = snprintf(NULL, 0, " size=%llu\n", (unsigned long long)size);

	return snprintf(out, capacity, "%d size=%llu\n", rest + 2, (unsigned long long)size);
}

enum sr_status sr_tar_header_make(struct sr_tar_header *header, uint8_t out[SR_TAR_HEADER_MAX],
                                  struct sr_err *err)
{
	char pax_name[SR_TAR_NAME_MAX + 1];
	uint8_t *own = out;

	for (const char *at = header->name; *at; at++)
		if (*at <= 0x20 || *at >= 0x7f)
			return sr_fail(err, SR_INVALID, "name has other characters than printable ASCII");
	if (!make_pax_name(header->name, pax_name))
		return sr_fail(err, SR_INVALID, "name has no folder or is too long");
	if (header->mtime_s < 0 || (uint64_t)header->mtime_s > SR_TAR_OCTAL_MAX)
		return sr_fail(err, SR_INVALID, "time does not fit 11 octal digits");
	header->bytes = SR_TAR_BLOCK;
	if (header->size > SR_TAR_OCTAL_MAX) {
		char record[64];
		int length = make_pax_record(header->size, record, sizeof(record));

		make_block(pax_name, 'x', (uint64_t)length, header->mtime_s, out);
		memset(out + SR_TAR_BLOCK, 0, SR_TAR_BLOCK);
		memcpy(out + SR_TAR_BLOCK, record, (size_t)length);
		own = out + (size_t)2 * SR_TAR_BLOCK;
		header->bytes = SR_TAR_HEADER_MAX;
	}
	make_block(header->name, '0', header->size, header->mtime_s, own);
	return SR_OK;
}

static bool take_octal(const uint8_t *at, uint64_t *out)
{
	uint64_t value = 0;

	for (size_t i = 0; i < OCTAL_DIGITS; i++) {
		if (at[i] < '0' || at[i] > '7')
			return false;
		value = value << 3 | (uint64_t)(at[i] - '0');
	}
	*out = value;
	return at[OCTAL_DIGITS] == ' ';
}

/* The size record of a pax block; what else the block holds is found by comparing it afterwards. */
static bool take_pax_size(const uint8_t *block, uint64_t *out)
{
	static const char key[] = "NN size="; /* a size from 8 GiB on has 10 to 20 digits: LEN has two */
	const uint8_t *digits = block + strlen(key);
	size_t count = 0;

	if (memcmp(block + 2, key + 2, strlen(key) - 2) != 0)
		return false;
	while (count < 20 && digits[count] >= '0' && digits[count] <= '9')
		count++;
	return sr_decimal_parse((const char *)digits, count, INT64_MAX, out) && *out > SR_TAR_OCTAL_MAX;
}

static const char *type_name(uint8_t type)
{
	switch (type) {
	case '1':
		return "a hard link";
	case '2':
		return "a symbolic link";
	case '3':
	case '4':
		return "a device";
	case '5':
		return "a folder";
	case '6':
		return "a FIFO";
	case 'g':
		return "a global pax header";
	case 'x':
		return "a pax header";
	case 'L':
	case 'K':
		return "a GNU long name";
	case 'S':
		return "a GNU sparse file";
	default:
		return "of an unknown type";
	}
}

static enum sr_status take_name(const uint8_t *block, char out[SR_TAR_NAME_MAX + 1], struct sr_err *err)
{
	size_t size = strnlen((const char *)block + NAME_AT, SR_TAR_NAME_MAX);

	memcpy(out, block + NAME_AT, size);
	out[size] = 0;
	for (size_t i = 0; i < size; i++)
		if (block[i] <= 0x20 || block[i] >= 0x7f)
			return sr_fail(err, SR_CORRUPT, "name has other characters than printable ASCII");
	return SR_OK;
}

/* The first place that differs, a checksum only when nothing else does: it differs whenever anything does. */
static size_t first_difference(const uint8_t *bytes, const uint8_t *rebuilt, size_t size)
{
	size_t checksum = size;

	for (size_t i = 0; i < size; i++) {
		size_t place = i % SR_TAR_BLOCK;

		if (bytes[i] == rebuilt[i])
			continue;
		if (place < CHECKSUM_AT || place >= TYPE_AT || i / SR_TAR_BLOCK == 1)
			return i;
		if (checksum == size)
			checksum = i;
	}
	return checksum;
}

/* Compare with what was rebuilt: say which field differs. */
static enum sr_status compare(const uint8_t *bytes, const uint8_t *rebuilt,
                              const struct sr_tar_header *header, struct sr_err *err)
{
	size_t at = first_difference(bytes, rebuilt, header->bytes);
	bool pax = header->bytes > SR_TAR_BLOCK;
	const char *what = fields[0].what;

	if (at == header->bytes)
		return SR_OK;
	if (pax && at / SR_TAR_BLOCK == 1)
		return sr_fail(err, SR_CORRUPT, "pax header has more or other records than the size");
	for (size_t i = 0; i < SR_COUNT(fields) && fields[i].at <= at % SR_TAR_BLOCK; i++)
		what = fields[i].what;
	return sr_fail(err, SR_CORRUPT, "%s%s", pax && at < SR_TAR_BLOCK ? "pax header: " : "", what);
}

enum sr_status sr_tar_header_read(const uint8_t *bytes, size_t size, struct sr_tar_header *out,
                                  struct sr_err *err)
{
	uint8_t rebuilt[SR_TAR_HEADER_MAX] = { 0 };
	struct sr_tar_header header = { 0 };
	const uint8_t *own = bytes;
	uint64_t mtime;

	if (size < SR_TAR_BLOCK)
		return sr_fail(err, SR_CORRUPT, "file ends inside the header");
	if (memcmp(bytes + MAGIC_AT, "ustar", 6) != 0)
		return sr_fail(err, SR_CORRUPT, "magic is not \"ustar\": this is no POSIX tar header");
	bool pax = bytes[TYPE_AT] == 'x';
	if (pax && size < SR_TAR_HEADER_MAX)
		return sr_fail(err, SR_CORRUPT, "file ends inside the pax header");
	if (pax)
		own = bytes + (size_t)2 * SR_TAR_BLOCK;
	if (own[TYPE_AT] != '0')
		return sr_fail(err, SR_CORRUPT, "is %s, not a regular file", type_name(own[TYPE_AT]));
	SR_TRY(take_name(own, header.name, err));
	if (pax && !take_pax_size(bytes + SR_TAR_BLOCK, &header.size))
		return sr_fail(err, SR_CORRUPT, "pax header holds no size of 8 GiB or more");
	if (!pax && !take_octal(own + SIZE_AT, &header.size))
		return sr_fail(err, SR_CORRUPT, "size is not 11 octal digits and a blank");
	if (!take_octal(own + MTIME_AT, &mtime))
		return sr_fail(err, SR_CORRUPT, "time is not 11 octal digits and a blank");
	header.mtime_s = (int64_t)mtime;
	if (sr_tar_header_make(&header, rebuilt, err) != SR_OK)
		return SR_CORRUPT;
	SR_TRY(compare(bytes, rebuilt, &header, err));
	*out = header;
	return SR_OK;
}
