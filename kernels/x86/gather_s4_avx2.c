#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

/* What codes of a row mean. */
struct meaning {
    __m256i zero, times;
    __m256 scale;
};

static inline void add_eight(__m256i codes, struct meaning meaning, float *out, size_t count) {
    __m256i weights = _mm256_mullo_epi32(_mm256_sub_epi32(codes, meaning.zero), meaning.times);
    __m256 sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(weights), meaning.scale, load_eight(out, count));
    store_eight(out, sum, count);
}

/* Eight bytes of codes: columns out[0..8) and out[16..24), of which `count` exist. */
static inline void add_pairs(const uint8_t *codes, struct meaning meaning, float *out, size_t count) {
    __m256i both = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)codes));
    add_eight(_mm256_and_si256(both, _mm256_set1_epi32(15)), meaning, out, count);
    if (count > 16) add_eight(_mm256_srli_epi32(both, 4), meaning, out + 16, count - 16);
}

static void gather_row(const uint8_t *codes, const uint8_t *steps, float scale, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += MINNOW_GROUP, codes += MINNOW_GROUP / 2, steps++) {
        struct meaning meaning = {_mm256_set1_epi32(7 + (*steps >> 4 & 1)), _mm256_set1_epi32(*steps & 15),
                                  _mm256_set1_ps(scale)};
        add_pairs(codes, meaning, out + c, columns - c);
        if (columns - c > 8) add_pairs(codes + 8, meaning, out + c + 8, columns - c - 8);
    }
}

void minnow_gather_s4_avx2(const uint8_t *codes, const uint8_t *steps, const float *scale, const uint32_t *ids,
                           size_t rows, size_t columns, float *out, size_t stride) {
    size_t groups = MINNOW_GROUPS(columns);
    for (size_t r = 0; r < rows; r++)
        gather_row(codes + ids[r] * groups * (MINNOW_GROUP / 2), steps + ids[r] * groups, scale[ids[r]], columns,
                   out + r * stride);
}
