/* A table of sixteen bytes is a register of VPSHUFB: 64 tokens look up four columns at once, the same table in every
 * 128 bits. Bytes of two signs' halves each are added before they are widened. */
#include "kernels/x86/maxsim_u1_x86.h"
#include "kernels/x86/x86.h"

/* Query tokens that share what is loaded of tokens, and groups of sixteen tokens side by side. */
enum { QUERIES = 8, GROUPS = 4 };

static inline __m512i load_groups(const uint8_t *const groups[GROUPS], size_t at) {
    __m512i tokens = _mm512_castsi128_si512(load_sixteen(groups[0] + at));
    tokens = _mm512_inserti32x4(tokens, load_sixteen(groups[1] + at), 1);
    tokens = _mm512_inserti32x4(tokens, load_sixteen(groups[2] + at), 2);
    return _mm512_inserti32x4(tokens, load_sixteen(groups[3] + at), 3);
}

static inline __m512i look_up(const uint8_t *table, __m512i halves) {
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(load_sixteen(table)), halves);
}

/* `count`: a constant where this is inlined. */
static inline __attribute__((always_inline)) void raise_best(__m512i best[QUERIES], const uint8_t *tables, size_t bytes,
                                                        const uint8_t *const groups[GROUPS], size_t count) {
    __m512i sums[QUERIES], odd[QUERIES], half = _mm512_set1_epi8(15);
    for (size_t q = 0; q < count; q++) sums[q] = odd[q] = _mm512_setzero_si512();
    for (size_t b = 0; b < bytes; b += 2) {
        __m512i first = load_groups(groups, 16 * b), second = load_groups(groups, 16 * b + 16);
        __m512i first_high = _mm512_and_si512(_mm512_srli_epi16(first, 4), half);
        __m512i second_high = _mm512_and_si512(_mm512_srli_epi16(second, 4), half);
        first = _mm512_and_si512(first, half), second = _mm512_and_si512(second, half);
        for (size_t q = 0; q < count; q++) {
            const uint8_t *table = tables + 32 * (q * bytes + b);
            __m512i one = _mm512_add_epi8(look_up(table, first), look_up(table + 16, first_high));
            __m512i two = _mm512_add_epi8(look_up(table + 32, second), look_up(table + 48, second_high));
            __m512i both = _mm512_add_epi8(one, two);
            sums[q] = _mm512_add_epi16(sums[q], both); /* of even tokens, and 256 times that of odd ones */
            odd[q] = _mm512_add_epi16(odd[q], _mm512_srli_epi16(both, 8));
        }
    }
    for (size_t q = 0; q < count; q++) {
        __m512i even = _mm512_sub_epi16(sums[q], _mm512_slli_epi16(odd[q], 8));
        best[q] = _mm512_max_epu16(best[q], _mm512_max_epu16(even, odd[q]));
    }
}

static inline __attribute__((always_inline)) void best_sums(const struct minnow_maxsim_u1_args *args, size_t first,
                                                            int32_t out[QUERIES], size_t count) {
    const uint8_t *tables = args->tables + first * MINNOW_SIGN_TABLE_BYTES(args->columns), *groups[GROUPS];
    __m512i best[QUERIES];
    for (size_t q = 0; q < count; q++) best[q] = _mm512_setzero_si512();
    for (size_t g = 0; g < group_count(args); g += GROUPS) {
        find_groups(args, g, groups, GROUPS);
        raise_best(best, tables, MINNOW_PADDED(args->columns) / 8, groups, count);
    }
    for (size_t q = 0; q < count; q++)
        out[q] = highest_word(_mm256_max_epu16(_mm512_castsi512_si256(best[q]), _mm512_extracti64x4_epi64(best[q], 1)));
}

float minnow_maxsim_u1_avx512vnni(const struct minnow_maxsim_u1_args *args) {
    float sum = 0;
    for (size_t q = 0, count; q < args->query_count; q += count) {
        int32_t best[QUERIES];
        count = args->query_count - q >= QUERIES ? QUERIES : 1;
        if (count == QUERIES)
            best_sums(args, q, best, QUERIES);
        else
            best_sums(args, q, best, 1);
        for (size_t i = 0; i < count; i++) sum += args->scale[q + i] * (float)(2 * best[i] - args->size[q + i]);
    }
    return sum;
}
