#include "runtime/layers/table.h"

void minnow_table_add_rows(const struct minnow_kernels *kernels, const struct minnow_table *table, const uint32_t *ids,
                           size_t rows, float *out) {
    size_t width = table->width, stride = MINNOW_PADDED(width);
    if (table->rows == 0) return;
    switch (table->type) {
    case MINNOW_WEIGHT_F32: kernels->gather_f32(table->data, width, ids, rows, width, out, stride); break;
    case MINNOW_WEIGHT_S8: kernels->gather_s8(table->data, width, table->scale, ids, rows, width, out, stride); break;
    case MINNOW_WEIGHT_S4:
        kernels->gather_s4(table->data, table->steps, table->scale, ids, rows, width, out, stride);
        break;
    }
}
