#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

/* What codes of a group mean. */
struct meaning {
    int8x8_t middle, times;
    float32x4_t scale;
};

static inline void add_four(float *out, int16x4_t weights, float32x4_t scale, size_t count) {
    store_four(out, vfmaq_f32(load_four(out, count), vcvtq_f32_s32(vmovl_s16(weights)), scale), count);
}

static inline void add_eight(float *out, uint8x8_t codes, struct meaning meaning, size_t count) {
    int16x8_t weights = vmull_s8(vsub_s8(vreinterpret_s8_u8(codes), meaning.middle), meaning.times);
    add_four(out, vget_low_s16(weights), meaning.scale, count);
    if (count > 4) add_four(out + 4, vget_high_s16(weights), meaning.scale, count - 4);
}

/* Eight bytes of codes: columns out[0..8) and out[16..24), of which `count` exist. */
static inline void add_pairs(float *out, const uint8_t *codes, struct meaning meaning, size_t count) {
    uint8x8_t both = vld1_u8(codes);
    add_eight(out, vand_u8(both, vdup_n_u8(15)), meaning, count);
    if (count > 16) add_eight(out + 16, vshr_n_u8(both, 4), meaning, count - 16);
}

static void gather_row(const uint8_t *codes, const uint8_t *steps, float scale, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += MINNOW_GROUP, codes += MINNOW_GROUP / 2, steps++) {
        struct meaning meaning = {vdup_n_s8((int8_t)(7 + (*steps >> 4 & 1))), vdup_n_s8((int8_t)(*steps & 15)),
                                  vdupq_n_f32(scale)};
        add_pairs(out + c, codes, meaning, columns - c);
        if (columns - c > 8) add_pairs(out + c + 8, codes + 8, meaning, columns - c - 8);
    }
}

void minnow_gather_s4_neon(const uint8_t *codes, const uint8_t *steps, const float *scale, const uint32_t *ids,
                           size_t rows, size_t columns, float *out, size_t stride) {
    size_t groups = MINNOW_GROUPS(columns);
    for (size_t r = 0; r < rows; r++)
        gather_row(codes + ids[r] * groups * (MINNOW_GROUP / 2), steps + ids[r] * groups, scale[ids[r]], columns,
                   out + r * stride);
}
