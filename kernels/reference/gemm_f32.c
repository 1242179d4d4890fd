#include <math.h>

#include "kernels/reference/reference.h"

void minnow_gemm_f32_reference(const float *a, size_t a_stride, const float *b, size_t b_stride, size_t rows,
                               size_t columns, size_t depth, float *c, size_t c_stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t n = 0; n < columns; n++) {
            float sum = 0;
            for (size_t k = 0; k < depth; k++) sum = fmaf(a[r * a_stride + k], b[k * b_stride + n], sum);
            c[r * c_stride + n] = sum;
        }
}
