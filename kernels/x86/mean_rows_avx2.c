#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

void minnow_mean_rows_avx2(const float *in, size_t stride, size_t rows, size_t columns, float *out) {
    __m256 divisor = _mm256_set1_ps((float)rows);
    for (size_t c = 0; c < columns; c += 16) {
        size_t count = columns - c;
        struct lanes sums = zero_lanes();
        for (size_t r = 0; r < rows; r++) sums = add_lanes(sums, load_lanes(in + r * stride + c, count));
        sums = (struct lanes){_mm256_div_ps(sums.low, divisor), _mm256_div_ps(sums.high, divisor)};
        store_lanes(out + c, sums, count);
    }
}
