/* SPDX-License-Identifier: Apache-2.0 */
#include "api/cookie.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Tokens are base64url; anything else never reaches the keeper. */
static bool take_token(const char *from, size_t size, char out[SR_COOKIE_TOKEN_BYTES])
{
	if (size == 0 || size >= SR_COOKIE_TOKEN_BYTES)
		return false;
	for (size_t i = 0; i < size; i++) {
		const char c = from[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '_'))
			return false;
	}
	memcpy(out, from, size);
	out[size] = 0;
	return true;
}

bool sr_cookie_session(const char *header, char out[SR_COOKIE_TOKEN_BYTES])
{
	static const char name[] = SR_COOKIE_SESSION "=";
	const size_t name_size = sizeof(name) - 1;
	bool found = false;

	while (header && *header) {
		header += strspn(header, " \t;");
		size_t size = strcspn(header, ";");
		if (strncmp(header, name, name_size) == 0) {
			size_t end = size;

			while (end > name_size && (header[end - 1] == ' ' || header[end - 1] == '\t'))
				end--;
			if (found || !take_token(header + name_size, end - name_size, out))
				return false;
			found = true;
		}
		header += size;
	}
	return found;
}

bool sr_cookie_bearer(const char *header, char out[SR_COOKIE_TOKEN_BYTES])
{
	if (!header || strncasecmp(header, "Bearer ", 7) != 0)
		return false;
	header += 7 + strspn(header + 7, " ");
	size_t size = strlen(header);
	while (size > 0 && header[size - 1] == ' ')
		size--;
	return take_token(header, size, out);
}
