/* SPDX-License-Identifier: Apache-2.0 */
/* The decrypted catalogue, checked against the archive that it lies in.  Private to archive/. */
#pragma once

#include "appliance/archive/reader.h"
#include "appliance/base/secret.h"
#include "appliance/casefile/catalogue.h"

/*
 * Decrypt and decode the catalogue; case id, part, time, classification, retention, number and bytes of
 * members must agree with the cover (SR_TAMPERED). The caller frees both the decrypted text and what was
 * decoded from it.
 */
SR_CHECKED enum sr_status sr_plaintext_catalogue(const struct sr_archive *archive,
                                                 const struct sr_secret *identity, struct sr_secret **text,
                                                 struct sr_catalogue **out, struct sr_err *err);
