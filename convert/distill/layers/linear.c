#include "convert/distill/layers/linear.h"

#include <string.h>

#include "convert/blas.h"
#include "convert/distill/weights.h"

void minnow_train_linear(const struct minnow_linear *linear, const float *in, size_t rows, float *out) {
    int inputs = (int)linear->inputs, outputs = (int)linear->outputs;
    if (rows == 0) return;
    for (size_t r = 0; linear->bias && r < rows; r++)
        memcpy(out + r * linear->outputs, linear->bias, linear->outputs * sizeof *out);
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, outputs, inputs, 1, in, inputs,
                         linear->weight, inputs, linear->bias ? 1 : 0, out, outputs);
}

static void add_rows(const float *rows, size_t count, size_t width, float *sums) {
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < width; i++) sums[i] += rows[r * width + i];
}

void minnow_train_linear_weights(const struct minnow_linear *linear, struct minnow_linear *gradient, const float *in,
                                 const float *out_gradient, size_t rows) {
    int inputs = (int)linear->inputs, outputs = (int)linear->outputs;
    if (rows == 0) return;
    minnow_blas()->sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, outputs, inputs, (int)rows, 1, out_gradient, outputs,
                         in, inputs, 1, minnow_writable(gradient->weight), inputs);
    if (linear->bias) add_rows(out_gradient, rows, linear->outputs, minnow_writable(gradient->bias));
}

void minnow_train_linear_inputs(const struct minnow_linear *linear, const float *out_gradient, size_t rows, bool add,
                                float *in_gradient) {
    int inputs = (int)linear->inputs, outputs = (int)linear->outputs;
    if (rows == 0) return;
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, inputs, outputs, 1, out_gradient,
                         outputs, linear->weight, inputs, add ? 1 : 0, in_gradient, inputs);
}
