#include "runtime/index/quantize.h"

#include <math.h>
#include <string.h>

static float largest(const float *x, size_t count, bool *finite) {
    float max = 0;
    *finite = true;
    for (size_t i = 0; i < count; i++) {
        *finite &= (bool)isfinite(x[i]);
        if (fabsf(x[i]) > max) max = fabsf(x[i]);
    }
    return max;
}

static int8_t rounded(float value) {
    float q = rintf(value);
    return (int8_t)(q > 127 ? 127 : q < -127 ? -127 : q);
}

bool minnow_quantize_vector(const float *x, size_t dimensions, int8_t *q, float *scale) {
    bool finite;
    float max = largest(x, dimensions, &finite);
    if (!finite || max / 127 > MINNOW_MAX_SCALE) return false;
    float inverse = 127 / max;
    *scale = isfinite(inverse) ? max / 127 : 0;
    memset(q, 0, dimensions);
    if (isfinite(inverse))
        for (size_t i = 0; i < dimensions; i++) q[i] = rounded(x[i] * inverse);
    return true;
}
