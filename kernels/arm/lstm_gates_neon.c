#include "kernels/arm/arm.h"
#include "kernels/arm/elementary_neon.h"

/* Four columns of a gate, of which `count` exist. */
static inline float32x4_t gate(const float *input, const float *recurrent, size_t at, size_t count) {
    float32x4_t a = load_four(input + at, count);
    return recurrent ? vaddq_f32(a, load_four(recurrent + at, count)) : a;
}

static void step_row(const float *input, const float *recurrent, size_t hidden, float *cell, float *out) {
    for (size_t c = 0; c < hidden; c += 4) {
        size_t count = hidden - c;
        float32x4_t i = sigmoid_four(gate(input, recurrent, c, count));
        float32x4_t f = sigmoid_four(gate(input, recurrent, hidden + c, count));
        float32x4_t g = tanh_four(gate(input, recurrent, 2 * hidden + c, count));
        float32x4_t o = sigmoid_four(gate(input, recurrent, 3 * hidden + c, count));
        float32x4_t next = vfmaq_f32(vmulq_f32(i, g), f, load_four(cell + c, count));
        vst1q_f32(cell + c, next);
        vst1q_f32(out + c, vmulq_f32(o, tanh_four(next)));
    }
}

void minnow_lstm_gates_neon(const struct minnow_lstm_gates_args *args) {
    for (size_t r = 0; r < args->rows; r++) {
        const float *recurrent = args->recurrent ? args->recurrent + r * args->recurrent_stride : NULL;
        step_row(args->input + r * args->input_stride, recurrent, args->hidden, args->cell + r * args->cell_stride,
                 args->out + r * args->out_stride);
    }
}
