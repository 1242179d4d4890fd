#include "convert/checkpoint/tensor.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct minnow_shape_text minnow_shape_text(const uint64_t *shape, uint32_t rank) {
    struct minnow_shape_text shown = {"["};
    size_t used = 1;
    for (uint32_t i = 0; i < rank && i < MINNOW_TENSOR_RANK; i++)
        used += (size_t)snprintf(shown.text + used, sizeof shown.text - used, "%s%" PRIu64, i ? "," : "", shape[i]);
    snprintf(shown.text + used, sizeof shown.text - used, "]");
    return shown;
}

uint64_t minnow_tensor_count(const struct minnow_tensor *tensor) {
    uint64_t count = 1;
    for (uint32_t i = 0; i < tensor->rank; i++) count *= tensor->shape[i];
    return count;
}

static int by_name(const void *left, const void *right) {
    return strcmp(((const struct minnow_tensor *)left)->name, ((const struct minnow_tensor *)right)->name);
}

enum minnow_status minnow_tensors_sort(const char *file, struct minnow_tensor *tensors, size_t count,
                                       struct minnow_error *error) {
    if (count) qsort(tensors, count, sizeof *tensors, by_name);
    for (size_t i = 1; i < count; i++)
        if (!strcmp(tensors[i - 1].name, tensors[i].name))
            return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %.160s: found twice, expected once", file,
                               tensors[i].name);
    return MINNOW_OK;
}

static float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float from_bf16(uint16_t half) { return from_bits((uint32_t)half << 16); }

static float from_f16(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16, exponent = half >> 10 & 31u, fraction = half & 1023u;
    if (exponent == 31) return from_bits(sign | 0x7f800000u | fraction << 13);
    if (exponent) return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
    float magnitude = (float)fraction * 0x1p-24f;
    return sign ? -magnitude : magnitude;
}

static void convert_halves(const uint8_t *bytes, uint64_t count, float convert(uint16_t), float *out) {
    for (uint64_t i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, bytes + 2 * i, sizeof half);
        out[i] = convert(half);
    }
}

static void convert_doubles(const uint8_t *bytes, uint64_t count, float *out) {
    for (uint64_t i = 0; i < count; i++) {
        double value;
        memcpy(&value, bytes + 8 * i, sizeof value);
        out[i] = (float)value;
    }
}

static enum minnow_status check_finite(const struct minnow_tensor *tensor, const float *values, uint64_t count,
                                       struct minnow_error *error) {
    for (uint64_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                               "%s: %.160s: value %" PRIu64 " is %s, expected a finite number", tensor->file,
                               tensor->name, i, isnan(values[i]) ? "NaN" : "infinite");
    return MINNOW_OK;
}

enum minnow_status minnow_tensor_read(const struct minnow_tensor *tensor, float *out, struct minnow_error *error) {
    uint64_t count = minnow_tensor_count(tensor);
    switch (tensor->type) {
    case MINNOW_TENSOR_F32:
        if (count) memcpy(out, tensor->bytes, count * sizeof *out);
        break;
    case MINNOW_TENSOR_F64:
        convert_doubles(tensor->bytes, count, out);
        break;
    case MINNOW_TENSOR_F16:
        convert_halves(tensor->bytes, count, from_f16, out);
        break;
    case MINNOW_TENSOR_BF16:
        convert_halves(tensor->bytes, count, from_bf16, out);
        break;
    default:
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %.160s: dtype is %s, expected F32, F64, F16 or BF16",
                           tensor->file, tensor->name, tensor->type_name);
    }
    return check_finite(tensor, out, count, error);
}
