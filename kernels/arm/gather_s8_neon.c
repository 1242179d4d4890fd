#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

/* Eight numbers of a table, of which `count` may be read, as words. */
static inline int16x8_t load_words(const int8_t *x, size_t count) {
    if (count >= 8) return vmovl_s8(vld1_s8(x));
    int8_t end[8] = {0};
    memcpy(end, x, count);
    return vmovl_s8(vld1_s8(end));
}

static inline void add_four(float *out, int16x4_t words, float32x4_t scale, size_t count) {
    float32x4_t values = vcvtq_f32_s32(vmovl_s16(words));
    store_four(out, vfmaq_f32(load_four(out, count), values, scale), count);
}

static void gather_row(const int8_t *row, float scale, size_t columns, float *out) {
    float32x4_t factor = vdupq_n_f32(scale);
    for (size_t c = 0; c < columns; c += 8) {
        size_t count = columns - c;
        int16x8_t words = load_words(row + c, count);
        add_four(out + c, vget_low_s16(words), factor, count);
        if (count > 4) add_four(out + c + 4, vget_high_s16(words), factor, count - 4);
    }
}

void minnow_gather_s8_neon(const int8_t *table, size_t table_stride, const float *scale, const uint32_t *ids,
                           size_t rows, size_t columns, float *out, size_t stride) {
    for (size_t r = 0; r < rows; r++)
        gather_row(table + ids[r] * table_stride, scale[ids[r]], columns, out + r * stride);
}
