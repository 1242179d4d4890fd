/* One product of 16 bits does two codes, as 15 * 15 fits a byte. */
#include <immintrin.h>

#include "kernels/x86/x86.h"

/* What is done to codes of eight outputs: times `factor` (in each 16 bits), minus `offset` (in each byte). */
struct steps {
    __m256i factor, offset;
};

/* Eight steps, each of four codes side by side. */
static inline struct steps load_steps(const uint8_t *steps) {
    const __m256i one = _mm256_set1_epi32(1), everywhere = _mm256_set1_epi32(0x01010101);
    __m256i step = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)steps));
    __m256i times = _mm256_and_si256(step, _mm256_set1_epi32(15));
    __m256i zero = _mm256_add_epi32(_mm256_and_si256(_mm256_srli_epi32(step, 4), one), _mm256_set1_epi32(7));
    __m256i offset = _mm256_mullo_epi16(times, zero); /* at most 120 */
    return (struct steps){_mm256_or_si256(times, _mm256_slli_epi32(times, 16)), _mm256_mullo_epi32(offset, everywhere)};
}

static inline void store_weights(int8_t *out, __m256i codes, struct steps steps) {
    __m256i weights = _mm256_sub_epi8(_mm256_mullo_epi16(codes, steps.factor), steps.offset);
    _mm256_storeu_si256((__m256i *)(void *)out, weights);
}

/* Some pairs of blocks, eight outputs of them, whose inputs share their steps. */
static void unpack_half(const uint8_t *codes, struct steps steps, size_t pairs, int8_t *out) {
    const __m256i nibble = _mm256_set1_epi8(15);
    for (size_t p = 0; p < pairs; p++, codes += 64, out += 128) {
        __m256i both = _mm256_loadu_si256((const __m256i *)(const void *)codes);
        store_weights(out, _mm256_and_si256(both, nibble), steps);
        store_weights(out + 64, _mm256_and_si256(_mm256_srli_epi16(both, 4), nibble), steps);
    }
}

void minnow_unpack_s4_avx2(const uint8_t *codes, const uint8_t *steps, size_t inputs, int8_t *out) {
    for (size_t pairs = MINNOW_PADDED(inputs) / 8; pairs > 0; codes += 256, steps += 16, out += 512) {
        size_t some = pairs < 4 ? pairs : 4;
        unpack_half(codes, load_steps(steps), some, out);
        unpack_half(codes + 32, load_steps(steps + 8), some, out + 32);
        pairs -= some;
    }
}
