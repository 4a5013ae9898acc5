/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "appliance/base/cleanup.h"
#include "appliance/casefile/extension.h"
#include "appliance/casefile/signature.h"

#define BYTES(text) text, sizeof(text) - 1
#define LOCAL(name) "PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0" name

/* The beginnings are those that the formats' own documents give. */
static const struct {
	const char *why, *bytes;
	size_t size;
	enum sr_signature want;
} beginnings[] = {
	{ "PDF", BYTES("%PDF-1.4\n"), SR_SIGNATURE_PDF },
	{ "PDF behind rubbish", BYTES("\0\1\2\3 rubbish %PDF-1.4\n"), SR_SIGNATURE_PDF },
	{ "text about PDF", BYTES("a PDF begins with %PDF-1.4\n"), SR_SIGNATURE_TEXT },
	{ "JPEG", BYTES("\xff\xd8\xff\xe0\0\x10JFIF\0"), SR_SIGNATURE_JPEG },
	{ "PNG", BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), SR_SIGNATURE_PNG },
	{ "PNG that a text transfer broke", BYTES("\x89PNG\n\x1a\n\0\0\0\rIHDR"), SR_SIGNATURE_UNKNOWN },
	{ "GIF", BYTES("GIF89a\1\0\1\0"), SR_SIGNATURE_GIF },
	{ "TIFF, little-endian", BYTES("II*\0\x08\0\0\0"), SR_SIGNATURE_TIFF },
	{ "TIFF, big-endian", BYTES("MM\0*\0\0\0\x08"), SR_SIGNATURE_TIFF },
	{ "BMP", BYTES("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), SR_SIGNATURE_BMP },
	{ "text that begins with BM", BYTES("BMW 车主的材料，共三页\n"), SR_SIGNATURE_TEXT },
	{ "WebP", BYTES("RIFF\x24\0\0\0WEBPVP8 "), SR_SIGNATURE_WEBP },
	{ "HEIC",
	  BYTES("\0\0\0\x18"
	        "ftypheic\0\0\0\0mif1heic"),
	  SR_SIGNATURE_HEIF },
	{ "MP4",
	  BYTES("\0\0\0\x18"
	        "ftypmp42\0\0\0\0mp42isom"),
	  SR_SIGNATURE_MP4 },
	{ "QuickTime",
	  BYTES("\0\0\0\x14"
	        "ftypqt  \0\0\0\0qt  "),
	  SR_SIGNATURE_MP4 },
	{ "QuickTime of old", BYTES("\0\0\0\x08wide\0\0\1\0mdat"), SR_SIGNATURE_MP4 },
	{ "Matroska", BYTES("\x1a\x45\xdf\xa3\x84\x42\x86\x81\x01"), SR_SIGNATURE_MATROSKA },
	{ "AVI", BYTES("RIFF\x24\0\0\0AVI LIST"), SR_SIGNATURE_AVI },
	{ "WAVE", BYTES("RIFF\x24\0\0\0WAVEfmt "), SR_SIGNATURE_WAV },
	{ "MP3 with a tag", BYTES("ID3\3\0\0\0\0\0\0"), SR_SIGNATURE_MP3 },
	{ "MP3: MPEG 1 layer III, 128 kbit/s, 44.1 kHz", BYTES("\xff\xfb\x90\x64\0\0"), SR_SIGNATURE_MP3 },
	{ "sync with a forbidden bit rate", BYTES("\xff\xfb\xf0\x64\0\0"), SR_SIGNATURE_UNKNOWN },
	{ "AAC in ADTS", BYTES("\xff\xf1\x50\x80\0\0"), SR_SIGNATURE_AAC },
	{ "Ogg", BYTES("OggS\0\2\0\0"), SR_SIGNATURE_OGG },
	{ "FLAC", BYTES("fLaC\0\0\0\x22"), SR_SIGNATURE_FLAC },
	{ "FLV", BYTES("FLV\1\5\0\0\0\x09"), SR_SIGNATURE_FLV },
	{ "MPEG programme stream", BYTES("\0\0\1\xba\x44\0"), SR_SIGNATURE_MPEG_PS },
	{ "AMR", BYTES("#!AMR\n\x3c"), SR_SIGNATURE_AMR },
	{ "Word", BYTES(LOCAL("word/document.xml")), SR_SIGNATURE_DOCX },
	{ "Excel", BYTES(LOCAL("[Content_Types].xml") LOCAL("xl/workbook.xml")), SR_SIGNATURE_XLSX },
	{ "Office of some kind", BYTES(LOCAL("[Content_Types].xml")), SR_SIGNATURE_OOXML },
	{ "OFD", BYTES(LOCAL("OFD.xml")), SR_SIGNATURE_OFD },
	{ "OpenDocument", BYTES(LOCAL("mimetypeapplication/vnd.oasis.opendocument.text")),
	  SR_SIGNATURE_OPENDOCUMENT },
	{ "ZIP", BYTES(LOCAL("password.txt")), SR_SIGNATURE_ZIP },
	{ "Word before 2007", BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"), SR_SIGNATURE_OLE },
	{ "RTF", BYTES("{\\rtf1\\ansi"), SR_SIGNATURE_RTF },
	{ "ELF",
	  BYTES("\x7f"
	        "ELF\2\1\1\0"),
	  SR_SIGNATURE_PROGRAM },
	{ "text that begins with MZ", BYTES("MZ is a signature\n"), SR_SIGNATURE_TEXT },
	{ "one letter", BYTES("a"), SR_SIGNATURE_TEXT },
	{ "UTF-8", BYTES("案卷库\n"), SR_SIGNATURE_TEXT },
	{ "UTF-8 with a mark", BYTES("\xef\xbb\xbf案卷\n"), SR_SIGNATURE_TEXT },
	{ "a cut character", BYTES("\xe6\xa1\x88\xe5\x8d"), SR_SIGNATURE_UNKNOWN },
	{ "GB18030", BYTES("\xb0\xb8\xbe\xed\xbf\xe2"), SR_SIGNATURE_TEXT },
	{ "GB18030, four bytes", BYTES("\x95\x32\x82\x36\n"), SR_SIGNATURE_TEXT },
	{ "UTF-16",
	  BYTES("\xff\xfe"
	        "a\0"),
	  SR_SIGNATURE_TEXT },
	{ "a NUL", BYTES("text\0text"), SR_SIGNATURE_UNKNOWN },
	{ "an escape", BYTES("\x1b[31mred"), SR_SIGNATURE_UNKNOWN },
	{ "nothing", BYTES(""), SR_SIGNATURE_UNKNOWN },
};

static void formats_are_recognised_by_their_beginning(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(beginnings); i++) {
		print_message("case: %s\n", beginnings[i].why);
		assert_int_equal(sr_signature_of(beginnings[i].bytes, beginnings[i].size),
		                 beginnings[i].want);
	}
}

static void each_cut_and_each_flipped_bit_is_survived(void **state)
{
	(void)state;
	for (size_t i = 0; i < SR_COUNT(beginnings); i++) {
		uint8_t bytes[128];
		size_t size = beginnings[i].size;

		assert_true(size <= sizeof(bytes));
		memcpy(bytes, beginnings[i].bytes, size);
		for (size_t cut = 0; cut <= size; cut++) {
			/* A copy of exactly that size lets a sanitizer see a read behind it. */
			uint8_t *copy = test_malloc(cut + 1);

			memcpy(copy + 1, bytes, cut);
			enum sr_signature signature = sr_signature_of(copy + 1, cut);
			sr_signature_promised_bytes(signature, copy + 1, cut);
			assert_non_null(sr_signature_media_type(signature));
			test_free(copy);
		}
		for (size_t bit = 0; bit < 8 * size; bit++) {
			bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
			assert_true(sr_signature_of(bytes, size) <= SR_SIGNATURE_TEXT);
			bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		}
	}
}

static void a_transport_stream_has_a_sync_byte_in_each_packet(void **state)
{
	uint8_t bytes[SR_SIGNATURE_BYTES] = { 0 };

	(void)state;
	for (size_t at = 0; at < sizeof(bytes); at += 188)
		bytes[at] = 0x47;
	assert_int_equal(sr_signature_of(bytes, sizeof(bytes)), SR_SIGNATURE_MPEG_TS);
	bytes[1880] = 0;
	assert_int_equal(sr_signature_of(bytes, sizeof(bytes)), SR_SIGNATURE_UNKNOWN);
	memset(bytes, 0, sizeof(bytes));
	for (size_t at = 4; at < sizeof(bytes); at += 192)
		bytes[at] = 0x47;
	assert_int_equal(sr_signature_of(bytes, sizeof(bytes)), SR_SIGNATURE_MPEG_TS);
}

static void a_windows_program_leads_to_its_header(void **state)
{
	uint8_t bytes[256] = "MZ";

	(void)state;
	bytes[60] = 0x80;
	memcpy(bytes + 0x80, "PE\0\0", 4);
	assert_int_equal(sr_signature_of(bytes, sizeof(bytes)), SR_SIGNATURE_PROGRAM);
	bytes[61] = 0x80;
	assert_int_equal(sr_signature_of(bytes, sizeof(bytes)), SR_SIGNATURE_UNKNOWN);
}

/* A character may be cut where the look ends, though not where the file ends. */
static void long_text_may_be_cut_inside_a_character(void **state)
{
	uint8_t bytes[SR_SIGNATURE_BYTES + 2];

	(void)state;
	for (size_t at = 0; at + 3 <= sizeof(bytes); at += 3)
		memcpy(bytes + at, "案", 3);
	assert_int_equal(SR_SIGNATURE_BYTES % 3, 1);
	assert_int_equal(sr_signature_of(bytes, SR_SIGNATURE_BYTES), SR_SIGNATURE_TEXT);
	assert_int_equal(sr_signature_of(bytes, 3001), SR_SIGNATURE_UNKNOWN);
}

static void containers_promise_a_size(void **state)
{
	static const struct {
		const char *why, *bytes;
		size_t size;
		uint64_t want;
	} cases[] = {
		{ "RIFF counts from behind its own size", BYTES("RIFF\x24\0\0\0WAVEfmt "), 0x2c },
		{ "a recorder that was switched off leaves 0", BYTES("RIFF\0\0\0\0WAVEfmt "), 0 },
		{ "or all ones", BYTES("RIFF\xff\xff\xff\xffWAVEfmt "), 0 },
		{ "Matroska: 9 bytes of header, 5 before the segment's 1000",
		  BYTES("\x1a\x45\xdf\xa3\x84\x42\x86\x81\x01\x18\x53\x80\x67\x43\xe8"), 15 + 1000 },
		{ "Matroska: a size of 8 bytes",
		  BYTES("\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\0\0\0\0\0\1\0"), 17 + 256 },
		{ "Matroska: a live recording does not know",
		  BYTES("\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"), 0 },
		{ "Matroska: not known in one byte", BYTES("\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff"), 0 },
		{ "Matroska: a header longer than the head", BYTES("\x1a\x45\xdf\xa3\x88\x18\x53\x80"), 0 },
		{ "PDF does not say", BYTES("%PDF-1.4"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		enum sr_signature signature = sr_signature_of(cases[i].bytes, cases[i].size);

		print_message("case: %s\n", cases[i].why);
		assert_true(sr_signature_promised_bytes(signature, cases[i].bytes, cases[i].size) ==
		            cases[i].want);
	}
}

static void an_extension_is_what_follows_the_last_dot_of_the_name(void **state)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{ "a.pdf", "pdf" },
		{ "A.Pdf", "pdf" },
		{ "a.tar.gz", "gz" },
		{ "documents.pdf/a", NULL },
		{ "a", NULL },
		{ "a.", NULL },
		{ "documents/.pdf", "pdf" },
		{ "a.pdfx", NULL },
		{ "", NULL },
		{ "媒体/现场。mp4", NULL },
		{ "媒体/现场.MP4", "mp4" },
		{ "a.pdf ", NULL },
	};

	(void)state;
	for (size_t i = 0; i < SR_COUNT(cases); i++) {
		const struct sr_extension *extension = sr_extension_of(cases[i].path);

		print_message("case: %s\n", cases[i].path);
		if (cases[i].want)
			assert_string_equal(extension->name, cases[i].want);
		else
			assert_null(extension);
	}
}

static void an_extension_allows_its_own_formats_only(void **state)
{
	const struct sr_extension *docx = sr_extension_of("a.docx");
	const struct sr_extension *text = sr_extension_of("a.txt");
	const struct sr_extension *mp4 = sr_extension_of("a.mp4");

	(void)state;
	assert_true(sr_extension_allows(docx, SR_SIGNATURE_DOCX));
	assert_true(sr_extension_allows(docx, SR_SIGNATURE_OOXML));
	assert_false(sr_extension_allows(docx, SR_SIGNATURE_XLSX));
	assert_false(sr_extension_allows(docx, SR_SIGNATURE_ZIP));
	assert_false(sr_extension_allows(docx, SR_SIGNATURE_UNKNOWN));
	assert_true(sr_extension_allows(sr_extension_of("a.zip"), SR_SIGNATURE_DOCX));
	assert_true(sr_extension_allows_media_type(text, "text/x-shellscript"));
	assert_true(sr_extension_allows_media_type(text, "application/json"));
	assert_false(sr_extension_allows_media_type(text, "application/jsonx"));
	assert_false(sr_extension_allows_media_type(text, "tex"));
	assert_false(sr_extension_allows_media_type(text, ""));
	assert_true(sr_extension_is_recording(mp4));
	assert_false(sr_extension_is_recording(text));
	assert_false(sr_extension_is_recording(sr_extension_of("a.jpg")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_recognised_by_their_beginning),
		cmocka_unit_test(each_cut_and_each_flipped_bit_is_survived),
		cmocka_unit_test(a_transport_stream_has_a_sync_byte_in_each_packet),
		cmocka_unit_test(a_windows_program_leads_to_its_header),
		cmocka_unit_test(long_text_may_be_cut_inside_a_character),
		cmocka_unit_test(containers_promise_a_size),
		cmocka_unit_test(an_extension_is_what_follows_the_last_dot_of_the_name),
		cmocka_unit_test(an_extension_allows_its_own_formats_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
