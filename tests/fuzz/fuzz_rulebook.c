/* SPDX-License-Identifier: Apache-2.0 */
/* A rulebook pack from outside, applied to a small case. */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/casefile/rulebook.h"

#define TODAY 20454 /* days since 1970-01-01 */

static const char description[] =
	"{\"format\":\"strongroom-case-description/1\",\"number\":\"1\",\"category\":\"penalty\","
	"\"classification\":[\"privacy\"],\"dates\":{\"started\":\"2025-03-01T09:00:00+08:00\",\"closed\":"
	"\"2025-02-01\"},\"acts\":[{\"id\":\"a1\",\"documents\":[\"a.pdf\"]},null],\"members\":["
	"{\"path\":\"a.pdf\",\"class\":\"document\",\"kind\":\"立案审批表\"},"
	"{\"path\":\"b.mp4\",\"class\":\"medium\",\"evidence\":true,\"retention\":\"30y\"}]}";

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
