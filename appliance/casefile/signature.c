/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/signature.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/cursor.h"
#include "appliance/base/text.h"

struct head {
	const uint8_t *bytes;
	size_t size;
};

static bool has_at(const struct head *head, size_t at, const void *wanted, size_t size)
{
	return at <= head->size && size <= head->size - at && memcmp(head->bytes + at, wanted, size) == 0;
}

static bool has_text_at(const struct head *head, size_t at, const char *wanted)
{
	return has_at(head, at, wanted, strlen(wanted));
}

/* --- fixed beginnings ----------------------------------------------------------------------------------- */

#define FIXED(text) text, sizeof(text) - 1

static const struct {
	const char *bytes;
	size_t size;
	enum sr_signature signature;
} fixed[] = {
	{ FIXED("%PDF-"), SR_SIGNATURE_PDF },
	{ FIXED("\xff\xd8\xff"), SR_SIGNATURE_JPEG },
	{ FIXED("\x89PNG\r\n\x1a\n"), SR_SIGNATURE_PNG },
	{ FIXED("GIF87a"), SR_SIGNATURE_GIF },
	{ FIXED("GIF89a"), SR_SIGNATURE_GIF },
	{ FIXED("II*\0"), SR_SIGNATURE_TIFF },
	{ FIXED("MM\0*"), SR_SIGNATURE_TIFF },
	{ FIXED("\x1a\x45\xdf\xa3"), SR_SIGNATURE_MATROSKA },
	{ FIXED("ID3"), SR_SIGNATURE_MP3 },
	{ FIXED("OggS\0"), SR_SIGNATURE_OGG },
	{ FIXED("fLaC"), SR_SIGNATURE_FLAC },
	{ FIXED("\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"), SR_SIGNATURE_ASF },
	{ FIXED("FLV\x01"), SR_SIGNATURE_FLV },
	{ FIXED("\0\0\x01\xba"), SR_SIGNATURE_MPEG_PS },
	{ FIXED("#!AMR\n"), SR_SIGNATURE_AMR },
	{ FIXED("#!AMR-WB\n"), SR_SIGNATURE_AMR },
	{ FIXED("DHAV"), SR_SIGNATURE_DHAV },
	{ FIXED("\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02"), SR_SIGNATURE_MXF },
	{ FIXED("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), SR_SIGNATURE_OLE },
	{ FIXED("{\\rtf"), SR_SIGNATURE_RTF },
	{ FIXED("Rar!\x1a\x07"), SR_SIGNATURE_RAR },
	{ FIXED("7z\xbc\xaf\x27\x1c"), SR_SIGNATURE_7Z },
	{ FIXED("\x1f\x8b\x08"), SR_SIGNATURE_GZIP },
	{ FIXED("\x7f"
	        "ELF"),
	  SR_SIGNATURE_PROGRAM },
};

static enum sr_signature look_fixed(const struct head *head)
{
	for (size_t i = 0; i < SR_COUNT(fixed); i++)
		if (has_at(head, 0, fixed[i].bytes, fixed[i].size))
			return fixed[i].signature;
	return SR_SIGNATURE_UNKNOWN;
}

/* --- beginnings with something variable in them --------------------------------------------------------- */

static enum sr_signature look_riff(const struct head *head)
{
	if (!has_text_at(head, 0, "RIFF"))
		return SR_SIGNATURE_UNKNOWN;
	if (has_text_at(head, 8, "WAVE"))
		return SR_SIGNATURE_WAV;
	if (has_text_at(head, 8, "AVI "))
		return SR_SIGNATURE_AVI;
	return has_text_at(head, 8, "WEBP") ? SR_SIGNATURE_WEBP : SR_SIGNATURE_UNKNOWN;
}

/* ISO/IEC 14496-12: the brand behind "ftyp"; QuickTime of old begins with another box. */
static enum sr_signature look_iso_media(const struct head *head)
{
	static const char *const pictures[] = { "heic", "heix", "heim", "heis", "mif1", "avif" };
	static const char *const boxes[] = { "ftyp", "moov", "mdat", "wide" };

	for (size_t i = 0; i < SR_COUNT(pictures); i++)
		if (has_text_at(head, 4, "ftyp") && has_text_at(head, 8, pictures[i]))
			return SR_SIGNATURE_HEIF;
	for (size_t i = 0; i < SR_COUNT(boxes); i++)
		if (has_text_at(head, 4, boxes[i]))
			return SR_SIGNATURE_MP4;
	return SR_SIGNATURE_UNKNOWN;
}

/* BITMAPFILEHEADER and the size of the header behind it. */
static enum sr_signature look_bmp(const struct head *head)
{
	struct sr_cursor c = { .next = head->bytes, .left = head->size };

	if (!has_text_at(head, 0, "BM"))
		return SR_SIGNATURE_UNKNOWN;
	sr_cursor_take(&c, 6);
	uint64_t reserved = sr_cursor_le(&c, 4);
	uint64_t pixels_at = sr_cursor_le(&c, 4);
	uint64_t header = sr_cursor_le(&c, 4);
	bool plausible = !c.bad && reserved == 0 && header >= 12 && header <= 124 && pixels_at >= 14 + header;
	return plausible ? SR_SIGNATURE_BMP : SR_SIGNATURE_UNKNOWN;
}

/* "MZ", and the offset at 60 leads to "PE\0\0". */
static enum sr_signature look_program(const struct head *head)
{
	if (!has_text_at(head, 0, "MZ") || head->size < 64)
		return SR_SIGNATURE_UNKNOWN;
	struct sr_cursor c = { .next = head->bytes + 60, .left = 4 };
	uint64_t at = sr_cursor_le(&c, 4);
	return has_at(head, (size_t)at, "PE\0\0", 4) ? SR_SIGNATURE_PROGRAM : SR_SIGNATURE_UNKNOWN;
}

/* ISO/IEC 13818-1: a sync byte at the start of each packet of 188 bytes (192 with a time code before it). */
static enum sr_signature look_transport_stream(const struct head *head)
{
	static const struct {
		size_t first, step;
	} forms[] = { { 0, 188 }, { 4, 192 } };

	for (size_t i = 0; i < SR_COUNT(forms); i++) {
		size_t packets = 0;
		size_t at = forms[i].first;

		for (; at < head->size && head->bytes[at] == 0x47; at += forms[i].step)
			packets++;
		if (packets >= 4 && at >= head->size)
			return SR_SIGNATURE_MPEG_TS;
	}
	return SR_SIGNATURE_UNKNOWN;
}

/* ISO/IEC 11172-3 layer II and III, 13818-7 ADTS: 11 or 12 bits of sync, then fields with forbidden values.
 */
static enum sr_signature look_mpeg_audio(const struct head *head)
{
	const uint8_t *b = head->bytes;

	if (head->size < 4 || b[0] != 0xff || (b[1] & 0xe0) != 0xe0)
		return SR_SIGNATURE_UNKNOWN;
	if ((b[1] & 0xf6) == 0xf0)
		return (b[2] & 0x3c) >> 2 < 13 ? SR_SIGNATURE_AAC : SR_SIGNATURE_UNKNOWN;
	unsigned version = b[1] >> 3 & 3;
	unsigned layer = b[1] >> 1 & 3;
	unsigned bit_rate = b[2] >> 4;
	unsigned sample_rate = b[2] >> 2 & 3;
	bool plausible = version != 1 && (layer == 1 || layer == 2) && bit_rate != 0 && bit_rate != 15 &&
	                 sample_rate != 3;
	return plausible ? SR_SIGNATURE_MP3 : SR_SIGNATURE_UNKNOWN;
}

/* A reader of PDF accepts up to 1024 bytes before the header (PDF Reference 1.7, appendix H, note 13). */
static enum sr_signature look_late_pdf(const struct head *head)
{
	size_t size = head->size < 1024 ? head->size : 1024;

	return size && memmem(head->bytes, size, "%PDF-", 5) ? SR_SIGNATURE_PDF : SR_SIGNATURE_UNKNOWN;
}

/* --- ZIP packages: what they are is in the names of their files ----------------------------------------- */

/* A local file header (APPNOTE 4.3.7): 30 bytes, the name, the extra field. */
static bool zip_has(const struct head *head, const char *name_starts)
{
	const uint8_t *at = head->bytes;
	size_t left = head->size;

	for (;;) {
		const uint8_t *found = memmem(at, left, "PK\x03\x04", 4);

		if (!found)
			return false;
		if (has_text_at(head, (size_t)(found - head->bytes) + 30, name_starts))
			return true;
		left -= (size_t)(found - at) + 4;
		at = found + 4;
	}
}

static enum sr_signature look_zip(const struct head *head)
{
	static const struct {
		const char *name;
		enum sr_signature signature;
	} members[] = {
		{ "word/", SR_SIGNATURE_DOCX },
		{ "xl/", SR_SIGNATURE_XLSX },
		{ "ppt/", SR_SIGNATURE_PPTX },
		{ "OFD.xml", SR_SIGNATURE_OFD },
		{ "[Content_Types].xml", SR_SIGNATURE_OOXML },
		{ "_rels/.rels", SR_SIGNATURE_OOXML },
	};

	if (!has_text_at(head, 0, "PK\x03\x04"))
		return SR_SIGNATURE_UNKNOWN;
	/* OpenDocument 1.2 part 3, 3.3: stored first, so that its text stands at 38. */
	if (has_text_at(head, 30, "mimetypeapplication/vnd.oasis.opendocument."))
		return SR_SIGNATURE_OPENDOCUMENT;
	for (size_t i = 0; i < SR_COUNT(members); i++)
		if (zip_has(head, members[i].name))
			return members[i].signature;
	return SR_SIGNATURE_ZIP;
}

/* --- text ----------------------------------------------------------------------------------------------- */

static bool is_plain(uint8_t byte)
{
	return byte >= 0x20 ? byte != 0x7f : byte >= '\t' && byte <= '\r';
}

/* @whole: the file ends where @head does, so no character may be cut. */
static bool is_utf8(const struct head *head, bool whole)
{
	size_t at = 0;

	while (at < head->size) {
		uint32_t character;
		size_t bytes = sr_utf8_decode(head->bytes + at, head->size - at, &character);

		if (bytes == 0)
			return !whole && at > 0 && head->size - at < 4;
		if (character < 0x80 && !is_plain((uint8_t)character))
			return false;
		at += bytes;
	}
	return true;
}

static size_t gb18030_character(const uint8_t *at, size_t left)
{
	if (at[0] < 0x80)
		return is_plain(at[0]) ? 1 : 0;
	if (at[0] == 0x80 || at[0] == 0xff || left < 2)
		return 0;
	if (at[1] >= 0x40 && at[1] != 0x7f && at[1] != 0xff)
		return 2;
	bool four = left >= 4 && at[1] >= '0' && at[1] <= '9' && at[2] > 0x80 && at[2] < 0xff &&
	            at[3] >= '0' && at[3] <= '9';
	return four ? 4 : 0;
}

static bool is_gb18030(const struct head *head, bool whole)
{
	size_t at = 0;

	while (at < head->size) {
		size_t bytes = gb18030_character(head->bytes + at, head->size - at);

		if (bytes == 0)
			return !whole && at > 0 && head->size - at < 4;
		at += bytes;
	}
	return true;
}

static enum sr_signature look_text(const struct head *head)
{
	bool whole = head->size < SR_SIGNATURE_BYTES;

	if (head->size == 0)
		return SR_SIGNATURE_UNKNOWN;
	if (has_at(head, 0, "\xff\xfe", 2) || has_at(head, 0, "\xfe\xff", 2))
		return SR_SIGNATURE_TEXT;
	return is_utf8(head, whole) || is_gb18030(head, whole) ? SR_SIGNATURE_TEXT : SR_SIGNATURE_UNKNOWN;
}

/* --- what others call ----------------------------------------------------------------------------------- */

enum sr_signature sr_signature_of(const void *data, size_t size)
{
	/* The surest first; text before a PDF that begins late, since text may speak of PDF. */
	static enum sr_signature (*const looks[])(const struct head *) = {
		look_fixed, look_riff,     look_iso_media,        look_zip,
		look_bmp,   look_program,  look_transport_stream, look_mpeg_audio,
		look_text,  look_late_pdf,
	};
	struct head head = { .bytes = data, .size = size < SR_SIGNATURE_BYTES ? size : SR_SIGNATURE_BYTES };

	for (size_t i = 0; i < SR_COUNT(looks); i++) {
		enum sr_signature signature = looks[i](&head);

		if (signature != SR_SIGNATURE_UNKNOWN)
			return signature;
	}
	return SR_SIGNATURE_UNKNOWN;
}

/* An EBML number (RFC 8794 section 4); UINT64_MAX stands for "not known" as for what is none. */
static uint64_t ebml_number(struct sr_cursor *c)
{
	const uint8_t *first = sr_cursor_take(c, 1);
	size_t more = 0;

	if (!first || *first == 0)
		return UINT64_MAX;
	while (!(*first << more & 0x80))
		more++;
	uint64_t mask = more < 7 ? 0x7fu >> more : 0;
	uint64_t value = (*first & mask) << (8 * more);
	if (more > 0)
		value |= sr_cursor_be(c, more);
	bool all_ones = value == (1ull << (7 * (more + 1))) - 1;
	return c->bad || all_ones ? UINT64_MAX : value;
}

/* The EBML header, then the segment with all the rest (RFC 9559). */
static uint64_t matroska_bytes(const struct head *head)
{
	struct sr_cursor c = { .next = head->bytes, .left = head->size };

	sr_cursor_take(&c, 4);
	uint64_t header = ebml_number(&c);
	if (header > c.left)
		return 0;
	sr_cursor_take(&c, (size_t)header);
	uint64_t id = sr_cursor_be(&c, 4);
	uint64_t segment = ebml_number(&c);
	uint64_t total;
	if (c.bad || id != 0x18538067 || segment == UINT64_MAX ||
	    __builtin_add_overflow(head->size - c.left, segment, &total))
		return 0;
	return total;
}

/* Recorders that are switched off too early leave 0 or all ones. */
static uint64_t riff_bytes(const struct head *head)
{
	struct sr_cursor c = { .next = head->bytes, .left = head->size };

	sr_cursor_take(&c, 4);
	uint64_t size = sr_cursor_le(&c, 4);
	return c.bad || size == 0 || size >= UINT32_MAX - 16 ? 0 : size + 8;
}

uint64_t sr_signature_promised_bytes(enum sr_signature signature, const void *data, size_t size)
{
	struct head head = { .bytes = data, .size = size };

	if (signature == SR_SIGNATURE_MATROSKA)
		return matroska_bytes(&head);
	if (signature == SR_SIGNATURE_WAV || signature == SR_SIGNATURE_AVI)
		return riff_bytes(&head);
	return 0;
}

static const struct {
	const char *media_type, *zh;
} names[] = {
	[SR_SIGNATURE_UNKNOWN] = { "application/octet-stream", "未知格式" },
	[SR_SIGNATURE_PDF] = { "application/pdf", "PDF文件" },
	[SR_SIGNATURE_JPEG] = { "image/jpeg", "JPEG图片" },
	[SR_SIGNATURE_PNG] = { "image/png", "PNG图片" },
	[SR_SIGNATURE_GIF] = { "image/gif", "GIF图片" },
	[SR_SIGNATURE_TIFF] = { "image/tiff", "TIFF图片" },
	[SR_SIGNATURE_BMP] = { "image/bmp", "BMP图片" },
	[SR_SIGNATURE_WEBP] = { "image/webp", "WebP图片" },
	[SR_SIGNATURE_HEIF] = { "image/heif", "HEIF图片" },
	[SR_SIGNATURE_MP4] = { "video/mp4", "MP4录音录像" },
	[SR_SIGNATURE_MATROSKA] = { "video/x-matroska", "MKV录音录像" },
	[SR_SIGNATURE_AVI] = { "video/x-msvideo", "AVI录像" },
	[SR_SIGNATURE_WAV] = { "audio/vnd.wave", "WAV录音" },
	[SR_SIGNATURE_MP3] = { "audio/mpeg", "MP3录音" },
	[SR_SIGNATURE_AAC] = { "audio/aac", "AAC录音" },
	[SR_SIGNATURE_OGG] = { "audio/ogg", "Ogg录音" },
	[SR_SIGNATURE_FLAC] = { "audio/flac", "FLAC录音" },
	[SR_SIGNATURE_ASF] = { "video/x-ms-asf", "Windows Media录音录像" },
	[SR_SIGNATURE_FLV] = { "video/x-flv", "FLV录像" },
	[SR_SIGNATURE_MPEG_TS] = { "video/mp2t", "MPEG-TS录像" },
	[SR_SIGNATURE_MPEG_PS] = { "video/mpeg", "MPEG录像" },
	[SR_SIGNATURE_AMR] = { "audio/amr", "AMR录音" },
	[SR_SIGNATURE_DHAV] = { "video/x-dhav", "DAV录像" },
	[SR_SIGNATURE_MXF] = { "application/mxf", "MXF录像" },
	[SR_SIGNATURE_ZIP] = { "application/zip", "ZIP压缩包" },
	[SR_SIGNATURE_OOXML] = { "application/vnd.openxmlformats-officedocument", "Office文档" },
	[SR_SIGNATURE_DOCX] = { "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	                        "Word文档" },
	[SR_SIGNATURE_XLSX] = { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	                        "Excel表格" },
	[SR_SIGNATURE_PPTX] = { "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	                        "PowerPoint演示文稿" },
	[SR_SIGNATURE_OFD] = { "application/ofd", "OFD文件" },
	[SR_SIGNATURE_OPENDOCUMENT] = { "application/vnd.oasis.opendocument", "OpenDocument文档" },
	[SR_SIGNATURE_OLE] = { "application/x-ole-storage", "Office或WPS文档" },
	[SR_SIGNATURE_RTF] = { "application/rtf", "RTF文档" },
	[SR_SIGNATURE_RAR] = { "application/vnd.rar", "RAR压缩包" },
	[SR_SIGNATURE_7Z] = { "application/x-7z-compressed", "7z压缩包" },
	[SR_SIGNATURE_GZIP] = { "application/gzip", "gzip压缩文件" },
	[SR_SIGNATURE_PROGRAM] = { "application/x-executable", "可执行程序" },
	[SR_SIGNATURE_TEXT] = { "text/plain", "文本文件" },
};

const char *sr_signature_media_type(enum sr_signature signature)
{
	return names[signature].media_type;
}

const char *sr_signature_name_zh(enum sr_signature signature)
{
	return names[signature].zh;
}

bool sr_signature_is_recording(enum sr_signature signature)
{
	return signature >= SR_SIGNATURE_MP4 && signature <= SR_SIGNATURE_MXF;
}

bool sr_signature_is_picture(enum sr_signature signature)
{
	return signature >= SR_SIGNATURE_JPEG && signature <= SR_SIGNATURE_HEIF;
}
