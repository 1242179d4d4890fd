#include <math.h>
#include <string.h>

#include "kernels/reference/lanes.h"
#include "kernels/reference/reference.h"

/* `in` as weights: output o's input i lies at in[o * output_step + i * input_step]. */
struct source {
    const float *in;
    size_t output_step, input_step, outputs, inputs;
};

static float inverse_scale(const struct source *source, size_t output, float *scale) {
    float highest = 0;
    for (size_t i = 0; i < source->inputs; i++) {
        float size = fabsf(source->in[output * source->output_step + i * source->input_step]);
        highest = size > highest ? size : highest;
    }
    *scale = highest / 127.0f;
    float inverse = highest > 0 ? 127.0f / highest : 0.0f;
    return inverse < INFINITY ? inverse : 0.0f;
}

static void pack(const struct source *source, int8_t *packed, float *scale, int32_t *column_sum) {
    size_t padded_outputs = MINNOW_PADDED(source->outputs);
    memset(packed, 0, minnow_packed_s8_bytes(source->outputs, source->inputs));
    memset(scale, 0, padded_outputs * sizeof *scale);
    memset(column_sum, 0, padded_outputs * sizeof *column_sum);
    for (size_t o = 0; o < source->outputs; o++) {
        float inverse = inverse_scale(source, o, scale + o);
        for (size_t i = 0; i < source->inputs; i++) {
            float value = source->in[o * source->output_step + i * source->input_step];
            int8_t q = (int8_t)minnow_clamp(rintf(value * inverse), -127.0f, 127.0f);
            packed[minnow_packed_s8_index(o, i, source->inputs)] = q;
            column_sum[o] += q;
        }
    }
}

void minnow_pack_rows_reference(const float *in, size_t stride, size_t rows, size_t columns, int8_t *packed,
                                float *scale, int32_t *column_sum) {
    pack(&(struct source){in, stride, 1, rows, columns}, packed, scale, column_sum);
}

void minnow_pack_columns_reference(const float *in, size_t stride, size_t rows, size_t columns, int8_t *packed,
                                   float *scale, int32_t *column_sum) {
    pack(&(struct source){in, 1, stride, columns, rows}, packed, scale, column_sum);
}
