/* Checkpoints whose word table is a product, its factors beside it: as what they open, and what their defects are
 * called. */
#include "convert/checkpoint/checkpoint.h"
#include "tests/unit/layout_folders.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/opened_folder.h"

enum { RANK = 3 };

static const struct minnow_checkpoint_options mean = {.pooling = "mean"};
static float words[VOCABULARY * RANK], projection[HIDDEN * RANK], product[VOCABULARY * HIDDEN];

/* ---- Folders ------------------------------------------------------------------------------- */

static float largest_of_product(void) {
    float most = 0;
    for (size_t i = 0; i < VOCABULARY * HIDDEN; i++) most = fmaxf(most, fabsf(product[i]));
    return most;
}

/* Sums of three multiples of 1/4096: exact. */
static void make_factors(void) {
    for (size_t i = 0; i < VOCABULARY * RANK; i++) words[i] = planned_value(1000, i);
    for (size_t i = 0; i < HIDDEN * RANK; i++) projection[i] = planned_value(1001, i);
    for (size_t v = 0; v < VOCABULARY; v++)
        for (size_t h = 0; h < HIDDEN; h++) {
            product[v * HIDDEN + h] = 0;
            for (size_t r = 0; r < RANK; r++) product[v * HIDDEN + h] += words[v * RANK + r] * projection[h * RANK + r];
        }
}

static struct plan plan_factors(void) {
    struct plan plan = {0};
    plan_add(&plan, "", "word_factors", VOCABULARY, RANK);
    plan_add(&plan, "", "word_projection", HIDDEN, RANK);
    plan.tensors[0].values = words;
    plan.tensors[1].values = projection;
    return plan;
}

/* The plan's word table becomes the product; `subfolder` is "" or ends in /. */
static void write_weights(const struct folder *folder, const char *subfolder, struct plan plan) {
    const struct plan factors = plan_factors();
    char name[64];
    for (size_t i = 0; i < plan.count; i++)
        if (strstr(plan.tensors[i].name, "word_embeddings")) plan.tensors[i].values = product;
    snprintf(name, sizeof name, "%smodel.safetensors", subfolder);
    plan_write(&plan, folder, name, "F32");
    snprintf(name, sizeof name, "%sminnow_factors.safetensors", subfolder);
    plan_write(&factors, folder, name, "F32");
}

static struct folder folder_factored(void) {
    struct folder folder = folder_bert();
    write_weights(&folder, "", plan_bert(""));
    return folder;
}

static void expect_failure(const struct folder *folder, enum minnow_status expected, const char *const parts[4]) {
    struct minnow_checkpoint *checkpoint = NULL;
    struct minnow_error error = {0};
    enum minnow_status status = minnow_checkpoint_open(folder->path, &mean, &checkpoint, &error);
    if (status != expected) fail_msg("status %d, expected %d: %s", status, expected, error.message);
    assert_null(checkpoint);
    for (int i = 0; i < 4 && parts[i]; i++)
        if (!strstr(error.message, parts[i])) fail_msg("\"%s\" does not say \"%s\"", error.message, parts[i]);
}

static void assert_kinds(const struct minnow_route *route, const enum minnow_layer_kind *kinds, uint32_t count) {
    assert_int_equal(route->layer_count, count);
    for (uint32_t i = 0; i < count; i++) assert_int_equal(route->layers[i].kind, kinds[i]);
}

#define FRONT MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_DENSE, MINNOW_LAYER_POSITIONS, MINNOW_LAYER_NORM

/* ---- As what they open ---------------------------------------------------------------------- */

static void factors_become_layers(void **state) {
    (void)state;
    static const enum minnow_layer_kind kinds[] = {
        FRONT, MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_POOL, MINNOW_LAYER_NORMALIZE};
    struct folder folder = folder_factored();
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &mean);
    const struct minnow_layer *layers = checkpoint->contents.routes->layers;
    const struct minnow_linear *dense = &layers[1].dense.linear;
    assert_kinds(checkpoint->contents.routes, kinds, 8);
    assert_int_equal(layers[0].embedding.words.rows, VOCABULARY);
    assert_int_equal(layers[0].embedding.words.width, RANK);
    assert_memory_equal(layers[0].embedding.words.data, words, sizeof words);
    assert_int_equal(layers[0].embedding.positions.rows + layers[0].embedding.types.rows, 0);
    assert_int_equal(layers[0].embedding.norm.width, 0);
    assert_int_equal(layers[1].dense.activation, MINNOW_IDENTITY);
    assert_true(dense->inputs == RANK && dense->outputs == HIDDEN && !dense->bias);
    assert_memory_equal(dense->weight, projection, sizeof projection);
    minnow_checkpoint_close(checkpoint);
    folder_remove(&folder);
}

static void token_type_0_goes_into_positions(void **state) {
    (void)state;
    struct folder folder = folder_factored();
    struct plan plan = plan_bert("");
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &mean);
    const struct minnow_layer *layers = checkpoint->contents.routes->layers;
    uint32_t position = plan_find(&plan, "embeddings.position_embeddings.weight")->seed;
    uint32_t type = plan_find(&plan, "embeddings.token_type_embeddings.weight")->seed;
    uint32_t gamma = plan_find(&plan, "embeddings.LayerNorm.weight")->seed;
    const float *rows = layers[2].positions.table.data;
    assert_true(layers[2].positions.table.rows == POSITIONS && layers[2].positions.table.width == HIDDEN);
    for (size_t i = 0; i < POSITIONS * HIDDEN; i++)
        assert_true(rows[i] == planned_value(position, i) + planned_value(type, i % HIDDEN));
    assert_true(layers[3].norm.width == HIDDEN && layers[3].norm.epsilon == 1e-12f);
    for (size_t i = 0; i < HIDDEN; i++) assert_true(layers[3].norm.gamma[i] == planned_value(gamma, i));
    minnow_checkpoint_close(checkpoint);
    folder_remove(&folder);
}

/* There are none in DistilBERT. */
static void without_types_positions_are_as_they_were(void **state) {
    (void)state;
    struct folder folder = folder_bert();
    struct plan plan = plan_distilbert("");
    folder_write(&folder, "config.json", DISTILBERT_CONFIG);
    write_weights(&folder, "", plan);
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &mean);
    const struct minnow_layer *layers = checkpoint->contents.routes->layers;
    uint32_t position = plan_find(&plan, "embeddings.position_embeddings.weight")->seed;
    const float *rows = layers[2].positions.table.data;
    for (size_t i = 0; i < POSITIONS * HIDDEN; i++) assert_true(rows[i] == planned_value(position, i));
    minnow_checkpoint_close(checkpoint);
    folder_remove(&folder);
}

/* Of three texts. */
static void encode(const struct minnow_checkpoint *checkpoint, float vectors[3 * HIDDEN]) {
    static const struct minnow_text texts[] = {{"a b, c", 6}, {"d", 1}, {"e a bc. d e", 11}};
    struct minnow_model *model = NULL;
    struct minnow_session *session = NULL;
    struct minnow_error error = {0};
    assert_int_equal(minnow_model_open_contents(&checkpoint->contents, NULL, &model, &error), MINNOW_OK);
    assert_int_equal(minnow_session_create(model, NULL, &session, &error), MINNOW_OK);
    assert_int_equal(minnow_encode(session, MINNOW_DOCUMENT, texts, 3, vectors, NULL, &error), MINNOW_OK);
    minnow_session_close(session);
    minnow_model_close(model);
}

static void vectors_are_those_of_the_product(void **state) {
    (void)state;
    float factored[3 * HIDDEN], whole[3 * HIDDEN];
    struct folder folder = folder_factored();
    struct minnow_checkpoint *with = open_folder(&folder, &mean);
    folder_delete(&folder, "minnow_factors.safetensors");
    struct minnow_checkpoint *without = open_folder(&folder, &mean);
    assert_int_equal(without->contents.routes->layer_count, 5);
    encode(with, factored);
    encode(without, whole);
    for (size_t i = 0; i < 3 * HIDDEN; i++) assert_true(fabsf(factored[i] - whole[i]) < 1e-5f);
    assert_memory_not_equal(with->contents.space, without->contents.space, 32);
    assert_string_not_equal(with->contents.source_sha256, without->contents.source_sha256);
    minnow_checkpoint_close(with);
    minnow_checkpoint_close(without);
    folder_remove(&folder);
}

static void limits_cut_positions_but_not_the_space(void **state) {
    (void)state;
    const struct minnow_checkpoint_options short_texts = {.pooling = "mean", .max_tokens = 5};
    struct folder folder = folder_factored();
    struct minnow_checkpoint *whole = open_folder(&folder, &mean), *limited = open_folder(&folder, &short_texts);
    assert_int_equal(limited->contents.routes->layers[2].positions.table.rows, 5);
    assert_memory_equal(whole->contents.space, limited->contents.space, 32);
    minnow_checkpoint_close(whole);
    minnow_checkpoint_close(limited);
    folder_remove(&folder);
}

/* Of sentence-transformers: beside the Transformer's own weights. */
static void modules_have_them_in_their_folder(void **state) {
    (void)state;
    static const enum minnow_layer_kind kinds[] = {
        FRONT, MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_POOL};
    struct folder folder = folder_create();
    folder_write(&folder, "modules.json",
                 "[{\"path\":\"0_Encoder\",\"type\":\"sentence_transformers.models.Transformer\"},"
                 "{\"path\":\"1_Pooling\",\"type\":\"sentence_transformers.models.Pooling\"}]");
    folder_write(&folder, "0_Encoder/config.json", BERT_CONFIG);
    folder_write(&folder, "1_Pooling/config.json", NEW_POOLING);
    write_marked_tokenizer(&folder, "0_Encoder/");
    write_weights(&folder, "0_Encoder/", plan_bert(""));
    folder_write(&folder, "minnow_factors.safetensors", "of nobody");
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    assert_kinds(checkpoint->contents.routes, kinds, 7);
    minnow_checkpoint_close(checkpoint);
    folder_delete(&folder, "0_Encoder/minnow_factors.safetensors");
    checkpoint = open_folder(&folder, NULL);
    assert_int_equal(checkpoint->contents.routes->layer_count, 4);
    minnow_checkpoint_close(checkpoint);
    folder_remove(&folder);
}

/* PreTTR counts blocks, not layers. */
static void blocks_are_joined_behind_as_many(void **state) {
    (void)state;
    static const enum minnow_layer_kind apart[] = {FRONT, MINNOW_LAYER_ENCODER_BLOCK};
    static const enum minnow_layer_kind joined[] = {MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_POOL, MINNOW_LAYER_DENSE};
    const struct minnow_checkpoint_options options = {.join_layer = 1, .query_length = 3, .document_length = 6};
    struct folder folder = folder_prettr();
    struct plan plan = plan_distilbert("");
    plan_add(&plan, "", "_classification_layer.weight", 1, HIDDEN);
    write_weights(&folder, "", plan);
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &options);
    assert_kinds(&checkpoint->contents.routes[0], apart, 5);
    assert_kinds(&checkpoint->contents.routes[checkpoint->contents.joint_route], joined, 3);
    minnow_checkpoint_close(checkpoint);
    folder_remove(&folder);
}

/* BERT's cross-encoder needs the second token type; DistilBERT's knows none. */
static void pairs_need_all_token_types(void **state) {
    (void)state;
    struct folder folder = folder_cross_encoder(false, 1), distilled = folder_cross_encoder(true, 1);
    struct plan plan = plan_bert("bert."), distilled_plan = plan_distilbert("distilbert.");
    plan_linear(&plan, "", "bert.pooler.dense", HIDDEN, HIDDEN);
    plan_linear(&plan, "", "classifier", 1, HIDDEN);
    write_weights(&folder, "", plan);
    struct minnow_checkpoint *checkpoint = NULL;
    struct minnow_error error = {0};
    assert_int_equal(minnow_checkpoint_open(folder.path, NULL, &checkpoint, &error), MINNOW_UNSUPPORTED);
    assert_non_null(strstr(error.message, "minnow_factors.safetensors: holds the word table's factors"));
    assert_non_null(strstr(error.message, "without this file the folder opens"));
    folder_delete(&folder, "minnow_factors.safetensors");
    minnow_checkpoint_close(open_folder(&folder, NULL));
    plan_linear(&distilled_plan, "", "pre_classifier", HIDDEN, HIDDEN);
    plan_linear(&distilled_plan, "", "classifier", 1, HIDDEN);
    write_weights(&distilled, "", distilled_plan);
    checkpoint = open_folder(&distilled, NULL);
    assert_int_equal(checkpoint->contents.routes->layers[3].kind, MINNOW_LAYER_NORM);
    minnow_checkpoint_close(checkpoint);
    folder_remove(&folder);
    folder_remove(&distilled);
}

/* ---- Defects -------------------------------------------------------------------------------- */

static void few_words(struct plan *plan) {
    snprintf(plan->tensors[0].shape, sizeof plan->tensors[0].shape, "[%d,%d]", VOCABULARY - 1, RANK);
    plan->tensors[0].count -= RANK;
}
static void words_in_a_row(struct plan *plan) {
    snprintf(plan->tensors[0].shape, sizeof plan->tensors[0].shape, "[%d]", VOCABULARY * RANK);
}
static void turned_projection(struct plan *plan) {
    snprintf(plan->tensors[1].shape, sizeof plan->tensors[1].shape, "[%d,%d]", RANK, HIDDEN);
}
static void other_rank(struct plan *plan) {
    snprintf(plan->tensors[1].shape, sizeof plan->tensors[1].shape, "[%d,%d]", HIDDEN, RANK - 1);
    plan->tensors[1].count -= HIDDEN;
}
static void no_words(struct plan *plan) { plan->tensors[0].left_out = true; }
static void no_projection(struct plan *plan) { plan->tensors[1].left_out = true; }
static void other_words(struct plan *plan) { plan->tensors[0].values = NULL; }
static void not_a_number(struct plan *plan) {
    static float spoilt[VOCABULARY * RANK];
    memcpy(spoilt, words, sizeof spoilt);
    spoilt[17] = NAN;
    plan->tensors[0].values = spoilt;
}
static void infinite(struct plan *plan) {
    static float spoilt[HIDDEN * RANK];
    memcpy(spoilt, projection, sizeof spoilt);
    spoilt[5] = -INFINITY;
    plan->tensors[1].values = spoilt;
}
/* Finite numbers, but not so their products. */
static void too_large(struct plan *plan) {
    static float large[HIDDEN * RANK];
    for (size_t i = 0; i < HIDDEN * RANK; i++) large[i] = 3e38f;
    plan->tensors[1].values = large;
}

#define WAY_OUT "factors, whose file may be deleted: minnow_factors.safetensors: "

static void defects_are_named(void **state) {
    (void)state;
    static const struct {
        void (*spoil)(struct plan *plan);
        const char *parts[4];
    } defects[] = {
        {few_words, {WAY_OUT "word_factors: has 11 rows, expected 12, the word table's"}},
        {words_in_a_row, {WAY_OUT "word_factors: shape is [36], expected rows of 1 to 65536 numbers"}},
        {turned_projection, {WAY_OUT "word_projection: shape is [3,8], expected [8,3]"}},
        {other_rank, {WAY_OUT "word_projection: shape is [8,2], expected [8,3]"}},
        {no_words, {WAY_OUT "word_factors: missing"}},
        {no_projection, {WAY_OUT "word_projection: missing, expected a tensor of shape [8,3]"}},
        {not_a_number, {WAY_OUT "word_factors: value 17 is NaN, expected a finite number"}},
        {infinite, {WAY_OUT "word_projection: value 5 is infinite, expected a finite number"}},
        {too_large, {WAY_OUT "word_factors: row 0 times word_projection gives ", " in column 0, expected "}},
        {other_words,
         {WAY_OUT "word_factors: row ", " times word_projection gives ", ", which the word table has there"}},
    };
    struct folder folder = folder_factored();
    for (size_t i = 0; i < sizeof defects / sizeof *defects; i++) {
        struct plan plan = plan_factors();
        defects[i].spoil(&plan);
        plan_write(&plan, &folder, "minnow_factors.safetensors", "F32");
        expect_failure(&folder, MINNOW_BAD_CHECKPOINT, defects[i].parts);
    }
    folder_remove(&folder);
}

static void damaged_files_are_named(void **state) {
    (void)state;
    struct folder folder = folder_factored();
    struct plan plan = plan_factors();
    char path[2 * FOLDER_PATH];
    snprintf(path, sizeof path, "%s/minnow_factors.safetensors", folder.path);
    plan_write(&plan, &folder, "minnow_factors.safetensors", "I16");
    expect_failure(&folder, MINNOW_UNSUPPORTED,
                   (const char *[4]){WAY_OUT "word_factors: dtype is I16, expected F32, F64, F16 or BF16"});
    plan_write(&plan, &folder, "minnow_factors.safetensors", "F32");
    require(truncate(path, 8 + 200 + 100) == 0, path);
    expect_failure(&folder, MINNOW_BAD_CHECKPOINT, (const char *[4]){WAY_OUT, "(is the file cut short?)"});
    require(truncate(path, 100) == 0, path);
    expect_failure(&folder, MINNOW_BAD_CHECKPOINT, (const char *[4]){WAY_OUT "header length is ", "cut short"});
    require(truncate(path, 0) == 0, path);
    expect_failure(&folder, MINNOW_BAD_CHECKPOINT, (const char *[4]){WAY_OUT "is empty"});
    folder_remove(&folder);
}

/* Number 29, in row 3 and column 5 of the word table, away from the product by so much of its largest number. */
static void write_away(const struct folder *folder, float share) {
    struct plan plan = plan_bert("");
    float moved[VOCABULARY * HIDDEN];
    memcpy(moved, product, sizeof moved);
    moved[29] += share * largest_of_product();
    plan_find(&plan, "embeddings.word_embeddings.weight")->values = moved;
    plan_write(&plan, folder, "model.safetensors", "F32");
}

static void product_may_differ_by_rounding_alone(void **state) {
    (void)state;
    struct folder folder = folder_factored();
    for (int sign = -1; sign <= 1; sign += 2) {
        write_away(&folder, (float)sign * 0.9e-4f);
        minnow_checkpoint_close(open_folder(&folder, &mean));
        write_away(&folder, (float)sign * 1.1e-4f);
        expect_failure(&folder, MINNOW_BAD_CHECKPOINT,
                       (const char *[4]){WAY_OUT "word_factors: row 3 times word_projection gives ",
                                         " in column 5, expected "});
    }
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_become_layers),
        cmocka_unit_test(token_type_0_goes_into_positions),
        cmocka_unit_test(without_types_positions_are_as_they_were),
        cmocka_unit_test(vectors_are_those_of_the_product),
        cmocka_unit_test(limits_cut_positions_but_not_the_space),
        cmocka_unit_test(modules_have_them_in_their_folder),
        cmocka_unit_test(blocks_are_joined_behind_as_many),
        cmocka_unit_test(pairs_need_all_token_types),
        cmocka_unit_test(defects_are_named),
        cmocka_unit_test(damaged_files_are_named),
        cmocka_unit_test(product_may_differ_by_rounding_alone),
    };
    make_factors();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
