#include "convert/distill/layers/table.h"

#include "convert/distill/layers/lanes.h"

void minnow_train_table(const struct minnow_table *table, const uint32_t *ids, size_t rows, float *out) {
    const float *data = table->data;
    size_t width = table->width;
    if (table->rows == 0) return;
    for (size_t r = 0; r < rows; r++) minnow_row_add(1, data + ids[r] * width, width, out + r * width);
}

void minnow_train_table_back(const struct minnow_table *gradient, const struct minnow_gradients *gradients,
                             const uint32_t *ids, size_t rows, const float *out_gradient) {
    float *data = minnow_writable(gradient->data);
    size_t width = gradient->width;
    if (gradient->rows == 0) return;
    struct minnow_touched *touched = minnow_gradients_touched(gradients, data);
    for (size_t r = 0; r < rows; r++) {
        minnow_touch(touched, ids[r]);
        minnow_row_add(1, out_gradient + r * width, width, data + ids[r] * width);
    }
}
