/* SPDX-License-Identifier: Apache-2.0 */
/* A rulebook pack from outside, applied to a small case. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/casefile/rulebook.h"

#define TODAY 20454 /* days since 1970-01-01 */

static const char description[] =
	"{\"format\":\"strongroom-case-description/1\",\"number\":\"1\",\"category\":\"penalty\",\"pro"
	"cedure\":\"ordinary\",\"outcome\":\"penalty\",\"retention\":\"30y\",\"classification\":[\"priv"
	"acy\"],\"officers\":[{\"name\":\"甲\",\"certificate_no\":\"1\"}],\"dates\":{\"started\":\"2025-03"
	"-01T09:00:00+08:00\",\"closed\":\"2025-02-01\"},\"acts\":[{\"id\":\"a1\",\"kind\":\"interview\""
	",\"from\":\"2025-03-02T10:00:00+08:00\",\"to\":\"2025-03-02T11:00:00+08:00\",\"officers\":"
	"[\"1\",\"2\"],\"told\":[\"cause\"],\"documents\":[\"a.pdf\"],\"recordings\":[\"b.mp4\",\"c.ogg\"],"
	"\"covers\":[\"scene\"],\"gaps\":[{\"from\":\"2025-03-02T10:20:00+08:00\",\"to\":\"2025-03-02T"
	"10:30:00+08:00\",\"reason\":\"fault\"}]},null],\"rights\":[{\"right\":\"hearing\",\"exercise"
	"d\":\"yes\",\"told_in\":\"a.pdf\"}],\"major\":{\"is\":true},\"legal_review\":[{\"round\":1,\"res"
	"ult\":\"passed\",\"decided\":\"2025-04-17\"}],\"discussion\":{\"attended\":[\"甲\",\"乙\"],\"signe"
	"d\":[\"甲\"]},\"decision\":{\"made_on\":\"2025-04-16\",\"signed_at\":\"2025-04-16\",\"fine\":\"20"
	"000.00\",\"publication\":{\"published_on\":\"2025-04-28\"}},\"service\":[{\"document\":\"a.p"
	"df\",\"receipt\":\"a.pdf\",\"method\":\"direct\"}],\"members\":[{\"path\":\"a.pdf\",\"class\":\"do"
	"cument\",\"kind\":\"立案审批表\",\"form\":\"YB-02/"
	"2020\"},{\"path\":\"b.mp4\",\"class\":\"medium\",\"ev"
	"idence\":true,\"retention\":\"30y\",\"recorded_from\":\"2025-03-02T10:00:00+08:00\",\"reco"
	"rded_to\":\"2025-03-02T10:20:00+08:00\",\"stored_at\":\"2025-03-04T10:20:00+08:00\",\"no"
	"tice_at\":\"00:00:08\",\"discs\":[{\"number\":\"D\"}]},{\"path\":\"c.ogg\",\"class\":\"medium\",\""
	"evidence\":true,\"recorded_from\":\"2025-03-02T10:30:00+08:00\",\"recorded_to\":\"2025-0"
	"3-02T11:00:00+08:00\"}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	SR_CLEANUP(sr_case_freep) struct sr_case *judged = NULL;
	struct sr_err err;

	if (sr_rulebook_parse((struct sr_bytes){ data, size }, &rulebook, &err) != SR_OK)
		return 0;
	if (sr_findings_new(&findings, &err) != SR_OK ||
	    sr_case_read(description, strlen(description), findings, &judged, &err) != SR_OK)
		abort();
	if (sr_rulebook_check(rulebook, judged, TODAY, findings, &err) == SR_INVALID)
		abort(); /* what parses can be applied */
	return 0;
}
