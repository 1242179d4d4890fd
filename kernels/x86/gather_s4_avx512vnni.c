#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

static inline void add_sixteen(__m512i codes, __m512i zero, __m512i times, __m512 scale, float *out, size_t count) {
    __m512 weights = _mm512_cvtepi32_ps(_mm512_mullo_epi32(_mm512_sub_epi32(codes, zero), times));
    store_lanes(out, _mm512_fmadd_ps(weights, scale, load_lanes(out, count)), count);
}

/* One group, of which `count` columns exist. */
static inline void gather_group(const uint8_t *codes, uint8_t step, __m512 scale, float *out, size_t count) {
    __m512i both = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)codes));
    __m512i zero = _mm512_set1_epi32(7 + (step >> 4 & 1)), times = _mm512_set1_epi32(step & 15);
    add_sixteen(_mm512_and_si512(both, _mm512_set1_epi32(15)), zero, times, scale, out, count);
    if (count > 16) add_sixteen(_mm512_srli_epi32(both, 4), zero, times, scale, out + 16, count - 16);
}

void minnow_gather_s4_avx512vnni(const uint8_t *codes, const uint8_t *steps, const float *scale, const uint32_t *ids,
                                 size_t rows, size_t columns, float *out, size_t stride) {
    size_t groups = MINNOW_GROUPS(columns);
    for (size_t r = 0; r < rows; r++) {
        const uint8_t *row = codes + ids[r] * groups * (MINNOW_GROUP / 2), *row_steps = steps + ids[r] * groups;
        for (size_t g = 0; g < groups; g++)
            gather_group(row + g * (MINNOW_GROUP / 2), row_steps[g], _mm512_set1_ps(scale[ids[r]]),
                         out + r * stride + g * MINNOW_GROUP, columns - g * MINNOW_GROUP);
    }
}
