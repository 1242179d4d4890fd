/* Training for 4 bits: the converter takes what it leaves as it is, and exact weights come back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "convert/distill/weight_rounding.h"
#include "convert/quantize/rounding.h"
#include "convert/quantize/s4.h"
#include "tests/unit/small_model.h"

enum { WIDTH = 72, LINEARS = 8 };

struct fixture {
    struct small_model *model;
    struct minnow_memory *memory;
    struct minnow_network network;
    struct minnow_weight_rounding *rounding;
};

static struct fixture make(void) {
    struct fixture fixture = {.model = small_model_make(MINNOW_WEIGHT_F32, 1), .memory = minnow_memory_create()};
    struct minnow_error error = {0};
    assert_int_equal(minnow_network_create(&fixture.model->contents, fixture.memory, &fixture.network, &error),
                     MINNOW_OK);
    assert_int_equal(minnow_weight_rounding_create(&fixture.network, 1, fixture.memory, &fixture.rounding, &error),
                     MINNOW_OK);
    return fixture;
}

static void release(struct fixture *fixture) {
    minnow_memory_free(fixture->memory);
    small_model_free(fixture->model);
}

static size_t linears(const struct fixture *fixture, const struct minnow_linear *found[LINEARS]) {
    const struct minnow_route *route = &fixture->network.shape.routes[0];
    size_t count = 0;
    for (uint32_t i = 0; i < route->layer_count; i++) {
        if (route->layers[i].kind != MINNOW_LAYER_ENCODER_BLOCK) continue;
        const struct minnow_encoder_block *block = &route->layers[i].encoder_block;
        found[count++] = &block->query_key_value;
        found[count++] = &block->attention_output;
        found[count++] = &block->ffn_up;
        found[count++] = &block->ffn_down;
    }
    return count;
}

static float *all_numbers(const struct fixture *fixture, size_t *count) {
    float *numbers = malloc(minnow_network_size(&fixture->network) * sizeof *numbers);
    *count = 0;
    for (size_t i = 0; i < fixture->network.parameter_count; i++) {
        const struct minnow_parameter *parameter = &fixture->network.parameters[i];
        memcpy(numbers + *count, parameter->value, parameter->count * sizeof *numbers);
        *count += parameter->count;
    }
    return numbers;
}

/* Rows of random levels of random steps, in every size of number. */
static void levels_are_found_again(void **unused) {
    (void)unused;
    struct small_model *random = small_model_make(MINNOW_WEIGHT_F32, 1);
    for (int trial = 0; trial < 300; trial++) {
        float values[WIDTH], found, scale = 1e-4f * (float)(1 + small_random(random) % 100000);
        uint8_t steps[MINNOW_GROUPS(WIDTH)] = {0};
        int8_t q[WIDTH];
        for (size_t i = 0; i < WIDTH; i++) {
            if (i % MINNOW_GROUP == 0) steps[i / MINNOW_GROUP] = (uint8_t)(1 + small_random(random) % 15);
            values[i] = scale * (float)s4_weight((int)(small_random(random) & 15), steps[i / MINNOW_GROUP]);
        }
        assert_true(minnow_exact_steps(values, WIDTH, steps, &found));
        minnow_round_s4(values, WIDTH, found, steps, q);
        for (size_t i = 0; i < WIDTH; i++) assert_true(fabsf(found * (float)q[i] - values[i]) <= 1e-3f * scale);
        values[trial % WIDTH] += 0.3f * scale; /* no level of any step any more */
        assert_false(minnow_exact_steps(values, WIDTH, steps, &found));
    }
    small_model_free(random);
}

static void exact_weights_come_back(void **unused) {
    (void)unused;
    struct fixture fixture = make();
    size_t count;
    float *before = all_numbers(&fixture, &count);
    minnow_weight_rounding_fit(fixture.rounding, NULL);
    minnow_weight_rounding_lay(fixture.rounding, NULL);
    float *rounded = all_numbers(&fixture, &count);
    assert_memory_not_equal(before, rounded, count * sizeof *before);
    minnow_weight_rounding_lift(fixture.rounding);
    float *after = all_numbers(&fixture, &count);
    assert_memory_equal(before, after, count * sizeof *before);
    free(before);
    free(rounded);
    free(after);
    release(&fixture);
}

/* Two routes over one table of words. */
static void shared_weights_are_rounded_once(void **unused) {
    (void)unused;
    struct fixture fixture = {.model = small_model_make(MINNOW_WEIGHT_F32, 2), .memory = minnow_memory_create()};
    struct minnow_error error = {0};
    size_t count;
    assert_int_equal(minnow_network_create(&fixture.model->contents, fixture.memory, &fixture.network, &error),
                     MINNOW_OK);
    assert_ptr_equal(fixture.network.shape.layers[0][0].embedding.words.data,
                     fixture.network.shape.layers[1][0].embedding.words.data);
    assert_int_equal(minnow_weight_rounding_create(&fixture.network, 1, fixture.memory, &fixture.rounding, &error),
                     MINNOW_OK);
    float *before = all_numbers(&fixture, &count);
    minnow_weight_rounding_fit(fixture.rounding, NULL);
    minnow_weight_rounding_lay(fixture.rounding, NULL);
    minnow_weight_rounding_lift(fixture.rounding);
    float *after = all_numbers(&fixture, &count);
    assert_memory_equal(before, after, count * sizeof *before);
    free(before);
    free(after);
    release(&fixture);
}

static void the_converter_takes_them_as_they_are(void **unused) {
    (void)unused;
    struct fixture fixture = make();
    const struct minnow_linear *found[LINEARS];
    struct minnow_error error = {0};
    size_t count = linears(&fixture, found);
    for (int rounded = 0; rounded < 2; rounded++)
        for (size_t i = 0; i < count; i++) {
            struct minnow_linear out;
            struct minnow_effective effective;
            bool taken;
            if (rounded && i == 0) minnow_weight_rounding_fit(fixture.rounding, NULL);
            if (rounded && i == 0) minnow_weight_rounding_lay(fixture.rounding, NULL);
            assert_int_equal(minnow_quantize_exact(found[i], fixture.memory, &out, &effective, &taken, &error),
                             MINNOW_OK);
            assert_int_equal(taken, rounded);
            if (!rounded) continue;
            assert_int_equal(out.type, MINNOW_WEIGHT_S4);
            assert_memory_equal(out.bias, found[i]->bias, found[i]->outputs * sizeof *out.bias);
        }
    release(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_found_again),
        cmocka_unit_test(exact_weights_come_back),
        cmocka_unit_test(shared_weights_are_rounded_once),
        cmocka_unit_test(the_converter_takes_them_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
