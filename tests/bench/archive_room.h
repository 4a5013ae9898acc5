/* SPDX-License-Identifier: Apache-2.0 */
/* A generated archive room: metadata of any number of cases, the same for the same number each time. */
#pragma once

#include <stdint.h>

#define ROOM_MEMBERS 20u
#define ROOM_MEDIA 2u
#define ROOM_FIRST_YEAR 2016
#define ROOM_YEARS 10
#define ROOM_TEXT 192u

struct room_member {
	int class; /* 0 document, 1 medium, 2 explanation */
	uint64_t bytes;
	uint64_t offset;
	uint8_t head[32];
	char path[ROOM_TEXT];
	char title[ROOM_TEXT];
	char kind[ROOM_TEXT];
};

/* What an explanation says of a medium. */
struct room_explanation {
	char collector[ROOM_TEXT];
	char place[ROOM_TEXT];
	char proves[ROOM_TEXT];
};

struct room_case {
	uint8_t id[16];
	char number[ROOM_TEXT];
	char title[ROOM_TEXT];
	char party[ROOM_TEXT];
	char organ[32];
	char city[32]; /* the organ above */
	const char *category;
	char handler[32];
	char archive[64];
	uint8_t classes;
	int64_t day;
	uint8_t seal[32];
	uint64_t bytes;
	struct room_member members[ROOM_MEMBERS];
	struct room_explanation explanations[ROOM_MEDIA];
};

/* Case @index of @count, in the order of dates: a tenth of them a year. */
void room_make(uint64_t index, uint64_t count, struct room_case *out);

/* Words that 17 of 100 titles have, and 15 of 1000. */
#define ROOM_WORDS 5u
extern const char *const room_common_words[ROOM_WORDS];
extern const char *const room_rare_words[ROOM_WORDS];
/* Beginnings of parties' names, 3 to 8 characters. */
extern const char *const room_parties[ROOM_WORDS];
