/* What kernels compute, found another way: by libm, in double, and by plain loops. Tiers need no such test: checkkern
 * compares their bits with these kernels'. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/kernels.h"

static struct minnow_kernels kernels(void) {
    struct minnow_kernels reference;
    assert_true(minnow_kernels_choose(&reference, "reference"));
    return reference;
}

static float applied(minnow_activation_rows_fn *function, float x) {
    float row[MINNOW_LANES] = {x};
    function(row, MINNOW_LANES, 1, 1);
    return row[0];
}

/* Every float in steps of 997 units in the last place, of both signs. */
static float next_sample(uint32_t *bits) {
    float x;
    memcpy(&x, bits, sizeof x);
    *bits += 997;
    return x;
}

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

static void squashing_is_accurate(void **state) {
    (void)state;
    double worst_sigmoid = 0, worst_tanh = 0;
    for (uint32_t bits = 0; bits < UINT32_MAX - 997;) {
        float x = next_sample(&bits);
        if (isnan(x)) continue;
        worst_sigmoid = fmax(worst_sigmoid, fabs((double)applied(kernels().sigmoid_rows, x) - sigmoid(x)));
        worst_tanh = fmax(worst_tanh, fabs((double)applied(kernels().tanh_rows, x) - tanh(x)));
    }
    assert_true(worst_sigmoid < 3e-7);
    assert_true(worst_tanh < 3e-7);
}

static void precise_gelu_is_accurate(void **state) {
    (void)state;
    double worst = 0;
    for (float x = -40; x < 40; x += 0.0007f) {
        double exact = 0.5 * (double)x * erfc(-(double)x / sqrt(2));
        worst = fmax(worst, fabs((double)applied(kernels().precise_gelu_rows, x) - exact) / fmax(1, fabs(exact)));
    }
    assert_true(worst < 6e-7);
    assert_true(isnan(applied(kernels().precise_gelu_rows, NAN)));
}

static void log_is_accurate(void **state) {
    (void)state;
    double worst = 0;
    for (uint32_t bits = 0x00800000u; bits < 0x7F800000u;) {
        float x = next_sample(&bits);
        double exact = log(x), error = fabs((double)applied(kernels().log_rows, x) - exact);
        worst = fmax(worst, exact != 0 ? error / fabs(exact) : error);
    }
    assert_true(worst < 5e-7);
}

static void ends_of_their_ranges(void **state) {
    (void)state;
    struct minnow_kernels k = kernels();
    assert_true(isnan(applied(k.sigmoid_rows, NAN)));
    assert_true(applied(k.sigmoid_rows, INFINITY) == 1);
    assert_true(applied(k.sigmoid_rows, 0) == 0.5f);
    assert_true(applied(k.sigmoid_rows, -INFINITY) >= 0 && applied(k.sigmoid_rows, -INFINITY) < 1e-37f);
    assert_true(applied(k.log_rows, 1) == 0);
    assert_true(applied(k.log_rows, -1) == applied(k.log_rows, FLT_MIN));
    assert_true(applied(k.log_rows, NAN) == applied(k.log_rows, FLT_MIN));
    assert_true(applied(k.log_rows, INFINITY) == applied(k.log_rows, FLT_MAX));
}

enum { HIDDEN = 19, STRIDE = 80, CELLS = 32, STEPS = 6, ROWS = 2 };

/* Numbers between -2 and 2 that differ from place to place. */
static float sample(size_t i) { return 2 * sinf((float)i * 12.9898f); }

static void lstm_row(const float *input, const float *recurrent, double *cell, double *out) {
    for (size_t c = 0; c < HIDDEN; c++) {
        double a[4];
        for (size_t g = 0; g < 4; g++)
            a[g] = (double)input[g * HIDDEN + c] + (recurrent ? (double)recurrent[g * HIDDEN + c] : 0);
        cell[c] = sigmoid(a[1]) * cell[c] + sigmoid(a[0]) * tanh(a[2]);
        out[c] = sigmoid(a[3]) * tanh(cell[c]);
    }
}

/* Steps of two sequences, the first without a recurrent part. */
static void lstm_gates_follow_the_equations(void **state) {
    (void)state;
    float input[ROWS * STRIDE], recurrent[ROWS * STRIDE], cell[ROWS * CELLS] = {0}, out[ROWS * CELLS];
    double exact_cell[ROWS][HIDDEN] = {{0}}, exact_out[ROWS][HIDDEN];
    for (size_t t = 0; t < STEPS; t++) {
        for (size_t i = 0; i < ROWS * STRIDE; i++) input[i] = sample(1000 * t + i), recurrent[i] = sample(777 * t + i);
        kernels().lstm_gates(&(struct minnow_lstm_gates_args){ROWS, HIDDEN, input, STRIDE, t ? recurrent : NULL, STRIDE,
                                                              cell, CELLS, out, CELLS});
        for (size_t r = 0; r < ROWS; r++) {
            lstm_row(input + r * STRIDE, t ? recurrent + r * STRIDE : NULL, exact_cell[r], exact_out[r]);
            for (size_t c = 0; c < HIDDEN; c++) {
                assert_true(fabs((double)cell[r * CELLS + c] - exact_cell[r][c]) < 3e-6);
                assert_true(fabs((double)out[r * CELLS + c] - exact_out[r][c]) < 3e-6);
            }
        }
    }
}

/* The eleven kernels of TK over cosines, one of them an exact match. */
static void gaussian_sums_follow_the_equation(void **state) {
    (void)state;
    enum { KERNELS = 11, COLUMNS = 100 };
    const double sigma = 0.1;
    float x[COLUMNS], center[KERNELS], factor[KERNELS], sums[KERNELS];
    for (size_t c = 0; c < COLUMNS; c++) x[c] = c == 7 ? 1.0f : sample(c) / 2;
    for (size_t k = 0; k < KERNELS; k++) {
        center[k] = k ? 1.1f - 0.2f * (float)k : 1.0f;
        factor[k] = (float)(-1 / (2 * sigma * sigma * log(2)));
    }
    kernels().gaussian_sums(x, COLUMNS, 1, COLUMNS, center, factor, KERNELS, sums, KERNELS);
    for (size_t k = 0; k < KERNELS; k++) {
        double exact = 0;
        for (size_t c = 0; c < COLUMNS; c++)
            exact += exp(-pow((double)x[c] - (double)center[k], 2) / (2 * sigma * sigma));
        assert_true(fabs((double)sums[k] - exact) < 2e-6 * exact);
    }
}

enum { QUERIES = 5, TOKENS = 21, COLUMNS = 35 };

/* A query token in 31 steps, and the largest of its dots with signs. */
static double best_dot(const float *query, const int8_t tokens[TOKENS][COLUMNS]) {
    double highest = 0, best = -INFINITY;
    for (size_t c = 0; c < COLUMNS; c++) highest = fmax(highest, fabs((double)query[c]));
    for (size_t t = 0; t < TOKENS; t++) {
        double dot = 0;
        for (size_t c = 0; c < COLUMNS; c++)
            dot += rint((double)query[c] * 15 / highest) * (tokens[t][c] >= 0 ? 1 : -1);
        best = fmax(best, dot * highest / 15);
    }
    return best;
}

static void maxsim_of_signs_is_a_sum_of_largest_dots(void **state) {
    (void)state;
    float query[QUERIES][COLUMNS], scale[QUERIES];
    int8_t tokens[TOKENS][COLUMNS];
    uint8_t tables[QUERIES * MINNOW_SIGN_TABLE_BYTES(COLUMNS)], signs[MINNOW_PADDED(TOKENS) * MINNOW_PADDED(COLUMNS) / 8];
    int32_t size[QUERIES];
    for (size_t t = 0; t < TOKENS; t++)
        for (size_t c = 0; c < COLUMNS; c++) tokens[t][c] = (int8_t)(40 * sample(t * COLUMNS + c));
    assert_int_equal(minnow_packed_signs_bytes(TOKENS, COLUMNS), sizeof signs);
    minnow_pack_signs(tokens[0], COLUMNS, TOKENS, COLUMNS, signs);
    double exact = 0;
    for (size_t q = 0; q < QUERIES; q++) {
        for (size_t c = 0; c < COLUMNS; c++) query[q][c] = sample(5000 + q * COLUMNS + c);
        scale[q] = minnow_sign_tables(query[q], COLUMNS, tables + q * MINNOW_SIGN_TABLE_BYTES(COLUMNS), size + q);
        exact += best_dot(query[q], (const int8_t(*)[COLUMNS])tokens);
    }
    float found = kernels().maxsim_u1(
        &(struct minnow_maxsim_u1_args){QUERIES, TOKENS, COLUMNS, tables, scale, size, signs});
    assert_true(fabs((double)found - exact) < 1e-5 * fabs(exact));
}

/* Integers as they are: every scale is 1 and every zero point 0. */
static void multiply(const int8_t *a, size_t a_stride, size_t rows, const int8_t *w, size_t outputs, size_t inputs,
                     float *out) {
    enum { MOST = 64 };
    struct minnow_row_quantization quantization[MOST];
    int8_t packed[MOST * MOST];
    float scale[MINNOW_LANES], bias[MINNOW_LANES] = {0};
    int32_t column_sum[MINNOW_LANES] = {0};
    assert_true(rows <= MOST && minnow_packed_s8_bytes(outputs, inputs) <= sizeof packed && outputs <= MINNOW_LANES);
    minnow_pack_s8(w, outputs, inputs, packed);
    for (size_t r = 0; r < rows; r++) quantization[r] = (struct minnow_row_quantization){1, 0};
    for (size_t n = 0; n < MINNOW_LANES; n++) scale[n] = 1;
    kernels().gemm_s8.run(&(struct minnow_gemm_s8_args){rows, outputs, inputs, a, a_stride, quantization, packed, scale,
                                                        column_sum, bias, out, MINNOW_LANES});
}

static void rows_may_overlap(void **state) {
    (void)state;
    enum { WIDTH = 16, LENGTH = 9, TAPS = 3, FILTERS = 7 };
    int8_t text[LENGTH * WIDTH], filters[FILTERS * TAPS * WIDTH];
    float out[LENGTH * MINNOW_LANES];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (int8_t)(60 * sample(i));
    for (size_t i = 0; i < sizeof filters; i++) filters[i] = (int8_t)(60 * sample(i + 3000));
    multiply(text, WIDTH, LENGTH - TAPS + 1, filters, FILTERS, TAPS * WIDTH, out);
    for (size_t t = 0; t + TAPS <= LENGTH; t++)
        for (size_t f = 0; f < FILTERS; f++) {
            int sum = 0;
            for (size_t tap = 0; tap < TAPS; tap++)
                for (size_t c = 0; c < WIDTH; c++)
                    sum += text[(t + tap) * WIDTH + c] * filters[(f * TAPS + tap) * WIDTH + c];
            assert_true(out[t * MINNOW_LANES + f] == (float)sum);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squashing_is_accurate),
        cmocka_unit_test(precise_gelu_is_accurate), cmocka_unit_test(log_is_accurate),
        cmocka_unit_test(ends_of_their_ranges),
        cmocka_unit_test(lstm_gates_follow_the_equations),
        cmocka_unit_test(gaussian_sums_follow_the_equation),
        cmocka_unit_test(maxsim_of_signs_is_a_sum_of_largest_dots),
        cmocka_unit_test(rows_may_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
