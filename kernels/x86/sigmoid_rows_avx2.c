#include "kernels/x86/activation_avx2.h"
#include "kernels/x86/elementary_avx2.h"
#include "kernels/x86/x86.h"

void minnow_sigmoid_rows_avx2(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(sigmoid_eight, x, stride, rows, columns);
}
