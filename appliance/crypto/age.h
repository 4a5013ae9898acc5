/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age files (age-encryption.org/v1), X25519 recipients only.  This header stands for all of them:
 * keys, header, payload chunks, small files in memory, streams, random access.
 * Source: C2SP age.md; docs/FORMAT.md section "age".  Functions hold no state and may run in any
 * thread; a struct sr_age_cipher or sr_age_reader belongs to one thread at a time.
 */
#pragma once

#include "appliance/crypto/age_file.h"
#include "appliance/crypto/age_header.h"
#include "appliance/crypto/age_keys.h"
#include "appliance/crypto/age_payload.h"
#include "appliance/crypto/age_reader.h"
#include "appliance/crypto/age_stream.h"
