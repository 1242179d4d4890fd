#include "kernels/arm/arm.h"
#include "kernels/arm/planes_neon.h"

/* All bits set in each of four that reach the threshold. */
static inline uint32x4_t reaching(int32x4_t dot, uint32x4_t bound, const struct minnow_limit *limit) {
    dot = vaddq_s32(vaddq_s32(dot, dot), vdupq_n_s32(limit->offset));
    float32x4_t slope = vreinterpretq_f32_u32(vshlq_n_u32(bound, 16));
    float32x4_t rest = vreinterpretq_f32_u32(vandq_u32(bound, vdupq_n_u32(0xFFFF0000u)));
    rest = vmulq_f32(vdupq_n_f32(limit->norm), rest);
    return vcgeq_f32(vfmaq_f32(rest, slope, vcvtq_f32_s32(dot)), vdupq_n_f32(limit->threshold));
}

size_t minnow_select_neon(const int32_t *dots, const uint32_t *bounds, size_t count, const struct minnow_limit *limit,
                          uint32_t *indices) {
    size_t selected = 0;
    for (size_t i = 0; i < count; i += 4) {
        size_t here = count - i < 4 ? count - i : 4;
        int32_t dot[4] = {0};
        uint32_t bound[4] = {0}, lanes[4];
        memcpy(dot, dots + i, here * sizeof *dot);
        memcpy(bound, bounds + i, here * sizeof *bound);
        uint32x4_t mask = reaching(vld1q_s32(dot), vld1q_u32(bound), limit);
        if (!vmaxvq_u32(mask)) continue;
        vst1q_u32(lanes, mask);
        for (size_t j = 0; j < here; j++)
            if (lanes[j]) indices[selected++] = (uint32_t)(i + j);
    }
    return selected;
}
