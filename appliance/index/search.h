/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding cases by cover and catalogue fields, as far as one reader may know of them.  Terms are filed under
 * the classification of what they come from, so what a reader is not cleared for is not even looked at;
 * totals count what the reader may see and nothing else.  docs/INDEX.md.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/index/case_record.h"
#include "appliance/index/txn.h"

#define SR_SEARCH_WORDS 10u   /* of one question */
#define SR_SEARCH_TERMS 64u   /* that its words are cut into */
#define SR_SEARCH_BYTES 1024u /* of any text of a question */
#define SR_SEARCH_SCOPES 256u
#define SR_SEARCH_PAGE 200u

/* Cases within one of these; the codes and names are exact. */
enum sr_scope_kind {
	SR_SCOPE_ORGAN,   /* of this organ */
	SR_SCOPE_SUBTREE, /* of this organ and those below it */
	SR_SCOPE_HANDLER, /* of this user */
};
struct sr_scope {
	enum sr_scope_kind kind;
	struct sr_bytes code;
};

/* A zeroed question finds nothing: it is nobody's. */
struct sr_search {
	/* the reader */
	uint8_t clearances; /* enum sr_classes */
	bool everywhere;    /* every organ; else one of @scopes, of which none means nothing */
	const struct sr_scope *scopes;
	size_t scope_count;
	/* the question: what is empty does not narrow it; all else must hold together */
	struct sr_bytes words;         /* up to SR_SEARCH_WORDS, parted by spaces; each cut as fold.h says */
	struct sr_bytes number;        /* the whole case number, folded alike */
	struct sr_bytes party;         /* beginning of a party's name, folded alike */
	struct sr_bytes category;      /* exact */
	const struct sr_scope *within; /* narrower than the reader's scopes; one of them */
	size_t within_count;
	bool has_from; /* listed on @from_day or later */
	bool has_to;   /* … on @to_day or before */
	int64_t from_day;
	int64_t to_day;
	/* the page */
	const struct sr_case_id *after; /* last case of the page before; NULL: the first page */
	size_t limit;                   /* at most SR_SEARCH_PAGE; 0: the total alone */
};

struct sr_search_page {
	uint64_t total; /* of all pages */
	size_t count;
	bool more; /* a further page follows */
	/* newest year first, latest filed first; texts lie in the map until the transaction ends */
	struct sr_case_record cases[SR_SEARCH_PAGE];
};

/*
 * Answer @search from the transaction's snapshot.  SR_INVALID when it breaks a bound, or @after is no case
 * of this question's answer (also when it is another's).  SR_CORRUPT when the index is damaged: rebuild it.
 */
SR_CHECKED enum sr_status sr_search_run(struct sr_txn *txn, const struct sr_search *search,
                                        struct sr_search_page *out, struct sr_err *err);
