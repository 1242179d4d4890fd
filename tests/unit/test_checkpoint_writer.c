/* Checkpoints that are written open as what they were written from: weights, inputs, tokenizers and scores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "convert/checkpoint/checkpoint.h"
#include "convert/checkpoint/checkpoint_writer.h"
#include "tests/unit/family_results.h"
#include "tests/unit/same_contents.h"
#include "tests/unit/written_families.h"
#include "tests/unit/written_place.h"

/* ---- The same ------------------------------------------------------------------------------- */

/* Rows that no text reaches are not kept. */
static void cut(struct minnow_table *a, const struct minnow_table *b) {
    assert_true(b->rows <= a->rows);
    a->rows = b->rows;
}

static void same_route(const struct minnow_route *a, const struct minnow_route *b) {
    assert_int_equal(a->layer_count, b->layer_count);
    assert_int_equal(a->max_tokens, b->max_tokens);
    assert_int_equal(a->dimensions, b->dimensions);
    for (uint32_t i = 0; i < a->layer_count; i++) {
        struct minnow_layer layer = a->layers[i];
        if (layer.kind == MINNOW_LAYER_EMBEDDING) cut(&layer.embedding.positions, &b->layers[i].embedding.positions);
        if (layer.kind == MINNOW_LAYER_POSITIONS) cut(&layer.positions.table, &b->layers[i].positions.table);
        same_layer(&layer, &b->layers[i]);
    }
}

static void same_model(const struct minnow_contents *a, const struct minnow_contents *b) {
    assert_int_equal(a->similarity, b->similarity);
    assert_int_equal(minnow_joint_route(a) != NULL, minnow_joint_route(b) != NULL);
    if (minnow_joint_route(a)) same_route(minnow_joint_route(a), minnow_joint_route(b));
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        enum minnow_role which = (enum minnow_role)role;
        assert_int_equal(minnow_route_of(a, which) != NULL, minnow_route_of(b, which) != NULL);
        if (minnow_route_of(a, which)) same_route(minnow_route_of(a, which), minnow_route_of(b, which));
        same_input(&a->inputs[role], &b->inputs[role]);
        same_tokenizer(minnow_tokenizer_of(a, which), minnow_tokenizer_of(b, which));
    }
}

static struct small_results expected, found;

static void same_results(const struct minnow_contents *a, const struct minnow_contents *b) {
    static const struct small_way way = {.threads = 1, .batch_tokens = 64, .at_once = 2};
    assert_true(results_of(a, &way, &expected));
    assert_true(results_of(b, &way, &found));
    assert_memory_equal(&expected, &found, sizeof expected);
}

static void check_family(int family) {
    static const struct minnow_checkpoint_card card = {"# A model\n\nlicense: CC0\n"};
    struct small_model *model = written_family_make(family);
    struct minnow_checkpoint *checkpoint;
    if (minnow_checkpoint_write(path, &model->contents, &card, &error))
        fail_msg("family %d: %s", family, error.message);
    if (minnow_checkpoint_open(path, NULL, &checkpoint, &error)) fail_msg("family %d: %s", family, error.message);
    same_model(&model->contents, &checkpoint->contents);
    same_results(&model->contents, &checkpoint->contents);
    minnow_checkpoint_close(checkpoint);
    small_model_free(model);
}

/* Each replaces the one before. */
static void families(void **state) {
    (void)state;
    for (int family = 0; family < WRITTEN_FAMILIES; family++) check_family(family);
}

/* One route alone, with limits that differ between the roles. */
static void one_route(void **state) {
    (void)state;
    struct small_model *model = small_model_make(MINNOW_WEIGHT_F32, 1);
    struct minnow_checkpoint *checkpoint;
    model->contents.inputs[MINNOW_QUERY].max_tokens = 7;
    model->contents.inputs[MINNOW_DOCUMENT].prompt = "\"passage\"\n\t\\ \xc3\xa9: ";
    assert_int_equal(minnow_checkpoint_write(path, &model->contents, NULL, &error), MINNOW_OK);
    assert_int_equal(minnow_checkpoint_open(path, NULL, &checkpoint, &error), MINNOW_OK);
    same_model(&model->contents, &checkpoint->contents);
    minnow_checkpoint_close(checkpoint);
    small_model_free(model);
}

/* What the folder says of lengths gives way to what the caller says. */
static void lengths_asked(void **state) {
    (void)state;
    struct small_model *model = small_model_make(MINNOW_WEIGHT_F32, 1);
    const struct minnow_checkpoint_options options = {.max_tokens = 11}, query = {.query_length = 5};
    struct minnow_checkpoint *checkpoint;
    model->contents.inputs[MINNOW_QUERY].max_tokens = 7;
    assert_int_equal(minnow_checkpoint_try(path, &model->contents, &error), MINNOW_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(minnow_checkpoint_write(path, &model->contents, NULL, &error), MINNOW_OK);
    assert_int_equal(minnow_checkpoint_open(path, &options, &checkpoint, &error), MINNOW_OK);
    assert_int_equal(checkpoint->contents.inputs[MINNOW_QUERY].max_tokens, 11);
    assert_int_equal(checkpoint->contents.inputs[MINNOW_DOCUMENT].max_tokens, 11);
    minnow_checkpoint_close(checkpoint);
    assert_int_equal(minnow_checkpoint_open(path, &query, &checkpoint, &error), MINNOW_OK);
    assert_int_equal(checkpoint->contents.inputs[MINNOW_QUERY].max_tokens, 5);
    assert_int_equal(checkpoint->contents.inputs[MINNOW_DOCUMENT].max_tokens, MAX_TOKENS);
    minnow_checkpoint_close(checkpoint);
    small_model_free(model);
}

/* ---- What no layout has --------------------------------------------------------------------- */

static void assert_refused(struct small_model *model, const char *place) {
    enum minnow_status status = minnow_checkpoint_write(path, &model->contents, NULL, &error);
    assert_int_equal(status, MINNOW_UNSUPPORTED);
    if (!strstr(error.message, place)) fail_msg("%s, expected it to name %s", error.message, place);
    assert_int_equal(minnow_checkpoint_try(path, &model->contents, &error), MINNOW_UNSUPPORTED);
    assert_int_equal(access(path, F_OK), -1);
    small_model_free(model);
}

static void refused(void **state) {
    (void)state;
    assert_refused(small_family_make(SMALL_LATE_INTERACTION, MINNOW_WEIGHT_F32), "routes.0.layers.3: is a dense layer");
    assert_refused(small_family_make(SMALL_CONVOLUTION, MINNOW_WEIGHT_F32), "routes.0.layers.1: is a convolution");
    assert_refused(small_family_make(SMALL_LSTM, MINNOW_WEIGHT_F32), "routes.0.layers.1: is an LSTM");
    struct small_model *model = written_family_make(SMALL_KERNEL_POOLING);
    model->layers[1][0].kernel_pooling.bias = 1;
    assert_refused(model, "routes.1.layers.0: is a kernel pooling");
    model = small_model_make(MINNOW_WEIGHT_F32, 1);
    model->layers[0][2].encoder_block.output_norm.epsilon = 1e-5f;
    assert_refused(model, "routes.0.layers.2: is an encoder block");
    model = small_model_make(MINNOW_WEIGHT_F32, 1);
    model->layers[0][4].dense.activation = MINNOW_SIGMOID;
    assert_refused(model, "routes.0.layers.4: is a dense layer");
    model = written_family_make(SMALL_COMPARED);
    model->contents.inputs[MINNOW_DOCUMENT].max_characters = 60;
    assert_refused(model, "document_input: max_characters");
}

static void rounded(void **state) {
    (void)state;
    struct small_model *model = small_model_make(MINNOW_WEIGHT_S8, 2);
    assert_int_equal(minnow_checkpoint_write(path, &model->contents, NULL, &error), MINNOW_INVALID_ARGUMENT);
    small_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(families, begin, end),
        cmocka_unit_test_setup_teardown(one_route, begin, end),
        cmocka_unit_test_setup_teardown(lengths_asked, begin, end),
        cmocka_unit_test_setup_teardown(refused, begin, end),
        cmocka_unit_test_setup_teardown(rounded, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
