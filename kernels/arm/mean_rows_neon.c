#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

void minnow_mean_rows_neon(const float *in, size_t stride, size_t rows, size_t columns, float *out) {
    float32x4_t divisor = vdupq_n_f32((float)rows);
    for (size_t c = 0; c < columns; c += 16) {
        size_t count = columns - c;
        struct lanes sums = zero_lanes();
        for (size_t r = 0; r < rows; r++) sums = add_lanes(sums, load_lanes(in + r * stride + c, count));
        for (size_t i = 0; i < 4; i++) sums.four[i] = vdivq_f32(sums.four[i], divisor);
        store_lanes(out + c, sums, count);
    }
}
