/* One product of 16 bits does two codes, as 15 * 15 fits a byte. */
#include <immintrin.h>

#include "kernels/x86/x86.h"

/* What is done to codes: times `factor` (in each 16 bits), minus `offset` (in each byte). */
struct steps {
    __m512i factor, offset;
};

/* Sixteen steps, each of four codes side by side. */
static inline struct steps load_steps(const uint8_t *steps) {
    const __m512i one = _mm512_set1_epi32(1), everywhere = _mm512_set1_epi32(0x01010101);
    __m512i step = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)steps));
    __m512i times = _mm512_and_si512(step, _mm512_set1_epi32(15));
    __m512i zero = _mm512_add_epi32(_mm512_and_si512(_mm512_srli_epi32(step, 4), one), _mm512_set1_epi32(7));
    __m512i offset = _mm512_mullo_epi16(times, zero); /* at most 120 */
    return (struct steps){_mm512_or_si512(times, _mm512_slli_epi32(times, 16)), _mm512_mullo_epi32(offset, everywhere)};
}

static inline __m512i weights_of(__m512i codes, struct steps steps) {
    return _mm512_sub_epi8(_mm512_mullo_epi16(codes, steps.factor), steps.offset);
}

/* Some pairs of blocks, whose inputs share their steps. */
static void unpack_group(const uint8_t *codes, struct steps steps, size_t pairs, int8_t *out) {
    const __m512i nibble = _mm512_set1_epi8(15);
    for (size_t p = 0; p < pairs; p++, codes += 64, out += 128) {
        __m512i both = _mm512_loadu_si512(codes);
        __m512i high = _mm512_and_si512(_mm512_srli_epi16(both, 4), nibble);
        _mm512_storeu_si512(out, weights_of(_mm512_and_si512(both, nibble), steps));
        _mm512_storeu_si512(out + 64, weights_of(high, steps));
    }
}

void minnow_unpack_s4_avx512vnni(const uint8_t *codes, const uint8_t *steps, size_t inputs, int8_t *out) {
    size_t pairs = MINNOW_PADDED(inputs) / 8;
    for (; pairs >= 4; pairs -= 4, codes += 256, steps += 16, out += 512)
        unpack_group(codes, load_steps(steps), 4, out);
    if (pairs > 0) unpack_group(codes, load_steps(steps), pairs, out);
}
