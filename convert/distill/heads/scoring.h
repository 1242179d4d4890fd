/* Scores of pairs of texts from their vectors, and back: dot, cosine, MaxSim.
 *
 * Both ways can be divided among workers, with the same bits for any number of them: forward by pairs, back by the
 * texts of a role, whose gradients one worker sums up over all pairs, in order. */
#ifndef MINNOW_SCORING_H
#define MINNOW_SCORING_H

#include "convert/distill/heads/vectors.h"

struct minnow_text_pair {
    uint32_t query, document; /* texts of the vectors */
};

struct minnow_scoring {
    enum minnow_similarity similarity; /* not MINNOW_JOINT: see joined.h */
    float scale;                       /* that scores are multiplied by: 1 but for cosines, 1 / temperature */
    const struct minnow_vectors *queries, *documents;
    const struct minnow_text_pair *pairs; /* [count] */
    size_t count;
    float *scores;   /* [count] */
    float *gradient; /* [count]: of the loss by the scores, 0 at first, for the losses to fill in */
    uint32_t **best; /* MaxSim: [count][rows of the query], the document's row that each found */
};

/* Room for scores, gradient and best; false: out of memory. */
bool minnow_scoring_take(struct minnow_scoring *scoring, struct minnow_tape *tape);
/* The scores of pairs in a range. */
void minnow_scoring_run(const struct minnow_scoring *scoring, struct minnow_range pairs);
/* Adds to the gradients of a role's texts in a range. */
void minnow_scoring_back(const struct minnow_scoring *scoring, enum minnow_role role, struct minnow_range texts);

/* Of one similarity: `pair` is an index. */
struct minnow_head {
    float (*score)(const struct minnow_scoring *scoring, size_t pair);
    /* g: the gradient of what `score` gave. */
    void (*back)(const struct minnow_scoring *scoring, size_t pair, enum minnow_role role, float g);
};
extern const struct minnow_head minnow_dot_head, minnow_cosine_head, minnow_maxsim_head;

#endif
