/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/archive_room.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"

const char *const room_common_words[ROOM_WORDS] = { "串换", "虚构", "超量", "分解", "挂床" };
const char *const room_rare_words[ROOM_WORDS] = { "冒名", "倒卖", "伪造", "滞纳", "拒查" };
const char *const room_parties[ROOM_WORDS] = { "赤峰市", "包头市惠", "通辽市同济", "呼和浩特市平安大",
	                                       "乌海市王" };

static const char *const common_acts[] = { "串换药品骗取医保基金", "虚构诊疗服务套取基金", "超量开药违反协议",
	                                   "分解住院费用", "挂床住院骗取支出" };
static const char *const rare_acts[] = { "冒名就医", "倒卖医保药品", "伪造医疗文书", "滞纳医疗保险费",
	                                 "拒查不配合检查" };
static const char *const other_acts[] = { "重复收费", "超标准收费", "违规使用医用耗材", "未按规定保管资料" };
static const char *const cities[] = { "呼和浩特市", "包头市",     "乌海市",     "赤峰市",
	                              "通辽市",     "鄂尔多斯市", "呼伦贝尔市", "巴彦淖尔市",
	                              "乌兰察布市", "兴安盟",     "锡林郭勒盟", "阿拉善盟" };
static const char *const short_names[] = { "呼",   "包", "乌海", "赤", "通", "鄂",
	                                   "呼伦", "巴", "乌",   "兴", "锡", "阿" };
static const char *const name_parts[] = { "惠", "民", "康", "仁", "同济", "平安", "大", "益",
	                                  "福", "寿", "天", "和", "德",   "信",   "永", "昌",
	                                  "百", "草", "金", "泰", "华",   "盛",   "国", "宏",
	                                  "瑞", "祥", "春", "明", "安",   "乐",   "兴", "隆" };
static const char *const kinds_of_party[] = { "大药房", "医院", "诊所",       "卫生服务站",
	                                      "中医馆", "药店", "口腔门诊部", "卫生院" };
static const char *const surnames[] = { "王", "李", "张", "刘", "陈", "杨", "赵", "黄",
	                                "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
	                                "何", "郭", "马", "罗", "梁", "宋", "郑", "谢" };
static const char *const given[] = { "伟",   "芳", "娜",   "秀英", "敏", "静", "丽",   "强",
	                             "磊",   "军", "洋",   "勇",   "艳", "杰", "娟",   "涛",
	                             "明",   "超", "秀兰", "霞",   "平", "刚", "桂英", "志强",
	                             "建国", "文", "辉",   "力",   "晓", "雪", "玉兰", "海燕" };
static const char *const documents[] = { "立案审批表",     "现场检查笔录",
	                                 "询问笔录",       "调查取证通知书",
	                                 "证据登记表",     "协查函",
	                                 "鉴定意见书",     "重大执法决定法制审核意见书",
	                                 "集体讨论记录",   "行政处罚事先告知书",
	                                 "陈述申辩笔录",   "听证告知书",
	                                 "行政处罚决定书", "送达回证",
	                                 "执行情况记录",   "结案审批表",
	                                 "结算清单",       "药品进销存台账",
	                                 "处方笺",         "病历复印件",
	                                 "费用明细",       "协议文本",
	                                 "银行流水",       "身份证明" };
static const char *const places[] = { "营业大厅", "药品仓库", "收费窗口",   "住院部三楼",
	                              "门诊诊室", "财务室",   "医保办公室", "档案室" };
static const char *const proofs[] = {
	"串换药品的事实",       "虚记费用的事实",         "当事人不在院的事实",
	"库存与销售不符的事实", "处方与收费不一致的事实", "检查过程合法的事实"
};

/* splitmix64 */
static uint64_t chance(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

#define ONE_OF(array, state) ((array)[chance(state) % SR_COUNT(array)])

static const char *choose_act(uint64_t *state)
{
	uint64_t percent = chance(state) % 1000;

	if (percent < 850)
		return common_acts[percent / 170];
	if (percent < 925)
		return rare_acts[(percent - 850) / 15];
	return ONE_OF(other_acts, state);
}

static void random_bytes(uint64_t *state, uint8_t *out, size_t size)
{
	for (size_t i = 0; i < size; i += 8) {
		uint64_t word = chance(state);

		memcpy(out + i, &word, 8);
	}
}

static void make_party(uint64_t *state, const char *city, char out[ROOM_TEXT])
{
	if (chance(state) % 4 == 0)
		snprintf(out, ROOM_TEXT, "%s%s%s", city, ONE_OF(surnames, state), ONE_OF(given, state));
	else
		snprintf(out, ROOM_TEXT, "%s%s%s%s%s", city, ONE_OF(name_parts, state),
		         ONE_OF(name_parts, state), chance(state) % 2 ? ONE_OF(name_parts, state) : "",
		         ONE_OF(kinds_of_party, state));
}

static void make_explanation(uint64_t *state, const char *party, struct room_explanation *out)
{
	snprintf(out->collector, sizeof(out->collector), "%s%s", ONE_OF(surnames, state),
	         ONE_OF(given, state));
	snprintf(out->place, sizeof(out->place), "%.150s%s", party, ONE_OF(places, state));
	snprintf(out->proves, sizeof(out->proves), "%s", ONE_OF(proofs, state));
}

static void make_member(uint64_t *state, unsigned n, uint64_t *offset, struct room_member *out)
{
	const char *document = documents[(n + chance(state) % 3) % SR_COUNT(documents)];

	out->class = n < ROOM_MEMBERS - 2 * ROOM_MEDIA ? 0 : n % 2 == 0 ? 1 : 2;
	if (out->class == 0) {
		snprintf(out->path, sizeof(out->path), "documents/%03u %s.pdf", n + 1, document);
		snprintf(out->title, sizeof(out->title), "%s", document);
		snprintf(out->kind, sizeof(out->kind), "%s", document);
	} else {
		const char *place = ONE_OF(places, state);
		const char *folder = out->class == 1 ? "media" : "explanations";

		snprintf(out->path, sizeof(out->path), "%s/%03u %s检查.%s", folder, n + 1, place,
		         out->class == 1 ? "mp4" : "md");
		snprintf(out->title, sizeof(out->title), "%s检查", place);
		snprintf(out->kind, sizeof(out->kind), "%s", out->class == 1 ? "现场检查录像" : "文字说明");
	}
	out->bytes = out->class == 1 ? 50000000 + chance(state) % 900000000 : 20000 + chance(state) % 900000;
	out->offset = *offset;
	*offset += (out->bytes + out->bytes / 4096 + 1535) / 512 * 512;
	random_bytes(state, out->head, sizeof(out->head));
}

void room_make(uint64_t index, uint64_t count, struct room_case *out)
{
	static const uint8_t classes[] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 2 };
	static const char *const categories[] = { "penalty", "penalty", "penalty", "inspection", "coercion" };
	uint64_t state = index * 0x2545f4914f6cdd1du + 7;
	uint64_t per_year = (count + ROOM_YEARS - 1) / ROOM_YEARS;
	int year = ROOM_FIRST_YEAR + (int)(index / per_year);
	uint64_t in_year = index % per_year;
	size_t city = in_year % SR_COUNT(cities);
	unsigned county = (unsigned)(in_year / SR_COUNT(cities) % 9);
	uint64_t offset = 512;

	memset(out, 0, offsetof(struct room_case, members));
	random_bytes(&state, out->id, sizeof(out->id));
	for (unsigned i = 0; i < 6; i++) /* UUIDv7: the time first */
		out->id[i] = (uint8_t)((1451606400000u + index * 315000000000u / count) >> (40 - 8 * i));
	out->id[6] = (uint8_t)(0x70 | (out->id[6] & 15));
	out->id[8] = (uint8_t)(0x80 | (out->id[8] & 63));
	out->day = sr_date_join(year, 1, 1) + (int64_t)(in_year * 365 / per_year);
	snprintf(out->number, sizeof(out->number), "%s医保罚〔%d〕%u号", short_names[city], year,
	         (unsigned)(in_year / (9 * SR_COUNT(cities)) + 1));
	make_party(&state, cities[city], out->party);
	snprintf(out->title, sizeof(out->title), "%.150s%s案", out->party, choose_act(&state));
	snprintf(out->city, sizeof(out->city), "15%02zu00-YB", city);
	snprintf(out->organ, sizeof(out->organ), "15%02zu%02u-YB", city, county);
	out->category = ONE_OF(categories, &state);
	out->classes = ONE_OF(classes, &state);
	snprintf(out->handler, sizeof(out->handler), "u%04u", (unsigned)(chance(&state) % 2000));
	snprintf(out->archive, sizeof(out->archive), "%d/%012u-001.tar", year, (unsigned)index);
	random_bytes(&state, out->seal, sizeof(out->seal));
	for (unsigned n = 0; n < ROOM_MEMBERS; n++)
		make_member(&state, n, &offset, &out->members[n]);
	for (unsigned n = 0; n < ROOM_MEDIA; n++)
		make_explanation(&state, out->party, &out->explanations[n]);
	out->bytes = offset;
}
