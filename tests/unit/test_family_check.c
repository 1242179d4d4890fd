/* Each defect of meaning that a family's own layers, routes and inputs can have, and the message that names it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/small_families.h"

typedef void spoil_fn(struct small_model *model);

struct defect {
    enum small_family family;
    spoil_fn *spoil;
    const char *message;
};

/* The arrays were made by the test; the model only sees them as constant. */
static float *writable(const float *numbers) { return (float *)(uintptr_t)numbers; }
static struct minnow_input *query_input(struct small_model *m) { return &m->contents.inputs[MINNOW_QUERY]; }
static struct minnow_input *document_input(struct small_model *m) { return &m->contents.inputs[MINNOW_DOCUMENT]; }

static void has_defects(const struct defect *defects, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct small_model *model = small_family_make(defects[i].family, MINNOW_WEIGHT_S8);
        struct minnow_error error = {0};
        if (minnow_contents_check(&model->contents, &error) != MINNOW_OK) fail_msg("%s", error.message);
        defects[i].spoil(model);
        if (minnow_contents_check(&model->contents, &error) != MINNOW_BAD_MODEL)
            fail_msg("not found: %s", defects[i].message);
        assert_string_equal(error.message, defects[i].message);
        assert_int_equal(minnow_contents_check(&model->contents, NULL), MINNOW_BAD_MODEL);
        small_model_free(model);
    }
}

/* ---- Layers ---- */

static struct minnow_lstm *lstm(struct small_model *m) { return &m->layers[0][1].lstm; }
static struct minnow_convolution *convolution(struct small_model *m) { return &m->layers[0][1].convolution; }
static struct minnow_kernel_pooling *pooling(struct small_model *m) { return &m->layers[1][0].kernel_pooling; }

static void lstm_without_directions(struct small_model *m) { lstm(m)->direction_count = 0; }
static void lstm_of_three_directions(struct small_model *m) { lstm(m)->direction_count = 3; }
static void lstm_without_width(struct small_model *m) { lstm(m)->hidden = 0; }
static void lstm_too_wide(struct small_model *m) { lstm(m)->hidden = MINNOW_MAX_WIDTH / 4 + 1; }
static void lstm_of_other_inputs(struct small_model *m) { lstm(m)->directions[1].input.inputs++; }
static void lstm_of_three_gates(struct small_model *m) { lstm(m)->directions[0].recurrent.outputs = 3 * RECURRENT; }
static void lstm_of_other_state(struct small_model *m) { lstm(m)->directions[1].recurrent.inputs = 2 * RECURRENT; }
static void lstm_behind_pool(struct small_model *m) { m->layers[0][4] = m->layers[0][2]; }
static void lstm_scale(struct small_model *m) { writable(lstm(m)->directions[1].recurrent.scale)[3] = NAN; }

static void convolution_of_other_width(struct small_model *m) { convolution(m)->width = 25; }
static void convolution_without_branches(struct small_model *m) { convolution(m)->branch_count = 0; }
static void convolution_of_many_branches(struct small_model *m) { convolution(m)->branch_count = 9; }
static void convolution_of_even_taps(struct small_model *m) { convolution(m)->branches[1].taps = 4; }
static void convolution_of_many_taps(struct small_model *m) { convolution(m)->branches[1].taps = 257; }
static void convolution_of_other_taps(struct small_model *m) { convolution(m)->branches[1].taps = 5; }
static void convolution_of_many_inputs(struct small_model *m) {
    convolution(m)->width = m->layers[0][0].embedding.words.width = MINNOW_MAX_WIDTH / 2;
    convolution(m)->branches[0].taps = 3;
}
static void convolution_with_multiplier(struct small_model *m) {
    struct minnow_linear *linear = &convolution(m)->branches[2].linear;
    linear->input_multiplier = random_floats(m, linear->inputs, 1, 0);
}
static void convolution_multiplier(struct small_model *m) { writable(convolution(m)->input_multiplier)[31] = NAN; }
static void convolution_rotation(struct small_model *m) { convolution(m)->input_rotation = 64; }
static void convolution_without_multiplier(struct small_model *m) { convolution(m)->input_multiplier = NULL; }
static void convolution_activation(struct small_model *m) { convolution(m)->activation = (enum minnow_activation)5; }
static void convolution_too_wide(struct small_model *m) {
    convolution(m)->branches[0].linear = make_window(m, 1, HIDDEN, MINNOW_MAX_WIDTH - 20);
}
static void convolution_behind_pool(struct small_model *m) {
    m->layers[0][m->routes[0].layer_count++] = m->layers[0][2];
}

static void kernels_of_one_text(struct small_model *m) {
    m->layers[0][m->routes[0].layer_count++] = m->layers[1][0];
}
static void kernels_none(struct small_model *m) { pooling(m)->count = 0; }
static void kernels_too_many(struct small_model *m) { pooling(m)->count = MINNOW_MAX_KERNELS + 1; }
static void kernels_mu(struct small_model *m) { writable(pooling(m)->mu)[2] = NAN; }
static void kernels_factor(struct small_model *m) { writable(pooling(m)->factor)[1] = -INFINITY; }
static void kernels_growing(struct small_model *m) { writable(pooling(m)->factor)[3] = 0.5f; }
static void kernels_alpha(struct small_model *m) { writable(pooling(m)->alpha)[4] = NAN; }
static void kernels_weight(struct small_model *m) { writable(pooling(m)->weight)[0] = INFINITY; }
static void kernels_bias(struct small_model *m) { pooling(m)->bias = NAN; }

static void mix_of_nothing(struct small_model *m) { m->layers[0][1].kind = MINNOW_LAYER_NORMALIZE; }
static void mix_alpha(struct small_model *m) { m->layers[0][4].mix.alpha = NAN; }
static void positions_too_few(struct small_model *m) { m->layers[0][2].positions.table.rows--; }
static void positions_of_other_width(struct small_model *m) { m->layers[0][2].positions.table.width = 16; }
static void positions_of_pairs(struct small_model *m) {
    m->layers[1][1] = m->layers[1][0];
    m->layers[1][0] = m->layers[0][2];
    m->routes[1].layer_count = 2;
}

static void compare_of_one_text(struct small_model *m) {
    m->layers[0][m->routes[0].layer_count++].kind = MINNOW_LAYER_COMPARE;
}
static void compare_of_tokens(struct small_model *m) { m->layers[1][0].kind = MINNOW_LAYER_COMPARE; }

static struct minnow_layer_norm *norm(struct small_model *m) { return &m->layers[0][3].norm; }
static void norm_of_other_width(struct small_model *m) { norm(m)->width = RANK; }
static void norm_gamma(struct small_model *m) { writable(norm(m)->gamma)[7] = NAN; }
static void norm_without_beta(struct small_model *m) { norm(m)->beta = NULL; }
static void norm_epsilon(struct small_model *m) { norm(m)->epsilon = -1; }

static const struct defect in_layers[] = {
    {SMALL_LSTM, lstm_without_directions, "routes.0.layers.1: directions is 0, expected 1 to 2"},
    {SMALL_LSTM, lstm_of_three_directions, "routes.0.layers.1: directions is 3, expected 1 to 2"},
    {SMALL_LSTM, lstm_without_width, "routes.0.layers.1: hidden is 0, expected 1 to 16384"},
    {SMALL_LSTM, lstm_too_wide, "routes.0.layers.1: hidden is 16385, expected 1 to 16384"},
    {SMALL_LSTM, lstm_of_other_inputs, "routes.0.layers.1.directions.1.input: inputs is 25, expected 24"},
    {SMALL_LSTM, lstm_of_three_gates, "routes.0.layers.1.directions.0.recurrent: outputs is 30, expected 40"},
    {SMALL_LSTM, lstm_of_other_state, "routes.0.layers.1.directions.1.recurrent: inputs is 20, expected 10"},
    {SMALL_LSTM, lstm_scale, "routes.0.layers.1.directions.1.recurrent: scale[3] is NaN"},
    {SMALL_LSTM, lstm_behind_pool, "routes.0.layers.4: an LSTM, but the tokens are pooled already"},
    {SMALL_CONVOLUTION, convolution_of_other_width, "routes.0.layers.1: width is 25, expected 24"},
    {SMALL_CONVOLUTION, convolution_without_branches, "routes.0.layers.1: branches is 0, expected 1 to 8"},
    {SMALL_CONVOLUTION, convolution_of_many_branches, "routes.0.layers.1: branches is 9, expected 1 to 8"},
    {SMALL_CONVOLUTION, convolution_of_even_taps,
     "routes.0.layers.1.branches.1: taps is 4, expected an odd number up to 255"},
    {SMALL_CONVOLUTION, convolution_of_many_taps,
     "routes.0.layers.1.branches.1: taps is 257, expected an odd number up to 255"},
    {SMALL_CONVOLUTION, convolution_of_other_taps, "routes.0.layers.1.branches.1.linear: inputs is 96, expected 160"},
    {SMALL_CONVOLUTION, convolution_with_multiplier,
     "routes.0.layers.1.branches.2: input_multiplier, which is the whole convolution's"},
    {SMALL_CONVOLUTION, convolution_multiplier, "routes.0.layers.1: input_multiplier[31] is NaN"},
    {SMALL_CONVOLUTION, convolution_rotation,
     "routes.0.layers.1: input_rotation is 64, expected 0, 16, 32, 64 or 128 that divides 32 inputs"},
    {SMALL_CONVOLUTION, convolution_without_multiplier,
     "routes.0.layers.1: input_rotation without input_multiplier"},
    {SMALL_CONVOLUTION, convolution_activation, "routes.0.layers.1: activation is 5, expected 0 to 4"},
    {SMALL_CONVOLUTION, convolution_too_wide, "routes.0.layers.1: 65537 outputs, limit is 65536"},
    {SMALL_CONVOLUTION, convolution_behind_pool,
     "routes.0.layers.4: a convolution, but the tokens are pooled already"},
    {SMALL_KERNEL_POOLING, kernels_of_one_text,
     "routes.0.layers.6: kernel pooling, which needs the token rows of a query and of a document"},
    {SMALL_KERNEL_POOLING, kernels_none, "routes.1.layers.0: count is 0, expected 1 to 64"},
    {SMALL_KERNEL_POOLING, kernels_too_many, "routes.1.layers.0: count is 65, expected 1 to 64"},
    {SMALL_KERNEL_POOLING, kernels_mu, "routes.1.layers.0: mu[2] is NaN"},
    {SMALL_KERNEL_POOLING, kernels_factor, "routes.1.layers.0: factor[1] is infinite"},
    {SMALL_KERNEL_POOLING, kernels_growing, "routes.1.layers.0: factor[3] is 0.5, expected at most 0"},
    {SMALL_KERNEL_POOLING, kernels_alpha, "routes.1.layers.0: alpha[4] is NaN"},
    {SMALL_KERNEL_POOLING, kernels_weight, "routes.1.layers.0: weight[0] is infinite"},
    {SMALL_KERNEL_POOLING, kernels_bias, "routes.1.layers.0: bias[0] is NaN"},
    {SMALL_KERNEL_POOLING, mix_of_nothing,
     "routes.0.layers.4: rows of width 0 are kept (0: none), expected 24"},
    {SMALL_KERNEL_POOLING, mix_alpha, "routes.0.layers.4: alpha[0] is NaN"},
    {SMALL_KERNEL_POOLING, positions_too_few, "routes.0.layers.2.table: 37 rows, expected 38 or more"},
    {SMALL_KERNEL_POOLING, positions_of_other_width, "routes.0.layers.2.table: width is 16, expected 24"},
    {SMALL_KERNEL_POOLING, positions_of_pairs,
     "routes.1.layers.0: positions, but the rows of two texts come in"},
    {SMALL_FACTORED, norm_of_other_width, "routes.0.layers.3.norm: width is 12, expected 24"},
    {SMALL_FACTORED, norm_gamma, "routes.0.layers.3.norm: gamma[7] is NaN"},
    {SMALL_FACTORED, norm_without_beta, "routes.0.layers.3.norm: beta is missing"},
    {SMALL_FACTORED, norm_epsilon, "routes.0.layers.3.norm: epsilon is -1, expected a positive number"},
    {SMALL_COMPARED, compare_of_one_text,
     "routes.0.layers.3: a comparison, which needs one row of a query and one of a document, of width 1 to 16384"},
    {SMALL_KERNEL_POOLING, compare_of_tokens,
     "routes.1.layers.0: a comparison, which needs one row of a query and one of a document, of width 1 to 16384"},
};

static void layers(void **unused) {
    (void)unused;
    has_defects(in_layers, sizeof in_layers / sizeof *in_layers);
}

/* Wider than a product's inputs may be, so that its table could not be made. */
static void windows_are_bounded(void **unused) {
    (void)unused;
    struct small_model *model = small_family_make(SMALL_CONVOLUTION, MINNOW_WEIGHT_F32);
    struct minnow_error error = {0};
    convolution_of_many_inputs(model);
    assert_int_equal(minnow_contents_check(&model->contents, &error), MINNOW_BAD_MODEL);
    assert_string_equal(error.message, "routes.0.layers.1.branches.0: 98304 inputs, expected at most 32768");
    small_model_free(model);
}

/* ---- Routes ---- */

static void joint_without_need(struct small_model *m) { m->contents.joint_route = 0; }
static void joint_nowhere(struct small_model *m) { m->contents.joint_route = 2; }
static void joint_missing(struct small_model *m) { m->contents.joint_route = MINNOW_NO_ROUTE; }
static void joint_of_a_role(struct small_model *m) { m->contents.route_of_role[MINNOW_QUERY] = 1; }
static void joint_beside_roles(struct small_model *m) {
    m->contents.route_of_role[MINNOW_QUERY] = m->contents.route_of_role[MINNOW_DOCUMENT] = 0;
}
static void joint_of_one_role(struct small_model *m) { m->contents.route_of_role[MINNOW_QUERY] = 0; }
static void role_without_route(struct small_model *m) { m->contents.route_of_role[MINNOW_DOCUMENT] = MINNOW_NO_ROUTE; }
static void joint_too_short(struct small_model *m) { m->routes[1].max_tokens--; }
static void joint_of_tokens(struct small_model *m) { m->layers[1][1].kind = MINNOW_LAYER_NORMALIZE; }
static void joint_of_one_row(struct small_model *m) { m->routes[1].max_tokens = 1; }
static void late_interaction_pools(struct small_model *m) { add_pool(m, 0, MINNOW_POOL_MEAN); }
static void static_without_pool(struct small_model *m) { m->layers[0][1].kind = MINNOW_LAYER_NORMALIZE; }

static const struct defect in_routes[] = {
    {SMALL_STATIC, joint_without_need, "joint_route: is 0, expected none with similarity 0"},
    {SMALL_JOINED_LATE, joint_nowhere, "joint_route: is 2, expected less than 2"},
    {SMALL_CROSS_ENCODER, joint_missing, "joint_route: is 4294967295, expected less than 1"},
    {SMALL_JOINED_LATE, joint_of_a_role, "joint_route: is 1, which begins with tokens or is a role's too"},
    {SMALL_CROSS_ENCODER, joint_beside_roles, "joint_route: is 0, which begins with tokens or is a role's too"},
    {SMALL_CROSS_ENCODER, joint_of_one_role, "document_route: is 4294967295, expected less than 1"},
    {SMALL_STATIC, role_without_route, "document_route: is 4294967295, expected less than 1"},
    {SMALL_JOINED_LATE, joint_too_short, "routes.1: max_tokens is 35, too few for both texts"},
    {SMALL_COMPARED, joint_of_one_row, "routes.1: max_tokens is 1, too few for both texts"},
    {SMALL_JOINED_LATE, joint_of_tokens, "routes.1: no layer pools the tokens"},
    {SMALL_LATE_INTERACTION, late_interaction_pools, "routes.0: a layer pools the tokens, which MaxSim needs"},
    {SMALL_STATIC, static_without_pool, "routes.0: no layer pools the tokens"},
};

static void routes(void **unused) {
    (void)unused;
    has_defects(in_routes, sizeof in_routes / sizeof *in_routes);
}

/* ---- Inputs ---- */

static void input_tokenizer(struct small_model *m) { document_input(m)->tokenizer = 1; }
static void input_leading_count(struct small_model *m) { query_input(m)->leading_count = 3; }
static void input_leading(struct small_model *m) { document_input(m)->leading[1] = 16; }
static void input_trailing(struct small_model *m) { query_input(m)->trailing = 99; }
static void input_mask(struct small_model *m) { m->contents.tokenizers[0].mask_id = MINNOW_NO_TOKEN; }
static void input_two_kinds_of_masks(struct small_model *m) { query_input(m)->mask_count = 2; }
static void input_fill(struct small_model *m) { query_input(m)->fill_to = MAX_TOKENS; }
static void input_unseen(struct small_model *m) { query_input(m)->masks_before_trailing = true; }
static void input_without_room(struct small_model *m) { document_input(m)->max_tokens = 3; }
static void input_too_long(struct small_model *m) { document_input(m)->max_tokens = MAX_TOKENS + 1; }
static void input_position(struct small_model *m) { document_input(m)->first_position = 32769; }
static void input_position_behind_table(struct small_model *m) { document_input(m)->first_position = 19; }
static void input_type(struct small_model *m) { document_input(m)->type = 2; }
static void input_skipped(struct small_model *m) {
    static const uint32_t skipped[] = {12, 12};
    document_input(m)->skipped = skipped;
}
static void input_skips_nothing(struct small_model *m) { document_input(m)->skipped = NULL; }
static void joined_masks(struct small_model *m) { query_input(m)->mask_count = 1; }
static void joined_without_special(struct small_model *m) { document_input(m)->trailing = MINNOW_NO_TOKEN; }
static void joined_position(struct small_model *m) { document_input(m)->first_position = 1; }

static const struct defect in_inputs[] = {
    {SMALL_LATE_INTERACTION, input_tokenizer, "document_input: tokenizer is 1, expected less than 1"},
    {SMALL_LATE_INTERACTION, input_leading_count, "query_input: 3 leading tokens"},
    {SMALL_LATE_INTERACTION, input_leading, "document_input: leading is token 16, expected less than 16"},
    {SMALL_LATE_INTERACTION, input_trailing, "query_input: trailing is token 99, expected less than 16"},
    {SMALL_LATE_INTERACTION, input_mask, "query_input: [MASK] is token 4294967295, expected less than 16"},
    {SMALL_LATE_INTERACTION, input_two_kinds_of_masks, "query_input: mask_count and fill_to, expected one of them"},
    {SMALL_LATE_INTERACTION, input_fill, "query_input: fill_to is 18, expected at most max_tokens, 14"},
    {SMALL_LATE_INTERACTION, input_unseen, "query_input: masks_unseen, but they are not at the end"},
    {SMALL_LATE_INTERACTION, input_without_room, "document_input: max_tokens is 3, expected 4 to 18"},
    {SMALL_LATE_INTERACTION, input_too_long, "document_input: max_tokens is 19, expected 4 to 18"},
    {SMALL_LATE_INTERACTION, input_position,
     "document_input: first_position is 32769 and type 0, limits are 32768 and 65536"},
    {SMALL_JOINED_LATE, input_position_behind_table, "routes.0.layers.0.positions: 36 rows, expected 37 or more"},
    {SMALL_CROSS_ENCODER, input_type, "routes.0.layers.0.types: 2 rows, expected 3 or more"},
    {SMALL_LATE_INTERACTION, input_skipped, "document_input: skipped[1] is not above the one before it"},
    {SMALL_LATE_INTERACTION, input_skips_nothing, "document_input: 2 skipped tokens, limit is 65536"},
    {SMALL_CROSS_ENCODER, joined_masks,
     "query_input: no special token, [MASK] or a tokenizer of its own in a text that is joined"},
    {SMALL_CROSS_ENCODER, joined_without_special,
     "document_input: no special token, [MASK] or a tokenizer of its own in a text that is joined"},
    {SMALL_CROSS_ENCODER, joined_position,
     "document_input: no special token, [MASK] or a tokenizer of its own in a text that is joined"},
};

static void inputs(void **unused) {
    (void)unused;
    has_defects(in_inputs, sizeof in_inputs / sizeof *in_inputs);
}

/* ---- Golden texts ---- */

static const uint32_t ids[] = {5};
static float numbers[2 * DIMENSIONS];
static struct minnow_golden golden;
static void add_golden(struct small_model *m, uint32_t size) {
    golden = (struct minnow_golden){
        .text = {"", 0}, .role = MINNOW_QUERY, .ids = ids, .id_count = 1, .vector = numbers, .vector_size = size};
    m->contents.golden = &golden;
    m->contents.golden_count = 1;
}
static void golden_half_a_row(struct small_model *m) { add_golden(m, DIMENSIONS + 1); }
static void golden_many_rows(struct small_model *m) { add_golden(m, 15 * DIMENSIONS); }
static void golden_two_scores(struct small_model *m) { add_golden(m, 2); }
static void golden_without_document(struct small_model *m) {
    add_golden(m, 1);
    golden.document.size = 5;
}

static const struct defect in_golden[] = {
    {SMALL_LATE_INTERACTION, golden_half_a_row, "golden.0: a vector of 21 numbers, expected a multiple of 20"},
    {SMALL_LATE_INTERACTION, golden_many_rows, "golden.0: a vector of 300 numbers, expected a multiple of 20"},
    {SMALL_KERNEL_POOLING, golden_two_scores, "golden.0: a vector of 2 numbers, expected 1"},
    {SMALL_KERNEL_POOLING, golden_without_document, "golden.0: text or ids are missing"},
};

static void golden_texts(void **unused) {
    (void)unused;
    has_defects(in_golden, sizeof in_golden / sizeof *in_golden);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers), cmocka_unit_test(windows_are_bounded), cmocka_unit_test(routes),
        cmocka_unit_test(inputs), cmocka_unit_test(golden_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
