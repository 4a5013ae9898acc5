/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate before the map: readers and the writer pass it, and the map grows only while nobody is inside,
 * because mdb_env_set_mapsize moves it.  Thread-safe.
 */
#pragma once

#include "appliance/index/inside.h"

SR_CHECKED enum sr_status sr_map_gate_init(struct sr_env *env, struct sr_err *err);
void sr_map_gate_dispose(struct sr_env *env);

/* A reader enters, unless the map is about to move, and leaves. */
void sr_map_gate_enter_reader(struct sr_env *env);
void sr_map_gate_leave_reader(struct sr_env *env);

/* The writer enters alone, after making room where the map is nearly full; tells on leaving if it met its
 * end. */
SR_CHECKED enum sr_status sr_map_gate_enter_writer(struct sr_env *env, struct sr_err *err);
void sr_map_gate_leave_writer(struct sr_env *env, bool was_full);

/* Enlarge the map by at least @more bytes, or as far as map_max lets it (SR_LIMIT: not at all); 0: take over
 * the size that another process gave it. */
SR_CHECKED enum sr_status sr_map_gate_grow(struct sr_env *env, size_t more, struct sr_err *err);
