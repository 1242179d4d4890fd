#include "kernels/reference/reference.h"

static int32_t ones(unsigned byte) {
    int32_t count = 0;
    for (; byte; byte >>= 1) count += (int32_t)(byte & 1);
    return count;
}

void minnow_hamming_reference(const uint8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    for (size_t i = 0; i < groups * MINNOW_PLANE_VECTORS; i++) {
        const uint8_t *words = plane + i / MINNOW_PLANE_VECTORS * blocks * MINNOW_PLANE_LINE;
        words += i % MINNOW_PLANE_VECTORS * 4;
        out[i] = 0;
        for (size_t c = 0; c < blocks * 4; c++) out[i] += ones(query[c] ^ words[c / 4 * MINNOW_PLANE_LINE + c % 4]);
    }
}
