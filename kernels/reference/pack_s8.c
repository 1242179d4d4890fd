/* The order of s8 weights in memory and in the file (kernels.h). */
#include <string.h>

#include "kernels/kernels.h"

enum { BLOCK_OUTPUTS = 16, BLOCK_INPUTS = 4 };

size_t minnow_packed_s8_index(size_t output, size_t input, size_t inputs) {
    size_t row_of_blocks = output / BLOCK_OUTPUTS * MINNOW_PADDED(inputs) * BLOCK_OUTPUTS;
    size_t block = input / BLOCK_INPUTS * BLOCK_OUTPUTS * BLOCK_INPUTS;
    return row_of_blocks + block + output % BLOCK_OUTPUTS * BLOCK_INPUTS + input % BLOCK_INPUTS;
}

size_t minnow_packed_s8_bytes(size_t outputs, size_t inputs) { return MINNOW_PADDED(outputs) * MINNOW_PADDED(inputs); }

void minnow_pack_s8(const int8_t *w, size_t outputs, size_t inputs, int8_t *packed) {
    memset(packed, 0, minnow_packed_s8_bytes(outputs, inputs));
    for (size_t o = 0; o < outputs; o++)
        for (size_t i = 0; i < inputs; i++) packed[minnow_packed_s8_index(o, i, inputs)] = w[o * inputs + i];
}
