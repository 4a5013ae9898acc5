/* SPDX-License-Identifier: Apache-2.0 */
#include "api/problem.h"

#include <stdio.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/err_parts.h"
#include "appliance/base/json.h"
#include "appliance/base/text.h"
#include "appliance/keeper/wire/wire_error.h"

static const struct {
	const char *name;
	unsigned status;
	const char *title;
} problems[] = {
	{ "Invalid", 422, "the request is not what it must be" },
	{ "Blocked", 422, "blockers stand in the way" },
	{ "Usage", 422, "the request is not what it must be" },
	{ "RequestChanged", 409, "it changed meanwhile" },
	{ "AlreadyDecided", 409, "it is decided already" },
	{ "WrongState", 409, "it is past that, or not there yet" },
	{ "Exists", 409, "it exists already" },
	{ "NotFound", 404, "there is no such thing that you may know of" },
	{ "NotSignedIn", 401, "sign in first" },
	{ "WrongPassword", 403, "no such user, or another password" },
	{ "Denied", 403, "refused" },
	{ "NotGranted", 403, "not granted" },
	{ "NotYourRole", 403, "not for your role" },
	{ "Expired", 403, "it is over" },
	{ "Revoked", 403, "it was revoked" },
	{ "OwnRequest", 403, "nobody decides a request of their own" },
	{ "Returned", 403, "it was given back" },
	{ "PapersMissing", 403, "papers are missing" },
	{ "OwnProposal", 403, "nobody confirms a proposal of their own" },
	{ "LastOne", 403, "the last of its kind stays" },
	{ "ClockUnsure", 503, "the clock must be confirmed first" },
	{ "Held", 403, "a hold stands on it" },
	{ "NotEscorted", 403, "the escort is not there" },
	{ "ClockStopped", 503, "the clock must be confirmed first" },
	{ "TooManyAttempts", 429, "too many attempts" },
	{ "Busy", 503, "try again in a moment" },
	{ "Limit", 413, "too large, or too many" },
	{ "Corrupt", 500, "the appliance failed" },
	{ "Tampered", 500, "the appliance found something damaged" },
	{ "NoMemory", 503, "the appliance is short of memory" },
	{ "Io", 500, "the appliance failed" },
	/* Of HTTP itself. */
	{ "BadRequest", 400, "not a request that this server takes" },
	{ "MissingCsrfToken", 403, "the header token against cross-site posts is missing or wrong" },
	{ "CrossSite", 403, "requests from other sites are refused" },
	{ "NoSuchPath", 404, "there is nothing at this address" },
	{ "MethodNotAllowed", 405, "not with this method" },
	{ "PreconditionFailed", 412, "it is not what you expect" },
	{ "BodyTooLarge", 413, "the body is too large" },
	{ "AddressTooLong", 414, "the address is too long" },
	{ "UnsupportedMediaType", 415, "another kind of body is needed" },
	{ "RangeNotSatisfiable", 416, "there are no such bytes" },
	{ "WrongOffset", 409, "the upload is at another offset" },
	{ "NotFinished", 409, "it is not finished" },
	{ "Locked", 423, "another request is writing it" },
	{ "TooManyHeaders", 431, "too many headers" },
	{ "ChecksumMismatch", 460, "the bytes are not those of the checksum" },
	{ "NotInThisVersion", 501, "this appliance cannot do that" },
};

static const char *bare(const char *name)
{
	return sr_text_starts_with(name, "org.strongroom.") ? name + strlen("org.strongroom.") : name;
}

static size_t row_of(const char *name)
{
	size_t i = 0;

	while (i < SR_COUNT(problems) && strcmp(problems[i].name, bare(name)) != 0)
		i++;
	return i;
}

/* A name of the keeper's own table that has no row here. */
static bool is_kept(const char *name, enum sr_status *status)
{
	char full[160];

	snprintf(full, sizeof(full), SR_WIRE_PREFIX "%s", bare(name));
	*status = sr_wire_error_status(full);
	return sr_wire_error_is_known(full);
}

unsigned sr_problem_status(const char *name)
{
	const size_t row = row_of(name);
	enum sr_status status;

	if (row < SR_COUNT(problems))
		return problems[row].status;
	return is_kept(name, &status) ? problems[row_of(sr_problem_name(status))].status : 500;
}

const char *sr_problem_name(enum sr_status status)
{
	switch (status) {
	case SR_INVALID:
	case SR_USAGE:
		return "Invalid";
	case SR_NOT_FOUND:
		return "NotFound";
	case SR_EXISTS:
		return "Exists";
	case SR_DENIED:
		return "Denied";
	case SR_BLOCKED:
		return "Blocked";
	case SR_BUSY:
		return "Busy";
	case SR_LIMIT:
		return "Limit";
	case SR_CORRUPT:
		return "Corrupt";
	case SR_TAMPERED:
		return "Tampered";
	case SR_NO_MEMORY:
		return "NoMemory";
	case SR_OK:
	case SR_IO:
		return "Io";
	}
	return "Io";
}

/* "/days: must be a whole number" is a place and what is wrong there. */
static enum sr_status add_place(json_t *problem, const char *detail, struct sr_err *err)
{
	const char *colon = strstr(detail, ": ");
	char pointer[256];
	json_t *errors = NULL;

	if (detail[0] != '/' || !colon || (size_t)(colon - detail) >= sizeof(pointer) ||
	    memchr(detail, ' ', (size_t)(colon - detail)))
		return SR_OK;
	snprintf(pointer, sizeof(pointer), "%.*s", (int)(colon - detail), detail);
	SR_TRY(SR_JSON_PACK(&errors, err, "[{s:s,s:s}]", "pointer", pointer, "detail", colon + 2));
	return sr_json_set(problem, "errors", errors, err);
}

/* Takes @parts; NULL: none. */
static json_t *make(const char *name, unsigned status, const char *detail, json_t *parts)
{
	SR_CLEANUP(sr_json_decrefp) json_t *problem = NULL;
	SR_CLEANUP(sr_json_decrefp) json_t *taken = parts;
	size_t row = row_of(name);
	bool known = row < SR_COUNT(problems);
	enum sr_status kept;
	char type[160];
	struct sr_err err;

	if (status == 0)
		status = sr_problem_status(name);
	snprintf(type, sizeof(type), SR_PROBLEM_TYPE "%s", known || is_kept(name, &kept) ? bare(name) : "Io");
	if (!known && is_kept(name, &kept)) {
		row = row_of(sr_problem_name(kept));
		known = true;
	}
	problem = json_pack("{s:s,s:s,s:i}", "type", type, "title",
	                    known ? problems[row].title : "the appliance failed", "status", (int)status);
	if (!problem || status == 500 || !detail || !detail[0])
		return SR_MOVE(problem);
	if (sr_json_set(problem, "detail", json_string(detail), &err) != SR_OK ||
	    (taken && sr_json_set(problem, "parts", SR_MOVE(taken), &err) != SR_OK) ||
	    add_place(problem, detail, &err) != SR_OK)
		return NULL;
	return SR_MOVE(problem);
}

json_t *sr_problem_make(const char *name, unsigned status, const char *detail)
{
	return make(name, status, detail,
	            detail ? json_pack("[{s:s,s:[]}]", "form", detail, "values") : NULL);
}

json_t *sr_problem_of(const char *name, unsigned status, const struct sr_err *err)
{
	return make(name, status, err->text, sr_err_parts_get(err));
}
