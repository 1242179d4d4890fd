/* AdamW against its definition in double, rates from step to step, runs that repeat in every bit, resumed ones too. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "convert/distill/random.h"
#include "tests/unit/training_fixture.h"

static struct training training;

/* ---- The schedule ---- */

static void assert_close(double found, double expected, double tolerance, const char *what) {
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%s: found %.9g, expected %.9g", what, found, expected);
}

static void test_schedule(void **state) {
    (void)state;
    struct minnow_schedule schedule = {.rate = 2, .floor = 0.1f, .warm_up_steps = 10, .total_steps = 110};
    assert_close((double)minnow_rate_at(&schedule, 1), 0.2, 1e-6, "first step");
    assert_close((double)minnow_rate_at(&schedule, 10), 2, 1e-6, "end of the warm-up");
    assert_close((double)minnow_rate_at(&schedule, 60), 1.1, 1e-6, "half of the way, linear");
    assert_close((double)minnow_rate_at(&schedule, 35), 1.55, 1e-6, "a quarter of the way, linear");
    schedule.decline = MINNOW_DECLINE_COSINE;
    assert_close((double)minnow_rate_at(&schedule, 35), 2 * (0.1 + 0.9 * (1 + sqrt(0.5)) / 2), 1e-6,
                 "a quarter, cosine");
    assert_close((double)minnow_rate_at(&schedule, 110), 0.2, 1e-6, "last step");
    assert_close((double)minnow_rate_at(&schedule, 1000), 0.2, 1e-6, "beyond it");
    schedule.total_steps = schedule.warm_up_steps = 0;
    assert_close((double)minnow_rate_at(&schedule, 1000), 2, 1e-6, "no schedule");
}

/* ---- AdamW ---- */

/* A parameter in double, and how often each number was updated. */
struct plain_adam {
    double *value, *mean, *square;
    uint32_t *clock;
};

static struct plain_adam make_plain(const struct minnow_parameter *parameter) {
    struct plain_adam plain = {take(training.model, parameter->count * sizeof(double)),
                               take(training.model, parameter->count * sizeof(double)),
                               take(training.model, parameter->count * sizeof(double)),
                               take(training.model, parameter->count * sizeof(uint32_t))};
    for (size_t i = 0; i < parameter->count; i++) plain.value[i] = (double)parameter->value[i];
    return plain;
}

static bool is_touched(const struct minnow_parameter *parameter, size_t number, uint64_t step) {
    return !parameter->row_width || (number / parameter->row_width + step) % 3 == 0;
}

static void plain_update(struct plain_adam *plain, size_t i, double gradient, double rate, double decay) {
    double clock = ++plain->clock[i];
    plain->mean[i] = 0.9 * plain->mean[i] + 0.1 * gradient;
    plain->square[i] = 0.999 * plain->square[i] + 0.001 * gradient * gradient;
    double mean = plain->mean[i] / (1 - pow(0.9, clock)), square = plain->square[i] / (1 - pow(0.999, clock));
    plain->value[i] -= rate * (mean / (sqrt(square) + 1e-8) + decay * plain->value[i]);
}

static double gradient_at(size_t parameter, size_t number, uint64_t step) {
    struct minnow_random random = minnow_random_of(parameter + 1, number * 100 + step);
    return (double)(float)(minnow_random_unit(&random) - 0.5);
}

/* Gradients of a step, in two workers: 0.75 of it and 0.25. */
static double fill_gradients(uint64_t step) {
    double squares = 0;
    for (size_t p = 0; p < training.network.parameter_count; p++) {
        const struct minnow_parameter *parameter = &training.network.parameters[p];
        for (size_t i = 0; i < parameter->count; i++) {
            if (!is_touched(parameter, i, step)) continue;
            double gradient = gradient_at(p, i, step);
            squares += gradient * gradient;
            for (size_t w = 0; w < 2; w++) {
                struct minnow_gradients *gradients = &training.team.gradients[w];
                gradients->values[p][i] = (float)(gradient * (w ? 0.25 : 0.75));
                if (parameter->row_width) minnow_touch(&gradients->touched[p], (uint32_t)(i / parameter->row_width));
            }
        }
    }
    return sqrt(squares);
}

static void update_plain(struct plain_adam *plain, uint64_t step, double norm, double rate) {
    double shorten = norm > 5 ? 5 / norm : 1;
    for (size_t p = 0; p < training.network.parameter_count; p++) {
        const struct minnow_parameter *parameter = &training.network.parameters[p];
        double factor = strstr(parameter->name, ".words") ? 2 : strstr(parameter->name, "ffn_up") ? 0 : 1;
        for (size_t i = 0; factor > 0 && i < parameter->count; i++)
            if (is_touched(parameter, i, step))
                plain_update(&plain[p], i, shorten * gradient_at(p, i, step), factor * rate,
                             parameter->decays ? 0.125 : 0);
    }
}

static double frozen_squares(uint64_t step) {
    double squares = 0;
    for (size_t p = 0; p < training.network.parameter_count; p++)
        for (size_t i = 0;
             strstr(training.network.parameters[p].name, "ffn_up") && i < training.network.parameters[p].count; i++)
            squares += gradient_at(p, i, step) * gradient_at(p, i, step);
    return squares;
}

static void test_adam(void **state) {
    (void)state;
    static const struct minnow_rate_factor factors[] = {{"*.words", 2}, {"*.ffn_up.*", 0}};
    struct minnow_optimizer_settings settings = minnow_optimizer_defaults();
    struct minnow_optimizer *optimizer;
    struct minnow_error error = {0};
    struct plain_adam plain[64];
    begin_training(&training, small_family_make(SMALL_BI_ENCODER, MINNOW_WEIGHT_F32), 2, 5);
    settings.schedule = (struct minnow_schedule){.rate = 0.01f, .warm_up_steps = 4};
    settings.weight_decay = 0.125f;
    settings.largest_norm = 5;
    settings.factors = factors;
    settings.factor_count = 2;
    must(minnow_optimizer_create(&training.network, &settings, training.model->memory, &optimizer, &error), &error);
    for (size_t p = 0; p < training.network.parameter_count; p++)
        plain[p] = make_plain(&training.network.parameters[p]);
    for (uint64_t step = 1; step <= 9; step++) {
        double norm = fill_gradients(step);
        norm = sqrt(norm * norm - frozen_squares(step));
        update_plain(plain, step, norm, step < 4 ? 0.01 * (double)step / 4 : 0.01);
        must(minnow_optimizer_step(optimizer, training.team.gradients, 2, training.team.threads, &error), &error);
        assert_close(minnow_optimizer_norm(optimizer), norm, 1e-4 * norm, "norm");
    }
    assert_int_equal(minnow_optimizer_steps(optimizer), 9);
    for (size_t p = 0; p < training.network.parameter_count; p++)
        for (size_t i = 0; i < training.network.parameters[p].count; i++) {
            assert_close((double)training.network.parameters[p].value[i], plain[p].value[i], 2e-5,
                         training.network.parameters[p].name);
            for (size_t w = 0; w < 2; w++) assert_true(training.team.gradients[w].values[p][i] == 0);
        }
    end_training(&training);
}

/* ---- Runs ---- */

static struct minnow_optimizer *make_optimizer(void) {
    struct minnow_optimizer_settings settings = minnow_optimizer_defaults();
    struct minnow_optimizer *optimizer;
    struct minnow_error error = {0};
    settings.schedule = (struct minnow_schedule){.rate = 0.005f, .warm_up_steps = 3, .total_steps = 40};
    must(minnow_optimizer_create(&training.network, &settings, training.model->memory, &optimizer, &error), &error);
    return optimizer;
}

/* Scores are drawn to numbers of their own. */
static void take_step(struct minnow_optimizer *optimizer) {
    struct minnow_error error = {0};
    train_forward(&training);
    for (size_t i = 0; i < training.team.scoring.count; i++)
        training.team.scoring.gradient[i] = training.team.scoring.scores[i] - (float)(i % 7) * 0.1f;
    train_back(&training);
    must(minnow_optimizer_step(optimizer, training.team.gradients, training.team.worker_count, training.team.threads,
                               &error),
         &error);
}

static float *copy_weights(struct minnow_memory *memory) {
    float *weights = minnow_memory_take(memory, minnow_network_size(&training.network) * sizeof *weights),
          *next = weights;
    for (size_t p = 0; p < training.network.parameter_count; p++) {
        memcpy(next, training.network.parameters[p].value, training.network.parameters[p].count * sizeof *next);
        next += training.network.parameters[p].count;
    }
    return weights;
}

/* `interrupted`: saved, and gone on with from the file by a new run, after some steps. */
static float *weights_after(enum small_family family, uint32_t workers, bool interrupted,
                            struct minnow_memory *memory) {
    enum { STEPS = 8, FIRST_STEPS = 3 };
    struct minnow_error error = {0};
    begin_training(&training, small_family_make(family, MINNOW_WEIGHT_F32), workers, 4);
    struct minnow_optimizer *optimizer = make_optimizer();
    for (int step = 0; step < STEPS; step++) {
        if (interrupted && step == FIRST_STEPS) {
            FILE *file = tmpfile();
            assert_non_null(file);
            must(minnow_optimizer_save(optimizer, file, &error), &error);
            end_training(&training);
            begin_training(&training, small_family_make(family, MINNOW_WEIGHT_F32), workers, 4);
            optimizer = make_optimizer();
            rewind(file);
            must(minnow_optimizer_load(optimizer, file, &error), &error);
            fclose(file);
        }
        take_step(optimizer);
    }
    float *weights = copy_weights(memory);
    end_training(&training);
    return weights;
}

static void check_repeats(uint32_t workers, bool interrupted) {
    for (int family = 0; family < SMALL_FAMILIES; family++) {
        struct minnow_memory *memory = minnow_memory_create();
        float *first = weights_after((enum small_family)family, workers, false, memory);
        float *second = weights_after((enum small_family)family, workers, interrupted, memory);
        struct small_model *model = small_family_make((enum small_family)family, MINNOW_WEIGHT_F32);
        begin_training(&training, model, 1, 4);
        size_t size = minnow_network_size(&training.network) * sizeof *first;
        float *untrained = copy_weights(memory);
        assert_true(memcmp(untrained, first, size) != 0);
        if (memcmp(first, second, size) != 0)
            fail_msg("%s, %u workers: other bits", small_family_names[family], workers);
        end_training(&training);
        minnow_memory_free(memory);
    }
}

static void test_one_worker(void **state) { (void)state, check_repeats(1, false); }
static void test_two_workers(void **state) { (void)state, check_repeats(2, false); }
static void test_resumed(void **state) { (void)state, check_repeats(2, true); }

/* ---- What goes wrong ---- */

static void test_not_finite(void **state) {
    (void)state;
    struct minnow_error error = {0};
    begin_training(&training, small_family_make(SMALL_STATIC, MINNOW_WEIGHT_F32), 1, 5);
    struct minnow_optimizer *optimizer = make_optimizer();
    take_step(optimizer);
    float *before = copy_weights(training.model->memory);
    train_forward(&training);
    training.team.scoring.gradient[0] = NAN;
    train_back(&training);
    assert_int_equal(minnow_optimizer_step(optimizer, training.team.gradients, 1, NULL, &error), MINNOW_NOT_FINITE);
    assert_non_null(strstr(error.message, "step 2: the gradient of routes.0.layers.0.words is NaN or infinite"));
    float *after = copy_weights(training.model->memory);
    assert_memory_equal(before, after, minnow_network_size(&training.network) * sizeof *before);
    take_step(optimizer); /* nothing is left of it */
    end_training(&training);
}

static void load_damaged(struct minnow_optimizer *optimizer, const char *bytes, size_t size,
                         enum minnow_status expected) {
    struct minnow_error error = {0};
    FILE *file = fmemopen((char *)(uintptr_t)bytes, size, "r");
    float *before = copy_weights(training.model->memory);
    assert_int_equal(minnow_optimizer_load(optimizer, file, &error), expected);
    assert_true(error.message[0] != 0);
    assert_memory_equal(before, copy_weights(training.model->memory),
                        minnow_network_size(&training.network) * sizeof *before);
    fclose(file);
}

/* States of another network, cut ones, others: each an error, and nothing is taken from them. */
static void test_states(void **state) {
    (void)state;
    struct minnow_error error = {0};
    char *bytes = NULL;
    size_t size = 0;
    begin_training(&training, small_family_make(SMALL_LSTM, MINNOW_WEIGHT_F32), 1, 5);
    struct minnow_optimizer *optimizer = make_optimizer();
    FILE *file = open_memstream(&bytes, &size);
    must(minnow_optimizer_save(optimizer, file, &error), &error);
    fclose(file);
    take_step(optimizer);
    load_damaged(optimizer, bytes, size - 1, MINNOW_IO);
    load_damaged(optimizer, bytes, size / 2, MINNOW_IO);
    load_damaged(optimizer, bytes, 20, MINNOW_IO);
    bytes[0] ^= 1;
    load_damaged(optimizer, bytes, size, MINNOW_INVALID_ARGUMENT);
    bytes[0] ^= 1;
    end_training(&training);
    begin_training(&training, small_family_make(SMALL_CONVOLUTION, MINNOW_WEIGHT_F32), 1, 5);
    load_damaged(make_optimizer(), bytes, size, MINNOW_INVALID_ARGUMENT);
    end_training(&training);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_schedule),   cmocka_unit_test(test_adam),
                                       cmocka_unit_test(test_one_worker), cmocka_unit_test(test_two_workers),
                                       cmocka_unit_test(test_resumed),    cmocka_unit_test(test_not_finite),
                                       cmocka_unit_test(test_states)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
