#include "kernels/reference/reference.h"

/* A dot with codes of `bits` bits, the next digits of what out holds. Per block of 32 columns a group has `bits`
 * lines of one word for each of its vectors, and each line covers 32 / bits columns: 4 for every code of a byte. */
static void refine(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks, unsigned bits,
                   int32_t *out) {
    size_t lines = blocks * bits, columns = MINNOW_PLANE_COLUMNS / bits;
    unsigned mask = (1u << bits) - 1;
    for (size_t i = 0; i < groups * MINNOW_PLANE_VECTORS; i++) {
        const uint8_t *words = plane + i / MINNOW_PLANE_VECTORS * lines * MINNOW_PLANE_LINE;
        words += i % MINNOW_PLANE_VECTORS * 4;
        int32_t sum = 0;
        for (size_t c = 0; c < lines * columns; c++) {
            unsigned byte = words[c / columns * MINNOW_PLANE_LINE + c % 4];
            sum += query[c] * (int32_t)(byte >> c % columns / 4 * bits & mask);
        }
        out[i] = (int32_t)(((uint32_t)out[i] << bits) + (uint32_t)sum);
    }
}

void minnow_dots_u1_reference(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    refine(query, plane, groups, blocks, 1, out);
}

void minnow_dots_u2_reference(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    refine(query, plane, groups, blocks, 2, out);
}

void minnow_dots_u4_reference(const int8_t *query, const uint8_t *rows, size_t blocks, const uint32_t *indices,
                              size_t count, int32_t *out) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = rows + (size_t)indices[i] * blocks * 16;
        int32_t sum = 0;
        for (size_t c = 0; c < blocks * MINNOW_PLANE_COLUMNS; c++)
            sum += query[c] * (row[c / 32 * 16 + c % 16] >> c / 16 % 2 * 4 & 15);
        out[i] = sum;
    }
}
