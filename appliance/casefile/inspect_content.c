/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/inspect_content.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/fd.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/casefile/encoding.h"
#include "appliance/casefile/extension.h"
#include "appliance/casefile/inspect_note.h"
#include "appliance/casefile/signature.h"

#define TOLERANCE_S 60
#define TOLERANCE_MS 60000
#define TEXT_BYTES (1u << 20)    /* of an explanation that are searched for a character */
#define PROMISE_SLACK_BYTES 1024 /* recorders write sizes that are some bytes off */
#define PDF_TAIL_BYTES 24576
#define WORDS 1024

/* One member while it is looked at. */
struct look {
	struct sr_probe *probe;
	const struct sr_inspect_file *file;
	struct sr_findings *findings;
	uint8_t head[SR_SIGNATURE_BYTES];
	size_t head_bytes;
	enum sr_signature signature;
	const struct sr_extension *extension; /* NULL: not in the table */
	bool wrong_type;                      /* X5 was found */
	bool asked;
	enum sr_status asked_status; /* SR_OK, or SR_CORRUPT: the helper broke down over the file */
	struct sr_probe_answer answer;
	bool want_pages;
};

static enum sr_status add(struct look *look, struct sr_inspect_note note, char *zh, char *en,
                          struct sr_err *err)
{
	note.path = look->file->member->path;
	note.member = look->file->index;
	return sr_inspect_note_add(look->findings, &note, zh, en, err);
}

static bool is_medium(const struct look *look)
{
	return look->file->member->class == SR_MEMBER_MEDIUM;
}

/* At most once a file.  What the file does to the helper is an answer too. */
static enum sr_status ask(struct look *look, struct sr_err *err)
{
	bool recording = is_medium(look) || (look->extension && sr_extension_is_recording(look->extension));

	bool paged = look->want_pages && look->signature == SR_SIGNATURE_PDF;
	unsigned want = (recording ? SR_PROBE_WANT_RECORDING : 0) | (paged ? SR_PROBE_WANT_PAGES : 0);

	if (look->asked)
		return SR_OK;
	enum sr_status status = sr_probe_ask(look->probe, look->file->fd, want, &look->answer, err);
	if (status != SR_OK && status != SR_CORRUPT)
		return status;
	if (status == SR_CORRUPT)
		look->answer = (struct sr_probe_answer){ .duration_ms = -1, .start_ns = INT64_MIN };
	look->asked = true;
	look->asked_status = status;
	return SR_OK;
}

/* --- X5 ------------------------------------------------------------------------------------------------- */

/* libmagic knows many formats, though not every one that recorders write; libavformat knows those. */
static bool probe_confirms(const struct look *look)
{
	const struct sr_probe_answer *answer = &look->answer;

	if (look->asked_status != SR_OK)
		return false;
	if (sr_extension_allows_media_type(look->extension, answer->media_type))
		return true;
	bool unknown = !answer->media_type[0] || strcmp(answer->media_type, "application/octet-stream") == 0;
	return unknown && look->signature == SR_SIGNATURE_UNKNOWN && answer->is_recording &&
	       sr_extension_is_recording(look->extension);
}

static const char *type_found(const struct look *look)
{
	bool generic = !look->answer.media_type[0] ||
	               strcmp(look->answer.media_type, "application/octet-stream") == 0;

	return generic ? sr_signature_media_type(look->signature) : look->answer.media_type;
}

static enum sr_status check_type(struct look *look, struct sr_err *err)
{
	char zh[WORDS], en[WORDS];

	if (!look->extension || sr_extension_allows(look->extension, look->signature))
		return SR_OK;
	SR_TRY(ask(look, err));
	if (probe_confirms(look))
		return SR_OK;
	const char *type = type_found(look);
	if (strcmp(type, "application/octet-stream") == 0) {
		snprintf(zh, sizeof(zh), "扩展名为.%s，但内容不是这种格式，也认不出是什么格式，可能已损坏",
		         look->extension->name);
		snprintf(en, sizeof(en),
		         "the extension is .%s, but the content is not of that format, nor of any "
		         "known one; it may be damaged",
		         look->extension->name);
	} else {
		bool named = look->signature != SR_SIGNATURE_UNKNOWN;
		snprintf(zh, sizeof(zh), "扩展名为.%s，但内容实际是%s（%s）", look->extension->name,
		         named ? sr_signature_name_zh(look->signature) : "另一种格式", type);
		snprintf(en, sizeof(en), "the extension is .%s, but the content is %s", look->extension->name,
		         type);
	}
	look->wrong_type = true;
	return add(
		look,
		(struct sr_inspect_note){
			.code = "X5",
			.severity = SR_SEVERITY_BLOCKER,
			.fix_zh =
				"核对原件后换成正确的文件，或把扩展名改为与内容相符，并同时改正目录中的路径",
			.fix_en = "put the right file in its place, or give it the extension of its content "
				  "and "
				  "correct its path in the catalogue too",
		},
		zh, en, err);
}

/* --- X7, X11 -------------------------------------------------------------------------------------------- */

static enum sr_status add_unreadable(struct look *look, const char *why_zh, const char *why_en,
                                     struct sr_err *err)
{
	char zh[WORDS], en[WORDS];

	snprintf(zh, sizeof(zh), "音像资料无法核对时长：%s", why_zh);
	snprintf(en, sizeof(en), "the recording's length cannot be checked: %s", why_en);
	return add(look,
	           (struct sr_inspect_note){
			   .code = "X7",
			   .severity = SR_SEVERITY_BLOCKER,
			   .fix_zh = "从执法记录设备或存储介质重新导出完整的录音录像，替换此文件",
			   .fix_en = "export the whole recording from the recorder or its storage again and "
				     "put it in "
				     "this file's place",
		   },
	           zh, en, err);
}

/* NULL when the recording can be measured, else why not; *en_out as well. */
static const char *cannot_be_measured(const struct look *look, const char **en_out)
{
	uint64_t promised = sr_signature_promised_bytes(look->signature, look->head, look->head_bytes);
	bool cut = promised > look->file->bytes && promised - look->file->bytes > PROMISE_SLACK_BYTES;

	if (look->asked_status != SR_OK) {
		*en_out = "the file makes the program that reads recordings break down; it is damaged or "
			  "hostile";
		return "该文件使读取录音录像的程序出错或超时，可能已损坏或被人为构造";
	}
	if (!look->answer.is_recording) {
		*en_out = "the file cannot be read as a recording";
		return "无法作为录音录像读取";
	}
	if (cut || look->answer.truncated) {
		*en_out = "the end of the file is missing";
		return "文件不完整，末尾缺失";
	}
	if (look->answer.duration_ms < 0) {
		*en_out = "the file does not tell it";
		return "文件中没有时长信息";
	}
	return NULL;
}

static enum sr_status check_duration(struct look *look, int64_t from_ns, int64_t to_ns, struct sr_err *err)
{
	char is_zh[SR_SPAN_TEXT], is_en[SR_SPAN_TEXT], said_zh[SR_SPAN_TEXT], said_en[SR_SPAN_TEXT];
	int64_t said_ms = to_ns / 1000000 - from_ns / 1000000;
	int64_t off_ms = look->answer.duration_ms - said_ms;
	char zh[WORDS], en[WORDS];

	if (off_ms >= -TOLERANCE_MS && off_ms <= TOLERANCE_MS)
		return SR_OK;
	sr_inspect_span(look->answer.duration_ms / 1000, is_zh, is_en);
	sr_inspect_span(said_ms / 1000, said_zh, said_en);
	if (said_ms < 0) {
		snprintf(zh, sizeof(zh), "登记的录制结束时间早于开始时间；文件时长%s", is_zh);
		snprintf(en, sizeof(en), "recorded_to is before recorded_from; the recording lasts %s",
		         is_en);
	} else {
		snprintf(zh, sizeof(zh), "录制时长与登记不符：文件时长%s，登记的起止时间相隔%s，相差超过%d秒",
		         is_zh, said_zh, TOLERANCE_S);
		snprintf(en, sizeof(en),
		         "the recording lasts %s, but %s lie between recorded_from and recorded_to; they "
		         "differ by "
		         "more than %d s",
		         is_en, said_en, TOLERANCE_S);
	}
	return add(
		look,
		(struct sr_inspect_note){
			.code = "X7",
			.severity = SR_SEVERITY_BLOCKER,
			.key = "recorded_to",
			.fix_zh = "核对录制起止时间并更正；录像不完整的，导入完整的原始文件",
			.fix_en =
				"check and correct the times; if the recording is incomplete, put the whole "
				"original in its place",
		},
		zh, en, err);
}

/* Many cameras write their local time as if it were UTC: then the two differ by the zone's offset. */
static bool looks_like_local_time(int64_t own_ns, int64_t from_ns)
{
	int64_t day = sr_date_of_time(from_ns);
	int64_t zone_s = day * SR_DAY_S - sr_time_of_date(day) / SR_SECOND_NS;
	int64_t off_s = (own_ns - from_ns) / SR_SECOND_NS - zone_s;

	return zone_s != 0 && off_s >= -TOLERANCE_S && off_s <= TOLERANCE_S;
}

static enum sr_status check_start(struct look *look, int64_t from_ns, struct sr_err *err)
{
	char own[SR_TIME_TEXT], from[SR_TIME_TEXT], span_zh[SR_SPAN_TEXT], span_en[SR_SPAN_TEXT];
	int64_t own_ns = look->answer.start_ns;
	int64_t off_s;
	char zh[WORDS], en[WORDS];

	if (own_ns == INT64_MIN || __builtin_sub_overflow(own_ns, from_ns, &off_s))
		return SR_OK;
	off_s /= SR_SECOND_NS;
	if (off_s >= -TOLERANCE_S && off_s <= TOLERANCE_S)
		return SR_OK;
	bool local = looks_like_local_time(own_ns, from_ns);
	sr_time_format_local(own_ns, own);
	sr_time_format_local(from_ns, from);
	sr_inspect_span(off_s, span_zh, span_en);
	snprintf(zh, sizeof(zh), "文件自带的开始时间为%s，登记的开始时间为%s，相差%s%s", own, from, span_zh,
	         local ? "（可能是设备把当地时间记作世界时）" : "");
	snprintf(en, sizeof(en),
	         "the file itself says that it begins at %s, the description says %s: %s apart%s", own, from,
	         span_en, local ? " (the device may have written local time as UTC)" : "");
	return add(look,
	           (struct sr_inspect_note){
			   .code = "X11",
			   .severity = SR_SEVERITY_WARNING,
			   .key = "recorded_from",
			   .fix_zh = "核对录制开始时间；设备时钟不准的，在备注中说明",
			   .fix_en = "check the time; if the device's clock is wrong, say so in a remark",
		   },
	           zh, en, err);
}

static enum sr_status check_recording(struct look *look, struct sr_err *err)
{
	const json_t *json = look->file->member->json;
	const char *from = sr_json_text(json, "recorded_from");
	const char *to = sr_json_text(json, "recorded_to");
	const char *why_en = NULL;
	int64_t from_ns, to_ns;

	/* A photograph has no length. */
	if (!is_medium(look) || sr_signature_is_picture(look->signature))
		return SR_OK;
	SR_TRY(ask(look, err));
	if (!look->answer.is_recording &&
	    (look->wrong_type || strncmp(look->answer.media_type, "image/", 6) == 0))
		return SR_OK;
	const char *why_zh = cannot_be_measured(look, &why_en);
	if (why_zh)
		return add_unreadable(look, why_zh, why_en, err);
	if (!from || !sr_time_parse(from, &from_ns))
		return SR_OK;
	if (to && sr_time_parse(to, &to_ns))
		SR_TRY(check_duration(look, from_ns, to_ns, err));
	return check_start(look, from_ns, err);
}

/* --- X8 ------------------------------------------------------------------------------------------------- */

/* UTF-16 with a byte-order mark, as some editors write it. */
static bool is_blank_utf16(const uint8_t *text, size_t size)
{
	size_t high = text[0] == 0xff ? 1 : 0;

	for (size_t at = 2; at + 1 < size; at += 2) {
		unsigned unit = (unsigned)text[at + high] << 8 | text[at + 1 - high];

		if (unit != ' ' && !(unit >= '\t' && unit <= '\r') && unit != 0x3000 && unit != 0xa0)
			return false;
	}
	return true;
}

static enum sr_status is_blank_file(const struct look *look, bool *out, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_buf_dispose) struct sr_buf converted = { 0 };
	struct sr_bytes utf8;
	const char *words;

	SR_TRY(sr_buf_reserve(&text, TEXT_BYTES, err));
	SR_TRY(sr_fd_pread(look->file->fd, text.data, TEXT_BYTES, 0, &text.size, err));
	if (text.size >= 2 && ((text.data[0] == 0xff && text.data[1] == 0xfe) ||
	                       (text.data[0] == 0xfe && text.data[1] == 0xff))) {
		*out = is_blank_utf16(text.data, text.size);
		return SR_OK;
	}
	*out = false;
	if (sr_encoding_to_utf8(sr_buf_bytes(&text), &converted, &utf8, err) != SR_OK)
		return SR_OK; /* what has no reading is not blank; X5 speaks of it */
	SR_CLEANUP(sr_buf_dispose) struct sr_buf copy = { 0 };
	SR_TRY(sr_buf_add(&copy, utf8.data, utf8.size, err));
	SR_TRY(sr_buf_text(&copy, &words, err));
	*out = memchr(words, 0, copy.size) == NULL && sr_text_is_blank(words);
	return SR_OK;
}

static enum sr_status check_explanation(struct look *look, struct sr_err *err)
{
	char zh[] = "文字说明中没有文字，只有空白";
	char en[] = "the explanation holds no words, only blanks";
	bool blank;

	if (look->file->member->class != SR_MEMBER_EXPLANATION || look->signature != SR_SIGNATURE_TEXT)
		return SR_OK;
	enum sr_status status = is_blank_file(look, &blank, err);
	if (status != SR_OK)
		return sr_inspect_note_unreadable(look->findings, look->file->member->path, look->file->index,
		                                  status, err);
	if (!blank)
		return SR_OK;
	return add(look,
	           (struct sr_inspect_note){
			   .code = "X8",
			   .severity = SR_SEVERITY_BLOCKER,
			   .fix_zh = "写明取证人员、取证时间、取证地点和证明对象",
			   .fix_en = "write who collected it, when and where, and what it proves",
		   },
	           zh, en, err);
}

/* --- X15, X16 ------------------------------------------------------------------------------------------- */

/* From behind, where it stands in a file that is whole. */
static bool contains_end(const uint8_t *bytes, size_t size)
{
	static const char end[] = "%%EOF";
	const size_t length = sizeof(end) - 1;
	const uint8_t *at = size < length ? NULL : bytes + size - length + 1; /* behind the last place */

	while (at && (at = memrchr(bytes, end[0], (size_t)(at - bytes))))
		if (memcmp(at, end, length) == 0)
			return true;
	return false;
}

/* A PDF ends with "%%EOF", by ISO 32000-1 in its last line; poppler looks for it in the last 24 KiB.  What
 * has none was cut, and need not be asked about. */
static enum sr_status has_end(const struct look *look, bool *out, struct sr_err *err)
{
	uint64_t from = look->file->bytes > PDF_TAIL_BYTES ? look->file->bytes - PDF_TAIL_BYTES : 0;
	SR_CLEANUP(sr_buf_dispose) struct sr_buf tail = { 0 };

	SR_TRY(sr_buf_reserve(&tail, PDF_TAIL_BYTES, err));
	SR_TRY(sr_fd_pread(look->file->fd, tail.data, PDF_TAIL_BYTES, from, &tail.size, err));
	*out = contains_end(tail.data, tail.size);
	return SR_OK;
}

static enum sr_status add_encrypted(struct look *look, struct sr_err *err)
{
	char zh[] = "PDF文件设有打开口令，不输入口令不能阅读";
	char en[] = "the PDF opens with a password alone";

	return add(look,
	           (struct sr_inspect_note){
			   .code = "X16",
			   .severity = SR_SEVERITY_BLOCKER,
			   .fix_zh = "取消口令后重新保存，用不加密的文件替换；归档文件不得加密（DA/T 70）",
			   .fix_en =
				   "save it without the password and put that in its place; what is archived "
				   "must not be encrypted (DA/T 70)",
		   },
	           zh, en, err);
}

static enum sr_status compare_pages(struct look *look, struct sr_err *err)
{
	const json_t *json = look->file->member->json;
	const json_t *from = json_object_get(json, "page_from"), *to = json_object_get(json, "page_to");
	json_int_t said = json_integer_value(to) - json_integer_value(from) + 1;
	char zh[WORDS], en[WORDS];

	if (!json_is_integer(from) || !json_is_integer(to) || said < 1 || said == look->answer.pages)
		return SR_OK;
	snprintf(zh, sizeof(zh), "页数与文件不符：登记第%lld页至第%lld页共%lld页，PDF文件实有%u页",
	         (long long)json_integer_value(from), (long long)json_integer_value(to), (long long)said,
	         look->answer.pages);
	snprintf(en, sizeof(en), "pages %lld to %lld are %lld, but the PDF has %u",
	         (long long)json_integer_value(from), (long long)json_integer_value(to), (long long)said,
	         look->answer.pages);
	return add(look,
	           (struct sr_inspect_note){
			   .code = "X15",
			   .severity = SR_SEVERITY_WARNING,
			   .key = "page_to",
			   .fix_zh = "核对页数：漏扫的补扫后替换文件，页号错的改正；确有空白页、附页不编号的"
				     "，在备注中说明",
			   .fix_en = "check the pages: put a complete scan in its place, or correct the page "
				     "numbers; explain pages that carry no number in a remark",
		   },
	           zh, en, err);
}

/* SR_PAGES_UNREADABLE is no finding of its own: the four-property report says it (item 3-4). */
static enum sr_status count_pages(struct look *look, struct sr_member_pages *pages, struct sr_err *err)
{
	bool ends;

	if (!pages || look->signature != SR_SIGNATURE_PDF || is_medium(look))
		return SR_OK;
	pages->state = SR_PAGES_UNREADABLE;
	enum sr_status status = has_end(look, &ends, err);
	if (status != SR_OK)
		return sr_inspect_note_unreadable(look->findings, look->file->member->path, look->file->index,
		                                  status, err);
	if (!ends)
		return SR_OK;
	SR_TRY(ask(look, err));
	if (look->asked_status == SR_OK && look->answer.encrypted) {
		pages->state = SR_PAGES_ENCRYPTED;
		return add_encrypted(look, err);
	}
	if (look->asked_status != SR_OK || look->answer.pages == 0)
		return SR_OK;
	*pages = (struct sr_member_pages){ SR_PAGES_COUNTED, look->answer.pages };
	return compare_pages(look, err);
}

enum sr_status sr_inspect_content(struct sr_probe *probe, const struct sr_inspect_file *file,
                                  struct sr_findings *findings, struct sr_member_pages *pages,
                                  struct sr_err *err)
{
	struct look look = {
		.probe = probe, .file = file, .findings = findings, .want_pages = pages != NULL
	};

	enum sr_status status = sr_fd_pread(file->fd, look.head, sizeof(look.head), 0, &look.head_bytes, err);
	if (status != SR_OK)
		return sr_inspect_note_unreadable(findings, file->member->path, file->index, status, err);
	look.signature = sr_signature_of(look.head, look.head_bytes);
	look.extension = sr_extension_of(file->member->path);
	SR_TRY(check_type(&look, err));
	SR_TRY(check_explanation(&look, err));
	SR_TRY(count_pages(&look, pages, err));
	return check_recording(&look, err);
}
