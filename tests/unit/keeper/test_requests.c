/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: every command by every role in every state, against docs/design/ACCESS.md written down anew. */
#include "tests/unit/unit.h"

#include "tests/unit/keeper/request_room.h"

#include "appliance/keeper/methods.h"

/* --- roles ----------------------------------------------------------------------------------------- */

/* docs/design/ACCESS.md, first table: h a o s p u y m for the eight roles. */
static const struct {
	const char *method, *parameters, *allowed;
} matrix[] = {
	{ "FileRequest", "{\"cases\":[\"none\"],\"purpose\":\"audit\",\"reason\":\"r\"}", "haos" },
	{ "WithdrawRequest", "{\"request\":\"R99999\"}", "haos" },
	{ "ListRequests", "{}", "haosu" },
	{ "ShowRequest", "{\"request\":\"R99999\"}", "haosu" },
	{ "DecideRequest", "{\"request\":\"R99999\",\"decision\":\"approve\"}", "haos" }, /* as deputies */
	{ "ListGrants", "{}", "haospy" },
	{ "RevokeGrant", "{\"grant\":\"G99999-000000\",\"reason\":\"r\"}", "oy" },
	{ "ReturnGrant", "{\"grant\":\"G99999-000000\"}", "haosp" },
	{ "EscortBeat", "{\"grant\":\"G99999-000000\"}", "haos" },
	{ "PlaceHold", "{\"case\":\"none\",\"reason\":\"r\"}", "o" },
	{ "ReleaseHold", "{\"case\":\"none\",\"reason\":\"r\"}", "o" },
	{ "ListHolds", "{}", "aos" },
	{ "ProposeDisposal", "{\"cases\":[\"none\"],\"reason\":\"r\"}", "a" },
	{ "ApproveDisposal", "{\"disposal\":\"X99999\"}", "o" },
	{ "ListDisposals", "{}", "aos" },
};

static void every_command_is_for_the_roles_that_it_is_for(void **state)
{
	static const struct {
		char letter;
		const char *user;
	} roles[] = { { 'h', "handler" }, { 'a', "archivist" }, { 'o', "official" },  { 's', "supervisor" },
		      { 'p', "A00001" },  { 'u', "auditor2" },  { 'y', "security2" }, { 'm', "keyholder" } };
	id_text request, grant;

	(void)state;
	file("archivist", for_a_party("court"), request);
	take_text(must_ask(&room, "official", "DecideRequest", decision(request, "approve")), "grant", grant,
	          sizeof(grant));
	open_pass(&room, "A00001", grant);
	for (size_t m = 0; m < SR_COUNT(matrix); m++) {
		for (size_t r = 0; r < SR_COUNT(roles); r++) {
			bool allowed = strchr(matrix[m].allowed, roles[r].letter) != NULL;
			enum sr_status status = ask(&room, roles[r].user, matrix[m].method,
			                            json_loads(matrix[m].parameters, 0, NULL), NULL);
			bool refused_role = status != SR_OK && strcmp(room.error, "NotYourRole") == 0;

			/* Where it is for the role, it is about something that is not there. */
			if (refused_role == allowed ||
			    (status != SR_OK && !refused_role && strcmp(room.error, "NotFound") != 0))
				fail_msg("%s as %s: %s %s", matrix[m].method, roles[r].user, room.error,
				         room.err.text);
		}
		refused(&room, NOBODY, matrix[m].method, json_loads(matrix[m].parameters, 0, NULL),
		        "NotSignedIn");
	}
}

/* --- states of requests ---------------------------------------------------------------------------- */

enum state { FILED, PARTLY, APPROVED, REFUSED, WITHDRAWN, STATES };
static const char *const state_names[] = { "filed", "partly", "approved", "refused", "withdrawn" };

/* A request of @filer in a state; where it is partly approved, by official. */
static void request_in(enum state state, const char *filer, id_text out)
{
	json_t *parameters = wish(cases[PLAIN].number);

	/* copies take two officials */
	if (state == PARTLY)
		json_object_set_new(parameters, "channels", json_pack("[s]", "copy"));
	file(filer, parameters, out);
	if (state == PARTLY)
		must_do(&room, "official", "DecideRequest", decision(out, "approve"));
	if (state == APPROVED)
		must_do(&room, "official2", "DecideRequest", decision(out, "approve"));
	if (state == REFUSED)
		must_do(&room, "official2", "DecideRequest", decision(out, "refuse"));
	if (state == WITHDRAWN)
		must_do(&room, filer, "WithdrawRequest", json_pack("{s:s}", "request", out));
}

struct actor {
	const char *user;
	bool reads;   /* of a role that files requests */
	bool decides; /* of the organ's officials, or a deputy of one */
	bool sees;    /* whatever request of the organ */
	const char *decides_for;
};
static const struct actor actors[] = {
	{ "supervisor", true, false, false, NULL },
	{ "cleared", true, false, false, NULL },
	{ "handler", true, false, false, NULL },
	{ "archivist", true, false, false, NULL },
	{ "official", true, true, true, "official" },
	{ "official2", true, true, true, "official2" },
	{ "cleared-official", true, true, true, "cleared-official" },
	{ "deputy", true, true, true, "official" },
	{ "county-official", true, false, false, NULL },
	{ "other-official", true, false, false, NULL },
	{ "other-supervisor", true, false, false, NULL },
	{ "auditor2", false, false, true, NULL },
	{ "security2", false, false, false, NULL },
	{ "keyholder", false, false, false, NULL },
};

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* What ACCESS says: NULL, or the refusal's name. */
static const char *verdict(const char *method, const struct actor *actor, enum state state, const char *filer)
{
	bool own = same(actor->user, filer);
	bool open = state == FILED || state == PARTLY;

	if (strcmp(method, "ShowRequest") == 0 && same(actor->user, "auditor2"))
		return NULL;
	if (!actor->reads)
		return "NotYourRole";
	if (!own && !actor->sees)
		return "NotFound";
	if (strcmp(method, "ShowRequest") == 0)
		return NULL;
	if (strcmp(method, "WithdrawRequest") == 0)
		return !own ? "NotYourRole" : open ? NULL : "AlreadyDecided";
	if (!actor->decides)
		return "NotYourRole";
	if (own || same(actor->decides_for, filer))
		return "OwnRequest";
	if (!open || (state == PARTLY && same(actor->decides_for, "official")))
		return "AlreadyDecided";
	return NULL;
}

static void expect(const struct actor *actor, const char *method, const char *word, enum state state,
                   const char *filer)
{
	const char *wanted = verdict(method, actor, state, filer);
	json_t *parameters;
	id_text request;

	request_in(state, filer, request);
	parameters = word ? decision(request, word) : json_pack("{s:s}", "request", request);
	enum sr_status status = ask(&room, actor->user, method, parameters, NULL);
	if ((status == SR_OK) != !wanted || (wanted && strcmp(wanted, room.error) != 0))
		fail_msg("%s %s by %s of a request of %s that is %s: %s %s, not %s", method, word ? word : "",
		         actor->user, filer, state_names[state], status == SR_OK ? "done" : room.error,
		         status == SR_OK ? "" : room.err.text, wanted ? wanted : "done");
}

static void each_state_lets_through_what_the_rules_let_through(void **state)
{
	static const char *const filers[] = { "supervisor", "official2" };
	static const struct {
		const char *method, *word;
	} commands[] = { { "ShowRequest", NULL },
		         { "WithdrawRequest", NULL },
		         { "DecideRequest", "approve" },
		         { "DecideRequest", "refuse" } };

	(void)state;
	for (size_t f = 0; f < SR_COUNT(filers); f++)
		for (enum state s = FILED; s < STATES; s++)
			for (size_t a = 0; a < SR_COUNT(actors); a++)
				for (size_t c = 0; c < SR_COUNT(commands); c++) {
					/* official2 decides for others in request_in, not their own */
					if (f == 1 && (s == APPROVED || s == REFUSED))
						continue;
					expect(&actors[a], commands[c].method, commands[c].word, s,
					       filers[f]);
				}
}

static void an_officials_own_request_is_not_decided_by_their_deputy(void **state)
{
	id_text request;

	(void)state;
	file("official", wish(cases[PLAIN].number), request);
	refused(&room, "official", "DecideRequest", decision(request, "approve"), "OwnRequest");
	refused(&room, "deputy", "DecideRequest", decision(request, "approve"), "OwnRequest");
	refused(&room, "deputy", "DecideRequest",
	        with(decision(request, "approve"), "deputy_for", json_string("official2")), "NotYourRole");
	must_do(&room, "official2", "DecideRequest", decision(request, "approve"));
	/* Nor may a deputy decide what they asked for themselves. */
	file("deputy", wish(cases[DEPUTYS].id), request);
	refused(&room, "deputy", "DecideRequest", decision(request, "approve"), "OwnRequest");
}

static void a_deputys_decision_says_for_whom(void **state)
{
	id_text request, grant;

	(void)state;
	file("supervisor", wish(cases[PLAIN].number), request);
	take_text(must_ask(&room, "deputy", "DecideRequest", decision(request, "approve")), "grant", grant,
	          sizeof(grant));
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "request.decided");
	assert_string_equal(sr_json_text(entry, "official"), "deputy");
	assert_string_equal(sr_json_text(entry, "deputy_for"), "official");
	assert_string_equal(sr_json_text(entry, "grant"), grant);
}

/* --- what may not be known of ---------------------------------------------------------------------- */

/* The words are the same but for the name that was given. */
static void same_words(const char *user, const char *method, const char *key, const char *hidden,
                       const char *missing)
{
	char first[sizeof(room.err.text)];
	static const char *const keys[] = { "reason", "purpose", "decision" };
	static const char *const values[] = { "r", "audit", "approve" };
	json_t *one = json_object(), *other = json_object();
	const bool list = strcmp(key, "cases") == 0;
	const struct sr_method *m = NULL;

	for (size_t i = 0; (m = sr_method_at(i)) && strcmp(m->name, method) != 0; i++)
		;
	assert_non_null(m);
	for (size_t i = 0; i < SR_COUNT(keys); i++)
		if (strstr(m->parameters, keys[i])) {
			json_object_set_new(one, keys[i], json_string(values[i]));
			json_object_set_new(other, keys[i], json_string(values[i]));
		}
	json_object_set_new(one, key, list ? json_pack("[s]", hidden) : json_string(hidden));
	json_object_set_new(other, key, list ? json_pack("[s]", missing) : json_string(missing));
	refused(&room, user, method, one, "NotFound");
	snprintf(first, sizeof(first), "%s", room.err.text);
	refused(&room, user, method, other, "NotFound");
	char *place = strstr(first, hidden);
	assert_non_null(place);
	assert_int_equal(strlen(hidden), strlen(missing));
	memcpy(place, missing, strlen(missing));
	assert_string_equal(first, room.err.text);
}

static void what_may_not_be_known_of_is_as_what_is_not_there(void **state)
{
	static const char missing[] = "01900000-0000-7000-8000-000000000001";
	id_text request;

	(void)state;
	same_words("handler", "FileRequest", "cases", cases[OTHERS].id, missing);
	same_words("handler", "FileRequest", "cases", cases[OTHERS].number, "样〔2026〕9号");
	same_words("supervisor", "FileRequest", "cases", cases[PRIVATE].id, missing);
	same_words("archivist", "FileRequest", "cases", cases[COUNTYS].id, missing);
	same_words("official", "PlaceHold", "case", cases[BESIDE].id, missing);
	same_words("official", "PlaceHold", "case", cases[PRIVATE].id, missing);
	same_words("official", "ReleaseHold", "case", cases[PRIVATE].id, missing);
	same_words("archivist", "ProposeDisposal", "cases", cases[SECRET].id, missing);
	same_words("official", "ApproveDisposal", "case", cases[SECRET].id, missing);
	same_words("archivist", "ListHolds", "case", cases[BESIDE].id, missing);
	file("cleared", wish(cases[PRIVATE].number), request);
	same_words("official", "ShowRequest", "request", request, "R99999"); /* above their clearances */
	same_words("official", "DecideRequest", "request", request, "R99999");
	same_words("supervisor", "WithdrawRequest", "request", request, "R99999");
	must_do(&room, "cleared-official", "ShowRequest", json_pack("{s:s}", "request", request));
}

/* --- filing ---------------------------------------------------------------------------------------- */

static void invalid_without(const char *user, json_t *parameters, const char *error, const char *says)
{
	refused(&room, user, "FileRequest", parameters, error);
	if (!strstr(room.err.text, says))
		fail_msg("%s: not %s", room.err.text, says);
}

static void a_request_is_checked_when_it_is_filed(void **state)
{
	const char *plain = cases[PLAIN].number;
	char long_reason[2100];

	(void)state;
	memset(long_reason, 'x', sizeof(long_reason));
	long_reason[2049] = 0;
	invalid_without("supervisor", with(wish(plain), "purpose", json_string("curiosity")), "Invalid",
	                "evaluation-review supervision appraisal public-opinion decision social-credit party "
	                "handling reconsideration litigation judicial discipline audit superior");
	invalid_without("supervisor", with(wish(plain), "days", json_integer(31)), "Invalid", "/days");
	invalid_without("supervisor", with(wish(plain), "days", json_integer(0)), "Invalid", "/days");
	invalid_without("supervisor", with(wish(plain), "channels", json_pack("[s]", "usb")), "Invalid",
	                "usb");
	invalid_without("supervisor", with(wish(plain), "channels", json_array()), "Invalid", "/channels");
	invalid_without("supervisor", with(wish(plain), "volumes", json_pack("[s]", "all")), "Invalid",
	                "all");
	invalid_without("supervisor", with(wish(plain), "reason", json_string(long_reason)), "Invalid",
	                "2048");
	invalid_without("supervisor", with(wish(plain), "members", named(plain, 5)), "Invalid",
	                "no member 5");
	invalid_without("supervisor", with(wish(plain), "members", named(plain, 0)), "Invalid",
	                "no member 0");
	invalid_without("supervisor", with(wish(plain), "members", named(cases[OTHERS].number, 1)), "Invalid",
	                "not among");
	invalid_without(
		"supervisor",
		with(with(wish(plain), "members", named(plain, 3)), "volumes", json_pack("[s]", "main")),
		"Invalid", "副卷");
	invalid_without("supervisor", with(wish(plain), "cases", json_array()), "Invalid", "/cases");
	invalid_without("supervisor", with(wish(plain), "cases", json_pack("[s,s]", plain, cases[PLAIN].id)),
	                "Invalid", "twice");
	invalid_without("supervisor",
	                with(wish(plain), "cases", json_pack("[s,s]", plain, cases[COUNTYS].id)), "Invalid",
	                "several organs");
	invalid_without("supervisor", with(wish(plain), "reader", json_string("handler")), "NotYourRole",
	                "own");
	invalid_without(
		"supervisor",
		with(wish(plain), "papers", json_pack("[{s:s,s:s}]", "kind", "identity", "name", "a.pdf")),
		"Invalid", "for whom");
}

static void outsiders_come_to_the_counter_with_their_papers(void **state)
{
	id_text request;

	(void)state;
	invalid_without("supervisor", for_a_party("party"), "NotYourRole", "archivist");
	invalid_without("official", for_a_party("court"), "NotYourRole", "archivist");
	invalid_without("archivist", for_a_party("party"), "PapersMissing", "identity");
	invalid_without("archivist", for_a_party("lawyer"), "PapersMissing", "identity");
	invalid_without("archivist", for_a_party("neighbour"), "Invalid", "/for_kind");
	invalid_without("archivist", with(for_a_party("court"), "volumes", json_pack("[s]", "sub")),
	                "Invalid", "副卷");
	invalid_without("archivist", with(for_a_party("court"), "channels", json_pack("[s]", "fs")),
	                "Invalid", "web");
	invalid_without("archivist", with(for_a_party("court"), "members", named(cases[PLAIN].id, 3)),
	                "Invalid", "副卷");
	file("archivist", for_a_party("court"), request);
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "request.filed");
	assert_null(json_object_get(entry, "reader"));
	assert_string_equal(sr_json_text(entry, "class"), "court");
	SR_CLEANUP(sr_json_decrefp) json_t *main_volume = json_pack("[s]", "main");
	SR_CLEANUP(sr_json_decrefp) json_t *web = json_pack("[s]", "web");
	assert_true(json_equal(json_object_get(entry, "volumes"), main_volume));
	assert_true(json_equal(json_object_get(entry, "channels"), web));
}

static void the_usual_terms_are_those_that_are_documented(void **state)
{
	SR_CLEANUP(sr_json_decrefp)
	json_t *terms = json_pack("[[s,s],[s,s],i]", "fs", "web", "main", "sub", 7);
	id_text request;

	(void)state;
	file("supervisor", wish(cases[PLAIN].number), request);
	SR_CLEANUP(sr_json_decrefp) json_t *entry = keeper_room_last(&room, "request.filed");
	assert_true(json_equal(json_object_get(entry, "channels"), json_array_get(terms, 0)));
	assert_true(json_equal(json_object_get(entry, "volumes"), json_array_get(terms, 1)));
	assert_true(json_equal(json_object_get(entry, "days"), json_array_get(terms, 2)));
	assert_string_equal(sr_json_text(entry, "class"), "supervisor");
	assert_string_equal(sr_json_text(entry, "reader"), "supervisor");
	assert_string_equal(sr_json_text(entry, "organ"), CITY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_is_for_the_roles_that_it_is_for),
		cmocka_unit_test(each_state_lets_through_what_the_rules_let_through),
		cmocka_unit_test(an_officials_own_request_is_not_decided_by_their_deputy),
		cmocka_unit_test(a_deputys_decision_says_for_whom),
		cmocka_unit_test(what_may_not_be_known_of_is_as_what_is_not_there),
		cmocka_unit_test(a_request_is_checked_when_it_is_filed),
		cmocka_unit_test(outsiders_come_to_the_counter_with_their_papers),
		cmocka_unit_test(the_usual_terms_are_those_that_are_documented),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
