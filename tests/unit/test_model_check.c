/* Each defect of meaning, and the message that names it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/small_families.h"

typedef void spoil_fn(struct small_model *model);

/* The arrays were made by the test; the model only sees them as constant. */
static float *writable(const float *numbers) { return (float *)(uintptr_t)numbers; }

static struct minnow_encoder_block *block(struct small_model *model) { return &model->layers[0][1].encoder_block; }
static struct minnow_embedding *embedding(struct small_model *model) { return &model->layers[0][0].embedding; }
static struct minnow_dense *dense(struct small_model *model) { return &model->layers[0][4].dense; }

static void spoil_scale(struct small_model *m) { writable(block(m)->ffn_up.scale)[17] = NAN; }
static void spoil_padding(struct small_model *m) { writable(block(m)->ffn_up.scale)[INTERMEDIATE] = INFINITY; }
static void spoil_bias(struct small_model *m) { writable(block(m)->ffn_down.bias)[3] = INFINITY; }
static void spoil_rotation(struct small_model *m) { dense(m)->linear.input_rotation = 48; }
static void spoil_multiplier(struct small_model *m) { writable(dense(m)->linear.input_multiplier)[1] = NAN; }
static void spoil_gamma(struct small_model *m) { writable(block(m)->output_norm.gamma)[0] = NAN; }
static void spoil_beta(struct small_model *m) { writable(embedding(m)->norm.beta)[23] = -INFINITY; }
static void spoil_table_scale(struct small_model *m) { writable(embedding(m)->words.scale)[2] = NAN; }
static void spoil_epsilon(struct small_model *m) { block(m)->attention_norm.epsilon = 0; }
static void spoil_epsilon_nan(struct small_model *m) { block(m)->attention_norm.epsilon = NAN; }
static void spoil_column_sum(struct small_model *m) {
    ((int32_t *)(uintptr_t)block(m)->ffn_up.column_sum)[5] = INT32_MIN;
}
static void spoil_heads(struct small_model *m) { block(m)->heads = 5; }
static void spoil_no_heads(struct small_model *m) { block(m)->heads = 0; }
static void spoil_attention(struct small_model *m) { block(m)->attention_output.inputs = 25; }
static void spoil_no_attention(struct small_model *m) { block(m)->attention_output.inputs = 0; }
static void spoil_narrow(struct small_model *m) { block(m)->attention_output.inputs = 12; }
static void spoil_hidden(struct small_model *m) { block(m)->hidden = 48; }
static void spoil_activation(struct small_model *m) { dense(m)->activation = (enum minnow_activation)5; }
static void spoil_pooling(struct small_model *m) { m->layers[0][3].pool.pooling = (enum minnow_pooling)3; }
static void spoil_type(struct small_model *m) { dense(m)->linear.type = (enum minnow_weight_type)3; }
static void spoil_kind(struct small_model *m) { m->layers[0][5].kind = (enum minnow_layer_kind)14; }
static void spoil_inputs(struct small_model *m) { dense(m)->linear.inputs = 25; }
static void spoil_outputs(struct small_model *m) { block(m)->query_key_value.outputs = 71; }
static void spoil_no_outputs(struct small_model *m) { dense(m)->linear.outputs = 0; }
static void spoil_wide(struct small_model *m) { dense(m)->linear.outputs = 65537; }
static void spoil_weight(struct small_model *m) { dense(m)->linear.weight = NULL; }
static void spoil_dimensions(struct small_model *m) { m->routes[0].dimensions = 19; }
static void spoil_max_tokens(struct small_model *m) { m->routes[0].max_tokens = 0; }
static void spoil_many_tokens(struct small_model *m) { m->routes[0].max_tokens = 32769; }
static void spoil_positions(struct small_model *m) {
    m->routes[0].max_tokens = m->contents.inputs[MINNOW_DOCUMENT].max_tokens = MAX_TOKENS + 1;
}
static void spoil_words(struct small_model *m) { embedding(m)->words.rows = 15; }
static void spoil_types(struct small_model *m) { embedding(m)->types.width = 16; }
static void spoil_norm(struct small_model *m) { embedding(m)->norm.width = 16; }
static void spoil_no_layers(struct small_model *m) { m->routes[0].layer_count = 0; }
static void spoil_first(struct small_model *m) { m->routes[0].layers++; }
static void spoil_second_embedding(struct small_model *m) { m->layers[0][1] = m->layers[0][0]; }
static void spoil_late_block(struct small_model *m) {
    m->layers[0][2] = m->layers[0][3];
    m->layers[0][3] = m->layers[0][1];
}
static void spoil_second_pool(struct small_model *m) { m->layers[0][4] = m->layers[0][3]; }
static void spoil_no_pool(struct small_model *m) { m->layers[0][3].kind = MINNOW_LAYER_NORMALIZE; }
static void spoil_route(struct small_model *m) { m->contents.route_of_role[MINNOW_DOCUMENT] = 1; }
static void spoil_routes(struct small_model *m) { m->contents.route_count = 4; }
static void spoil_similarity(struct small_model *m) { m->contents.similarity = (enum minnow_similarity)4; }
static void spoil_name(struct small_model *m) { m->contents.name = "caf\xe9"; }
static void spoil_prompt(struct small_model *m) { m->contents.inputs[0].prompt = NULL; }
static void spoil_cls(struct small_model *m) { m->contents.tokenizers[0].cls_id = 16; }

static void spoil_sizes(struct small_model *m) {
    static const uint32_t sizes[] = {4, 4};
    m->contents.matryoshka = sizes;
    m->contents.matryoshka_count = 2;
}
static void spoil_large_size(struct small_model *m) {
    static const uint32_t sizes[] = {DIMENSIONS + 1};
    m->contents.matryoshka = sizes;
    m->contents.matryoshka_count = 1;
}

static const uint32_t few_ids[] = {2, 3};
static struct minnow_golden golden;
static void add_golden(struct small_model *m, const float *vector) {
    golden = (struct minnow_golden){.text = {"", 0}, .ids = few_ids, .id_count = 2, .vector = vector, .vector_size = DIMENSIONS};
    m->contents.golden = &golden;
    m->contents.golden_count = 1;
}
static void spoil_golden_vector(struct small_model *m) {
    static float vector[DIMENSIONS];
    vector[7] = NAN;
    add_golden(m, vector);
}
static void spoil_golden_id(struct small_model *m) {
    static const float vector[DIMENSIONS];
    static const uint32_t ids[] = {2, 16};
    add_golden(m, vector);
    golden.ids = ids;
}
static void spoil_golden_count(struct small_model *m) {
    static const float vector[DIMENSIONS];
    add_golden(m, vector);
    golden.id_count = MAX_TOKENS + 1;
}

/* No position table pays for the text limit; a wide dense layer costs little in the file. */
static void spoil_memory(struct small_model *m) {
    embedding(m)->positions.rows = 0;
    m->routes[0].max_tokens = 32768;
    m->layers[0][1] = m->layers[0][4];
    dense(m)->linear = make_linear(m, DIMENSIONS, 8000);
    m->layers[0][2] = m->layers[0][4];
}

static const struct defect {
    spoil_fn *spoil;
    const char *message;
} defects[] = {
    {spoil_scale, "routes.0.layers.1.ffn_up: scale[17] is NaN"},
    {spoil_padding, "routes.0.layers.1.ffn_up: scale[40] is infinite"},
    {spoil_bias, "routes.0.layers.1.ffn_down: bias[3] is infinite"},
    {spoil_rotation, "routes.0.layers.4.linear: input_rotation is 48, expected 0, 16, 32, 64 or 128 that divides 24 inputs"},
    {spoil_multiplier, "routes.0.layers.4.linear: input_multiplier[1] is NaN"},
    {spoil_gamma, "routes.0.layers.1.output_norm: gamma[0] is NaN"},
    {spoil_beta, "routes.0.layers.0.norm: beta[23] is infinite"},
    {spoil_table_scale, "routes.0.layers.0.words: scale[2] is NaN"},
    {spoil_epsilon, "routes.0.layers.1.attention_norm: epsilon is 0, expected a positive number"},
    {spoil_epsilon_nan, "routes.0.layers.1.attention_norm: epsilon is nan, expected a positive number"},
    {spoil_column_sum, "routes.0.layers.1.ffn_up: column_sum[5] is -2147483648, expected at most 3048"},
    {spoil_heads, "routes.0.layers.1: 5 heads do not divide a width of 24"},
    {spoil_no_heads, "routes.0.layers.1: 0 heads do not divide a width of 24"},
    {spoil_attention, "routes.0.layers.1: attention is 25 wide, expected 1 to 24"},
    {spoil_no_attention, "routes.0.layers.1: attention is 0 wide, expected 1 to 24"},
    {spoil_narrow, "routes.0.layers.1.query_key_value: outputs is 72, expected 36"},
    {spoil_hidden, "routes.0.layers.1: hidden is 48, expected 24"},
    {spoil_activation, "routes.0.layers.4: activation is 5, expected 0 to 4"},
    {spoil_pooling, "routes.0.layers.3: pooling is 3, expected 0 to 2"},
    {spoil_type, "routes.0.layers.4.linear: weight type is 3, expected 0 to 2"},
    {spoil_kind, "routes.0.layers.5: kind is 14, which is unknown"},
    {spoil_inputs, "routes.0.layers.4.linear: inputs is 25, expected 24"},
    {spoil_outputs, "routes.0.layers.1.query_key_value: outputs is 71, expected 72"},
    {spoil_no_outputs, "routes.0.layers.4.linear: outputs is 0, expected 1 to 65536"},
    {spoil_wide, "routes.0.layers.4.linear: outputs is 65537, expected 1 to 65536"},
    {spoil_weight, "routes.0.layers.4.linear: weight is missing"},
    {spoil_dimensions, "routes.0: dimensions is 19, but the last layer's width is 20"},
    {spoil_max_tokens, "routes.0: max_tokens is 0, expected 1 to 32768"},
    {spoil_many_tokens, "routes.0: max_tokens is 32769, expected 1 to 32768"},
    {spoil_positions, "routes.0.layers.0.positions: 18 rows, expected 19 or more"},
    {spoil_words, "routes.0.layers.0.words: 15 rows, expected 16, one for each token"},
    {spoil_types, "routes.0.layers.0.types: width is 16, expected 24"},
    {spoil_norm, "routes.0.layers.0.norm: width is 16, expected 24"},
    {spoil_no_layers, "routes.0: 0 layers, expected 1 to 1024"},
    {spoil_first, "routes.0.layers.0: the first layer must be an embedding"},
    {spoil_second_embedding, "routes.0.layers.1: an embedding, which must be the first layer"},
    {spoil_late_block, "routes.0.layers.3: an encoder block, but the tokens are pooled already"},
    {spoil_second_pool, "routes.0.layers.4: a second pooling"},
    {spoil_no_pool, "routes.0: no layer pools the tokens"},
    {spoil_route, "document_route: is 1, expected less than 1"},
    {spoil_routes, "routes: 4 of them, expected 1 to 3"},
    {spoil_similarity, "similarity: is 4, expected 0 to 3"},
    {spoil_name, "name: byte 3 is not UTF-8"},
    {spoil_prompt, "prompts: one is missing, expected \"\" for none"},
    {spoil_cls, "tokenizer.cls_id: is 16, expected less than 16"},
    {spoil_sizes, "matryoshka[1]: is 4, expected 5 to 20"},
    {spoil_large_size, "matryoshka[0]: is 21, expected 1 to 20"},
    {spoil_golden_vector, "golden.0: vector[7] is NaN"},
    {spoil_golden_id, "golden.0: ids[1] is 16, expected less than 16"},
    {spoil_golden_count, "golden.0: 19 ids, expected at most max_tokens, 18"},
};

static void is_defect(struct small_model *model, spoil_fn *spoil, const char *message) {
    struct minnow_error error = {0};
    if (minnow_contents_check(&model->contents, &error) != MINNOW_OK) fail_msg("%s", error.message);
    spoil(model);
    if (minnow_contents_check(&model->contents, &error) != MINNOW_BAD_MODEL)
        fail_msg("not found: %s", message);
    assert_string_equal(error.message, message);
    assert_int_equal(error.status, MINNOW_BAD_MODEL);
    assert_int_equal(minnow_contents_check(&model->contents, NULL), MINNOW_BAD_MODEL);
    small_model_free(model);
}

static void names_each_defect(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof defects / sizeof *defects; i++)
        is_defect(small_model_make(MINNOW_WEIGHT_S8, 1), defects[i].spoil, defects[i].message);
}

static void limits_activation_memory(void **state) {
    (void)state;
    struct small_model *model = small_model_make(MINNOW_WEIGHT_S8, 1);
    struct minnow_error error = {0};
    embedding(model)->positions.rows = 0;
    model->routes[0].max_tokens = 32768; /* alone it is in order */
    assert_int_equal(minnow_contents_check(&model->contents, &error), MINNOW_OK);
    spoil_memory(model);
    model->layers[0][4] = (struct minnow_layer){.kind = MINNOW_LAYER_DENSE};
    dense(model)->linear = make_linear(model, 8000, DIMENSIONS);
    assert_int_equal(minnow_contents_check(&model->contents, &error), MINNOW_UNSUPPORTED);
    assert_string_equal(error.message,
                        "routes.0: max_tokens is 32768, which needs 2000 MiB for activations, limit is 1024");
    small_model_free(model);
}

static void routes_must_agree(void **state) {
    (void)state;
    struct small_model *model = small_model_make(MINNOW_WEIGHT_F32, 2);
    struct minnow_error error = {0};
    assert_int_equal(minnow_contents_check(&model->contents, &error), MINNOW_OK);
    model->layers[1][2].dense.linear = make_linear(model, HIDDEN, DIMENSIONS - 1);
    model->routes[1].dimensions = DIMENSIONS - 1;
    assert_int_equal(minnow_contents_check(&model->contents, &error), MINNOW_BAD_MODEL);
    assert_string_equal(error.message, "routes: their vectors have 19 and 20 dimensions, expected the same, and one a text "
                                       "or one a token of both");
    small_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_each_defect),
        cmocka_unit_test(limits_activation_memory),
        cmocka_unit_test(routes_must_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
