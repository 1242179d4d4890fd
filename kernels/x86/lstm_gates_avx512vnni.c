#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

/* Sixteen columns of a gate, of which `count` exist. */
static inline __m512 gate(const float *input, const float *recurrent, size_t at, size_t count) {
    __m512 a = load_lanes(input + at, count);
    return recurrent ? _mm512_add_ps(a, load_lanes(recurrent + at, count)) : a;
}

static inline __attribute__((always_inline)) void step(const float *input, const float *recurrent, size_t hidden,
                                                       float *cell, float *out, size_t count) {
    __m512 i = sigmoid_sixteen(gate(input, recurrent, 0, count));
    __m512 f = sigmoid_sixteen(gate(input, recurrent, hidden, count));
    __m512 g = tanh_sixteen(gate(input, recurrent, 2 * hidden, count));
    __m512 o = sigmoid_sixteen(gate(input, recurrent, 3 * hidden, count));
    __m512 next = _mm512_fmadd_ps(f, load_lanes(cell, count), _mm512_mul_ps(i, g));
    store_lanes(cell, next, count);
    store_lanes(out, _mm512_mul_ps(o, tanh_sixteen(next)), count);
}

static void step_row(const float *input, const float *recurrent, size_t hidden, float *cell, float *out) {
    size_t c = 0;
    for (; c + 16 <= hidden; c += 16)
        step(input + c, recurrent ? recurrent + c : NULL, hidden, cell + c, out + c, 16);
    if (c < hidden) step(input + c, recurrent ? recurrent + c : NULL, hidden, cell + c, out + c, hidden - c);
}

void minnow_lstm_gates_avx512vnni(const struct minnow_lstm_gates_args *args) {
    for (size_t r = 0; r < args->rows; r++) {
        const float *recurrent = args->recurrent ? args->recurrent + r * args->recurrent_stride : NULL;
        step_row(args->input + r * args->input_stride, recurrent, args->hidden, args->cell + r * args->cell_stride,
                 args->out + r * args->out_stride);
    }
}
