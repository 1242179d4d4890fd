/* Every family learns one batch by heart: the loss of a relevant document among others falls to almost nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/training_fixture.h"

static struct training training;

/* Texts that differ in their tokens. Each query meets the three others, of which one is relevant; two texts are
 * relevant to each other, so that students with one route for both roles can learn it, too. */
static const uint32_t learned[] = {0, 2, 4, 6};
enum { LEARNED = sizeof learned / sizeof *learned, CANDIDATES = LEARNED - 1 };

static void keep_learned_pairs(void) {
    training.pair_count = 0;
    memset(&training.joined, 0, sizeof training.joined);
    for (uint32_t q = 0; q < LEARNED; q++)
        for (uint32_t d = 1; d <= CANDIDATES; d++) {
            struct minnow_text_pair pair = {learned[q], learned[q ^ d]};
            training.pairs[training.pair_count++] = pair;
            put_joined(&training, pair);
        }
}

/* Cross-entropy of each query's candidates, of which the first is the relevant one. */
static double add_loss(void) {
    const struct minnow_scoring *scoring = &training.team.scoring;
    double loss = 0;
    for (size_t q = 0; q < LEARNED; q++) {
        const float *scores = scoring->scores + q * CANDIDATES;
        double highest = -INFINITY, sum = 0;
        for (size_t d = 0; d < CANDIDATES; d++) highest = fmax(highest, (double)scores[d]);
        for (size_t d = 0; d < CANDIDATES; d++) sum += exp((double)scores[d] - highest);
        loss += (log(sum) + highest - (double)scores[0]) / LEARNED;
        for (size_t d = 0; d < CANDIDATES; d++)
            scoring->gradient[q * CANDIDATES + d] =
                (float)((exp((double)scores[d] - highest) / sum - (d == 0)) / LEARNED);
    }
    return loss;
}

/* Unit vectors need a scale to tell documents apart. */
static float scale_of(enum small_family family) {
    bool unit = family == SMALL_BI_ENCODER || family == SMALL_LSTM || family == SMALL_STATIC || family == SMALL_FACTORED;
    return unit ? 20 : 1;
}

static double learn(enum small_family family, uint32_t steps, float rate, double *first) {
    struct minnow_optimizer_settings settings = minnow_optimizer_defaults();
    struct minnow_optimizer *optimizer;
    struct minnow_error error = {0};
    struct small_model *model = small_family_make(family, MINNOW_WEIGHT_F32);
    if (family == SMALL_CROSS_ENCODER) model->layers[0][5].dense.activation = MINNOW_IDENTITY;
    begin_training(&training, model, 1, 1);
    keep_learned_pairs();
    training.scale = scale_of(family);
    settings.schedule =
        (struct minnow_schedule){.rate = rate, .warm_up_steps = 10, .total_steps = steps, .floor = 0.1f};
    must(minnow_optimizer_create(&training.network, &settings, training.model->memory, &optimizer, &error), &error);
    double loss = 0;
    for (uint32_t step = 0; step < steps; step++) {
        train_forward(&training);
        loss = add_loss();
        if (step == 0) *first = loss;
        train_back(&training);
        must(minnow_optimizer_step(optimizer, training.team.gradients, 1, NULL, &error), &error);
    }
    end_training(&training);
    return loss;
}

static void test_families(void **state) {
    (void)state;
    for (int family = 0; family < SMALL_FAMILIES; family++) {
        double first = 0, last = learn((enum small_family)family, 150, 0.01f, &first);
        print_message("%s: loss %.3f, then %.5f\n", small_family_names[family], first, last);
        if (!(last < 0.01 && last < first / 10))
            fail_msg("%s: the loss is %.4f, at first it was %.4f", small_family_names[family], last, first);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_families)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
