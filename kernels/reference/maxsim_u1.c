#include "kernels/reference/reference.h"

/* The sum of what a query token's tables have for a token's halves of bytes. */
static int32_t look_up(const uint8_t *tables, const uint8_t *signs, size_t bytes) {
    int32_t sum = 0;
    for (size_t b = 0; b < bytes; b++, tables += 32) {
        unsigned byte = signs[b * MINNOW_PLANE_VECTORS];
        sum += tables[byte & 15] + tables[16 + (byte >> 4)];
    }
    return sum;
}

float minnow_maxsim_u1_reference(const struct minnow_maxsim_u1_args *args) {
    size_t bytes = MINNOW_PADDED(args->columns) / 8;
    float sum = 0;
    for (size_t q = 0; q < args->query_count; q++) {
        int32_t best = 0;
        for (size_t t = 0; t < args->token_count; t++) {
            const uint8_t *signs = args->tokens + t / 16 * 16 * bytes + t % 16;
            int32_t found = look_up(args->tables + q * MINNOW_SIGN_TABLE_BYTES(args->columns), signs, bytes);
            best = found > best ? found : best;
        }
        sum += args->scale[q] * (float)(2 * best - args->size[q]);
    }
    return sum;
}
