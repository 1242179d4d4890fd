/* Signs of vectors, and the tables by which a query meets them (kernels.h). */
#include <math.h>
#include <string.h>

#include "kernels/reference/lanes.h"

enum { MOST = 15, HALF = 4, ENTRIES = 16 };

size_t minnow_packed_signs_bytes(size_t count, size_t columns) {
    return MINNOW_PADDED(count) * MINNOW_PADDED(columns) / 8;
}

void minnow_pack_signs(const int8_t *vectors, size_t stride, size_t count, size_t columns, uint8_t *packed) {
    size_t group_bytes = MINNOW_PADDED(columns) * 2;
    memset(packed, 0, minnow_packed_signs_bytes(count, columns));
    for (size_t v = 0; v < MINNOW_PADDED(count); v++) {
        const int8_t *vector = vectors + (v < count ? v : count - 1) * stride;
        uint8_t *signs = packed + v / 16 * group_bytes + v % 16;
        for (size_t c = 0; c < columns; c++) signs[c / 8 * 16] |= (uint8_t)((vector[c] >= 0) << c % 8);
    }
}

/* Every subset is a smaller one and its lowest number. */
static void fill_table(const int32_t q[HALF], uint8_t table[ENTRIES]) {
    int32_t sums[ENTRIES] = {0};
    for (size_t b = 0; b < HALF; b++)
        if (q[b] < 0) sums[0] -= q[b];
    for (unsigned m = 1; m < ENTRIES; m++) {
        unsigned lowest = m & 1 ? 0 : m & 2 ? 1 : m & 4 ? 2 : 3;
        sums[m] = sums[m & (m - 1)] + q[lowest];
    }
    for (size_t m = 0; m < ENTRIES; m++) table[m] = (uint8_t)sums[m];
}

float minnow_sign_tables(const float *query, size_t columns, uint8_t *tables, int32_t *size) {
    float highest = 0;
    for (size_t c = 0; c < columns; c++) highest = fabsf(query[c]) > highest ? fabsf(query[c]) : highest;
    float inverse = highest > 0 ? (float)MOST / highest : 0.0f;
    if (!(inverse < INFINITY)) inverse = 0;
    *size = 0;
    for (size_t c = 0; c < MINNOW_PADDED(columns); c += HALF) {
        int32_t q[HALF] = {0};
        for (size_t b = 0; b < HALF && c + b < columns; b++) {
            q[b] = (int32_t)minnow_clamp(rintf(query[c + b] * inverse), -MOST, MOST);
            *size += q[b] < 0 ? -q[b] : q[b];
        }
        fill_table(q, tables + c / HALF * ENTRIES);
    }
    return highest / (float)MOST;
}
