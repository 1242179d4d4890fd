/* MaxSim with four query tokens a register, so no sum goes across lanes. Each tier says how it adds products. */
#ifndef MINNOW_MAXSIM_ARM_H
#define MINNOW_MAXSIM_ARM_H

#include <math.h>

#include "kernels/arm/planes_neon.h"

enum { QUERIES = 16, REGISTERS = 4 };

/* sums += four columns of sixteen query tokens times four of a token. */
static inline __attribute__((always_inline)) void add_products(int32x4_t sums[REGISTERS], const int8_t *queries,
                                                               int8x16_t token);

static inline int8x16_t load_token(const int8_t *token, size_t count) {
    int32_t word = 0;
    memcpy(&word, token, count);
    return vreinterpretq_s8_s32(vdupq_n_s32(word));
}

static inline __attribute__((always_inline)) void add_token(float32x4_t best[REGISTERS],
                                                            const struct minnow_maxsim_args *args,
                                                            const int8_t *queries, size_t t) {
    int32x4_t sums[REGISTERS] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
    const int8_t *token = args->tokens + t * args->stride;
    size_t k = 0, columns = args->columns;
    for (; k + 4 <= columns; k += 4) add_products(sums, queries + k * QUERIES, load_token(token + k, 4));
    if (k < columns) add_products(sums, queries + k * QUERIES, load_token(token + k, columns - k));
    for (int i = 0; i < REGISTERS; i++) {
        float32x4_t score = vmulq_f32(vcvtq_f32_s32(sums[i]), vdupq_n_f32(args->token_scale[t]));
        best[i] = vbslq_f32(vcgtq_f32(score, best[i]), score, best[i]);
    }
}

static inline __attribute__((always_inline)) float sum_of_best(const struct minnow_maxsim_args *args) {
    float sum = 0, numbers[QUERIES];
    for (size_t q = 0; q < args->query_count; q += QUERIES) {
        float32x4_t best[REGISTERS];
        for (int i = 0; i < REGISTERS; i++) best[i] = vdupq_n_f32(-INFINITY);
        const int8_t *queries = args->queries + q * MINNOW_PADDED(args->columns);
        for (size_t t = 0; t < args->token_count; t++) add_token(best, args, queries, t);
        for (int i = 0; i < REGISTERS; i++) vst1q_f32(numbers + 4 * i, best[i]);
        for (size_t i = q; i < q + QUERIES && i < args->query_count; i++)
            sum += args->query_scale[i] * numbers[i - q];
    }
    return sum;
}

#endif
