/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rulebook_choose.h"

#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/clock.h"
#include "appliance/base/json.h"
#include "appliance/casefile/pack_shelf.h"
#include "appliance/casefile/rule_value.h"

/* Of another pack of the same series, that is in force on the day. */
static enum sr_status load_of_series(const char *series, int64_t day, struct sr_rulebook **out,
                                     struct sr_err *err)
{
	const struct sr_pack *packs;
	size_t count;

	SR_TRY(sr_pack_shelf_list(&packs, &count, err));
	for (size_t i = 0; i < count; i++) {
		SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;

		SR_TRY(sr_rulebook_load(packs[i].name, &rulebook, err));
		const char *own = sr_rulebook_series(rulebook);
		if (!own || strcmp(own, series) != 0 || !sr_rulebook_in_force(rulebook, day))
			continue;
		*out = SR_MOVE(rulebook);
		return SR_OK;
	}
	return sr_fail(err, SR_NOT_FOUND, "no rulebook of the series %.64s is in force", series);
}

/* The day by which the rulebook is chosen: of the start, else of the complaint.  False: neither is known. */
static bool day_of_start(const struct sr_case *description, int64_t *out)
{
	static const char *const places[][2] = { { "dates", "started" }, { "complaint", "at" } };
	struct sr_moment moment;

	for (size_t i = 0; i < SR_COUNT(places); i++) {
		const char *text =
			sr_json_text(json_object_get(description->root, places[i][0]), places[i][1]);

		if (!text || !sr_moment_parse(text, &moment))
			continue;
		*out = moment.days;
		return true;
	}
	return false;
}

enum sr_status sr_rulebook_choose(const char *name, const struct sr_case *description,
                                  struct sr_rulebook **out, struct sr_err *err)
{
	SR_CLEANUP(sr_rulebook_freep) struct sr_rulebook *rulebook = NULL;
	char date[SR_TIME_TEXT];
	int64_t day = 0; /* gcc does not see that it is set where it is used */
	bool dated = day_of_start(description, &day);
	enum sr_status status = sr_rulebook_load(name, &rulebook, err);

	if (status == SR_NOT_FOUND && dated && load_of_series(name, day, out, err) == SR_OK)
		return SR_OK;
	if (status == SR_NOT_FOUND) /* again, for what it says */
		return sr_rulebook_load(name, &rulebook, err);
	SR_TRY(status);
	if (!dated || sr_rulebook_in_force(rulebook, day)) {
		*out = SR_MOVE(rulebook);
		return SR_OK;
	}
	const char *series = sr_rulebook_series(rulebook);
	status = load_of_series(series ? series : name, day, out, err);
	if (status != SR_NOT_FOUND)
		return status;
	sr_date_format(day, date);
	return sr_fail(
		err, SR_INVALID,
		"rulebook %s is not in force on %s, when the case was started; name another one, or judge "
		"by it all the same with --rulebook",
		name, date);
}
