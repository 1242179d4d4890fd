#include <math.h>

#include "kernels/elementary.h"
#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

void minnow_normalize_avx2(float *x, size_t columns) {
    struct lanes squares = zero_lanes();
    for (size_t c = 0; c < columns; c += 16) {
        struct lanes v = load_lanes(x + c, columns - c);
        squares = fused_multiply_add_lanes(v, v, squares);
    }
    float norm = sqrtf(sum_lanes(squares));
    __m256 divisor = _mm256_set1_ps(norm > MINNOW_NORMALIZE_FLOOR ? norm : MINNOW_NORMALIZE_FLOOR);
    for (size_t c = 0; c < columns; c += 8)
        store_eight(x + c, _mm256_div_ps(load_eight(x + c, columns - c), divisor), columns - c);
}
