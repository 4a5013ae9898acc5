/* SPDX-License-Identifier: Apache-2.0 */
/* case.json from outside: read, checked, judged by the base pack, put into a catalogue that must be readable.
 */
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/casefile/catalogue.h"
#include "appliance/casefile/description_check.h"
#include "appliance/casefile/rulebook.h"

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TODAY 20454 /* days since 1970-01-01 */

static void free_seals(struct sr_member_seal **seals)
{
	free(*seals);
}

static void round_trip(const struct sr_case *description, const struct sr_findings *findings)
{
	SR_CLEANUP(sr_buf_dispose) struct sr_buf text = { 0 };
	SR_CLEANUP(sr_catalogue_freep) struct sr_catalogue *catalogue = NULL;
	SR_CLEANUP(free_seals)
	struct sr_member_seal *seals = calloc(description->member_count + 1, sizeof(*seals));
	struct sr_err err;
	const struct sr_catalogue_facts facts = {
		.case_id = "0193b2c0-7a00-7abc-8def-0123456789ab",
		.part = 1,
		.first_number = 1,
		.rulebook = "base",
		.rulebook_digest = DIGEST,
		.findings = findings,
	};

	if (!seals)
		return;
	for (size_t i = 0; i < description->member_count; i++) {
		memcpy(seals[i].sha256, DIGEST, sizeof(seals[i].sha256));
		memcpy(seals[i].head_sha256, DIGEST, sizeof(seals[i].head_sha256));
	}
	if (sr_catalogue_encode(description, &facts, seals, &text, &err) != SR_OK)
		abort();
	/* One path twice is a blocker before any seal; every other description comes back. */
	enum sr_status status = sr_catalogue_decode(sr_buf_bytes(&text), &catalogue, &err);
	for (size_t i = 0; i < sr_findings_count(findings); i++)
		if (strcmp(sr_findings_at(findings, i)->code, "X3") == 0)
			return;
	if (status != SR_OK || catalogue->member_count != description->member_count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sr_rulebook *base; /* read once; lives as long as the process */
	SR_CLEANUP(sr_findings_freep) struct sr_findings *findings = NULL;
	SR_CLEANUP(sr_case_freep) struct sr_case *description = NULL;
	struct sr_err err;

	if (!base && sr_rulebook_load("base", &base, &err) != SR_OK)
		abort();
	if (sr_findings_new(&findings, &err) != SR_OK ||
	    sr_case_read(data, size, findings, &description, &err) != SR_OK)
		return 0;
	if (sr_description_check(description, findings, &err) == SR_OK &&
	    sr_rulebook_check(base, description, TODAY, findings, &err) == SR_OK)
		round_trip(description, findings);
	return 0;
}
