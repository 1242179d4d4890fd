/* A table of sixteen bytes is a register of VPSHUFB: 32 tokens look up four columns at once, the same table in both
 * halves. Bytes of two signs' halves each are added before they are widened. */
#include "kernels/x86/maxsim_u1_x86.h"
#include "kernels/x86/x86.h"

/* Query tokens that share what is loaded of tokens, and groups of sixteen tokens side by side. */
enum { QUERIES = 4, GROUPS = 2 };

static inline __m256i load_groups(const uint8_t *const groups[GROUPS], size_t at) {
    return _mm256_set_m128i(load_sixteen(groups[1] + at), load_sixteen(groups[0] + at));
}

static inline __m256i look_up(const uint8_t *table, __m256i halves) {
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(load_sixteen(table)), halves);
}

/* `count`: a constant where this is inlined. */
static inline __attribute__((always_inline)) void raise_best(__m256i best[QUERIES], const uint8_t *tables, size_t bytes,
                                                        const uint8_t *const groups[GROUPS], size_t count) {
    __m256i sums[QUERIES], odd[QUERIES], half = _mm256_set1_epi8(15);
    for (size_t q = 0; q < count; q++) sums[q] = odd[q] = _mm256_setzero_si256();
    for (size_t b = 0; b < bytes; b += 2) {
        __m256i first = load_groups(groups, 16 * b), second = load_groups(groups, 16 * b + 16);
        __m256i first_high = _mm256_and_si256(_mm256_srli_epi16(first, 4), half);
        __m256i second_high = _mm256_and_si256(_mm256_srli_epi16(second, 4), half);
        first = _mm256_and_si256(first, half), second = _mm256_and_si256(second, half);
        for (size_t q = 0; q < count; q++) {
            const uint8_t *table = tables + 32 * (q * bytes + b);
            __m256i one = _mm256_add_epi8(look_up(table, first), look_up(table + 16, first_high));
            __m256i two = _mm256_add_epi8(look_up(table + 32, second), look_up(table + 48, second_high));
            __m256i both = _mm256_add_epi8(one, two);
            sums[q] = _mm256_add_epi16(sums[q], both); /* of even tokens, and 256 times that of odd ones */
            odd[q] = _mm256_add_epi16(odd[q], _mm256_srli_epi16(both, 8));
        }
    }
    for (size_t q = 0; q < count; q++) {
        __m256i even = _mm256_sub_epi16(sums[q], _mm256_slli_epi16(odd[q], 8));
        best[q] = _mm256_max_epu16(best[q], _mm256_max_epu16(even, odd[q]));
    }
}

static inline __attribute__((always_inline)) void best_sums(const struct minnow_maxsim_u1_args *args, size_t first,
                                                            int32_t out[QUERIES], size_t count) {
    const uint8_t *tables = args->tables + first * MINNOW_SIGN_TABLE_BYTES(args->columns), *groups[GROUPS];
    __m256i best[QUERIES];
    for (size_t q = 0; q < count; q++) best[q] = _mm256_setzero_si256();
    for (size_t g = 0; g < group_count(args); g += GROUPS) {
        find_groups(args, g, groups, GROUPS);
        raise_best(best, tables, MINNOW_PADDED(args->columns) / 8, groups, count);
    }
    for (size_t q = 0; q < count; q++) out[q] = highest_word(best[q]);
}

float minnow_maxsim_u1_avx2(const struct minnow_maxsim_u1_args *args) {
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
