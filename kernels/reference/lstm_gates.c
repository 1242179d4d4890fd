#include "kernels/reference/elementary.h"
#include "kernels/reference/reference.h"

static float gate(const float *input, const float *recurrent, size_t at) {
    return recurrent ? input[at] + recurrent[at] : input[at];
}

static void step_row(const float *input, const float *recurrent, size_t hidden, float *cell, float *out) {
    for (size_t c = 0; c < hidden; c++) {
        float i = minnow_sigmoid_one(gate(input, recurrent, c));
        float f = minnow_sigmoid_one(gate(input, recurrent, hidden + c));
        float g = minnow_tanh_one(gate(input, recurrent, 2 * hidden + c));
        float o = minnow_sigmoid_one(gate(input, recurrent, 3 * hidden + c));
        cell[c] = fmaf(f, cell[c], i * g);
        out[c] = o * minnow_tanh_one(cell[c]);
    }
}

void minnow_lstm_gates_reference(const struct minnow_lstm_gates_args *args) {
    for (size_t r = 0; r < args->rows; r++) {
        const float *recurrent = args->recurrent ? args->recurrent + r * args->recurrent_stride : NULL;
        step_row(args->input + r * args->input_stride, recurrent, args->hidden, args->cell + r * args->cell_stride,
                 args->out + r * args->out_stride);
    }
}
