/* Weights of 4 bits as the s8 weights they stand for. */
#ifndef MINNOW_TESTS_EXPANDED_H
#define MINNOW_TESTS_EXPANDED_H

#include "tests/unit/small_model.h"

/* The linear with its weights as s8. */
static inline void expand_linear(struct small_model *model, struct minnow_linear *linear) {
    size_t outputs = MINNOW_PADDED(linear->outputs), inputs = linear->inputs, groups = MINNOW_GROUPS(inputs);
    int8_t *weights = take(model, minnow_packed_s8_bytes(outputs, inputs));
    const uint8_t *codes = linear->weight;
    struct minnow_kernels kernels;
    if (!minnow_kernels_choose(&kernels, "reference")) abort();
    for (size_t o = 0; o < outputs; o += 16)
        kernels.unpack_s4(codes + o * MINNOW_PADDED(inputs) / 2, linear->steps + o * groups, inputs,
                          weights + o * MINNOW_PADDED(inputs));
    linear->type = MINNOW_WEIGHT_S8;
    linear->weight = weights;
}

/* The table with its rows as s8. */
static inline void expand_table(struct small_model *model, struct minnow_table *table) {
    int8_t *rows = take(model, (size_t)table->rows * table->width);
    const uint8_t *codes = table->data;
    for (size_t i = 0; i < (size_t)table->rows * table->width; i++) {
        size_t r = i / table->width, c = i % table->width, group = r * MINNOW_GROUPS(table->width) + c / MINNOW_GROUP;
        int pair = codes[group * (MINNOW_GROUP / 2) + c % 16];
        rows[i] = s4_weight(c & 16 ? pair >> 4 : pair & 15, table->steps[group]);
    }
    table->type = MINNOW_WEIGHT_S8;
    table->data = rows;
}

#endif
