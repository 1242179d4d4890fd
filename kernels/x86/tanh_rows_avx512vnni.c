#include "kernels/x86/activation_avx512.h"
#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

void minnow_tanh_rows_avx512vnni(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(tanh_sixteen, x, stride, rows, columns);
}
