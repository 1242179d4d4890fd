/* How much a corpus' words tell: their inverse document frequency, log(documents / documents that hold it). */
#ifndef MINNOW_TERM_WEIGHTS_H
#define MINNOW_TERM_WEIGHTS_H

#include "convert/distill/queries/word_list.h"

/* Zero it to begin. */
struct minnow_term_weights {
    struct minnow_text_set terms;
    uint32_t *documents, *last; /* [capacity] by term: how many documents hold it, and which was the last, from 1 on */
    size_t capacity;
    uint32_t count; /* of documents */
};

/* `words` are those of `text`, a document. */
enum minnow_status minnow_term_weights_add(struct minnow_term_weights *weights, struct minnow_text text,
                                           const struct minnow_word_list *words, struct minnow_error *error);
/* 0 for a word that no document held. */
double minnow_term_weight(const struct minnow_term_weights *weights, struct minnow_text word);
void minnow_term_weights_free(struct minnow_term_weights *weights);

#endif
