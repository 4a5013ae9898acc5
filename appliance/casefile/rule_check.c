/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/rule_check.h"

#include "appliance/base/cleanup.h"
#include "appliance/base/limits.h"
#include "appliance/casefile/rule_check_field.h"
#include "appliance/casefile/rule_check_member.h"
#include "appliance/casefile/rule_check_time.h"

static enum sr_status check_holds(const struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	switch (sr_condition_judge(j->rule->that, &j->target, &j->judged->judge)) {
	case SR_VERDICT_YES:
		return SR_OK;
	case SR_VERDICT_UNKNOWN:
		return sr_judging_add_unjudged(j, &j->judged->judge.missing, err);
	case SR_VERDICT_NO:
		SR_TRY(sr_filling_begin(j, filling, err));
		return sr_judging_add_finding(j, j->rule->field_count > 0 ? &j->rule->fields[0] : NULL,
		                              filling, err);
	}
	return SR_OK;
}

static enum sr_status check_by_kind(struct sr_judging *j, struct sr_filling *filling, struct sr_err *err)
{
	switch (j->rule->kind) {
	case SR_RULE_REQUIRE_MEMBER:
		return sr_check_require_member(j, filling, err);
	case SR_RULE_REQUIRE_FIELD:
		return sr_check_require_field(j, filling, err);
	case SR_RULE_REQUIRE_WORDS:
		return sr_check_require_words(j, filling, err);
	case SR_RULE_REQUIRE_SERVICE:
		return sr_check_require_service(j, filling, err);
	case SR_RULE_VALUE_IN:
		return sr_check_value_in(j, filling, err);
	case SR_RULE_EQUAL:
		return sr_check_equal(j, filling, err);
	case SR_RULE_SET_ONCE:
		return sr_check_set_once(j, filling, err);
	case SR_RULE_ORDER:
		return sr_check_order(j, filling, err);
	case SR_RULE_DEADLINE:
		return sr_check_deadline(j, filling, err);
	case SR_RULE_GATE:
		return sr_check_gate(j, filling, err);
	case SR_RULE_COVERAGE:
		return sr_check_coverage(j, filling, err);
	case SR_RULE_SIGNERS:
		return sr_check_signers(j, filling, err);
	case SR_RULE_TRANSCRIPT:
		return sr_check_transcript(j, filling, err);
	case SR_RULE_HOLDS:
		return check_holds(j, filling, err);
	}
	return sr_fail(err, SR_INVALID, "rule %s is of an unknown kind", j->rule->code);
}

static enum sr_status check_target(struct sr_judging *j, struct sr_err *err)
{
	SR_CLEANUP(sr_filling_dispose) struct sr_filling filling = { 0 };
	struct sr_judge *judge = &j->judged->judge;
	enum sr_verdict verdict = sr_condition_judge(j->rule->when, &j->target, judge);

	if (judge->steps_left == 0)
		return sr_fail(err, SR_LIMIT, "rule %s: judging this case takes over %llu steps",
		               j->rule->code, (unsigned long long)SR_LIMIT_RULE_STEPS);
	judge->steps_left--;
	if (verdict == SR_VERDICT_NO)
		return SR_OK;
	j->judged->applied = true;
	j->severity = j->rule->severity;
	if (verdict == SR_VERDICT_UNKNOWN)
		return sr_judging_add_unjudged(j, &judge->missing, err);
	return check_by_kind(j, &filling, err);
}

/* Every element of a list in the element @outer. */
static enum sr_status check_inner(struct sr_judging *j, const struct sr_target *outer, struct sr_err *err)
{
	const json_t *list = json_object_get(outer->element, j->rule->scope.inner);

	for (size_t i = 0; i < json_array_size(list); i++) {
		j->target = (struct sr_target){ .root = outer->root,
			                        .element = json_array_get(list, i),
			                        .list = j->rule->scope.inner,
			                        .index = i,
			                        .nested = true,
			                        .outer = outer };
		if (json_is_object(j->target.element))
			SR_TRY(check_target(j, err));
	}
	return SR_OK;
}

enum sr_status sr_rule_check(const struct sr_rule *rule, struct sr_rule_case *judged, struct sr_err *err)
{
	const json_t *root = judged->judge.description->root;
	struct sr_judging j = { .rule = rule, .judged = judged };

	if (!rule->scope.list) {
		j.target = (struct sr_target){ .root = root, .element = root };
		return check_target(&j, err);
	}
	const json_t *list = json_object_get(root, rule->scope.list);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const struct sr_target target = {
			.root = root, .element = json_array_get(list, i), .list = rule->scope.list, .index = i
		};

		if (!json_is_object(target.element))
			continue; /* null: left out */
		j.target = target;
		SR_TRY(rule->scope.inner ? check_inner(&j, &target, err) : check_target(&j, err));
	}
	return SR_OK;
}
