#include "kernels/arm/arm.h"
#include "kernels/arm/maxsim_arm.h"

static inline __attribute__((always_inline)) void add_products(int32x4_t sums[REGISTERS], const int8_t *queries,
                                                               int8x16_t token) {
    for (int i = 0; i < REGISTERS; i++) sums[i] = vdotq_s32(sums[i], vld1q_s8(queries + 16 * i), token);
}

float minnow_maxsim_dotprod(const struct minnow_maxsim_args *args) { return sum_of_best(args); }
