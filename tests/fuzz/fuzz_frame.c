/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper's wire: any bytes, cut anywhere, give the same frames as in one piece, each a call or refused.
 * The first byte says how large the pieces are; a bit of it gives the first piece descriptors.
 */
#include "tests/fuzz/target.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/base/cleanup.h"
#include "appliance/keeper/wire/frame.h"
#include "appliance/keeper/wire/message.h"

#define PIECE_MASK 0x7fu
#define DESCRIPTOR_BIT 0x80u

struct outcome {
	size_t frames;
	size_t calls;
	size_t bytes;
	bool refused;
};

static void judge(struct sr_frame *frame, struct outcome *outcome)
{
	struct sr_message message = { 0 };
	struct sr_err err;

	if (memchr(frame->text, 0, frame->size))
		abort();
	outcome->frames++;
	outcome->bytes += frame->size;
	if (sr_message_parse_call(frame->text, frame->size, &message, &err) == SR_OK) {
		outcome->calls++;
		if (!sr_message_name_is_valid(message.method) || !json_is_object(message.parameters))
			abort();
	}
	sr_message_dispose(&message);
	(void)!sr_message_parse_answer(frame->text, frame->size, &message, &err);
	sr_message_dispose(&message);
}

static void take_frames(struct sr_frame_reader *reader, struct outcome *outcome)
{
	bool got = true;

	while (got && !outcome->refused) {
		SR_CLEANUP(sr_frame_dispose) struct sr_frame frame = { 0 };
		struct sr_err err;

		outcome->refused = sr_frame_reader_next(reader, &got, &frame, &err) != SR_OK;
		if (got && !outcome->refused)
			judge(&frame, outcome);
	}
}

static struct outcome read_in_pieces(const uint8_t *data, size_t size, size_t piece, bool descriptors)
{
	SR_CLEANUP(sr_frame_reader_dispose) struct sr_frame_reader reader = { 0 };
	struct outcome outcome = { 0 };
	bool first = true;

	while (size > 0 && !outcome.refused) {
		struct sr_descriptors with = { 0 };
		struct sr_err err;
		uint8_t *at;
		size_t room;

		if (sr_frame_reader_room(&reader, &at, &room, &err) != SR_OK)
			abort();
		room = room < size ? room : size;
		room = room < piece ? room : piece;
		memcpy(at, data, room);
		if (descriptors && first &&
		    sr_descriptors_add(&with, open("/dev/null", O_RDONLY | O_CLOEXEC), &err) != SR_OK)
			abort();
		first = false;
		outcome.refused = sr_frame_reader_took(&reader, room, &with, &err) != SR_OK;
		take_frames(&reader, &outcome);
		data += room;
		size -= room;
	}
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	size_t piece = (data[0] & PIECE_MASK) + 1u;
	struct outcome whole = read_in_pieces(data + 1, size - 1, SIZE_MAX, false);
	struct outcome cut = read_in_pieces(data + 1, size - 1, piece, data[0] & DESCRIPTOR_BIT);

	if (!whole.refused && (cut.refused || cut.frames != whole.frames || cut.calls != whole.calls ||
	                       cut.bytes != whole.bytes))
		abort();
	return 0;
}
