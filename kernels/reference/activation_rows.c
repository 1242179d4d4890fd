#include "kernels/reference/elementary.h"
#include "kernels/reference/reference.h"

static float relu_one(float x) { return x > 0 ? x : 0; }

static void apply(float (*one)(float), float *x, size_t stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) x[r * stride + c] = one(x[r * stride + c]);
}

void minnow_gelu_rows_reference(float *x, size_t stride, size_t rows, size_t columns) {
    apply(minnow_gelu_one, x, stride, rows, columns);
}

void minnow_precise_gelu_rows_reference(float *x, size_t stride, size_t rows, size_t columns) {
    apply(minnow_precise_gelu_one, x, stride, rows, columns);
}

void minnow_relu_rows_reference(float *x, size_t stride, size_t rows, size_t columns) {
    apply(relu_one, x, stride, rows, columns);
}

void minnow_tanh_rows_reference(float *x, size_t stride, size_t rows, size_t columns) {
    apply(minnow_tanh_one, x, stride, rows, columns);
}

void minnow_sigmoid_rows_reference(float *x, size_t stride, size_t rows, size_t columns) {
    apply(minnow_sigmoid_one, x, stride, rows, columns);
}

void minnow_log_rows_reference(float *x, size_t stride, size_t rows, size_t columns) {
    apply(minnow_log_one, x, stride, rows, columns);
}
