/* What a student is made of: its files among themselves. */
#ifndef MINNOW_STUDENT_PARTS_H
#define MINNOW_STUDENT_PARTS_H

#include "convert/checkpoint/transformer.h"
#include "convert/distill/random.h"
#include "convert/distill/student/spec.h"
#include "convert/distill/student/student.h"

/* The route of a teacher that layers are taken of: an embedding, blocks, and what follows them. */
struct minnow_teacher {
    const struct minnow_contents *contents;
    const struct minnow_tokenizer *tokenizer;
    const struct minnow_embedding *embedding;
    struct minnow_embedding whole; /* where the teacher's words are a product of two factors: multiplied out */
    const struct minnow_layer *blocks, *head;
    uint32_t block_count, head_count;
    uint32_t width; /* of the embedding's rows */
    uint32_t dimensions;
    bool pairs; /* scores pairs, makes no vectors */
};

/* `teacher` stays where it is; what is made is taken from `memory`. */
enum minnow_status minnow_teacher_open(const struct minnow_contents *contents, struct minnow_memory *memory,
                                       struct minnow_teacher *teacher, struct minnow_error *error);

/* A student under way is a checkpoint under reading whose folder nobody wrote: the readers' functions serve both. */
struct minnow_student {
    struct minnow_student_spec spec; /* what was not said is filled in */
    struct minnow_teacher teacher;
    const struct minnow_token_counts *counts;
    struct minnow_reading reading;
    struct minnow_transformer transformer; /* its list: the layers so far; its config: the sizes */
    const uint32_t *kept;                  /* the teacher's tokens that stay, ascending; NULL: all */
    uint32_t row_count;                    /* of the word table */
    struct minnow_random random;
};

/* ---- sizes.c: what is not said is the teacher's, and fits it -------------------------------- */

enum minnow_status minnow_student_choose_sizes(struct minnow_student *student, struct minnow_error *error);

/* ---- draw.c: random weights, zeroed memory of the student's; NULL: out of memory ------------- */

float *minnow_student_floats(struct minnow_student *student, size_t count);
float *minnow_student_draw_normal(struct minnow_student *student, size_t count, float deviation);
/* In [-spread, spread). */
float *minnow_student_draw_uniform(struct minnow_student *student, size_t count, float spread);
/* gamma 1, beta 0; false: out of memory. */
bool minnow_student_make_norm(struct minnow_student *student, uint32_t width, float epsilon,
                              struct minnow_layer_norm *norm);

/* ---- directions.c --------------------------------------------------------------------------- */

/* The `count` strongest directions of rows that count by their weights: eigenvectors of rows^T diag(weights) rows, the
 * strongest first, [count][width]. rows: [row_count][width]; weights: not negative. MINNOW_OUT_OF_MEMORY;
 * MINNOW_UNSUPPORTED: rows wider than LAPACK can count; MINNOW_NOT_FINITE: rows of NaNs. */
enum minnow_status minnow_directions_find(const float *rows, const float *weights, size_t row_count, size_t width,
                                          size_t count, float *directions, struct minnow_error *error);

/* ---- words.c: the vocabulary and the word table ---------------------------------------------- */

/* Set the tokenizer, `kept` and `row_count`. */
enum minnow_status minnow_student_choose_words(struct minnow_student *student, struct minnow_error *error);
/* A teacher's token in the student's vocabulary, or MINNOW_NO_TOKEN. */
uint32_t minnow_student_token(const struct minnow_student *student, uint32_t id);
/* The kept rows of the teacher's words: whole where width is 0 (*directions: NULL), or else along the `width` strongest
 * of *directions, [count][the teacher's width]. */
enum minnow_status minnow_student_make_words(struct minnow_student *student, uint32_t width, uint32_t count,
                                             struct minnow_table *words, const float **directions,
                                             struct minnow_error *error);
/* An embedding of words alone. */
enum minnow_status minnow_student_add_words(struct minnow_student *student, uint32_t width, struct minnow_error *error);

/* ---- embedding.c: words, positions, types and norm before blocks ----------------------------- */

enum minnow_status minnow_student_add_embedding(struct minnow_student *student, struct minnow_error *error);

/* ---- blocks.c ------------------------------------------------------------------------------- */

/* The spec's blocks: the teacher's or random ones. */
enum minnow_status minnow_student_add_blocks(struct minnow_student *student, struct minnow_error *error);
enum minnow_status minnow_student_draw_block(struct minnow_student *student, enum minnow_activation activation,
                                             float epsilon, struct minnow_encoder_block *block,
                                             struct minnow_error *error);
/* cut.c: a block of the teacher with its most important heads and neurons, as many as the spec says. */
enum minnow_status minnow_student_cut_block(struct minnow_student *student, const struct minnow_encoder_block *from,
                                            struct minnow_encoder_block *block, struct minnow_error *error);

/* ---- layers.c: what follows blocks ---------------------------------------------------------- */

enum minnow_status minnow_student_add_pool(struct minnow_student *student, enum minnow_pooling pooling,
                                           struct minnow_error *error);
/* Random weights. */
enum minnow_status minnow_student_add_dense(struct minnow_student *student, uint32_t outputs, bool bias,
                                            enum minnow_activation activation, struct minnow_error *error);
enum minnow_status minnow_student_add_lstm(struct minnow_student *student, struct minnow_error *error);
enum minnow_status minnow_student_add_convolution(struct minnow_student *student, struct minnow_error *error);
/* Dense and normalize behind the pooling as the teacher has them, or dense to the dimensions that were said. */
enum minnow_status minnow_student_add_tail(struct minnow_student *student, struct minnow_error *error);

/* ---- inputs.c ------------------------------------------------------------------------------- */

/* What the teacher puts around texts, in the student's vocabulary. */
enum minnow_status minnow_student_take_inputs(struct minnow_student *student, struct minnow_error *error);
/* [CLS] text [SEP], or the text's tokens alone, with the teacher's prompts. */
enum minnow_status minnow_student_set_inputs(struct minnow_student *student, bool bare, struct minnow_error *error);

/* ---- prettr.c, tk.c ------------------------------------------------------------------------- */

enum minnow_status minnow_student_make_prettr(struct minnow_student *student, struct minnow_error *error);
enum minnow_status minnow_student_make_tk(struct minnow_student *student, struct minnow_error *error);

enum minnow_status minnow_student_no_memory(const struct minnow_student *student, struct minnow_error *error);

#endif
