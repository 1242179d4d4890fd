#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

void minnow_max_rows_avx2(const float *in, size_t stride, size_t rows, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += 16) {
        size_t count = columns - c;
        struct lanes highest = load_lanes(in + c, count);
        for (size_t r = 1; r < rows; r++) {
            struct lanes v = load_lanes(in + r * stride + c, count);
            highest = (struct lanes){_mm256_max_ps(v.low, highest.low), _mm256_max_ps(v.high, highest.high)};
        }
        store_lanes(out + c, highest, count);
    }
}
