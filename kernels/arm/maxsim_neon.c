#include "kernels/arm/arm.h"
#include "kernels/arm/maxsim_arm.h"

/* Two query tokens a register of products, then the sums of each one's four. */
static inline __attribute__((always_inline)) void add_products(int32x4_t sums[REGISTERS], const int8_t *queries,
                                                               int8x16_t token) {
    for (int i = 0; i < REGISTERS; i++) {
        int8x16_t query = vld1q_s8(queries + 16 * i);
        int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(query), vget_low_s8(token)));
        sums[i] = vaddq_s32(sums[i], vpaddq_s32(low, vpaddlq_s16(vmull_high_s8(query, token))));
    }
}

float minnow_maxsim_neon(const struct minnow_maxsim_args *args) { return sum_of_best(args); }
