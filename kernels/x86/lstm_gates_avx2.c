#include "kernels/x86/elementary_avx2.h"
#include "kernels/x86/x86.h"

/* Eight columns of a gate, of which `count` exist. */
static inline __m256 gate(const float *input, const float *recurrent, size_t at, size_t count) {
    __m256 a = load_eight(input + at, count);
    return recurrent ? _mm256_add_ps(a, load_eight(recurrent + at, count)) : a;
}

static void step_row(const float *input, const float *recurrent, size_t hidden, float *cell, float *out) {
    for (size_t c = 0; c < hidden; c += 8) {
        size_t count = hidden - c;
        __m256 i = sigmoid_eight(gate(input, recurrent, c, count));
        __m256 f = sigmoid_eight(gate(input, recurrent, hidden + c, count));
        __m256 g = tanh_eight(gate(input, recurrent, 2 * hidden + c, count));
        __m256 o = sigmoid_eight(gate(input, recurrent, 3 * hidden + c, count));
        __m256 next = _mm256_fmadd_ps(f, load_eight(cell + c, count), _mm256_mul_ps(i, g));
        _mm256_storeu_ps(cell + c, next);
        _mm256_storeu_ps(out + c, _mm256_mul_ps(o, tanh_eight(next)));
    }
}

void minnow_lstm_gates_avx2(const struct minnow_lstm_gates_args *args) {
    for (size_t r = 0; r < args->rows; r++) {
        const float *recurrent = args->recurrent ? args->recurrent + r * args->recurrent_stride : NULL;
        step_row(args->input + r * args->input_stride, recurrent, args->hidden, args->cell + r * args->cell_stride,
                 args->out + r * args->out_stride);
    }
}
