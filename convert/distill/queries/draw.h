/* Texts like queries, drawn from a document without a model. What becomes of them in training needs no labels:
 * the teacher says where each belongs (EmbedDistill, arXiv 2301.12005, has BART write such queries; crops, and words of
 * near documents, stand in for it here). */
#ifndef MINNOW_QUERY_DRAW_H
#define MINNOW_QUERY_DRAW_H

#include "convert/distill/queries/term_weights.h"
#include "convert/distill/random.h"

enum minnow_query_kind {
    MINNOW_QUERY_TITLE,    /* the whole title */
    MINNOW_QUERY_SENTENCE, /* a sentence, or its first words */
    MINNOW_QUERY_PHRASE,   /* words that follow each other */
    MINNOW_QUERY_TERMS,    /* words that tell the document from others */
    MINNOW_QUERY_MASKED,   /* a real query, some words left out or taken from a document */
    MINNOW_QUERY_KINDS
};
extern const char *const minnow_query_kind_names[MINNOW_QUERY_KINDS];

enum { MINNOW_FEWEST_WORDS = 3, MINNOW_MOST_WORDS = 12 }; /* of a crop; fewer where the text has no more */
enum { MINNOW_MOST_PART_WORDS = 64 };

struct minnow_query_source {
    struct minnow_text title, text;
    const struct minnow_word_list *words; /* of text */
    const struct minnow_term_weights *weights;
};

/* One query of this kind, not MASKED, into *query, which is emptied first; it stays empty where the document has none
 * of that kind. */
enum minnow_status minnow_query_draw(const struct minnow_query_source *source, enum minnow_query_kind kind,
                                     struct minnow_random *random, struct minnow_plain_text *query,
                                     struct minnow_error *error);

/* Words that follow each other, more than a query has: for questions as long as a paragraph, and for documents. The
 * whole text where that is shorter. */
enum minnow_status minnow_part_draw(const struct minnow_query_source *source, struct minnow_random *random,
                                    struct minnow_plain_text *part, struct minnow_error *error);

/* `real` with 15 to 30% of its words, at least one, masked; one in four of them is left out, and the others are words
 * of the document. */
enum minnow_status minnow_query_mask(struct minnow_text real, const struct minnow_query_source *source,
                                     struct minnow_random *random, struct minnow_plain_text *query,
                                     struct minnow_error *error);

#endif
