#include "kernels/reference/reference.h"
#include "kernels/reference/s4.h"

/* Two blocks of 16 outputs x 4 inputs. */
static void unpack_pair(const uint8_t *codes, const uint8_t *steps, int8_t *out) {
    for (size_t i = 0; i < 64; i++) {
        out[i] = minnow_s4_weight(codes[i] & 15u, steps[i / 4]);
        out[64 + i] = minnow_s4_weight(codes[i] >> 4, steps[i / 4]);
    }
}

void minnow_unpack_s4_reference(const uint8_t *codes, const uint8_t *steps, size_t inputs, int8_t *out) {
    for (size_t k = 0; k < MINNOW_PADDED(inputs); k += 8, codes += 64, out += 128)
        unpack_pair(codes, steps + k / MINNOW_GROUP * 16, out);
}
