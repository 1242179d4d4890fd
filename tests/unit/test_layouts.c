/* Checkpoints in the layouts of other trainers: as what they open. */
#include "convert/checkpoint/checkpoint.h"
#include "tests/unit/layout_folders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/opened_folder.h"

static const struct minnow_checkpoint_options none = {0};

/* Opens, and closes both. */
static void close_all(struct minnow_checkpoint *checkpoint, const struct folder *folder) {
    minnow_checkpoint_close(checkpoint);
    folder_remove(folder);
}

static void assert_kinds(const struct minnow_route *route, const enum minnow_layer_kind *kinds, uint32_t count) {
    assert_int_equal(route->layer_count, count);
    for (uint32_t i = 0; i < count; i++) assert_int_equal(route->layers[i].kind, kinds[i]);
}

static void assert_lengths(const struct minnow_contents *contents, uint32_t query, uint32_t document) {
    assert_int_equal(contents->inputs[MINNOW_QUERY].max_tokens, query);
    assert_int_equal(contents->inputs[MINNOW_DOCUMENT].max_tokens, document);
}

/* ---- Vectors ------------------------------------------------------------------------------- */

static void bert_dot(void **state) {
    (void)state;
    static const enum minnow_layer_kind kinds[] = {MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_ENCODER_BLOCK,
                                                   MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_POOL, MINNOW_LAYER_DENSE};
    struct folder folder = folder_bert_dot(4);
    const struct minnow_checkpoint_options options = {.query_length = 5, .document_length = 9};
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &options);
    const struct minnow_contents *contents = &checkpoint->contents;
    assert_kinds(contents->routes, kinds, 5);
    assert_int_equal(contents->similarity, MINNOW_DOT);
    assert_int_equal(contents->routes->layers[1].encoder_block.heads, HEADS);
    assert_int_equal(contents->routes->layers[3].pool.pooling, MINNOW_POOL_CLS);
    assert_int_equal(contents->routes->layers[4].dense.activation, MINNOW_IDENTITY);
    assert_int_equal(contents->routes->dimensions, 4);
    assert_lengths(contents, 5, 9);
    assert_int_equal(contents->routes->max_tokens, 9);
    assert_int_equal(contents->routes->layers[0].embedding.positions.rows, 9);
    close_all(checkpoint, &folder);
}

/* The class may stand as the model's type alone. */
static void classes_as_model_types(void **state) {
    (void)state;
    struct folder folder = folder_bert_cat();
    folder_write(&folder, "config.json", "{\"model_type\":\"BERT_Cat\",\"bert_model\":\"distilbert-base-uncased\"}");
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &none);
    assert_int_equal(checkpoint->contents.similarity, MINNOW_JOINT);
    close_all(checkpoint, &folder);
}

/* What the folder leaves out may lie elsewhere; without a compressor the model is a transformer alone. */
static void bases_give_the_same_space(void **state) {
    (void)state;
    struct folder inside = folder_bert_dot(0), outside = folder_bert_dot(0), plain = folder_create();
    struct plan plan = plan_distilbert("");
    folder_write(&plain, "config.json", DISTILBERT_CONFIG);
    write_marked_tokenizer(&plain, "");
    write_plan(&plain, &plan);
    folder_delete(&outside, "base/config.json");
    const struct minnow_checkpoint_options based = {.base = plain.path}, cls = {.pooling = "cls"};
    struct minnow_checkpoint *a = open_folder(&inside, &none), *b = open_folder(&outside, &based);
    struct minnow_checkpoint *c = open_folder(&plain, &cls);
    assert_memory_equal(a->contents.space, b->contents.space, 32);
    assert_memory_equal(a->contents.space, c->contents.space, 32);
    minnow_checkpoint_close(a);
    minnow_checkpoint_close(b);
    folder_remove(&inside);
    folder_remove(&outside);
    close_all(c, &plain);
}

static void transformers_alone(void **state) {
    (void)state;
    static const struct {
        const char *pooling, *similarity;
        enum minnow_pooling mode;
        enum minnow_similarity expected;
    } cases[] = {
        {"cls", NULL, MINNOW_POOL_CLS, MINNOW_DOT},       {"mean", NULL, MINNOW_POOL_MEAN, MINNOW_COSINE},
        {"max", NULL, MINNOW_POOL_MAX, MINNOW_COSINE},    {"cls", "cosine", MINNOW_POOL_CLS, MINNOW_COSINE},
        {"mean", "dot", MINNOW_POOL_MEAN, MINNOW_DOT},
    };
    struct folder folder = folder_bert();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct minnow_checkpoint_options options = {.pooling = cases[i].pooling,
                                                          .similarity = cases[i].similarity};
        struct minnow_checkpoint *checkpoint = open_folder(&folder, &options);
        const struct minnow_route *route = checkpoint->contents.routes;
        bool normalizes = route->layers[route->layer_count - 1].kind == MINNOW_LAYER_NORMALIZE;
        assert_int_equal(checkpoint->contents.similarity, cases[i].expected);
        assert_int_equal(normalizes, cases[i].expected == MINNOW_COSINE);
        assert_int_equal(route->layers[3].pool.pooling, cases[i].mode);
        minnow_checkpoint_close(checkpoint);
    }
    folder_remove(&folder);
}

static void lead_encoder(void **state) {
    (void)state;
    static const enum minnow_layer_kind kinds[] = {MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_ENCODER_BLOCK,
                                                   MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_POOL};
    struct folder folder = folder_lead("HFBertEncoder", false);
    const struct minnow_checkpoint_options options = {.query_length = 7};
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &options);
    assert_kinds(checkpoint->contents.routes, kinds, 4);
    assert_int_equal(checkpoint->contents.similarity, MINNOW_DOT);
    assert_lengths(&checkpoint->contents, 7, POSITIONS);
    assert_int_equal(checkpoint->contents.inputs[MINNOW_QUERY].fill_to, 0);
    close_all(checkpoint, &folder);
}

/* ---- Vectors of tokens --------------------------------------------------------------------- */

static void margin_mse_colbert(void **state) {
    (void)state;
    static const enum minnow_layer_kind kinds[] = {MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_ENCODER_BLOCK,
                                                   MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_DENSE};
    static const struct minnow_checkpoint_options options[] = {
        {0}, {.mask_tokens = "after-sep"}, {.mask_tokens = "before-sep", .query_length = 5, .document_length = 6}};
    struct folder folder = folder_margin_mse_colbert();
    for (size_t i = 0; i < 3; i++) {
        struct minnow_checkpoint *checkpoint = open_folder(&folder, &options[i]);
        const struct minnow_contents *contents = &checkpoint->contents;
        const struct minnow_input *query = &contents->inputs[MINNOW_QUERY];
        assert_kinds(contents->routes, kinds, 4);
        assert_int_equal(contents->similarity, MINNOW_MAXSIM);
        assert_non_null(contents->routes->layers[3].dense.linear.bias);
        assert_int_equal(query->mask_count, 8);
        assert_int_equal(query->masks_before_trailing, i == 2);
        assert_int_equal(contents->inputs[MINNOW_DOCUMENT].mask_count, 0);
        assert_lengths(contents, i == 2 ? 5 + 8 : POSITIONS, i == 2 ? 6 : POSITIONS);
        minnow_checkpoint_close(checkpoint);
    }
    folder_remove(&folder);
}

static void stanford_colbert(void **state) {
    (void)state;
    static const enum minnow_layer_kind kinds[] = {MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_ENCODER_BLOCK,
                                                   MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_DENSE,
                                                   MINNOW_LAYER_NORMALIZE};
    static const uint32_t skipped[] = {UNKNOWN_ID, FULL_STOP_ID, COMMA_ID}; /* other symbols are unknown */
    struct folder folder = folder_stanford_colbert();
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &none);
    const struct minnow_contents *contents = &checkpoint->contents;
    const struct minnow_input *query = &contents->inputs[MINNOW_QUERY], *document = &contents->inputs[MINNOW_DOCUMENT];
    assert_kinds(contents->routes, kinds, 5);
    assert_int_equal(contents->similarity, MINNOW_MAXSIM);
    assert_null(contents->routes->layers[3].dense.linear.bias);
    assert_lengths(contents, 8, 12);
    assert_int_equal(query->leading_count, 2);
    assert_int_equal(query->leading[0], CLS_ID);
    assert_int_equal(query->leading[1], UNUSED0_ID);
    assert_int_equal(document->leading[1], UNUSED0_ID + 1);
    assert_int_equal(query->fill_to, 8);
    assert_true(query->masks_unseen);
    assert_int_equal(query->skipped_count + document->fill_to, 0);
    assert_int_equal(document->skipped_count, 3);
    assert_memory_equal(document->skipped, skipped, sizeof skipped);
    close_all(checkpoint, &folder);
}

static void stanford_metadata(void **state) {
    (void)state;
    struct folder folder = folder_stanford_colbert();
    folder_write(&folder, "artifact.metadata",
                 "{\"doc_maxlen\":300,\"query_maxlen\":300,\"query_token_id\":\"[unused2]\",\"mask_punctuation\":false,"
                 "\"attend_to_mask_tokens\":true}");
    const struct minnow_checkpoint_options options = {.query_length = 6};
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &options);
    const struct minnow_input *inputs = checkpoint->contents.inputs;
    assert_lengths(&checkpoint->contents, 6, POSITIONS);
    assert_int_equal(inputs[MINNOW_QUERY].fill_to, 6);
    assert_int_equal(inputs[MINNOW_QUERY].leading[1], UNUSED0_ID + 2);
    assert_false(inputs[MINNOW_QUERY].masks_unseen);
    assert_int_equal(inputs[MINNOW_DOCUMENT].skipped_count, 0);
    close_all(checkpoint, &folder);
}

static void assert_tokens(const struct minnow_model *model, const char *text, const uint32_t *expected, size_t count) {
    uint32_t ids[POSITIONS];
    size_t found = 0;
    assert_int_equal(minnow_tokenize(model, MINNOW_QUERY, (struct minnow_text){text, strlen(text)}, 0, ids, POSITIONS,
                                     &found, NULL), MINNOW_OK);
    assert_int_equal(found, count);
    assert_memory_equal(ids, expected, count * sizeof *expected);
}

/* A query that is cut has no [SEP]; one that is not is filled up. */
static void lead_colbert(void **state) {
    (void)state;
    static const enum minnow_layer_kind kinds[] = {MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_ENCODER_BLOCK,
                                                   MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_NORMALIZE};
    static const uint32_t marker = UNUSED0_ID + 1, ids[][5] = {{marker, A_ID, SEP_ID, MASK_ID, MASK_ID},
                                                               {marker, A_ID, A_ID, A_ID, SEP_ID},
                                                               {marker, A_ID, A_ID, A_ID, A_ID},
                                                               {marker, A_ID, A_ID, A_ID, A_ID}};
    static const char *const texts[] = {"a", "a a a", "a a a a", "a a a a a"};
    struct folder folder = folder_lead("HFColBertEncoder", false);
    const struct minnow_checkpoint_options options = {.query_length = 5};
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &options);
    assert_kinds(checkpoint->contents.routes, kinds, 4);
    assert_int_equal(checkpoint->contents.similarity, MINNOW_MAXSIM);
    assert_int_equal(checkpoint->contents.inputs[MINNOW_DOCUMENT].leading[0], marker + 1);
    assert_false(checkpoint->contents.inputs[MINNOW_QUERY].masks_unseen);
    struct minnow_model *model;
    assert_int_equal(minnow_model_open_contents(&checkpoint->contents, NULL, &model, NULL), MINNOW_OK);
    for (size_t i = 0; i < 4; i++) assert_tokens(model, texts[i], ids[i], 5);
    minnow_model_close(model);
    close_all(checkpoint, &folder);
}

/* ---- Pairs --------------------------------------------------------------------------------- */

static void bert_cat(void **state) {
    (void)state;
    static const enum minnow_layer_kind kinds[] = {MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_ENCODER_BLOCK,
                                                   MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_POOL, MINNOW_LAYER_DENSE};
    struct folder folder = folder_bert_cat();
    const struct minnow_checkpoint_options options = {.max_tokens = 14, .query_length = 6, .document_length = 7};
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &options);
    const struct minnow_contents *contents = &checkpoint->contents;
    assert_int_equal(contents->similarity, MINNOW_JOINT);
    assert_int_equal(contents->joint_route, 0);
    assert_int_equal(contents->route_of_role[MINNOW_QUERY], MINNOW_NO_ROUTE);
    assert_kinds(contents->routes, kinds, 5);
    assert_int_equal(contents->routes->dimensions, 1);
    assert_int_equal(contents->routes->max_tokens, 14);
    assert_int_equal(contents->routes->layers[0].embedding.positions.rows, 14);
    assert_lengths(contents, 6, 6); /* [CLS] of a document is the query's */
    assert_int_equal(contents->inputs[MINNOW_DOCUMENT].leading_count, 0);
    assert_int_equal(contents->inputs[MINNOW_DOCUMENT].type, 0); /* a DistilBERT has none */
    close_all(checkpoint, &folder);
}

/* A BERT has a pooler, and types of tokens. */
static void bert_cat_of_bert(void **state) {
    (void)state;
    struct folder folder = folder_bert_cat();
    struct plan plan = plan_bert("bert_model.");
    plan_linear(&plan, "", "bert_model.pooler.dense", HIDDEN, HIDDEN);
    plan_linear(&plan, "", "_classification_layer", 1, HIDDEN);
    write_plan(&folder, &plan);
    folder_write(&folder, "base/config.json", BERT_CONFIG);
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &none);
    const struct minnow_route *route = checkpoint->contents.routes;
    assert_int_equal(route->layer_count, 6);
    assert_int_equal(route->layers[4].dense.activation, MINNOW_TANH);
    assert_int_equal(route->layers[5].dense.activation, MINNOW_IDENTITY);
    assert_int_equal(checkpoint->contents.inputs[MINNOW_DOCUMENT].type, 1);
    close_all(checkpoint, &folder);
}

static void prettr(void **state) {
    (void)state;
    static const enum minnow_layer_kind apart[] = {MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_ENCODER_BLOCK};
    static const enum minnow_layer_kind joined[] = {MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_POOL, MINNOW_LAYER_DENSE};
    struct folder folder = folder_prettr();
    const struct minnow_checkpoint_options options = {.join_layer = 1, .query_length = 3, .mask_tokens = "before-sep"};
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &options);
    const struct minnow_contents *contents = &checkpoint->contents;
    const struct minnow_input *query = &contents->inputs[MINNOW_QUERY], *document = &contents->inputs[MINNOW_DOCUMENT];
    assert_int_equal(contents->similarity, MINNOW_JOINT);
    assert_int_equal(contents->route_of_role[MINNOW_QUERY] + contents->route_of_role[MINNOW_DOCUMENT], 0);
    assert_int_equal(contents->joint_route, 1);
    assert_kinds(&contents->routes[0], apart, 2);
    assert_kinds(&contents->routes[1], joined, 3);
    assert_lengths(contents, 3 + 8, POSITIONS - 11);
    assert_int_equal(query->mask_count, 8);
    assert_true(query->masks_before_trailing);
    assert_int_equal(document->first_position, 11);
    assert_int_equal(document->leading_count, 0);
    assert_int_equal(document->trailing, SEP_ID);
    assert_int_equal(contents->routes->layers[0].embedding.positions.rows, POSITIONS);
    close_all(checkpoint, &folder);
}

static const struct minnow_dense *head(const struct minnow_checkpoint *checkpoint, int from_end) {
    const struct minnow_route *route = checkpoint->contents.routes;
    return &route->layers[(int)route->layer_count - from_end].dense;
}

static void cross_encoders(void **state) {
    (void)state;
    for (int distilled = 0; distilled < 2; distilled++) {
        struct folder folder = folder_cross_encoder(distilled, 1);
        struct minnow_checkpoint *checkpoint = open_folder(&folder, &none);
        const struct minnow_contents *contents = &checkpoint->contents;
        assert_int_equal(contents->similarity, MINNOW_JOINT);
        assert_int_equal(contents->routes->layer_count, 6);
        assert_int_equal(head(checkpoint, 2)->activation, distilled ? MINNOW_RELU : MINNOW_TANH);
        assert_int_equal(head(checkpoint, 2)->linear.outputs, HIDDEN);
        assert_int_equal(head(checkpoint, 1)->activation, MINNOW_SIGMOID);
        assert_int_equal(contents->inputs[MINNOW_DOCUMENT].type, !distilled);
        assert_lengths(contents, POSITIONS, POSITIONS);
        close_all(checkpoint, &folder);
    }
}

/* Three versions kept it in three places, the newest of which counts. */
static void activations_of_cross_encoders(void **state) {
    (void)state;
    static const char identity[] = "torch.nn.modules.linear.Identity", sigmoid[] = "torch.nn.modules.activation.Sigmoid";
    static const struct {
        const char *oldest, *older, *newest;
        enum minnow_activation expected;
    } cases[] = {
        {identity, NULL, NULL, MINNOW_IDENTITY},    {NULL, identity, NULL, MINNOW_IDENTITY},
        {NULL, NULL, identity, MINNOW_IDENTITY},    {identity, sigmoid, NULL, MINNOW_SIGMOID},
        {identity, identity, sigmoid, MINNOW_SIGMOID},
    };
    struct folder folder = folder_cross_encoder(false, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char keys[512];
        size_t used = (size_t)snprintf(keys, sizeof keys, "\"architectures\":[\"BertForSequenceClassification\"]");
        if (cases[i].oldest)
            used += (size_t)snprintf(keys + used, sizeof keys - used,
                                     ",\"sbert_ce_default_activation_function\":\"%s\"", cases[i].oldest);
        if (cases[i].older)
            snprintf(keys + used, sizeof keys - used, ",\"sentence_transformers\":{\"activation_fn\":\"%s\"}",
                     cases[i].older);
        write_config(&folder, BERT_CONFIG, keys);
        snprintf(keys, sizeof keys, "{\"model_type\":\"CrossEncoder\",\"activation_fn\":\"%s\"}",
                 cases[i].newest ? cases[i].newest : "");
        folder_write(&folder, "config_sentence_transformers.json", cases[i].newest ? keys : "{}");
        struct minnow_checkpoint *checkpoint = open_folder(&folder, &none);
        assert_int_equal(head(checkpoint, 1)->activation, cases[i].expected);
        minnow_checkpoint_close(checkpoint);
    }
    folder_remove(&folder);
}

/* sentence-transformers 6 lists the transformer as a module. */
static void cross_encoders_with_modules(void **state) {
    (void)state;
    struct folder folder = folder_cross_encoder(false, 1);
    folder_write(&folder, "modules.json",
                 "[{\"path\":\"\",\"type\":\"sentence_transformers.base.modules.transformer.Transformer\"}]");
    folder_write(&folder, "config_sentence_transformers.json", "{\"model_type\":\"CrossEncoder\"}");
    folder_write(&folder, "tokenizer_config.json", "{\"do_lower_case\":true,\"model_max_length\":9}");
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &none);
    assert_int_equal(checkpoint->contents.similarity, MINNOW_JOINT);
    assert_int_equal(checkpoint->contents.routes->max_tokens, 9);
    close_all(checkpoint, &folder);
}

static void two_labels_are_their_difference(void **state) {
    (void)state;
    struct folder folder = folder_cross_encoder(false, 2);
    struct plan plan = plan_bert("bert.");
    uint32_t seed = (uint32_t)plan.count + 2; /* behind the pooler's two */
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &none);
    const struct minnow_dense *dense = head(checkpoint, 1);
    const float *weight = dense->linear.weight;
    assert_int_equal(dense->linear.outputs, 1);
    assert_int_equal(dense->activation, MINNOW_IDENTITY);
    for (size_t i = 0; i < HIDDEN; i++)
        assert_true(weight[i] == planned_value(seed, HIDDEN + i) - planned_value(seed, i));
    assert_true(*dense->linear.bias == planned_value(seed + 1, 1) - planned_value(seed + 1, 0));
    close_all(checkpoint, &folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bert_dot),
        cmocka_unit_test(classes_as_model_types),
        cmocka_unit_test(bases_give_the_same_space),
        cmocka_unit_test(transformers_alone),
        cmocka_unit_test(lead_encoder),
        cmocka_unit_test(margin_mse_colbert),
        cmocka_unit_test(stanford_colbert),
        cmocka_unit_test(stanford_metadata),
        cmocka_unit_test(lead_colbert),
        cmocka_unit_test(bert_cat),
        cmocka_unit_test(bert_cat_of_bert),
        cmocka_unit_test(prettr),
        cmocka_unit_test(cross_encoders),
        cmocka_unit_test(activations_of_cross_encoders),
        cmocka_unit_test(cross_encoders_with_modules),
        cmocka_unit_test(two_labels_are_their_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
