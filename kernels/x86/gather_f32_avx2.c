#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

static void gather_row(const float *row, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += 8) {
        size_t count = columns - c;
        store_eight(out + c, _mm256_add_ps(load_eight(out + c, count), load_eight(row + c, count)), count);
    }
}

void minnow_gather_f32_avx2(const float *table, size_t table_stride, const uint32_t *ids, size_t rows, size_t columns,
                            float *out, size_t stride) {
    for (size_t r = 0; r < rows; r++) gather_row(table + ids[r] * table_stride, columns, out + r * stride);
}
