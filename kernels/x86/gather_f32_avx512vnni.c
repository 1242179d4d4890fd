#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

static inline void gather_sixteen(const float *row, float *out, size_t count) {
    store_lanes(out, _mm512_add_ps(load_lanes(out, count), load_lanes(row, count)), count);
}

static void gather_row(const float *row, size_t columns, float *out) {
    size_t c = 0;
    for (; c + 16 <= columns; c += 16) gather_sixteen(row + c, out + c, 16);
    if (c < columns) gather_sixteen(row + c, out + c, columns - c);
}

void minnow_gather_f32_avx512vnni(const float *table, size_t table_stride, const uint32_t *ids, size_t rows,
                                  size_t columns, float *out, size_t stride) {
    for (size_t r = 0; r < rows; r++) gather_row(table + ids[r] * table_stride, columns, out + r * stride);
}
