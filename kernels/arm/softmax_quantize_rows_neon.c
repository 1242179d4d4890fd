#include "kernels/arm/arm.h"
#include "kernels/arm/bytes_neon.h"

static float highest_in_row(const float *x, size_t columns) {
    float32x4_t lowest = vdupq_n_f32(-INFINITY), highest = lowest;
    for (size_t c = 0; c < columns; c += 4)
        highest = greater_of(first_or(load_four(x + c, columns - c), columns - c, lowest), highest);
    return vmaxvq_f32(highest); /* no NaN is left */
}

/* What the columns of a row share, and what they hand on. */
struct state {
    float32x4_t highest, factor;
    struct lanes carry;
    int32x4_t sums;
};

static inline int32x4_t codes_of(const struct state *state, float32x4_t x, float32x4_t *carry) {
    float32x4_t e = exp2_four(vmulq_f32(state->factor, vsubq_f32(x, state->highest)));
    float32x4_t v = vfmaq_f32(*carry, e, vdupq_n_f32(254.0f)), code = vrndnq_f32(v);
    *carry = vsubq_f32(v, code);
    return vcvtnq_s32_f32(code);
}

/* Sixteen columns, of which `count` exist. */
static inline int8x16_t quantize_sixteen(struct state *state, const float *x, size_t count) {
    struct lanes v = load_lanes(x, count);
    struct integers codes;
    for (size_t i = 0; i < 4; i++) {
        codes.four[i] = codes_of(state, v.four[i], &state->carry.four[i]);
        float32x4_t kept = first_or(vreinterpretq_f32_s32(codes.four[i]), count > 4 * i ? count - 4 * i : 0,
                                    vdupq_n_f32(0));
        state->sums = vaddq_s32(state->sums, vreinterpretq_s32_f32(kept));
    }
    return keep_bytes(vsubq_s8(narrow(codes), vdupq_n_s8(127)), count); /* a code's low byte is enough */
}

static void softmax_quantize_row(const float *x, size_t columns, float factor, uint8_t flip, int8_t *out,
                                 struct minnow_row_quantization *quantization) {
    struct state state = {vdupq_n_f32(highest_in_row(x, columns)), vdupq_n_f32(factor), zero_lanes(), vdupq_n_s32(0)};
    int8x16_t mask = vdupq_n_s8((int8_t)flip);
    for (size_t c = 0; c < columns; c += 16)
        vst1q_s8(out + c, veorq_s8(quantize_sixteen(&state, x + c, columns - c), mask));
    *quantization = (struct minnow_row_quantization){1.0f / (float)vaddvq_s32(state.sums), -127};
}

void minnow_softmax_quantize_rows_neon(const float *x, size_t stride, size_t rows, size_t columns, float factor,
                                       uint8_t flip, int8_t *out, size_t out_stride,
                                       struct minnow_row_quantization *quantization) {
    size_t written = MINNOW_PADDED(columns);
    for (size_t r = 0; r < rows; r++, x += stride, out += out_stride) {
        softmax_quantize_row(x, columns, factor, flip, out, quantization + r);
        memset(out + written, flip, out_stride - written);
    }
}
