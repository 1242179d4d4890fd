/* What searching needs: dots with bit planes, distances of sign bits, selection, late interaction by signs. */
#include "tests/checkkern/check.h"

enum { U4_ROWS = 11 };

static size_t groups_of(const struct trial *trial) {
    return (trial->shape.rows + MINNOW_PLANE_VECTORS - 1) / MINNOW_PLANE_VECTORS;
}

static size_t blocks_of(const struct trial *trial) {
    return (trial->shape.outputs + MINNOW_PLANE_COLUMNS - 1) / MINNOW_PLANE_COLUMNS;
}

/* Query, plane, and sums that the op adds to. */
static void prepare_plane(struct trial *trial, size_t bits) {
    size_t count = groups_of(trial) * MINNOW_PLANE_VECTORS;
    trial->in[0] = trial_bytes(trial, blocks_of(trial) * MINNOW_PLANE_COLUMNS, -128);
    trial->in[1] = trial_bytes(trial, groups_of(trial) * blocks_of(trial) * bits * MINNOW_PLANE_LINE, -128);
    const float *initial = trial_floats(trial, count); /* any words: they wrap */
    trial_output(trial, (struct output){ELEMENT_WORD, 1, count, count, count, initial});
}

void prepare_dots_u1(struct trial *trial) { prepare_plane(trial, 1); }

void prepare_dots_u2(struct trial *trial) { prepare_plane(trial, 2); }

void run_dots_u1(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->dots_u1(trial->in[0], trial->in[1], groups_of(trial), blocks_of(trial), out[0]);
}

void run_dots_u2(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->dots_u2(trial->in[0], trial->in[1], groups_of(trial), blocks_of(trial), out[0]);
}

void prepare_hamming(struct trial *trial) {
    size_t count = groups_of(trial) * MINNOW_PLANE_VECTORS;
    trial->in[0] = trial_bytes(trial, blocks_of(trial) * 4, -128);
    trial->in[1] = trial_bytes(trial, groups_of(trial) * blocks_of(trial) * MINNOW_PLANE_LINE, -128);
    trial_output(trial, (struct output){ELEMENT_WORD, 1, count, count, count, NULL});
}

void run_hamming(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->hamming(trial->in[0], trial->in[1], groups_of(trial), blocks_of(trial), out[0]);
}

void prepare_dots_u4(struct trial *trial) {
    size_t count = trial->shape.rows, row_bytes = blocks_of(trial) * MINNOW_PLANE_COLUMNS / 2;
    uint32_t *indices = trial_take(trial, count * sizeof *indices);
    for (size_t i = 0; i < count; i++) indices[i] = (uint32_t)random_below(&trial->random, U4_ROWS);
    trial->in[0] = trial_bytes(trial, blocks_of(trial) * MINNOW_PLANE_COLUMNS, -128);
    trial->in[1] = trial_bytes(trial, U4_ROWS * row_bytes, -128);
    trial->in[2] = indices;
    trial_output(trial, (struct output){ELEMENT_WORD, 1, count, count, count, NULL});
}

void run_dots_u4(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->dots_u4(trial->in[0], trial->in[1], blocks_of(trial), trial->in[2], trial->shape.rows, out[0]);
}

/* Both dimensions count numbers. Small dots and common bounds often meet the threshold exactly. */
void prepare_select(struct trial *trial) {
    size_t count = trial->shape.rows * trial->shape.outputs;
    const int8_t *bytes = trial_bytes(trial, count, -128);
    int32_t *dots = trial_take(trial, count * sizeof *dots);
    uint32_t *bounds = trial_take(trial, count * sizeof *bounds);
    struct minnow_limit *limit = trial_take(trial, sizeof *limit);
    bool any = random_below(&trial->random, 4) == 0; /* any bits at all: NaN among the bounds too */
    for (size_t i = 0; i < count; i++) {
        dots[i] = any ? (int32_t)random_next(&trial->random) : bytes[i];
        bounds[i] = any ? (uint32_t)random_next(&trial->random) : 0x3F803F80u; /* 1 and 1 */
    }
    *limit = (struct minnow_limit){any ? (int32_t)random_next(&trial->random) : -1, 3, random_unit(&trial->random)};
    if (!any) limit->threshold = (float)(2 * bytes[count / 2] - 1 + 3);
    trial->in[0] = dots;
    trial->in[1] = bounds;
    trial->in[2] = limit;
    trial_output(trial, (struct output){ELEMENT_WORD, 1, count + 1, 0, count + 1, NULL});
    trial_output(trial, (struct output){ELEMENT_WORD, 1, count + 1, count + 1, count + 1, NULL});
}

/* The second output: how many, then those selected, then -1. */
void run_select(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    size_t count = trial->shape.rows * trial->shape.outputs;
    uint32_t *indices = out[0], *told = out[1];
    size_t selected = kernels->select(trial->in[0], trial->in[1], count, trial->in[2], indices);
    told[0] = (uint32_t)selected;
    for (size_t i = 0; i < count; i++) told[i + 1] = i < selected ? indices[i] : UINT32_MAX;
}

void prepare_maxsim_u1(struct trial *trial) {
    size_t queries = trial->shape.rows, tokens = trial->shape.outputs, columns = trial->shape.inputs;
    uint8_t *tables = trial_take(trial, queries * MINNOW_SIGN_TABLE_BYTES(columns));
    uint8_t *signs = trial_take(trial, minnow_packed_signs_bytes(tokens, columns));
    float *scale = trial_take(trial, queries * sizeof *scale);
    int32_t *size = trial_take(trial, queries * sizeof *size);
    const float *query = trial_floats(trial, queries * columns);
    for (size_t q = 0; q < queries; q++)
        scale[q] = minnow_sign_tables(query + q * columns, columns, tables + q * MINNOW_SIGN_TABLE_BYTES(columns),
                                      size + q);
    minnow_pack_signs(trial_bytes(trial, tokens * columns, -128), columns, tokens, columns, signs);
    trial->in[0] = tables;
    trial->in[1] = scale;
    trial->in[2] = size;
    trial->in[3] = signs;
    trial_output(trial, (struct output){ELEMENT_FLOAT, 1, 1, 1, 1, NULL});
}

void run_maxsim_u1(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    const struct shape *shape = &trial->shape;
    *(float *)out[0] = kernels->maxsim_u1(&(struct minnow_maxsim_u1_args){
        shape->rows, shape->outputs, shape->inputs, trial->in[0], trial->in[1], trial->in[2], trial->in[3]});
}
