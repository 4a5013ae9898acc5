/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/keeper/wire/wire_error.h"

#include <stddef.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/base/err_parts.h"
#include "appliance/base/json.h"

/* The first name of a status is its general one. */
static const struct {
	const char *name;
	enum sr_status status;
} names[] = {
	{ SR_WIRE_PREFIX "Invalid", SR_INVALID },
	{ SR_WIRE_PREFIX "RequestChanged", SR_INVALID },
	{ SR_WIRE_PREFIX "WrongState", SR_INVALID },
	{ SR_WIRE_PREFIX "AlreadyDecided", SR_INVALID },
	{ SR_WIRE_PREFIX "Usage", SR_USAGE },
	{ SR_WIRE_PREFIX "NotFound", SR_NOT_FOUND },
	{ SR_WIRE_PREFIX "Exists", SR_EXISTS },
	{ SR_WIRE_PREFIX "Denied", SR_DENIED },
	{ SR_WIRE_PREFIX "NotGranted", SR_DENIED },
	{ SR_WIRE_PREFIX "NotYourRole", SR_DENIED },
	{ SR_WIRE_PREFIX "NotSignedIn", SR_DENIED },
	{ SR_WIRE_PREFIX "WrongPassword", SR_DENIED },
	{ SR_WIRE_PREFIX "Expired", SR_DENIED },
	{ SR_WIRE_PREFIX "Revoked", SR_DENIED },
	{ SR_WIRE_PREFIX "Returned", SR_DENIED },
	{ SR_WIRE_PREFIX "ClockStopped", SR_DENIED },
	{ SR_WIRE_PREFIX "NotEscorted", SR_DENIED },
	{ SR_WIRE_PREFIX "OwnRequest", SR_DENIED },
	{ SR_WIRE_PREFIX "PapersMissing", SR_DENIED },
	{ SR_WIRE_PREFIX "ClockUnsure", SR_DENIED },
	{ SR_WIRE_PREFIX "OwnProposal", SR_DENIED },
	{ SR_WIRE_PREFIX "LastOne", SR_DENIED },
	{ SR_WIRE_PREFIX "Held", SR_DENIED },
	{ SR_WIRE_PREFIX "Blocked", SR_BLOCKED },
	{ SR_WIRE_PREFIX "Busy", SR_BUSY },
	{ SR_WIRE_PREFIX "TooManyAttempts", SR_BUSY },
	{ SR_WIRE_PREFIX "Limit", SR_LIMIT },
	{ SR_WIRE_PREFIX "Corrupt", SR_CORRUPT },
	{ SR_WIRE_PREFIX "Tampered", SR_TAMPERED },
	{ SR_WIRE_PREFIX "NoMemory", SR_NO_MEMORY },
	{ SR_WIRE_PREFIX "Io", SR_IO },
	/* Varlink's own (varlink.org, Service): for callers that speak the protocol and not our commands. */
	{ "org.varlink.service.MethodNotFound", SR_INVALID },
	{ "org.varlink.service.MethodNotImplemented", SR_INVALID },
	{ "org.varlink.service.InterfaceNotFound", SR_INVALID },
	{ "org.varlink.service.InvalidParameter", SR_INVALID },
	{ "org.varlink.service.ExpectedMore", SR_INVALID },
	{ "org.varlink.service.PermissionDenied", SR_DENIED },
};

const char *sr_wire_error_name(enum sr_status status)
{
	for (size_t i = 0; i < SR_COUNT(names); i++) {
		if (names[i].status == status)
			return names[i].name;
	}
	return NULL;
}

enum sr_status sr_wire_error_status(const char *name)
{
	for (size_t i = 0; i < SR_COUNT(names); i++) {
		if (strcmp(names[i].name, name) == 0)
			return names[i].status;
	}
	return SR_IO;
}

bool sr_wire_error_is_known(const char *name)
{
	for (size_t i = 0; i < SR_COUNT(names); i++) {
		if (strcmp(names[i].name, name) == 0)
			return true;
	}
	return false;
}

json_t *sr_wire_error_parameters(const struct sr_err *why)
{
	return json_pack("{s:s,s:o*}", "message", why->text, "parts", sr_err_parts_get(why));
}

enum sr_status sr_wire_error_take(const char *name, const json_t *parameters, struct sr_err *err)
{
	const char *text = sr_json_text(parameters, "message");
	const enum sr_status status = sr_fail(err, sr_wire_error_status(name), "%s", text ? text : name);

	sr_err_parts_take(err, json_object_get(parameters, "parts"));
	return status;
}
