#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

static void gather_row(const float *row, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += 4) {
        size_t count = columns - c;
        store_four(out + c, vaddq_f32(load_four(out + c, count), load_four(row + c, count)), count);
    }
}

void minnow_gather_f32_neon(const float *table, size_t table_stride, const uint32_t *ids, size_t rows, size_t columns,
                            float *out, size_t stride) {
    for (size_t r = 0; r < rows; r++) gather_row(table + ids[r] * table_stride, columns, out + r * stride);
}
