/* A SPEC (student.h) as numbers. */
#ifndef MINNOW_STUDENT_SPEC_H
#define MINNOW_STUDENT_SPEC_H

#include "runtime/model/model.h"

enum minnow_student_kind {
    MINNOW_STUDENT_TRANSFORMER,
    MINNOW_STUDENT_COLBERT,
    MINNOW_STUDENT_CROSS_ENCODER,
    MINNOW_STUDENT_PRETTR,
    MINNOW_STUDENT_TK,
    MINNOW_STUDENT_LSTM,
    MINNOW_STUDENT_CNN,
    MINNOW_STUDENT_STATIC,
};

enum { MINNOW_STUDENT_LAYERS = 64 };

/* 0: not said. */
struct minnow_student_spec {
    enum minnow_student_kind kind;
    uint32_t layers[MINNOW_STUDENT_LAYERS]; /* numbers of the teacher's blocks, */
    uint32_t layer_count;
    bool takes_blocks; /* or else layers[0] random ones, where layer_count is 1 */
    uint32_t hidden, heads, ffn, vocabulary, rank, dimensions, max_tokens, join;
    bool pools; /* `pooling` is said */
    enum minnow_pooling pooling;
    bool compares; /* `similarity` is said */
    enum minnow_similarity similarity;
};

/* Keys and kinds are known and fit each other, numbers are numbers of at most MINNOW_MAX_WIDTH; what a teacher allows
 * is not asked. */
enum minnow_status minnow_student_spec_parse(const char *text, struct minnow_student_spec *spec,
                                             struct minnow_error *error);
const char *minnow_student_kind_name(enum minnow_student_kind kind);

#endif
