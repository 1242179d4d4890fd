/* The student before its first step. A SPEC is a list of KEY=VALUE parted by commas; an item without '=' continues the
 * list before it:
 *     kind=transformer|colbert|cross-encoder|prettr|tk|lstm|cnn|static   (transformer)
 *     layers=2             so many encoder blocks (of lstm: LSTMs) with random weights
 *     layers=0,5           these blocks of the teacher, in this order (teacher-layers=5 for one alone)
 *     hidden=, heads=, ffn=, vocab=, rank=, dimensions=, max-tokens=, join=
 *     pooling=cls|mean|max, similarity=cosine|dot
 * What is not said is the teacher's, and a key that a kind has no use for is an error.
 *     heads, ffn           with the teacher's blocks fewer are the most important ones, each as wide as before
 *     vocab                tokens that the training texts use most (vocabulary/prune.h)
 *     rank                 makes the word table a product of two factors, the best of that rank where tokens count by
 *                          how often they come (to the power 3/4); of lstm, cnn and static, the width of their table
 *     hidden               below the teacher's: words and positions are what they are in the teacher's strongest
 *                          directions; the width of an LSTM's direction; the outputs of each of a CNN's windows
 *     dimensions           ends the student in a dense layer of that many outputs: EmbedDistill's projection
 *                          (arXiv 2301.12005), kept as its last layer; 128 of colbert
 *     max-tokens           cuts the position table, and texts
 *     join                 blocks that PreTTR's texts pass apart; half of them
 *     similarity           cosine ends the student in a normalization, dot in none
 * TK's words are scaled to the length of its positions. PreTTR of a cross-encoder begins as nearly that.
 * Random weights are those that the kind's publishers begin with: normal with 0.02 in blocks, as BERT's, and as
 * PyTorch's elsewhere. */
#ifndef MINNOW_STUDENT_H
#define MINNOW_STUDENT_H

#include "convert/distill/vocabulary/token_counts.h"
#include "convert/memory.h"
#include "runtime/model/model.h"

struct minnow_student_options {
    const char *spec;
    const struct minnow_contents *teacher; /* f32; layers are taken of its query route, or else its joint one */
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
