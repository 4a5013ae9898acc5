/* SPDX-License-Identifier: Apache-2.0 */
/* The families of the route table. */
#pragma once

#include "api/route.h"

struct sr_route_family {
	const struct sr_route *routes;
	size_t count;
};

extern const struct sr_route_family *const sr_route_families[];
extern const size_t sr_route_family_count;

extern const struct sr_route_family sr_routes_own; /* with functions of their own: routes_own.c */
