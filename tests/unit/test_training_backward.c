/* Every layer's and every head's way back, against differences of the way forward. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "convert/distill/random.h"
#include "tests/unit/training_fixture.h"

static struct training training;
static float factors[TRAINED_PAIRS]; /* of the scores in the loss */
static float *vector_factors[2];     /* of the vectors, or NULL */

static float random_factor(struct minnow_random *random) { return (float)(2 * minnow_random_unit(random) - 1); }

/* A random projection of everything that comes out; in double, so that small differences survive. */
static double loss(void) {
    const struct minnow_team *team = &training.team;
    double sum = 0;
    train_forward(&training);
    for (size_t i = 0; i < team->scoring.count; i++) sum += (double)factors[i] * (double)team->scoring.scores[i];
    for (int role = 0; role < 2; role++) {
        const struct minnow_vectors *vectors = &team->vectors[role];
        size_t count = vector_factors[role] ? vectors->first[vectors->text_count] * vectors->width : 0;
        for (size_t i = 0; i < count; i++) sum += (double)vector_factors[role][i] * (double)vectors->rows[i];
    }
    return sum;
}

static void make_gradients(void) {
    struct minnow_team *team = &training.team;
    loss();
    memcpy(team->scoring.gradient, factors, team->scoring.count * sizeof *factors);
    for (int role = 0; role < 2; role++) {
        const struct minnow_vectors *vectors = &team->vectors[role];
        if (!vector_factors[role]) continue;
        memcpy(vectors->gradient, vector_factors[role],
               vectors->first[vectors->text_count] * vectors->width * sizeof(float));
    }
    train_back(&training);
}

/* The slope of the loss: a step of size h along a direction, from both sides. */
static double difference_along(float *value, const float *before, const float *direction, size_t count, float h) {
    double sides[2];
    for (int side = 0; side < 2; side++) {
        float step = side ? -h : h;
        for (size_t i = 0; i < count; i++) value[i] = before[i] + step * direction[i];
        sides[side] = loss();
    }
    memcpy(value, before, count * sizeof *value);
    return (sides[0] - sides[1]) / (2 * (double)h);
}

/* The nearest of differences with some steps: the smallest ones lose digits, larger ones bend or meet a kink. */
static double nearest_difference(const struct minnow_parameter *parameter, const float *before, const float *direction,
                                 double expected) {
    static const float steps[] = {0.01f, 0.003f, 0.001f, 0.03f, 0.0003f};
    double best = INFINITY;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        double found = difference_along(parameter->value, before, direction, parameter->count, steps[i]);
        if (fabs(found - expected) < fabs(best - expected)) best = found;
        if (fabs(best - expected) < 2e-3 * fabs(expected)) break;
    }
    return best;
}

struct checked {
    const char *family;
    const struct minnow_parameter *parameter;
    const float *before;
    float *direction;
    const float *gradient;
    double norm; /* of the gradient */
};

static void check_direction(const struct checked *checked, const char *kind, double tolerance) {
    double expected = 0;
    for (size_t i = 0; i < checked->parameter->count; i++)
        expected += (double)checked->gradient[i] * (double)checked->direction[i];
    double found = nearest_difference(checked->parameter, checked->before, checked->direction, expected);
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("%s, %s, %s: the way back gives %.6g, differences %.6g, tolerance %.2g", checked->family,
                 checked->parameter->name, kind, expected, found, tolerance);
}

static size_t largest_of(const float *gradient, size_t count) {
    size_t largest = 0;
    for (size_t i = 0; i < count; i++)
        if (fabsf(gradient[i]) > fabsf(gradient[largest])) largest = i;
    return largest;
}

/* Along the gradient itself, along random directions, and single numbers: the largest one and random ones. */
static void check_parameter(struct checked *checked, struct minnow_random *random) {
    enum { DIRECTIONS = 3, SINGLES = 2 };
    size_t count = checked->parameter->count, largest = largest_of(checked->gradient, count);
    double highest = fabs((double)checked->gradient[largest]);
    for (size_t i = 0; i < count; i++) checked->direction[i] = (float)((double)checked->gradient[i] / checked->norm);
    check_direction(checked, "along the gradient", 1e-2 * checked->norm);
    for (size_t d = 0; d < DIRECTIONS; d++) {
        for (size_t i = 0; i < count; i++)
            checked->direction[i] = (minnow_random_below(random, 2) ? 1.0f : -1.0f) / sqrtf((float)count);
        /* of the length that a random direction has in the gradient's: a part that is missing shows */
        check_direction(checked, "along a random direction", 5e-2 * checked->norm / sqrt((double)count));
    }
    for (size_t s = 0; s < SINGLES; s++) {
        size_t index = s ? minnow_random_below(random, count) : largest;
        memset(checked->direction, 0, count * sizeof(float));
        checked->direction[index] = 1;
        check_direction(checked, "one number", 1e-2 * highest);
    }
}

static double norm_of(const float *numbers, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)numbers[i] * (double)numbers[i];
    return sqrt(sum);
}

/* The keys' bias alone is allowed to have no gradient, and it is part of a larger bias. */
static void check_parameters(const char *family, struct minnow_random *random) {
    for (size_t p = 0; p < training.network.parameter_count; p++) {
        const struct minnow_parameter *parameter = &training.network.parameters[p];
        size_t size = parameter->count * sizeof(float);
        float *before = take(training.model, size), *gradient = take(training.model, size);
        memcpy(before, parameter->value, size);
        for (size_t w = 0; w < training.team.worker_count; w++)
            for (size_t i = 0; i < parameter->count; i++) gradient[i] += training.team.gradients[w].values[p][i];
        struct checked checked = {
            family, parameter, before, take(training.model, size), gradient, norm_of(gradient, parameter->count)};
        if (!(checked.norm > 1e-4)) fail_msg("%s, %s: no gradient", family, parameter->name);
        check_parameter(&checked, random);
    }
}

static void draw_vector_factors(struct minnow_random *random) {
    train_forward(&training);
    for (int role = 0; role < 2; role++) {
        const struct minnow_vectors *vectors = &training.team.vectors[role];
        size_t count = vectors->first[vectors->text_count] * vectors->width;
        vector_factors[role] = take(training.model, count * sizeof(float));
        for (size_t i = 0; i < count; i++) vector_factors[role][i] = random_factor(random);
    }
}

static void check_model(const char *name, struct small_model *model, float scale, bool vectors, uint32_t workers) {
    struct minnow_random random = minnow_random_of(1, 0);
    begin_training(&training, model, workers, 5);
    training.scale = scale;
    for (size_t i = 0; i < TRAINED_PAIRS; i++) factors[i] = random_factor(&random);
    vector_factors[0] = vector_factors[1] = NULL;
    if (vectors) draw_vector_factors(&random);
    make_gradients();
    check_parameters(name, &random);
    end_training(&training);
}

static void check_family(enum small_family family) {
    check_model(small_family_names[family], small_family_make(family, MINNOW_WEIGHT_F32), 1, false, 1);
}

static void test_bi_encoder(void **state) { (void)state, check_family(SMALL_BI_ENCODER); }
static void test_late_interaction(void **state) { (void)state, check_family(SMALL_LATE_INTERACTION); }
static void test_cross_encoder(void **state) { (void)state, check_family(SMALL_CROSS_ENCODER); }
static void test_joined_late(void **state) { (void)state, check_family(SMALL_JOINED_LATE); }
static void test_kernel_pooling(void **state) { (void)state, check_family(SMALL_KERNEL_POOLING); }
static void test_lstm(void **state) { (void)state, check_family(SMALL_LSTM); }
static void test_convolution(void **state) { (void)state, check_family(SMALL_CONVOLUTION); }
static void test_static(void **state) { (void)state, check_family(SMALL_STATIC); }
static void test_compared(void **state) { (void)state, check_family(SMALL_COMPARED); }
static void test_factored(void **state) { (void)state, check_family(SMALL_FACTORED); }

/* Losses by vectors beside those by scores; scores that are scaled; several workers. */
static void test_vectors(void **state) {
    (void)state;
    check_model("vectors", small_family_make(SMALL_LSTM, MINNOW_WEIGHT_F32), 20, true, 1);
    check_model("vectors of tokens", small_family_make(SMALL_LATE_INTERACTION, MINNOW_WEIGHT_F32), 0.5f, true, 2);
    check_model("many workers", small_family_make(SMALL_COMPARED, MINNOW_WEIGHT_F32), 1, false, 3);
}

/* Every activation, two of them also in a block, and every pooling. */
static void test_kinds(void **state) {
    (void)state;
    for (int activation = MINNOW_IDENTITY; activation <= MINNOW_SIGMOID; activation++) {
        char name[64];
        struct small_model *model = small_model_make(MINNOW_WEIGHT_F32, 1);
        model->layers[0][1].encoder_block.activation = activation == MINNOW_RELU ? MINNOW_RELU : MINNOW_GELU;
        model->layers[0][3].pool.pooling = (enum minnow_pooling)(activation % 3);
        model->layers[0][4].dense.activation = (enum minnow_activation)activation;
        snprintf(name, sizeof name, "activation %d", activation);
        check_model(name, model, 1, false, 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bi_encoder),     cmocka_unit_test(test_late_interaction),
                                       cmocka_unit_test(test_cross_encoder),  cmocka_unit_test(test_joined_late),
                                       cmocka_unit_test(test_kernel_pooling), cmocka_unit_test(test_lstm),
                                       cmocka_unit_test(test_convolution),    cmocka_unit_test(test_static),
                                       cmocka_unit_test(test_compared),       cmocka_unit_test(test_factored),
                                       cmocka_unit_test(test_vectors),
                                       cmocka_unit_test(test_kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
