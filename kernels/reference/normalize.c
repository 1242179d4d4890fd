#include <math.h>

#include "kernels/elementary.h"
#include "kernels/reference/lanes.h"
#include "kernels/reference/reference.h"

void minnow_normalize_reference(float *x, size_t columns) {
    float lanes[MINNOW_LANES] = {0};
    for (size_t c = 0; c < columns; c++) lanes[c % MINNOW_LANES] = fmaf(x[c], x[c], lanes[c % MINNOW_LANES]);
    float norm = sqrtf(minnow_sum_lanes(lanes));
    norm = norm > MINNOW_NORMALIZE_FLOOR ? norm : MINNOW_NORMALIZE_FLOOR;
    for (size_t c = 0; c < columns; c++) x[c] /= norm;
}
