/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of rulebooks share: packs as text.  Include tests/unit/unit.h first. */
#pragma once

#include "appliance/casefile/rulebook.h"
#include "tests/unit/casefile/cases.h"

#define TODAY 20454 /* 2026-01-01: date -u -d 2026-01-01 +%s divided by 86400 */
#define HEAD                                                                                                 \
	"{\"format\":\"strongroom-rulebook/"                                                                 \
	"1\",\"name\":\"test\",\"title_zh\":\"测试\",\"title_en\":\"test\""
#define PACK(rules) HEAD ",\"rules\":[" rules "]}"
#define RULE_WITH(texts, rest)                                                                               \
	"{\"code\":\"T1\",\"article\":\"第一条\",\"severity\":\"defect\"," rest "," texts "}"
#define TEXTS "\"zh\":\"中\",\"en\":\"en\",\"fix_zh\":\"改\",\"fix_en\":\"fix\""
#define RULE(rest) RULE_WITH(TEXTS, rest)

static inline enum sr_status parse(const char *text, struct sr_rulebook **out, struct sr_err *err)
{
	return sr_rulebook_parse((struct sr_bytes){ (const uint8_t *)text, strlen(text) }, out, err);
}
