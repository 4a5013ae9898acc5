/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sealing under way (SR_DB_SEALING, under the archive's name), written before the archive gets its name: so
 * that a start knows what an archive is that no entry names yet.  And the entry that ends it.
 */
#pragma once

#include "appliance/archive/cover.h"
#include "appliance/index/txn.h"
#include "appliance/keeper/cases/seal_plan.h"
#include "appliance/store/store.h"

/* What the record says; texts are borrowed. */
struct sr_sealing_record {
	const char *name; /* of the archive: "<case id>-<part>" */
	const char *number;
	const char *organ;
	const char *handler;
	const char *archivist;
	const char *draft; /* or NULL */
	unsigned first_number;
	uint8_t case_classes;
};

/* "Busy" when another sealing of the same number in the same organ, or of the same case, is under way. */
SR_CHECKED enum sr_status sr_sealing_refuse_twin(struct sr_act *act, struct sr_txn *txn,
                                                 const struct sr_sealing_record *record, struct sr_err *err);
SR_CHECKED enum sr_status sr_sealing_put(struct sr_txn *txn, const struct sr_sealing_record *record,
                                         struct sr_err *err);
/* Borrow from a record that was read; SR_CORRUPT. */
SR_CHECKED enum sr_status sr_sealing_decode(const char *name, const json_t *record,
                                            struct sr_sealing_record *out, struct sr_err *err);

/* A part as the log tells it; texts are borrowed. */
struct sr_sealed_part {
	const struct sr_sealing_record *record;
	const struct sr_cover *cover; /* id, part, time, members, bytes, previous */
	const json_t *description;
	const struct sr_digest *seal, *stamp;
	int64_t stamped_at_ns;
	const char *from; /* case.imported: its signer's name; NULL: case.sealed */
	bool recovered;   /* adopted at a start */
};

/* The fields of case.sealed, or case.imported; the caller owns *out. */
SR_CHECKED enum sr_status sr_sealed_fields(const struct sr_sealed_part *part, json_t **out,
                                           struct sr_err *err);
