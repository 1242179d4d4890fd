#include "kernels/arm/activation_neon.h"
#include "kernels/arm/arm.h"
#include "kernels/arm/elementary_neon.h"

void minnow_tanh_rows_neon(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(tanh_four, x, stride, rows, columns);
}
