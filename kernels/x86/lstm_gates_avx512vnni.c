#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

/* Sixteen columns of a gate, of which `count` exist. */
static inline __m512 gate(const float *input, const float *recurrent, size_t at, size_t count) {
    __m512 a = load_lanes(input + at, count);
    return recurrent ? _mm512_add_ps(a, load_lanes(recurrent + at, count)) : a;
}

static void step_row(const float *input, const float *recurrent, size_t hidden, float *cell, float *out) {
    for (size_t c = 0; c < hidden; c += 16) {
        size_t count = hidden - c;
        __m512 i = sigmoid_sixteen(gate(input, recurrent, c, count));
        __m512 f = sigmoid_sixteen(gate(input, recurrent, hidden + c, count));
        __m512 g = tanh_sixteen(gate(input, recurrent, 2 * hidden + c, count));
        __m512 o = sigmoid_sixteen(gate(input, recurrent, 3 * hidden + c, count));
        __m512 next = _mm512_fmadd_ps(f, load_lanes(cell + c, count), _mm512_mul_ps(i, g));
        store_lanes(cell + c, next, count);
        store_lanes(out + c, _mm512_mul_ps(o, tanh_sixteen(next)), count);
    }
}

void minnow_lstm_gates_avx512vnni(const struct minnow_lstm_gates_args *args) {
    for (size_t r = 0; r < args->rows; r++) {
        const float *recurrent = args->recurrent ? args->recurrent + r * args->recurrent_stride : NULL;
        step_row(args->input + r * args->input_stride, recurrent, args->hidden, args->cell + r * args->cell_stride,
                 args->out + r * args->out_stride);
    }
}
