/* Sixteen float lanes as four registers: loads and stores that stop at a row's end, and the one tree of sums. */
#ifndef MINNOW_LANES_NEON_H
#define MINNOW_LANES_NEON_H

#include <arm_neon.h>
#include <string.h>

#include "kernels/kernels.h"

/* Lanes 0..3, 4..7, 8..11 and 12..15. */
struct lanes {
    float32x4_t four[4];
};

/* Four floats, of which `count` may be read; zeros for the rest. */
static inline float32x4_t load_four(const float *x, size_t count) {
    if (count >= 4) return vld1q_f32(x);
    float end[4] = {0};
    memcpy(end, x, count * sizeof *x);
    return vld1q_f32(end);
}

static inline void store_four(float *x, float32x4_t values, size_t count) {
    if (count >= 4) {
        vst1q_f32(x, values);
        return;
    }
    float end[4];
    vst1q_f32(end, values);
    memcpy(x, end, count * sizeof *x);
}

/* Four floats as they are for the first `count`, `otherwise` for the rest. */
static inline float32x4_t first_or(float32x4_t values, size_t count, float32x4_t otherwise) {
    static const uint32_t index[4] = {0, 1, 2, 3};
    if (count >= 4) return values;
    return vbslq_f32(vcltq_u32(vld1q_u32(index), vdupq_n_u32((uint32_t)count)), values, otherwise);
}

static inline struct lanes zero_lanes(void) {
    float32x4_t zero = vdupq_n_f32(0);
    return (struct lanes){{zero, zero, zero, zero}};
}

static inline struct lanes load_whole_lanes(const float *x) {
    return (struct lanes){{vld1q_f32(x), vld1q_f32(x + 4), vld1q_f32(x + 8), vld1q_f32(x + 12)}};
}

/* Sixteen floats, of which `count` may be read; zeros for the rest. */
static inline struct lanes load_lanes(const float *x, size_t count) {
    if (count >= 16) return load_whole_lanes(x);
    float end[16] = {0};
    memcpy(end, x, count * sizeof *x);
    return load_whole_lanes(end);
}

static inline void store_whole_lanes(float *x, struct lanes values) {
    for (size_t i = 0; i < 4; i++) vst1q_f32(x + 4 * i, values.four[i]);
}

static inline void store_lanes(float *x, struct lanes values, size_t count) {
    if (count >= 16) {
        store_whole_lanes(x, values);
        return;
    }
    float end[16];
    store_whole_lanes(end, values);
    memcpy(x, end, count * sizeof *x);
}

/* Zeros from the `count`th lane on. */
static inline struct lanes keep_lanes(struct lanes values, size_t count) {
    if (count >= 16) return values;
    for (size_t i = 0; i < 4; i++)
        values.four[i] = first_or(values.four[i], count > 4 * i ? count - 4 * i : 0, vdupq_n_f32(0));
    return values;
}

static inline struct lanes add_lanes(struct lanes a, struct lanes b) {
    for (size_t i = 0; i < 4; i++) a.four[i] = vaddq_f32(a.four[i], b.four[i]);
    return a;
}

static inline struct lanes subtract_from_lanes(struct lanes a, float32x4_t b) {
    for (size_t i = 0; i < 4; i++) a.four[i] = vsubq_f32(a.four[i], b);
    return a;
}

static inline struct lanes multiply_lanes(struct lanes a, float32x4_t b) {
    for (size_t i = 0; i < 4; i++) a.four[i] = vmulq_f32(a.four[i], b);
    return a;
}

static inline struct lanes fused_multiply_add_lanes(struct lanes a, struct lanes b, struct lanes c) {
    for (size_t i = 0; i < 4; i++) c.four[i] = vfmaq_f32(c.four[i], a.four[i], b.four[i]);
    return c;
}

/* The tree: lane i += lane i + 8, 4, 2, 1. */
static inline float sum_lanes(struct lanes x) {
    float32x4_t low = vaddq_f32(x.four[0], x.four[2]), high = vaddq_f32(x.four[1], x.four[3]);
    float32x4_t four = vaddq_f32(low, high);
    float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

/* x > y ? x : y and x < y ? x : y as the reference compares: NaN in x gives y. FMAX would give NaN. */
static inline float32x4_t greater_of(float32x4_t x, float32x4_t y) { return vbslq_f32(vcgtq_f32(x, y), x, y); }
static inline float32x4_t less_of(float32x4_t x, float32x4_t y) { return vbslq_f32(vcltq_f32(x, y), x, y); }

#endif
