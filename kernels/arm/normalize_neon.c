#include <math.h>

#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"
#include "kernels/elementary.h"

void minnow_normalize_neon(float *x, size_t columns) {
    struct lanes squares = zero_lanes();
    for (size_t c = 0; c < columns; c += 16) {
        struct lanes v = load_lanes(x + c, columns - c);
        squares = fused_multiply_add_lanes(v, v, squares);
    }
    float norm = sqrtf(sum_lanes(squares));
    float32x4_t divisor = vdupq_n_f32(norm > MINNOW_NORMALIZE_FLOOR ? norm : MINNOW_NORMALIZE_FLOOR);
    for (size_t c = 0; c < columns; c += 4)
        store_four(x + c, vdivq_f32(load_four(x + c, columns - c), divisor), columns - c);
}
