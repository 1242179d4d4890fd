/* Losses that look into layers: what they see of either side, and that its gradient goes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "convert/distill/layers/encoder_block.h"
#include "convert/distill/trainer/layer_scores.h"
#include "tests/unit/trainer_fixture.h"

/* By MaxSim, by a cross-encoder's head on each layer. */
static void test_other_families_teach_by_their_layers(void **state) {
    (void)state;
    const enum small_family families[] = {SMALL_LATE_INTERACTION, SMALL_CROSS_ENCODER};
    for (int i = 0; i < 2; i++) {
        struct small_model *model = small_family_make(families[i], MINNOW_WEIGHT_F32);
        begin(&one, "lead");
        one.teacher = &model->contents;
        one.options.role = MINNOW_DISTILL_BOTH;
        one.options.threads = 2;
        one.options.negatives = 3;
        one.options.layer_pairs = 1;
        one.options.held_out = -1;
        one.options.steps = 60;
        one.options.evaluate_every = 15;
        run_well(&one);
        double first = one.reports[1].loss, last = one.reports[4].loss;
        if (!(last < first)) fail_msg("%s: %g, then %g", small_family_names[families[i]], first, last);
        small_model_free(model);
    }
}

/* A layer's scores back to the rows they are made of, by differences: sum of weight * score. */
struct layer_trial {
    struct minnow_team team;
    struct minnow_tape tape;
    struct minnow_layer_scores scores;
};

static const struct minnow_team_settings alone = {.workers = 1, .learns = true};
static const struct minnow_text_pair all_pairs[4] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};

static double weighted_sum(struct layer_trial *trial) {
    double sum = 0;
    minnow_tape_clear(&trial->tape);
    must(minnow_layer_scores_make(&trial->team, 0, all_pairs, 4, 0.5, &trial->tape, &trial->scores, &one.error),
         &one.error);
    for (size_t i = 0; i < 4; i++) {
        trial->scores.scoring.gradient[i] = sinf((float)(i + 1));
        sum += (double)trial->scores.scoring.gradient[i] * (double)trial->scores.scoring.scores[i];
    }
    return sum;
}

static void compare_differences(struct layer_trial *trial, enum minnow_role role, uint32_t layer) {
    static const float small = 4e-3f;
    struct minnow_trace *trace = &trial->team.workers[0].roles[role];
    const struct minnow_step *after = &trace->steps[layer + 1];
    float *values = minnow_writable(after->rows);
    for (size_t i = 0; i < after->row_count * after->width; i++) {
        float before = values[i];
        values[i] = before + small;
        double above = weighted_sum(trial);
        values[i] = before - small;
        double below = weighted_sum(trial);
        values[i] = before;
        double expected = (above - below) / (2 * (double)small), found = (double)trace->added[layer][i];
        if (fabs(expected - found) > 5e-3 * fmax(1, fabs(expected)))
            fail_msg("number %zu: by differences %g, found %g", i, expected, found);
    }
}

static void encode_both(struct minnow_team *team) {
    static uint32_t ids[8] = {2, 5, 6, 3, 2, 8, 9, 3}, positions[8] = {0, 1, 2, 3, 4, 0, 1, 2}, types[8] = {0};
    static const struct minnow_span spans[2] = {{.first = 0, .count = 5, .seen = 5},
                                                {.first = 5, .count = 3, .seen = 3}};
    const struct minnow_batch batch = {ids, positions, types, spans, 8, 2};
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++)
        must(minnow_team_encode(team, (enum minnow_role)role, batch, &one.error), &one.error);
}

static uint32_t first_block(const struct minnow_contents *contents) {
    uint32_t layers[MINNOW_MAX_LAYERS];
    minnow_layer_vectors_blocks(minnow_route_of(contents, MINNOW_QUERY), layers);
    return layers[0];
}

static void check_layers_back(struct small_model *model) {
    struct minnow_network network;
    struct layer_trial trial;
    memset(&trial, 0, sizeof trial);
    must(minnow_network_create(&model->contents, model->memory, &network, &one.error), &one.error);
    must(minnow_team_create(&network, &alone, model->memory, &trial.team, &one.error), &one.error);
    minnow_team_begin(&trial.team);
    encode_both(&trial.team);
    weighted_sum(&trial);
    assert_true(minnow_layer_scores_back(&trial.scores));
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++)
        compare_differences(&trial, (enum minnow_role)role, first_block(&network.contents));
    minnow_team_free(&trial.team);
    minnow_tape_free(&trial.tape);
}

static void test_scores_of_layers_go_back(void **state) {
    (void)state;
    const enum minnow_similarity similarities[] = {MINNOW_DOT, MINNOW_COSINE};
    for (int way = 0; way < 4; way++) {
        struct small_model *model = small_model_make(MINNOW_WEIGHT_F32, 1);
        for (uint32_t i = 0; way & 1 && i < model->routes[0].layer_count; i++)
            if (model->layers[0][i].kind == MINNOW_LAYER_POOL) model->layers[0][i].pool.pooling = MINNOW_POOL_CLS;
        model->contents.similarity = similarities[way / 2];
        check_layers_back(model);
        small_model_free(model);
    }
    struct small_model *tokens = small_family_make(SMALL_LATE_INTERACTION, MINNOW_WEIGHT_F32);
    check_layers_back(tokens);
    small_model_free(tokens);
}

/* ---- What attention sees ---------------------------------------------------------------------- */

/* Sum of weight * number over the queries, keys and values of the second block. */
static double weighted_attention(struct minnow_team *team, bool goes_back) {
    minnow_team_begin(team);
    encode_both(team);
    struct minnow_trace *trace = &team->workers[0].roles[MINNOW_QUERY];
    size_t width;
    const float *rows = minnow_train_query_key_value(trace, 2, &width);
    float *gradient = minnow_train_query_key_value_gradient(trace, 2);
    double sum = 0;
    for (size_t i = 0; i < 8 * 3 * width; i++) {
        gradient[i] = sinf((float)i);
        sum += (double)gradient[i] * (double)rows[i];
    }
    if (goes_back) must(minnow_team_back(team, &one.error), &one.error);
    return sum;
}

static const struct minnow_parameter *parameter_named(const struct minnow_network *network, const char *name,
                                                      size_t *index) {
    for (*index = 0; strcmp(network->parameters[*index].name, name) != 0;)
        assert_true(++*index < network->parameter_count);
    return &network->parameters[*index];
}

/* By differences of weights in front of the block and of its own. */
static void test_gradients_of_attention_go_back(void **state) {
    (void)state;
    const char *const names[] = {"routes.0.layers.2.query_key_value.weight", "routes.0.layers.1.ffn_down.weight"};
    static const float small = 1e-2f;
    struct small_model *model = small_model_make(MINNOW_WEIGHT_F32, 1);
    struct minnow_network network;
    struct minnow_team team;
    must(minnow_network_create(&model->contents, model->memory, &network, &one.error), &one.error);
    must(minnow_team_create(&network, &alone, model->memory, &team, &one.error), &one.error);
    weighted_attention(&team, true);
    for (int n = 0; n < 2; n++) {
        size_t index;
        const struct minnow_parameter *parameter = parameter_named(&network, names[n], &index);
        for (size_t i = 0; i < parameter->count; i += 37) {
            float before = parameter->value[i], found = team.gradients[0].values[index][i];
            parameter->value[i] = before + small;
            double above = weighted_attention(&team, false);
            parameter->value[i] = before - small;
            double below = weighted_attention(&team, false);
            parameter->value[i] = before;
            double expected = (above - below) / (2 * (double)small);
            if (fabs(expected - (double)found) > 1e-2 * fmax(1, fabs(expected)))
                fail_msg("%s %zu: by differences %g, found %g", names[n], i, expected, (double)found);
        }
    }
    minnow_team_free(&team);
    small_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_families_teach_by_their_layers),
        cmocka_unit_test(test_scores_of_layers_go_back),
        cmocka_unit_test(test_gradients_of_attention_go_back),
    };
    return cmocka_run_group_tests(tests, make_models, free_models);
}
