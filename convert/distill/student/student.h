/* The student before its first step. A SPEC is a list of KEY=VALUE parted by commas; an item without '=' continues the
 * list before it:
 *     kind=transformer|colbert|cross-encoder|prettr|tk|lstm|cnn|static   (transformer)
 *     layers=2             so many encoder blocks (of lstm: LSTMs) with random weights
 *     layers=0,5           these blocks of the teacher, in this order (teacher-layers=5 for one alone)
 *     hidden=, heads=, ffn=, vocab=, rank=, dimensions=, pooling=cls|mean|max, max-tokens=, join=
 * What is not said is the teacher's, and a key that a kind has no use for is an error. With the teacher's blocks, fewer
 * heads or ffn neurons are the most important ones; `vocab` tokens are those that the training texts use most
 * (vocabulary/prune.h); `rank` makes the word table a product of two factors, the best of that rank where tokens count
 * by their frequency. `hidden` below the teacher's: words are what they are in the teacher's strongest directions.
 * `dimensions` ends the student in a dense layer of that many outputs: EmbedDistill's projection (arXiv 2301.12005),
 * kept as its last layer; ColBERT's has 128 where nothing is said. `join`: blocks that PreTTR's texts pass apart, or
 * else half of them. Of lstm, cnn and static, `rank` is the width of their word table, and `hidden` that of an LSTM's
 * direction or the outputs of each of a CNN's windows. */
#ifndef MINNOW_STUDENT_H
#define MINNOW_STUDENT_H

#include "convert/distill/vocabulary/token_counts.h"
#include "convert/memory.h"
#include "runtime/model/model.h"

struct minnow_student_options {
    const char *spec;
    const struct minnow_contents *teacher; /* f32; its query route, or else its joint one, is what layers are taken of */
    const struct minnow_token_counts *counts; /* of the training texts in the teacher's tokens; NULL: all count alike,
                                                 and no vocabulary can be chosen */
    uint64_t seed;
};

/* f32 contents whose weights lie in `memory`, or are the teacher's own where they are taken whole (a network copies
 * them). They are checked, and what the reader of the kind's layout (convert/checkpoint) would make of them, written
 * down. MINNOW_INVALID_ARGUMENT names the key, what it holds and what it may hold. */
enum minnow_status minnow_student_make(const struct minnow_student_options *options, struct minnow_memory *memory,
                                       struct minnow_contents *student, struct minnow_error *error);

#endif
