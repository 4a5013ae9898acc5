/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a call on the wire to a command and back: who calls, whether they may, the command on a worker's
 * thread, the answer or the named error.
 */
#pragma once

#include "appliance/keeper/wire/listener.h"

struct sr_keeper;

struct sr_wire_handlers sr_dispatch_handlers(struct sr_keeper *keeper);
