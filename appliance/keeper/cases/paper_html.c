/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/cases/paper_html.h"

#include <qrencode.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/json.h"

static const char styles[] =
	"body{font-family:'SimSun','Songti SC','Noto Serif CJK SC',serif;font-size:12pt;color:#000;margin:0}"
	"h1{font-size:20pt;text-align:center;letter-spacing:.3em;margin:0 0 8mm}"
	"h2{font-size:13pt;margin:6mm 0 2mm}"
	"table{border-collapse:collapse;width:99.6%;table-layout:fixed;font-size:10.5pt}"
	"th,td{border:1px solid #000;padding:1.6mm 2mm;text-align:left;vertical-align:middle;"
	"overflow-wrap:anywhere}"
	"th{font-weight:bold;text-align:center}thead{display:table-header-group}tr{break-inside:avoid}"
	"td.c{text-align:center;padding:1.6mm .5mm}.k{font-size:12pt}td.n{text-align:right}"
	".k th{width:34mm}.code{font-family:monospace;font-size:10pt}.sign{margin-top:12mm;text-align:right}"
	".cover{font-size:13pt}.cover th{width:46mm}.cover th,.cover td{padding:2mm 3mm}"
	"h1.organ{font-size:18pt;letter-spacing:.15em;margin:6mm 0 4mm}"
	"td{unicode-bidi:isolate}.page{break-after:page}.page:last-child{break-after:auto}";

enum sr_status sr_paper_begin(struct sr_buf *out, const char *title, bool landscape, struct sr_err *err)
{
	SR_TRY(sr_buf_add_text(
		out, "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>", err));
	SR_TRY(sr_paper_text(out, title, err));
	return sr_buf_printf(out, err,
	                     "</title><style>@page{size:A4%s;margin:20mm 18mm}%s</style></head><body>\n",
	                     landscape ? " landscape" : "", styles);
}

enum sr_status sr_paper_end(struct sr_buf *out, struct sr_err *err)
{
	return sr_buf_add_text(out, "</body></html>\n", err);
}

/* What would change how other text reads or looks: control characters, and marks that turn the direction of
 * writing (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069).  Their length in bytes, or 0. */
static size_t unprintable(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	if ((at[0] < 0x20 && at[0] != '\n') || at[0] == 0x7f)
		return 1;
	if (at[0] == 0xd8 && at[1] == 0x9c)
		return 2;
	if (at[0] != 0xe2 || (at[1] != 0x80 && at[1] != 0x81))
		return 0;
	if (at[1] == 0x80 && (at[2] == 0x8e || at[2] == 0x8f || (at[2] >= 0xaa && at[2] <= 0xae)))
		return 3;
	return at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9 ? 3 : 0;
}

enum sr_status sr_paper_text(struct sr_buf *out, const char *text, struct sr_err *err)
{
	static const struct {
		char character;
		const char *entity;
	} entities[] = { { '&', "&amp;" },  { '<', "&lt;" },   { '>', "&gt;" },
		         { '"', "&quot;" }, { '\'', "&#39;" }, { '\n', "<br>" } };

	for (; text && *text; text++) {
		const char *entity = NULL;
		size_t hidden = unprintable(text);

		if (hidden > 0) {
			SR_TRY(sr_buf_add_text(out, "\xef\xbf\xbd", err)); /* U+FFFD */
			text += hidden - 1;
			continue;
		}
		for (size_t i = 0; i < SR_COUNT(entities); i++)
			if (*text == entities[i].character)
				entity = entities[i].entity;
		SR_TRY(entity ? sr_buf_add_text(out, entity, err) : sr_buf_add(out, text, 1, err));
	}
	return SR_OK;
}

enum sr_status sr_paper_short(struct sr_buf *out, const char *text, size_t characters, struct sr_err *err)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf cut = { 0 };
	size_t bytes = 0, seen = 0;
	const char *start;

	if (!text)
		return SR_OK;
	while (text[bytes] && (seen < characters || (text[bytes] & 0xc0) == 0x80)) {
		seen += (text[bytes] & 0xc0) != 0x80;
		bytes++;
	}
	if (!text[bytes])
		return sr_paper_text(out, text, err);
	SR_TRY(sr_buf_add(&cut, text, bytes, err));
	SR_TRY(sr_buf_text(&cut, &start, err));
	SR_TRY(sr_paper_text(out, start, err));
	return sr_buf_add_text(out, "……（过长，全文见电子目录）", err);
}

enum sr_status sr_paper_row(struct sr_buf *out, const char *head, const char *text, struct sr_err *err)
{
	SR_TRY(sr_buf_printf(out, err, "<tr><th>%s</th><td>", head));
	SR_TRY(sr_paper_short(out, text, SR_PAPER_CHARACTERS, err));
	return sr_buf_add_text(out, "</td></tr>\n", err);
}

enum sr_status sr_paper_cell(struct sr_buf *out, const char *class, const char *text, struct sr_err *err)
{
	SR_TRY(sr_buf_printf(out, err, "<td class=\"%s\">", class));
	SR_TRY(sr_paper_short(out, text, SR_PAPER_CHARACTERS, err));
	return sr_buf_add_text(out, "</td>", err);
}

/* --- QR code ---------------------------------------------------------------------------------------- */

static void free_code(QRcode **code)
{
	QRcode_free(*code);
}

enum sr_status sr_paper_qr(struct sr_buf *out, const char *text, unsigned millimetres, struct sr_err *err)
{
	const int quiet = 4; /* modules of white around it, as the standard asks */
	SR_CLEANUP(free_code) QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);

	if (!code)
		return sr_fail_errno(err, "make a QR code");
	SR_TRY(sr_buf_printf(out, err,
	                     "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%umm\" height=\"%umm\" "
	                     "viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\"><rect width=\"100%%\" "
	                     "height=\"100%%\" fill=\"#fff\"/><path fill=\"#000\" d=\"",
	                     millimetres, millimetres, code->width + 2 * quiet, code->width + 2 * quiet));
	for (int y = 0; y < code->width; y++)
		for (int x = 0; x < code->width; x++)
			if (code->data[y * code->width + x] & 1)
				SR_TRY(sr_buf_printf(out, err, "M%d %dh1v1h-1z", x + quiet, y + quiet));
	return sr_buf_add_text(out, "\"/></svg>", err);
}

/* --- words ------------------------------------------------------------------------------------------ */

const char *sr_paper_word(const char *word)
{
	static const char *const words[][2] = {
		{ "inspection", "行政检查" },
		{ "penalty", "行政处罚" },
		{ "coercion", "行政强制" },
		{ "confirmation", "行政确认" },
		{ "ordinary", "普通程序" },
		{ "summary", "简易程序" },
		{ "no_penalty", "不予行政处罚" },
		{ "no_violation", "违法事实不成立" },
		{ "dismissed", "撤销案件" },
		{ "transferred", "移送" },
		{ "declined", "不予受理" },
		{ "permanent", "永久" },
		{ "30y", "30年" },
		{ "10y", "10年" },
		{ "none", "无" },
		{ "privacy", "个人隐私" },
		{ "commercial", "商业秘密" },
		{ "state-secret", "国家秘密" },
		{ "main", "正卷" },
		{ "sub", "副卷" },
		{ "fs", "挂载目录查阅" },
		{ "web", "网页查阅" },
		{ "copy", "复制" },
	};

	for (size_t i = 0; word && i < SR_COUNT(words); i++)
		if (strcmp(words[i][0], word) == 0)
			return words[i][1];
	return word;
}

enum sr_status sr_paper_join(const json_t *list, const char *key, struct sr_buf *out, struct sr_err *err)
{
	size_t index;
	json_t *item;

	json_array_foreach(list, index, item) {
		const char *text = key ? sr_json_text(item, key) : json_string_value(item);

		if (!text || !*text)
			continue;
		if (out->size > 0)
			SR_TRY(sr_buf_add_text(out, "、", err));
		SR_TRY(sr_buf_add_text(out, sr_paper_word(text), err));
	}
	return SR_OK;
}
