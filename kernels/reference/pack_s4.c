/* The order of s4 weights in memory and in the file (kernels.h). */
#include <string.h>

#include "kernels/kernels.h"

size_t minnow_packed_s4_bytes(size_t outputs, size_t inputs) { return minnow_packed_s8_bytes(outputs, inputs) / 2; }

size_t minnow_packed_s4_step_bytes(size_t outputs, size_t inputs) {
    return MINNOW_PADDED(outputs) * MINNOW_GROUPS(inputs);
}

/* Blocks lie two by two. Every byte is written by its low half first. */
static void put_code(uint8_t *packed, size_t output, size_t input, size_t inputs, unsigned code) {
    size_t at = minnow_packed_s8_index(output, input, inputs);
    uint8_t *byte = packed + at / 128 * 64 + at % 64;
    *byte = (uint8_t)(at & 64 ? *byte | code << 4 : code);
}

/* What means 0 in a group. */
static unsigned middle(uint8_t step) { return 7u + (step >> 4 & 1u); }

static void pack_output(const uint8_t *codes, const uint8_t *steps, size_t output, size_t inputs, uint8_t *packed) {
    for (size_t i = 0; i < MINNOW_PADDED(inputs); i++)
        put_code(packed, output, i, inputs, i < inputs ? codes[i] : middle(steps[i / MINNOW_GROUP]));
}

/* Outputs that do not exist have steps of 0, and so weights of 0 whatever their codes. */
void minnow_pack_s4(const uint8_t *codes, const uint8_t *steps, size_t outputs, size_t inputs, uint8_t *packed,
                    uint8_t *packed_steps) {
    size_t groups = MINNOW_GROUPS(inputs);
    memset(packed, 0, minnow_packed_s4_bytes(outputs, inputs));
    memset(packed_steps, 0, minnow_packed_s4_step_bytes(outputs, inputs));
    for (size_t o = 0; o < outputs; o++, codes += inputs, steps += groups) {
        pack_output(codes, steps, o, inputs, packed);
        for (size_t g = 0; g < groups; g++) packed_steps[(o / 16 * groups + g) * 16 + o % 16] = steps[g];
    }
}
