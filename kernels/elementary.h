/* Constants of the elementary functions; every tier evaluates exactly these, in this order.
 *
 * exp(x): x clamped to [LOWEST, HIGHEST]; n = rint(x * LOG2E); r = fmaf(n, -LN2_LOW, fmaf(n, -LN2_HIGH, x));
 * q = Horner with fmaf over EXP[3..0]; result = fmaf(r * r, q, r) + 1, times 2^n through the exponent bits.
 * Relative error below 2e-7.
 *
 * exp2 for codes of 8 bits: x clamped to at least LOWEST; n = rint(x); r = x - n; p = Horner with fmaf over
 * EXP2[2..0], then fmaf(p, r, 1); result = p * 2^n. Relative error below 1.1e-4; at most 1 for x <= 0.
 * Precise exp2, for x <= 0: the same over PRECISE_EXP2[4..0]. Relative error below 2e-7.
 *
 * gelu(x) = x * fmaf(c, P(t), 0.5), c = clamp(x, -LIMIT, LIMIT), t = fmaf(c * c, 2 / LIMIT^2, -1),
 * P by Horner with fmaf. A minimax fit of x * Phi(x); absolute error below 2.5e-5
 * for |x| < 8, far less than a step of the 8 bits that it is quantized to.
 *
 * Precise gelu, for models that are not quantized: a = clamp(|x|, 0, LIMIT); t = 1 / fmaf(a, ERF_SCALE, 1);
 * y = t * (Horner with fmaf over ERF[4..0]) * exp(-0.5 * (a * a)), which is 1 - erf(a / sqrt(2)) (Abramowitz and
 * Stegun, 7.1.26); x * (x > 0 ? 1 - 0.5 y : 0.5 y). Absolute error below 6e-7.
 *
 * tanh(x) = 1 - 2 / (exp(2 x) + 1). sigmoid(x) = 1 / (1 + exp(-x)), and NaN stays NaN. Absolute errors below 3e-7.
 *
 * log(x): x clamped to [LOWEST, HIGHEST]; n = (bits of x - SPLIT) >> 23, with its sign; r = the number whose bits are
 * those of x - (n << 23), from sqrt(1/2) to sqrt(2), minus 1; q = Horner with fmaf over LOG[6..0];
 * result = fmaf(n, LN2_HIGH, fmaf(n, LN2_LOW, fmaf(r * r, q, r))). Relative error below 5e-7.
 *
 * clamp(x, low, high) is x > low ? x : low, then x < high ? x : high: NaN becomes low. */
#ifndef MINNOW_ELEMENTARY_H
#define MINNOW_ELEMENTARY_H

#define MINNOW_EXP_LOWEST (-87.0f)
#define MINNOW_EXP_HIGHEST 88.0f
#define MINNOW_LOG2E 0x1.715476p+0f
#define MINNOW_LN2_HIGH 0x1.63p-1f
#define MINNOW_LN2_LOW (-0x1.bd0106p-13f)

static const float minnow_exp_coefficients[4] = {0x1.fffdfcp-2f, 0x1.5557aep-3f, 0x1.572a06p-5f, 0x1.10627ap-7f};

#define MINNOW_EXP2_LOWEST (-64.0f)

static const float minnow_exp2_coefficients[3] = {0x1.62f5fap-1f, 0x1.f00c4ep-3f, 0x1.c2a218p-5f};
static const float minnow_precise_exp2_coefficients[5] = {0x1.62e42ap-1f, 0x1.ebf9bcp-3f, 0x1.c6b752p-5f,
                                                          0x1.3cea88p-7f, 0x1.5bba14p-10f};

#define MINNOW_GELU_LIMIT 0x1.15999ap+2f
#define MINNOW_GELU_SCALE 0x1.b36c2ep-4f
#define MINNOW_GELU_DEGREE 8

static const float minnow_gelu_coefficients[MINNOW_GELU_DEGREE + 1] = {
    0x1.4d248cp-3f, -0x1.45b194p-4f, 0x1.c6799p-5f, -0x1.458962p-5f, 0x1.ad9448p-6f, -0x1.f9d7fep-7f,
    0x1.4fa15p-7f, -0x1.cf21cp-8f, 0x1.3da034p-9f};

#define MINNOW_PRECISE_GELU_LIMIT 32.0f
#define MINNOW_ERF_SCALE 0x1.da671p-3f
#define MINNOW_ERF_DEGREE 4

static const float minnow_erf_coefficients[MINNOW_ERF_DEGREE + 1] = {0x1.04f20cp-2f, -0x1.23531cp-2f, 0x1.6be1c6p+0f,
                                                                     -0x1.7401c6p+0f, 0x1.0fb844p+0f};

#define MINNOW_LOG_LOWEST 0x1p-126f
#define MINNOW_LOG_HIGHEST 0x1.fffffep+127f
#define MINNOW_LOG_SPLIT 0x3f3504f3 /* the bits of sqrt(1/2) */
#define MINNOW_LOG_DEGREE 6

static const float minnow_log_coefficients[MINNOW_LOG_DEGREE + 1] = {
    -0x1.00006cp-1f, 0x1.5558f4p-2f, -0x1.ff6928p-3f, 0x1.97b166p-3f, -0x1.612428p-3f, 0x1.4b6070p-3f, -0x1.9cf970p-4f};

#define MINNOW_NORMALIZE_FLOOR 1e-12f

#endif
