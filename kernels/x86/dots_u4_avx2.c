#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

enum { ROWS = 4 };

/* Two blocks of 32 columns, or the last one: 32 bytes of a row, or 16 and zeros. */
static inline __m256i load_two(const void *bytes, bool both) {
    if (both) return _mm256_loadu_si256(bytes);
    return _mm256_zextsi128_si256(_mm_loadu_si128(bytes));
}

/* `low` and `high`: the query's columns 0..15 and 16..31 of each block. */
static inline void split_query(const int8_t *query, bool both, __m256i *low, __m256i *high) {
    __m256i first = load_two(query, true), second = both ? load_two(query + 32, true) : _mm256_setzero_si256();
    *low = _mm256_permute2x128_si256(first, second, 0x20);
    *high = _mm256_permute2x128_si256(first, second, 0x31);
}

/* Four products of at most 15 * 128 fit into 16 bits. */
static inline __m256i add_row(__m256i sum, __m256i x, __m256i low, __m256i high) {
    __m256i nibble = _mm256_set1_epi8(15);
    __m256i pairs = _mm256_maddubs_epi16(_mm256_and_si256(x, nibble), low);
    x = _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble);
    pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(x, high));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

static inline int32_t total(__m256i x) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, _MM_SHUFFLE(2, 3, 0, 1))));
}

static inline __attribute__((always_inline)) void dots(const int8_t *query, const uint8_t *rows, size_t row_bytes,
                                                       const uint32_t *indices, int32_t *out, size_t count) {
    __m256i sums[ROWS], low, high;
    for (size_t i = 0; i < count; i++) sums[i] = _mm256_setzero_si256();
    for (size_t c = 0; c < row_bytes; c += 32) {
        bool both = c + 32 <= row_bytes;
        split_query(query + 2 * c, both, &low, &high);
        for (size_t i = 0; i < count; i++)
            sums[i] = add_row(sums[i], load_two(rows + (size_t)indices[i] * row_bytes + c, both), low, high);
    }
    for (size_t i = 0; i < count; i++) out[i] = total(sums[i]);
}

void minnow_dots_u4_avx2(const int8_t *query, const uint8_t *rows, size_t blocks, const uint32_t *indices,
                         size_t count, int32_t *out) {
    size_t i = 0;
    for (; i + ROWS <= count; i += ROWS) dots(query, rows, 16 * blocks, indices + i, out + i, ROWS);
    for (; i < count; i++) dots(query, rows, 16 * blocks, indices + i, out + i, 1);
}
