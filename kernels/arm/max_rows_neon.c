#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

void minnow_max_rows_neon(const float *in, size_t stride, size_t rows, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += 16) {
        size_t count = columns - c;
        struct lanes highest = load_lanes(in + c, count);
        for (size_t r = 1; r < rows; r++) {
            struct lanes v = load_lanes(in + r * stride + c, count);
            for (size_t i = 0; i < 4; i++) highest.four[i] = greater_of(v.four[i], highest.four[i]);
        }
        store_lanes(out + c, highest, count);
    }
}
