/* SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"

#include "appliance/base/cleanup.h"

#define ROW(m, p, c, q, b, s, f, text)                                                                       \
	{                                                                                                    \
		.method = (m), .path = "/api/v1" p, .command = (c), .query = (q), .body = (b),               \
		.status = (s), .flags = (f), .summary = (text)                                               \
	}

/* Rows that are nothing but a command; those with a function of their own stand in routes_own.c. */

static const struct sr_route people[] = {
	ROW("GET", "/sessions", "ListSessions", "user:text?", NULL, 200, 0, "sessions that are open"),
	ROW("POST", "/password", "ChangePassword", NULL, "old:text? new:text", 204, SR_ROUTE_SLOW,
	    "another password"),
	ROW("GET", "/users", "ListUsers", "limit:count? after:text?", NULL, 200, 0, "users and proposals"),
	ROW("POST", "/users", "ProposeUser", NULL,
	    "user:text role:text organ:text? full_name:text? clearances:texts? login:text? password:text?",
	    201, SR_ROUTE_SLOW, "propose a user"),
	ROW("PATCH", "/users/{user}", "ChangeUser", NULL,
	    "role:text? organ:text? full_name:text? clearances:texts? login:text? removed:texts?", 200, 0,
	    "propose a change"),
	ROW("DELETE", "/users/{user}", "DisableUser", NULL, "reason:prose?", 200, 0, "disable a user"),
	ROW("POST", "/users/{user}/password", "ResetPassword", NULL, "password:text?", 200, SR_ROUTE_SLOW,
	    "propose a new password"),
	ROW("POST", "/users/{user}/confirm", "ConfirmUser", NULL, "proposal:text?", 200, 0,
	    "confirm what was proposed"),
	ROW("POST", "/roster", "ImportRoster", NULL, "csv:prose", 200, SR_ROUTE_SLOW, "propose many users"),
	ROW("GET", "/organs", "ListOrgans", NULL, NULL, 200, 0, "organs"),
	ROW("POST", "/organs", "AddOrgan", NULL, "organ:text name:text level:text parent:text?", 201, 0,
	    "add an organ"),
	ROW("GET", "/delegations", "ListDelegations", NULL, NULL, 200, 0, "deputies"),
	ROW("POST", "/delegations", "Delegate", NULL, "deputy:text from:text until:text official:text?", 201,
	    0, "name a deputy"),
	ROW("DELETE", "/delegations/{delegation}", "EndDelegation", NULL, NULL, 204, 0, "end a delegation"),
	ROW("GET", "/policy", "ShowPolicy", NULL, NULL, 200, 0, "the approval table"),
	ROW("POST", "/policy", "ProposePolicy", NULL, "table:object", 201, 0, "propose another table"),
	ROW("POST", "/policy/confirm", "ConfirmPolicy", NULL, "policy:text?", 200, 0, "confirm it"),
	ROW("POST", "/clock/confirm", "ConfirmClock", NULL, NULL, 200, 0, "confirm the clock"),
	ROW("POST", "/applications", "Apply", NULL,
	    "number:text name:text identity:text reason:prose contact:text", 201, SR_ROUTE_STRANGERS,
	    "a party applies"),
	ROW("GET", "/applications", "ListApplications", NULL, NULL, 200, 0, "applications at the counter"),
	ROW("GET", "/applications/{code}", "FollowApplication", NULL, NULL, 200, SR_ROUTE_STRANGERS,
	    "how an application stands"),
	ROW("POST", "/grants/{grant}/pass", "IssuePass", NULL, "identity:text", 201, 0, "a one-time pass"),
};
static const struct sr_route_family sr_routes_people = { people, SR_COUNT(people) };

static const struct sr_route requests[] = {
	ROW("GET", "/requests", "ListRequests", "state:text? limit:count? after:text?", NULL, 200, 0,
	    "requests"),
	ROW("POST", "/requests", "FileRequest", NULL,
	    "cases:texts purpose:text reason:prose days:count? members:objects? volumes:texts? "
	    "channels:texts? "
	    "for:text? for_kind:text? papers:objects? reader:text? application:text? review:text?",
	    201, 0, "ask to read"),
	ROW("GET", "/requests/{request}", "ShowRequest", NULL, NULL, 200, 0, "one request"),
	ROW("DELETE", "/requests/{request}", "WithdrawRequest", NULL, "reason:prose?", 204, 0, "withdraw it"),
	ROW("POST", "/requests/{request}/decision", "DecideRequest", NULL,
	    "decision:text digest:text? cases:texts? without_members:objects? with_members:objects? "
	    "days:count? "
	    "channels:texts? escort:text? no_cache:flag? reason:prose? deputy_for:text?",
	    200, 0, "approve or refuse"),
	ROW("GET", "/grants", "ListGrants", "state:text? grant:text?", NULL, 200, 0, "grants"),
	ROW("POST", "/grants/{grant}/revoke", "RevokeGrant", NULL, "reason:prose", 200, 0, "stop now"),
	ROW("POST", "/grants/{grant}/return", "ReturnGrant", NULL, "reason:prose?", 200, 0, "done early"),
	ROW("POST", "/grants/{grant}/beat", "EscortBeat", NULL, "leave:flag?", 200, SR_ROUTE_SLOW,
	    "the escort is there; the answer is held for two seconds"),
	ROW("GET", "/live", "LiveAccess", NULL, NULL, 200, 0, "who reads what now"),
	ROW("GET", "/holds", "ListHolds", "case:text?", NULL, 200, 0, "holds"),
	ROW("POST", "/cases/{case}/hold", "PlaceHold", NULL, "reason:prose", 201, 0, "place a hold"),
	ROW("POST", "/cases/{case}/release", "ReleaseHold", NULL, "hold:text? reason:prose", 200, 0,
	    "release a hold"),
	ROW("GET", "/disposals", "ListDisposals", NULL, NULL, 200, 0, "disposals"),
	ROW("POST", "/disposals", "ProposeDisposal", NULL, "cases:texts reason:prose", 201, 0,
	    "propose a disposal"),
	ROW("POST", "/disposals/{disposal}/approve", "ApproveDisposal", NULL, NULL, 200, SR_ROUTE_SLOW,
	    "approve it"),
};
static const struct sr_route_family sr_routes_requests = { requests, SR_COUNT(requests) };

static const struct sr_route cases[] = {
	ROW("GET", "/cases", "FindCases",
	    "q:text? number:text? party:text? category:text? from:text? to:text? limit:count? after:text?",
	    NULL, 200, 0, "search covers and catalogues"),
	ROW("GET", "/cases/{case}", "ShowCase", NULL, NULL, 200, SR_ROUTE_SLOW, "cover and catalogue"),
	ROW("GET", "/cases/{case}/papers/{paper}", "ShowPaper", "part:count?", NULL, 200, SR_ROUTE_SLOW,
	    "a printable paper of a sealed case: cover, list, notes, properties, proof"),
	ROW("GET", "/cases/{case}/verification", "LastFixity", NULL, NULL, 200, 0, "the last fixity result"),
	ROW("POST", "/verifications", "VerifyCase", NULL, "cases:texts? all:flag? quick:flag? rate:count?",
	    202, SR_ROUTE_JOB, "verify archives"),
};
static const struct sr_route_family sr_routes_cases = { cases, SR_COUNT(cases) };

static const struct sr_route drafts[] = {
	ROW("GET", "/drafts", "ListDrafts", "state:text?", NULL, 200, 0, "drafts"),
	{ .method = "POST",
	  .path = "/api/v1/drafts",
	  .command = "CreateDraft",
	  .body = "number:text? part_of:text? description:object?",
	  .status = 201,
	  .body_max = 8u << 20,
	  .summary = "a new draft" },
	ROW("GET", "/drafts/{draft}", "ShowDraft", NULL, NULL, 200, SR_ROUTE_SLOW, "one draft"),
	{ .method = "PATCH",
	  .path = "/api/v1/drafts/{draft}",
	  .command = "DescribeDraft",
	  .body = "description:object",
	  .status = 200,
	  .body_max = 8u << 20,
	  .summary = "describe the case" },
	ROW("DELETE", "/drafts/{draft}", "DropDraft", NULL, "reason:prose?", 204, SR_ROUTE_SLOW, "drop it"),
	ROW("DELETE", "/drafts/{draft}/members", "RemoveMember", "path:text", NULL, 204, 0,
	    "remove a member"),
	ROW("GET", "/drafts/{draft}/findings", "CheckDraft", NULL, NULL, 200, SR_ROUTE_SLOW, "check it"),
	ROW("POST", "/drafts/{draft}/remarks", "AnswerFinding", NULL,
	    "code:text text:prose by:text? head:text?", 200, 0, "answer a finding"),
	ROW("POST", "/drafts/{draft}/submit", "SubmitDraft", NULL, NULL, 200, SR_ROUTE_SLOW,
	    "hand it to the archivist"),
	ROW("POST", "/drafts/{draft}/return", "ReturnDraft", NULL, "reason:prose", 200, 0, "hand it back"),
	ROW("POST", "/drafts/{draft}/seal", "SealDraft", NULL, "remarks:objects?", 202, SR_ROUTE_JOB,
	    "seal it; ask the job how far it is"),
	ROW("GET", "/register", "ListRegister", "organ:text? year:count? limit:count? after:text?", NULL, 200,
	    0, "the register of cases"),
	ROW("POST", "/register", "AddRegisterRow", NULL, "row:object", 201, 0, "a row more"),
	ROW("POST", "/register/import", "ImportRegister", NULL, "csv:prose", 200, SR_ROUTE_SLOW, "many rows"),
	ROW("GET", "/register/reconciliation", "ReconcileRegister", NULL, NULL, 200, SR_ROUTE_SLOW,
	    "what of the register is not archived"),
};
static const struct sr_route_family sr_routes_drafts = { drafts, SR_COUNT(drafts) };

static const struct sr_route ledger[] = {
	ROW("GET", "/ledger/entries", "LedgerEntries",
	    "from:count? limit:count? type:text? who:text? about:text? since:text? until:text?", NULL, 200, 0,
	    "entries"),
	ROW("GET", "/ledger/proof/{seq:count}", "LedgerProof", NULL, NULL, 200, 0, "a receipt"),
	ROW("POST", "/ledger/verification", "VerifyLedger", NULL, NULL, 202, SR_ROUTE_JOB, "verify the log"),
	ROW("POST", "/ledger/extension", "ProveExtension", NULL, "checkpoint:prose", 200, SR_ROUTE_SLOW,
	    "prove that the log extends a checkpoint"),
	ROW("GET", "/status", "Status", NULL, NULL, 200, SR_ROUTE_SLOW, "how the appliance is"),
	ROW("GET", "/stats", "Statistics", "year:count", NULL, 200, SR_ROUTE_SLOW,
	    "numbers, each with the case ids behind it"),
	ROW("GET", "/warnings", "Warnings", NULL, NULL, 200, SR_ROUTE_SLOW, "early warnings"),
	ROW("GET", "/readings", "Readings", "from:text to:text after:count? limit:count?", NULL, 200,
	    SR_ROUTE_SLOW, "the register of readings"),
	ROW("GET", "/reviews", "ListReviews", NULL, NULL, 200, 0, "reviews, and findings to be mended"),
	ROW("POST", "/reviews", "DrawReview", NULL,
	    "year:count? count:count? seed:text? category:text? reviewers:texts? review:text? days:count? "
	    "reason:prose?",
	    201, SR_ROUTE_SLOW, "draw a sample and ask to read it"),
	ROW("POST", "/reviews/seeds", "SeedReview", NULL,
	    "year:count count:count seed:text category:text? reviewers:texts?", 201, 0,
	    "write the seed of a draw into the log"),
	ROW("GET", "/reviews/{review}", "ShowReview", NULL, NULL, 200, 0, "a review with its findings"),
	ROW("POST", "/reviews/{review}", "RecordReview", NULL, "record:object", 200, 0, "record a review"),
	ROW("POST", "/findings/{finding}/mended", "MendFinding", NULL, "text:prose part:count?", 200, 0,
	    "say how a finding was mended"),
	ROW("POST", "/findings/{finding}/closed", "CloseFinding", NULL, "text:prose?", 200, 0,
	    "find it mended"),
	ROW("POST", "/findings/{finding}/reopened", "ReopenFinding", NULL, "text:prose", 200, 0,
	    "find it not mended"),
};
static const struct sr_route_family sr_routes_ledger = { ledger, SR_COUNT(ledger) };

const struct sr_route_family *const sr_route_families[] = {
	&sr_routes_own,   &sr_routes_people, &sr_routes_requests,
	&sr_routes_cases, &sr_routes_drafts, &sr_routes_ledger,
};
const size_t sr_route_family_count = SR_COUNT(sr_route_families);
