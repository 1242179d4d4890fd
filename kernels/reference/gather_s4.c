#include <math.h>

#include "kernels/reference/reference.h"
#include "kernels/reference/s4.h"

void minnow_gather_s4_reference(const uint8_t *codes, const uint8_t *steps, const float *scale, const uint32_t *ids,
                                size_t rows, size_t columns, float *out, size_t stride) {
    size_t groups = MINNOW_GROUPS(columns);
    for (size_t r = 0; r < rows; r++) {
        const uint8_t *row = codes + ids[r] * groups * (MINNOW_GROUP / 2), *row_steps = steps + ids[r] * groups;
        for (size_t c = 0; c < columns; c++) {
            uint8_t pair = row[c / MINNOW_GROUP * 16 + c % 16];
            int8_t weight = minnow_s4_weight(c & 16 ? pair >> 4 : pair & 15u, row_steps[c / MINNOW_GROUP]);
            out[r * stride + c] = fmaf((float)weight, scale[ids[r]], out[r * stride + c]);
        }
    }
}
