#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

/* Sixteen numbers of a table, of which `count` may be read. */
static inline __m512 load_sixteen_s8(const int8_t *x, size_t count) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(first_lanes(count), x)));
}

static inline void gather_sixteen(const int8_t *row, __m512 factor, float *out, size_t count) {
    store_lanes(out, _mm512_fmadd_ps(load_sixteen_s8(row, count), factor, load_lanes(out, count)), count);
}

static void gather_row(const int8_t *row, float scale, size_t columns, float *out) {
    __m512 factor = _mm512_set1_ps(scale);
    size_t c = 0;
    for (; c + 16 <= columns; c += 16) gather_sixteen(row + c, factor, out + c, 16);
    if (c < columns) gather_sixteen(row + c, factor, out + c, columns - c);
}

void minnow_gather_s8_avx512vnni(const int8_t *table, size_t table_stride, const float *scale, const uint32_t *ids,
                                 size_t rows, size_t columns, float *out, size_t stride) {
    for (size_t r = 0; r < rows; r++)
        gather_row(table + ids[r] * table_stride, scale[ids[r]], columns, out + r * stride);
}
