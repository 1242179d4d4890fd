#include <math.h>

#include "kernels/reference/reference.h"

static int32_t dot(const struct minnow_maxsim_args *args, size_t query, const int8_t *token) {
    int32_t sum = 0;
    for (size_t k = 0; k < args->columns; k++)
        sum += token[k] * args->queries[minnow_packed_s8_index(query, k, args->columns)];
    return sum;
}

float minnow_maxsim_reference(const struct minnow_maxsim_args *args) {
    float sum = 0;
    for (size_t q = 0; q < args->query_count; q++) {
        float best = -INFINITY;
        for (size_t t = 0; t < args->token_count; t++) {
            float score = (float)dot(args, q, args->tokens + t * args->stride) * args->token_scale[t];
            if (score > best) best = score;
        }
        sum += args->query_scale[q] * best;
    }
    return sum;
}
