/* Vectors in fewer bits, for whoever keeps them elsewhere. */
#include <string.h>

#include "runtime/error.h"
#include "runtime/index/quantize.h"

enum minnow_status minnow_vector_to_s8(const float *vector, size_t dimensions, int8_t *out, float *scale,
                                       struct minnow_error *error) {
    if ((dimensions && (!vector || !out)) || !scale)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_vector_to_s8: vector, out or scale");
    if (minnow_quantize_vector(vector, dimensions, out, scale)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_NOT_FINITE, "the vector holds NaN, infinity or numbers over 1e16");
}

enum minnow_status minnow_vector_to_bits(const float *vector, size_t dimensions, uint8_t *out,
                                         struct minnow_error *error) {
    if (dimensions && (!vector || !out))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_vector_to_bits: vector or out");
    if (dimensions) memset(out, 0, (dimensions + 7) / 8);
    for (size_t i = 0; i < dimensions; i++)
        if (vector[i] > 0) out[i / 8] |= (uint8_t)(0x80 >> i % 8);
    return MINNOW_OK;
}
