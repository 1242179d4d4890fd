#include <math.h>
#include <string.h>

#include "kernels/reference/reference.h"

/* A bfloat16 is the upper half of a float. */
static float widened(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

size_t minnow_select_reference(const int32_t *dots, const uint32_t *bounds, size_t count,
                               const struct minnow_limit *limit, uint32_t *indices) {
    size_t selected = 0;
    for (size_t i = 0; i < count; i++) {
        float dot = (float)(int32_t)(2u * (uint32_t)dots[i] + (uint32_t)limit->offset);
        float rest = limit->norm * widened(bounds[i] & 0xFFFF0000u);
        if (fmaf(widened(bounds[i] << 16), dot, rest) >= limit->threshold) indices[selected++] = (uint32_t)i;
    }
    return selected;
}
