#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

/* Eight numbers of a table, of which `count` may be read. */
static inline __m256 load_eight_s8(const int8_t *x, size_t count) {
    int64_t bytes = 0;
    memcpy(&bytes, x, count >= 8 ? 8 : count);
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_cvtsi64_si128(bytes)));
}

static void gather_row(const int8_t *row, float scale, size_t columns, float *out) {
    __m256 factor = _mm256_set1_ps(scale);
    size_t c = 0;
    for (; c + 8 <= columns; c += 8)
        _mm256_storeu_ps(out + c, _mm256_fmadd_ps(load_eight_s8(row + c, 8), factor, _mm256_loadu_ps(out + c)));
    if (c == columns) return;
    size_t count = columns - c;
    __m256 sum = _mm256_fmadd_ps(load_eight_s8(row + c, count), factor, load_eight(out + c, count));
    store_eight(out + c, sum, count);
}

void minnow_gather_s8_avx2(const int8_t *table, size_t table_stride, const float *scale, const uint32_t *ids,
                           size_t rows, size_t columns, float *out, size_t stride) {
    for (size_t r = 0; r < rows; r++)
        gather_row(table + ids[r] * table_stride, scale[ids[r]], columns, out + r * stride);
}
