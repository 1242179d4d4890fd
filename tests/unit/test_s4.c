/* Weights of 4 bits: the same product as of the s8 weights they stand for, and rounding that is worth its name. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "convert/quantize/compensate.h"
#include "convert/quantize/descend.h"
#include "convert/quantize/drift.h"
#include "convert/quantize/s4.h"
#include "tests/unit/built_model.h"
#include "tests/unit/expanded.h"

enum { OUTPUTS = 12, INPUTS = 72, ROWS = 400 };

static uint64_t state = 88172645463325252u;

static float uniform(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (float)(int32_t)(state >> 32) / 2147483648.0f;
}

static void fill(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = uniform() + uniform() + uniform();
}

/* ---- The same as s8 ---- */

static void expand(struct small_model *model) {
    struct minnow_layer *layers = model->layers[0];
    expand_table(model, &layers[0].embedding.words);
    expand_table(model, &layers[0].embedding.positions);
    for (size_t i = 1; i <= 2; i++) {
        struct minnow_encoder_block *block = &layers[i].encoder_block;
        expand_linear(model, &block->query_key_value);
        expand_linear(model, &block->attention_output);
        expand_linear(model, &block->ffn_up);
        expand_linear(model, &block->ffn_down);
    }
    expand_linear(model, &layers[4].dense.linear);
}

static void encode(const struct small_model *model, const char *isa, float *vector) {
    static const struct minnow_text text = {"the river of fishing water ?", 28};
    struct minnow_model_options options = {.size = sizeof options, .isa = isa};
    struct minnow_error error = {0};
    struct minnow_model *opened = NULL;
    struct minnow_session *session = NULL;
    if (minnow_model_open_contents(&model->contents, &options, &opened, &error) != MINNOW_OK)
        fail_msg("%s", error.message);
    assert_int_equal(minnow_session_create(opened, NULL, &session, &error), MINNOW_OK);
    assert_int_equal(minnow_encode(session, MINNOW_DOCUMENT, &text, 1, vector, NULL, &error), MINNOW_OK);
    minnow_session_close(session);
    minnow_model_close(opened);
}

static void gives_the_bits_of_the_s8_weights_it_stands_for(void **unused) {
    (void)unused;
    struct small_model *model = small_model_make(MINNOW_WEIGHT_S4, 1);
    float s4[DIMENSIONS], reference[DIMENSIONS], s8[DIMENSIONS];
    encode(model, NULL, s4);
    encode(model, "reference", reference);
    expand(model);
    encode(model, NULL, s8);
    assert_memory_equal(s4, s8, sizeof s4);
    assert_memory_equal(s4, reference, sizeof s4);
    assert_true(fabsf(s4[0]) > 0);
    small_model_free(model);
}

static void says_what_it_is(void **unused) {
    (void)unused;
    struct built built = build(MINNOW_WEIGHT_S4, 2);
    struct minnow_model *model = open_built(&built);
    struct minnow_model_info info;
    minnow_model_info(model, &info);
    assert_string_equal(info.weights, "s4");
    minnow_model_close(model);
    release(&built);
}

/* ---- Rounding ---- */

/* Every code of every step is the code of its weight. */
static void codes_come_back(void **unused) {
    (void)unused;
    for (int step = 0; step < 32; step++)
        for (int code = 0; code < 16; code++) {
            if ((step & 15) == 0) continue;
            assert_int_equal(minnow_s4_code(s4_weight(code, step), (uint8_t)step), code);
        }
}

/* Plain: fifteen levels over a group's range. */
static void steps_beat_plain_rounding(void **unused) {
    (void)unused;
    float values[INPUTS];
    uint8_t steps[MINNOW_GROUPS(INPUTS)];
    int8_t q[INPUTS];
    double searched = 0, plain = 0;
    for (int trial = 0; trial < 50; trial++) {
        fill(values, INPUTS);
        float scale = minnow_best_steps(values, INPUTS, steps);
        minnow_round_s4(values, INPUTS, scale, steps, q);
        for (size_t first = 0; first < INPUTS; first += MINNOW_GROUP) {
            float largest = 0;
            size_t end = first + MINNOW_GROUP < INPUTS ? first + MINNOW_GROUP : INPUTS;
            for (size_t i = first; i < end; i++) largest = fmaxf(largest, fabsf(values[i]));
            for (size_t i = first; i < end; i++) {
                double error = (double)(values[i] - rintf(values[i] / (largest / 7)) * (largest / 7));
                plain += error * error;
                searched += pow((double)(values[i] - scale * (float)q[i]), 2);
            }
        }
    }
    assert_true(searched < 0.85 * plain);
}

static void zeros_and_tiny_numbers_round_to_zero(void **unused) {
    (void)unused;
    float values[INPUTS] = {0};
    uint8_t steps[MINNOW_GROUPS(INPUTS)];
    int8_t q[INPUTS];
    assert_true(minnow_best_steps(values, INPUTS, steps) == 0);
    values[3] = 1e-44f;
    float scale = minnow_best_steps(values, INPUTS, steps);
    minnow_round_s4(values, INPUTS, scale, steps, q);
    for (size_t i = 0; i < INPUTS; i++) assert_int_equal(q[i], 0);
}

/* ---- Learning from rows ---- */

/* Rows of few directions, so that columns can make up for each other. */
static void make_rows(float *rows) {
    float directions[8][INPUTS];
    fill(directions[0], 8 * INPUTS);
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < INPUTS; i++) {
            rows[r * INPUTS + i] = 0.1f * uniform();
            for (int d = 0; d < 8; d++) rows[r * INPUTS + i] += directions[d][i] * sinf((float)(r * (d + 1)));
        }
}

static double product_error(const float *rows, const float *weight, const float *scale, const int8_t *q) {
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

static void each_stage_lowers_the_error_of_the_product(void **unused) {
    (void)unused;
    static float rows[ROWS * INPUTS], weight[OUTPUTS * INPUTS], moment[INPUTS * INPUTS];
    int8_t plain[OUTPUTS * INPUTS], better[OUTPUTS * INPUTS];
    float scale[OUTPUTS];
    uint8_t steps[OUTPUTS * MINNOW_GROUPS(INPUTS)];
    struct minnow_grid grid = {scale, steps};
    make_rows(rows);
    fill(weight, OUTPUTS * INPUTS);
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < INPUTS; i++)
            for (int j = i; j < INPUTS; j++) moment[i * INPUTS + j] += rows[r * INPUTS + i] * rows[r * INPUTS + j];
    for (size_t o = 0; o < OUTPUTS; o++) {
        uint8_t *own = steps + o * MINNOW_GROUPS(INPUTS);
        scale[o] = minnow_best_steps(weight + o * INPUTS, INPUTS, own);
        minnow_round_s4(weight + o * INPUTS, INPUTS, scale[o], own, plain + o * INPUTS);
    }
    double error = product_error(rows, weight, scale, plain);
    assert_true(minnow_round_compensated(weight, OUTPUTS, INPUTS, &grid, moment, 0.01, better));
    double compensated = product_error(rows, weight, scale, better);
    assert_true(minnow_round_descend(weight, OUTPUTS, INPUTS, &grid, moment, better));
    double descended = product_error(rows, weight, scale, better);
    assert_true(compensated < 0.5 * error);
    assert_true(descended < compensated);
}

/* Inputs that shrank, and a residual that went astray with them: the corrected weight undoes both. */
static void correction_makes_up_for_drift(void **unused) {
    (void)unused;
    static float exact[ROWS * INPUTS], rounded[ROWS * INPUTS], lost[ROWS * OUTPUTS];
    static float weight[OUTPUTS * INPUTS], corrected[OUTPUTS * INPUTS];
    struct minnow_drift drift;
    make_rows(exact);
    fill(weight, OUTPUTS * INPUTS);
    memcpy(corrected, weight, sizeof weight);
    for (int r = 0; r < ROWS; r++) {
        for (int i = 0; i < INPUTS; i++) rounded[r * INPUTS + i] = 0.8f * exact[r * INPUTS + i] + 0.5f;
        for (int o = 0; o < OUTPUTS; o++) lost[r * OUTPUTS + o] = 0.1f * exact[r * INPUTS + o] - 1;
    }
    assert_true(minnow_drift_create(INPUTS, OUTPUTS, ROWS / 2, &drift));
    minnow_drift_add(&drift, exact, rounded, lost, ROWS / 2);
    minnow_drift_add(&drift, exact + ROWS / 2 * INPUTS, rounded + ROWS / 2 * INPUTS, lost + ROWS / 2 * OUTPUTS,
                     ROWS / 2);
    minnow_drift_center(&drift);
    assert_true(minnow_drift_correct(&drift, corrected));
    double before = 0, after = 0;
    for (int r = 0; r < ROWS; r++)
        for (size_t o = 0; o < OUTPUTS; o++) {
            double wanted = (double)lost[(size_t)r * OUTPUTS + o], plain = 0, better = 0;
            for (size_t i = 0; i < INPUTS; i++) {
                wanted += (double)(exact[(size_t)r * INPUTS + i] * weight[o * INPUTS + i]);
                plain += (double)(rounded[(size_t)r * INPUTS + i] * weight[o * INPUTS + i]);
                better += (double)(rounded[(size_t)r * INPUTS + i] * corrected[o * INPUTS + i]);
            }
            plain += minnow_drift_bias(&drift, o, weight + o * INPUTS, weight + o * INPUTS);
            better += minnow_drift_bias(&drift, o, weight + o * INPUTS, corrected + o * INPUTS);
            before += (wanted - plain) * (wanted - plain);
            after += (wanted - better) * (wanted - better);
        }
    minnow_drift_free(&drift);
    assert_true(after < 0.2 * before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_bits_of_the_s8_weights_it_stands_for),
        cmocka_unit_test(says_what_it_is),
        cmocka_unit_test(codes_come_back),
        cmocka_unit_test(steps_beat_plain_rounding),
        cmocka_unit_test(zeros_and_tiny_numbers_round_to_zero),
        cmocka_unit_test(each_stage_lowers_the_error_of_the_product),
        cmocka_unit_test(correction_makes_up_for_drift),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
