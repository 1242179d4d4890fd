/* Checkpoints of students without a transformer, of pairs and of TK: what opens, and as what. */
#include "convert/checkpoint/checkpoint.h"
#include "tests/unit/module_folders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/opened_folder.h"

static void finish(struct minnow_checkpoint *checkpoint, const struct folder *folder) {
    minnow_checkpoint_close(checkpoint);
    folder_remove(folder);
}

static void assert_values(const float *values, struct plan *plan, const char *name) {
    const struct planned_tensor *tensor = plan_find(plan, name);
    for (size_t i = 0; i < tensor->count; i++) assert_true(values[i] == planned_value(tensor->seed, i));
}

static void assert_kinds(const struct minnow_route *route, const enum minnow_layer_kind *kinds, uint32_t count) {
    assert_int_equal(route->layer_count, count);
    for (uint32_t i = 0; i < count; i++) assert_int_equal(route->layers[i].kind, kinds[i]);
}

#define KINDS(...) (const enum minnow_layer_kind[]){__VA_ARGS__}, sizeof((int[]){__VA_ARGS__}) / sizeof(int)

static void assert_bare(const struct minnow_contents *contents, uint32_t max_tokens) {
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        assert_int_equal(contents->inputs[role].leading_count, 0);
        assert_int_equal(contents->inputs[role].trailing, MINNOW_NO_TOKEN);
        assert_int_equal(contents->inputs[role].max_tokens, max_tokens);
    }
}

static uint32_t encode(const struct minnow_tokenizer *tokenizer, const char *text, uint32_t ids[8]) {
    struct minnow_text none = {"", 0}, whole = {text, strlen(text)};
    return (uint32_t)minnow_tokenizer_encode(tokenizer, none, whole, ids, 8, SIZE_MAX);
}

/* ---- Word embeddings ---------------------------------------------------------------------- */

static void word_embeddings(void **state) {
    (void)state;
    struct folder folder = folder_words(NULL, TABLE);
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    const struct minnow_contents *contents = &checkpoint->contents;
    uint32_t ids[8];
    assert_kinds(contents->routes, KINDS(MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_POOL));
    assert_int_equal(contents->tokenizers[0].kind, MINNOW_TOKENIZER_WHITESPACE);
    assert_int_equal(contents->tokenizers[0].vocabulary, WORDS);
    assert_int_equal(contents->tokenizers[0].stop_words, 2);
    assert_int_equal(encode(&contents->tokenizers[0], "The RIVER of (fish), Sea sea", ids), 3);
    assert_memory_equal(ids, ((uint32_t[]){2, 1, 4}), 3 * sizeof *ids);
    assert_bare(contents, 2048);
    finish(checkpoint, &folder);
}

/* A limit of the folder's is kept, and the options go before it. */
static void word_limits(void **state) {
    (void)state;
    struct folder folder = folder_words(NULL, TABLE);
    folder_write(&folder, "0_WordEmbeddings/wordembedding_config.json",
                 "{\"tokenizer_class\":\"sentence_transformers.x.WhitespaceTokenizer\",\"max_seq_length\":25}");
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    assert_bare(&checkpoint->contents, 25);
    minnow_checkpoint_close(checkpoint);
    checkpoint = open_folder(&folder, &(struct minnow_checkpoint_options){.max_tokens = 30000});
    assert_bare(&checkpoint->contents, 30000);
    finish(checkpoint, &folder);
}

/* Their limit counts [SEP], which is then the first to go. */
static void pieces_for_word_embeddings(void **state) {
    (void)state;
    struct folder folder = folder_words(NULL, TABLE);
    folder_write(&folder, "0_WordEmbeddings/wordembedding_config.json",
                 "{\"tokenizer_class\":\"sentence_transformers.x.TransformersTokenizerWrapper\"}");
    folder_write(&folder, "0_WordEmbeddings/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nfish\nriver\n");
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    const struct minnow_input *input = &checkpoint->contents.inputs[MINNOW_DOCUMENT];
    assert_int_equal(checkpoint->contents.tokenizers[0].kind, MINNOW_TOKENIZER_WORDPIECE);
    assert_int_equal(input->leading[0], 2);
    assert_int_equal(input->trailing, 3);
    assert_true(input->cuts_trailing);
    finish(checkpoint, &folder);
}

static void lstm(void **state) {
    (void)state;
    struct folder folder = folder_lstm();
    struct plan plan = plan_lstm();
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    const struct minnow_route *route = checkpoint->contents.routes;
    assert_kinds(route,
                 KINDS(MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_LSTM, MINNOW_LAYER_LSTM, MINNOW_LAYER_POOL));
    const struct minnow_lstm *first = &route->layers[1].lstm, *second = &route->layers[2].lstm;
    assert_int_equal(first->hidden, LSTM_HIDDEN);
    assert_int_equal(first->direction_count, 2);
    assert_int_equal(second->directions[1].input.inputs, 2 * LSTM_HIDDEN);
    assert_values(first->directions[0].input.weight, &plan, "encoder.weight_ih_l0");
    assert_values(first->directions[1].recurrent.weight, &plan, "encoder.weight_hh_l0_reverse");
    assert_values(second->directions[1].input.weight, &plan, "encoder.weight_ih_l1_reverse");
    uint32_t one = plan_find(&plan, "encoder.bias_ih_l1")->seed, other = plan_find(&plan, "encoder.bias_hh_l1")->seed;
    for (size_t i = 0; i < GATES; i++)
        assert_true(second->directions[0].input.bias[i] == planned_value(one, i) + planned_value(other, i));
    assert_null(second->directions[0].recurrent.bias);
    assert_int_equal(route->dimensions, 2 * LSTM_HIDDEN);
    finish(checkpoint, &folder);
}

static void cnn(void **state) {
    (void)state;
    struct folder folder = folder_cnn();
    struct plan plan = plan_cnn();
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    const struct minnow_convolution *convolution = &checkpoint->contents.routes->layers[1].convolution;
    const size_t padded = MINNOW_PADDED(TABLE);
    assert_int_equal(convolution->branch_count, 2);
    assert_int_equal(convolution->activation, MINNOW_IDENTITY);
    assert_int_equal(convolution->branches[1].taps, 3);
    assert_int_equal(convolution->branches[1].linear.inputs, 3 * padded);
    const float *weight = convolution->branches[1].linear.weight;
    uint32_t seed = plan_find(&plan, "convs.1.weight")->seed;
    for (size_t o = 0; o < CHANNELS; o++)
        for (size_t i = 0; i < padded; i++)
            for (size_t k = 0; k < 3; k++)
                assert_true(weight[(o * 3 + k) * padded + i] ==
                            (i < TABLE ? planned_value(seed, (o * TABLE + i) * 3 + k) : 0));
    assert_values(convolution->branches[0].linear.bias, &plan, "convs.0.bias");
    minnow_checkpoint_close(checkpoint);
    folder_write(&folder, "1_Layer/cnn_config.json",
                 "{\"in_embedding_dimension\":8,\"out_channels\":5,\"kernel_sizes\":[1,3],\"activation\":\"relu\"}");
    checkpoint = open_folder(&folder, NULL);
    assert_int_equal(checkpoint->contents.routes->layers[1].convolution.activation, MINNOW_RELU);
    finish(checkpoint, &folder);
}

/* ---- Static tables ------------------------------------------------------------------------ */

static void static_table(void **state) {
    (void)state;
    struct folder folder = folder_static();
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    assert_kinds(checkpoint->contents.routes, KINDS(MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_POOL));
    assert_int_equal(checkpoint->contents.routes->layers[1].pool.pooling, MINNOW_POOL_MEAN);
    assert_int_equal(checkpoint->contents.tokenizers[0].cls_id, MINNOW_NO_TOKEN);
    assert_bare(&checkpoint->contents, 7);
    assert_false(checkpoint->contents.inputs[MINNOW_QUERY].drops_unknown);
    finish(checkpoint, &folder);
}

/* The middle of 1, 3, 4, 5, 5 and 5 characters is 4.5; the letter with an accent is one character. */
static void model2vec(void **state) {
    (void)state;
    static const float rows[WORDS][3] = {{1, -2, 127},     {0, 0, 0},       {-63.5f, 2, 0},
                                         {2, -4, 254}, {-381, 12, 0}, {-31.75f, 1, 0}};
    struct folder folder = folder_model2vec();
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    const struct minnow_contents *contents = &checkpoint->contents;
    assert_kinds(contents->routes, KINDS(MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_POOL, MINNOW_LAYER_NORMALIZE));
    const float *found = contents->routes->layers[0].embedding.words.data;
    for (size_t i = 0; i < WORDS * 3; i++) assert_true(found[i] == rows[i / 3][i % 3]);
    assert_bare(contents, 20);
    assert_true(contents->inputs[MINNOW_QUERY].drops_unknown);
    assert_int_equal(contents->inputs[MINNOW_QUERY].max_characters, 20 * 4);
    minnow_checkpoint_close(checkpoint);
    folder_write(&folder, "config.json", "{\"model_type\":\"model2vec\",\"normalize\":false,\"max_length\":null}");
    checkpoint = open_folder(&folder, NULL);
    assert_int_equal(checkpoint->contents.routes->layer_count, 2);
    assert_int_equal(checkpoint->contents.inputs[MINNOW_QUERY].max_characters, 0);
    assert_bare(&checkpoint->contents, 2048);
    finish(checkpoint, &folder);
}

/* ---- Pairs -------------------------------------------------------------------------------- */

static void router(void **state) {
    (void)state;
    struct folder folder = folder_router();
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    const struct minnow_contents *contents = &checkpoint->contents;
    assert_int_equal(contents->route_count, 2);
    assert_int_equal(contents->tokenizer_count, 2);
    assert_kinds(minnow_route_of(contents, MINNOW_QUERY),
                 KINDS(MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_POOL, MINNOW_LAYER_NORMALIZE));
    assert_int_equal(minnow_route_of(contents, MINNOW_DOCUMENT)->layer_count, 5);
    assert_int_equal(contents->inputs[MINNOW_QUERY].leading_count, 0);
    assert_int_equal(contents->inputs[MINNOW_QUERY].max_tokens, 7);
    assert_int_equal(contents->inputs[MINNOW_DOCUMENT].leading_count, 1);
    assert_int_equal(contents->inputs[MINNOW_DOCUMENT].max_tokens, POSITIONS);
    finish(checkpoint, &folder);
}

static void expect_one_route(const struct folder *folder, const char *route, uint32_t layers, const uint8_t *space) {
    struct minnow_checkpoint *checkpoint = open_folder(folder, &(struct minnow_checkpoint_options){.route = route});
    const struct minnow_contents *contents = &checkpoint->contents;
    assert_int_equal(contents->route_count, 1);
    assert_int_equal(contents->tokenizer_count, 1);
    assert_ptr_equal(minnow_route_of(contents, MINNOW_QUERY), minnow_route_of(contents, MINNOW_DOCUMENT));
    assert_int_equal(contents->routes->layer_count, layers);
    assert_int_equal(contents->inputs[MINNOW_QUERY].max_tokens, contents->inputs[MINNOW_DOCUMENT].max_tokens);
    assert_memory_equal(contents->space, space, sizeof contents->space);
    minnow_checkpoint_close(checkpoint);
}

/* Whatever is taken of the pair, its space is the one that the documents' model has by itself. */
static void space_of_a_pair(void **state) {
    (void)state;
    struct folder pair = folder_router(), teacher = folder_teacher();
    struct minnow_checkpoint *alone = open_folder(&teacher, NULL), *both = open_folder(&pair, NULL);
    assert_memory_equal(both->contents.space, alone->contents.space, sizeof alone->contents.space);
    expect_one_route(&pair, "query", 3, alone->contents.space);
    expect_one_route(&pair, "document", 5, alone->contents.space);
    finish(alone, &teacher);
    finish(both, &pair);
}

/* Names that others chose, a mapping from tasks, and a module of both routes. */
static void other_routers(void **state) {
    (void)state;
    static const char *const structures[] = {
        "{\"query\":[\"query_0_StaticEmbedding\"],\"doc\":[\"document_0_Transformer\",\"document_1_Pooling\"]},"
        "\"parameters\":{}}",
        "{\"small\":[\"query_0_StaticEmbedding\"],\"big\":[\"document_0_Transformer\",\"document_1_Pooling\"]},"
        "\"parameters\":{\"route_mappings\":{\"('query', 'text')\":\"small\",\"(None, None)\":\"big\"}}}"};
    for (size_t i = 0; i < 2; i++) {
        struct folder folder = folder_router();
        char text[2048];
        const char *end = strstr(ROUTER, "\"structure\":");
        snprintf(text, sizeof text, "%.*s\"structure\":%s", (int)(end - ROUTER), ROUTER, structures[i]);
        folder_write(&folder, i ? "router_config.json" : "config.json", text);
        if (!i) folder_delete(&folder, "router_config.json");
        struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
        assert_int_equal(minnow_route_of(&checkpoint->contents, MINNOW_QUERY)->layer_count, 3);
        assert_int_equal(minnow_route_of(&checkpoint->contents, MINNOW_DOCUMENT)->layer_count, 5);
        finish(checkpoint, &folder);
    }
}

static void write_both_ways(const struct folder *folder) {
    struct plan plan = {0};
    plan_linear(&plan, "", "linear", HIDDEN, HIDDEN);
    plan_write(&plan, folder, "document_2_Dense/model.safetensors", "F32");
    folder_write(folder, "document_2_Dense/config.json", "{\"in_features\":8,\"out_features\":8}");
    folder_write(folder, "router_config.json",
                 "{\"types\":{\"document_0_Transformer\":" CLASS("Transformer") ",\"document_1_Pooling\":"
                 CLASS("Pooling") ",\"document_2_Dense\":" CLASS("Dense") "},\"structure\":{\"query\":["
                 "\"document_0_Transformer\",\"document_1_Pooling\"],\"document\":[\"document_0_Transformer\","
                 "\"document_1_Pooling\",\"document_2_Dense\"]},\"parameters\":{}}");
}

/* What both routes pass is in memory once, and one tokenizer serves them. */
static void shared_modules(void **state) {
    (void)state;
    struct folder folder = folder_router();
    write_both_ways(&folder);
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    const struct minnow_contents *contents = &checkpoint->contents;
    const struct minnow_route *query = minnow_route_of(contents, MINNOW_QUERY);
    const struct minnow_route *document = minnow_route_of(contents, MINNOW_DOCUMENT);
    assert_int_equal(contents->tokenizer_count, 1);
    assert_int_equal(query->layer_count + 1, document->layer_count);
    assert_ptr_equal(query->layers[0].embedding.words.data, document->layers[0].embedding.words.data);
    assert_ptr_equal(query->layers[2].encoder_block.ffn_up.weight, document->layers[2].encoder_block.ffn_up.weight);
    finish(checkpoint, &folder);
}

/* ---- TK, and a head of Minnow's ----------------------------------------------------------- */

static void tk(void **state) {
    (void)state;
    struct folder folder = folder_tk();
    struct plan plan = plan_tk();
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    const struct minnow_contents *contents = &checkpoint->contents;
    const struct minnow_route *route = minnow_route_of(contents, MINNOW_QUERY);
    assert_ptr_equal(route, minnow_route_of(contents, MINNOW_DOCUMENT));
    assert_kinds(route, KINDS(MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_KEEP, MINNOW_LAYER_POSITIONS,
                              MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_MIX, MINNOW_LAYER_NORMALIZE));
    assert_kinds(minnow_joint_route(contents), KINDS(MINNOW_LAYER_KERNEL_POOLING));
    assert_int_equal(contents->tokenizers[0].kind, MINNOW_TOKENIZER_WORDS);
    assert_int_equal(contents->tokenizers[0].unknown_id, 1);
    assert_int_equal(contents->inputs[MINNOW_QUERY].max_tokens, 4);
    assert_int_equal(contents->inputs[MINNOW_DOCUMENT].max_tokens, TK_POSITIONS);
    assert_int_equal(contents->inputs[MINNOW_DOCUMENT].first_position, 4);
    assert_values((const float *)route->layers[2].positions.table.data + 4 * TABLE, &plan,
                  TK_PREFIX "positional_features_d");
    assert_values(route->layers[3].encoder_block.ffn_down.weight, &plan, TK_BLOCK "linear2.weight");
    assert_true(route->layers[3].encoder_block.output_norm.epsilon == 1e-5f);
    assert_true(route->layers[4].mix.alpha == planned_value(plan_find(&plan, TK_PREFIX "mixer")->seed, 0));
    const struct minnow_kernel_pooling *kernels = &minnow_joint_route(contents)->layers[0].kernel_pooling;
    float sigma = planned_value(plan_find(&plan, TK_PREFIX "sigma")->seed, 1);
    assert_true(kernels->factor[1] == -1 / (2 * sigma * sigma));
    finish(checkpoint, &folder);
}

/* Nothing is mixed, and pieces of words stand in the place of words. */
static void other_tk(void **state) {
    (void)state;
    struct folder folder = folder_tk();
    folder_write(&folder, "config.yaml", "model: TK\ntoken_embedder_type: embedding\ntk_att_heads: 4\ntk_att_layer: 1\n"
                                         "max_query_length: -1\n");
    folder_write(&folder, "tokenizer.json", WORD_PIECES);
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    assert_kinds(checkpoint->contents.routes, KINDS(MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_POSITIONS,
                                                    MINNOW_LAYER_ENCODER_BLOCK, MINNOW_LAYER_NORMALIZE));
    assert_int_equal(checkpoint->contents.tokenizers[0].kind, MINNOW_TOKENIZER_WORDPIECE);
    assert_bare(&checkpoint->contents, TK_POSITIONS);
    finish(checkpoint, &folder);
}

static void compare_head(void **state) {
    (void)state;
    struct folder folder = folder_static();
    write_head(&folder, TABLE);
    struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
    assert_int_equal(checkpoint->contents.similarity, MINNOW_JOINT);
    assert_kinds(minnow_joint_route(&checkpoint->contents),
                 KINDS(MINNOW_LAYER_COMPARE, MINNOW_LAYER_DENSE, MINNOW_LAYER_DENSE));
    assert_int_equal(minnow_joint_route(&checkpoint->contents)->layers[1].dense.activation, MINNOW_RELU);
    finish(checkpoint, &folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(word_embeddings), cmocka_unit_test(word_limits),  cmocka_unit_test(pieces_for_word_embeddings),
        cmocka_unit_test(lstm),            cmocka_unit_test(cnn),          cmocka_unit_test(static_table),
        cmocka_unit_test(model2vec),       cmocka_unit_test(router),       cmocka_unit_test(space_of_a_pair),
        cmocka_unit_test(other_routers),   cmocka_unit_test(shared_modules), cmocka_unit_test(tk),
        cmocka_unit_test(other_tk),        cmocka_unit_test(compare_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
