/* Rounding, equalization and rotation: what they promise, on numbers made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "convert/quantize/compensate.h"
#include "convert/quantize/equalize.h"
#include "convert/quantize/rounding.h"
#include "kernels/reference/reference.h"

enum { INPUTS = 48, OUTPUTS = 5, ROWS = 400 };

static uint64_t state = 7;

static float uniform(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)(state >> 40) / (float)(1 << 23) - 1;
}

static void fill(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = uniform();
}

static double rounding_error(const float *values, size_t count, float scale) {
    int8_t q[64];
    double sum = 0;
    minnow_round_s8(values, count, scale, q);
    for (size_t i = 0; i < count; i++) sum += pow((double)(values[i] - scale * (float)q[i]), 2);
    return sum;
}

static void the_best_scale_is_no_worse_than_the_plain_one(void **unused) {
    (void)unused;
    float values[64];
    for (int trial = 0; trial < 100; trial++) {
        fill(values, 64);
        values[3] *= 4; /* one outlier */
        float largest = 0;
        for (int i = 0; i < 64; i++) largest = fmaxf(largest, fabsf(values[i]));
        float best = minnow_best_scale(values, 64);
        assert_true(best > 0 && best <= largest / 127);
        assert_true(rounding_error(values, 64, best) <= rounding_error(values, 64, largest / 127));
    }
}

static void zeros_and_vanishing_values_have_scale_zero(void **unused) {
    (void)unused;
    float values[4] = {0, 0, 0, 0};
    int8_t q[4] = {9, 9, 9, 9};
    assert_true(minnow_best_scale(values, 4) == 0);
    minnow_round_s8(values, 4, 0, q);
    for (int i = 0; i < 4; i++) assert_int_equal(q[i], 0);
    values[2] = 1e-44f;
    assert_true(minnow_best_scale(values, 4) == 0);
}

/* Inputs of few directions, so that columns can make up for each other. */
static void make_inputs(float *rows) {
    float directions[6][INPUTS];
    for (int d = 0; d < 6; d++) fill(directions[d], INPUTS);
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < INPUTS; i++) {
            rows[r * INPUTS + i] = 0.05f * uniform();
            for (int d = 0; d < 6; d++) rows[r * INPUTS + i] += directions[d][i] * sinf((float)(r * (d + 1)));
        }
}

static double product_error(const float *rows, const float *weight, const int8_t *q, const float *scale) {
    double sum = 0;
    for (int r = 0; r < ROWS; r++)
        for (int o = 0; o < OUTPUTS; o++) {
            double error = 0;
            for (int i = 0; i < INPUTS; i++)
                error += (double)rows[r * INPUTS + i] *
                         (double)(weight[o * INPUTS + i] - scale[o] * (float)q[o * INPUTS + i]);
            sum += error * error;
        }
    return sum;
}

static void compensated_rounding_beats_plain_rounding(void **unused) {
    (void)unused;
    static float rows[ROWS * INPUTS], weight[OUTPUTS * INPUTS], moment[INPUTS * INPUTS];
    int8_t plain[OUTPUTS * INPUTS], compensated[OUTPUTS * INPUTS];
    float scale[OUTPUTS];
    make_inputs(rows);
    fill(weight, OUTPUTS * INPUTS);
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < INPUTS; i++)
            for (int j = i; j < INPUTS; j++) moment[i * INPUTS + j] += rows[r * INPUTS + i] * rows[r * INPUTS + j];
    for (int o = 0; o < OUTPUTS; o++) {
        scale[o] = 8 * minnow_best_scale(weight + o * INPUTS, INPUTS); /* coarse, so that it matters */
        minnow_round_s8(weight + o * INPUTS, INPUTS, scale[o], plain + o * INPUTS);
    }
    assert_true(minnow_round_compensated(weight, OUTPUTS, INPUTS, &(struct minnow_grid){.scale = scale}, moment, 0.01, compensated));
    assert_true(product_error(rows, weight, compensated, scale) < 0.3 * product_error(rows, weight, plain, scale));
}

static void a_moment_of_zeros_rounds_plainly(void **unused) {
    (void)unused;
    static float weight[OUTPUTS * INPUTS], moment[INPUTS * INPUTS];
    float scale[OUTPUTS];
    int8_t plain[OUTPUTS * INPUTS], compensated[OUTPUTS * INPUTS];
    fill(weight, OUTPUTS * INPUTS);
    for (int o = 0; o < OUTPUTS; o++) {
        scale[o] = minnow_best_scale(weight + o * INPUTS, INPUTS);
        for (int i = 0; i < INPUTS; i++) {
            float q = rintf(weight[o * INPUTS + i] / scale[o]);
            plain[o * INPUTS + i] = (int8_t)(q > 127 ? 127 : q < -127 ? -127 : q);
        }
    }
    assert_true(minnow_round_compensated(weight, OUTPUTS, INPUTS, &(struct minnow_grid){.scale = scale}, moment, 0.01, compensated));
    assert_memory_equal(plain, compensated, sizeof plain);
}

static void rotated_weights_of_rotated_inputs_give_the_same_product(void **unused) {
    (void)unused;
    static const uint32_t widths[] = {16, 48, 64, 128, 384, 20};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        uint32_t inputs = widths[w], rotation = minnow_rotation_for(inputs);
        float weight[384], input[384], multiplier[384], rotated_weight[384], rotated_input[384];
        double square[384], plain = 0, rotated = 0;
        fill(weight, inputs);
        fill(input, inputs);
        input[5] *= 50;
        for (uint32_t i = 0; i < inputs; i++) square[i] = (double)input[i] * (double)input[i];
        struct minnow_linear linear = {.inputs = inputs, .outputs = 1, .weight = weight};
        minnow_equalize(&linear, square, multiplier);
        minnow_rotate_weights(&linear, multiplier, rotation, rotated_weight);
        minnow_rotate_rows_reference(input, inputs, multiplier, rotation, 1, inputs, rotated_input, inputs);
        for (uint32_t i = 0; i < inputs; i++) {
            plain += (double)weight[i] * (double)input[i];
            rotated += (double)rotated_weight[i] * (double)rotated_input[i];
        }
        assert_true(fabs(plain - rotated) < 1e-4 * (1 + fabs(plain)));
        assert_true(rotation == 0 || (inputs % rotation == 0 && rotation >= 16));
    }
}

static void channels_that_are_always_zero_are_left_alone(void **unused) {
    (void)unused;
    float weight[3] = {0, 1, 1}, multiplier[3];
    double square[3] = {1, 0, 4};
    struct minnow_linear linear = {.inputs = 3, .outputs = 1, .weight = weight};
    minnow_equalize(&linear, square, multiplier);
    assert_true(multiplier[0] == 1 && multiplier[1] == 1);
    assert_true(fabsf(multiplier[2] - sqrtf(0.5f)) < 1e-6f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_scale_is_no_worse_than_the_plain_one),
        cmocka_unit_test(zeros_and_vanishing_values_have_scale_zero),
        cmocka_unit_test(compensated_rounding_beats_plain_rounding),
        cmocka_unit_test(a_moment_of_zeros_rounds_plainly),
        cmocka_unit_test(rotated_weights_of_rotated_inputs_give_the_same_product),
        cmocka_unit_test(channels_that_are_always_zero_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
