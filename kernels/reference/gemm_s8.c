#include <math.h>

#include "kernels/reference/reference.h"

/* Sixteen outputs of one row. */
static void dot_block(const int8_t *a, const int8_t *weights, size_t padded_inputs, int32_t sums[16]) {
    for (size_t o = 0; o < 16; o++) sums[o] = 0;
    for (size_t k = 0; k < padded_inputs; k += 4, weights += 64)
        for (size_t o = 0; o < 16; o++)
            for (size_t i = 0; i < 4; i++) sums[o] += (int32_t)a[k + i] * (int32_t)weights[o * 4 + i];
}

/* Column sums come from a file that may be damaged: wrap, as every CPU does, where C leaves it open. */
static int32_t corrected(int32_t sum, int32_t zero, int32_t column_sum) {
    return (int32_t)((uint32_t)sum - (uint32_t)zero * (uint32_t)column_sum);
}

void minnow_gemm_s8_reference(const struct minnow_gemm_s8_args *args) {
    size_t padded_inputs = MINNOW_PADDED(args->inputs);
    const int8_t *weights = args->weights;
    for (size_t n = 0; n < args->outputs; n += 16, weights += 16 * padded_inputs)
        for (size_t r = 0; r < args->rows; r++) {
            int32_t sums[16];
            dot_block(args->a + r * args->a_stride, weights, padded_inputs, sums);
            struct minnow_row_quantization row = args->quantization[r];
            for (size_t o = 0; o < 16; o++) {
                float exact = (float)corrected(sums[o], row.zero, args->column_sum[n + o]);
                args->out[r * args->out_stride + n + o] =
                    fmaf(exact, row.scale * args->scale[n + o], args->bias[n + o]);
            }
        }
}
