#include "kernels/reference/elementary.h"
#include "kernels/reference/reference.h"

static float relu_one(float x) { return x > 0 ? x : 0; }

static float tanh_one(float x) { return 1.0f - 2.0f / (minnow_exp_one(2.0f * x) + 1.0f); }

static void apply(float (*one)(float), float *x, size_t stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) x[r * stride + c] = one(x[r * stride + c]);
}

void minnow_gelu_rows_reference(float *x, size_t stride, size_t rows, size_t columns) {
    apply(minnow_gelu_one, x, stride, rows, columns);
}

void minnow_relu_rows_reference(float *x, size_t stride, size_t rows, size_t columns) {
    apply(relu_one, x, stride, rows, columns);
}

void minnow_tanh_rows_reference(float *x, size_t stride, size_t rows, size_t columns) {
    apply(tanh_one, x, stride, rows, columns);
}
