/* Checkpoint folders: what opens, and as what. */
#include "convert/checkpoint/checkpoint.h"
#include "tests/unit/checkpoint_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/opened_folder.h"

/* What a folder without modules.json does not say. */
static const struct minnow_checkpoint_options mean = {.pooling = "mean"};

static void assert_values(const float *values, uint32_t seed, size_t count) {
    for (size_t i = 0; i < count; i++) assert_true(values[i] == planned_value(seed, i));
}

static void bert_without_modules(void **state) {
    (void)state;
    struct folder folder = folder_bert();
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &mean);
    const struct minnow_contents *contents = &checkpoint->contents;
    const struct minnow_route *route = contents->routes;
    assert_int_equal(contents->route_count, 1);
    assert_int_equal(contents->route_of_role[MINNOW_QUERY] + contents->route_of_role[MINNOW_DOCUMENT], 0);
    assert_int_equal(route->layer_count, 5);
    assert_int_equal(route->dimensions, HIDDEN);
    assert_int_equal(route->max_tokens, POSITIONS);
    assert_int_equal(route->layers[0].kind, MINNOW_LAYER_EMBEDDING);
    assert_int_equal(route->layers[1].kind, MINNOW_LAYER_ENCODER_BLOCK);
    assert_int_equal(route->layers[2].kind, MINNOW_LAYER_ENCODER_BLOCK);
    assert_int_equal(route->layers[3].kind, MINNOW_LAYER_POOL);
    assert_int_equal(route->layers[3].pool.pooling, MINNOW_POOL_MEAN);
    assert_int_equal(route->layers[4].kind, MINNOW_LAYER_NORMALIZE);
    assert_string_equal(contents->inputs[MINNOW_QUERY].prompt, "");
    assert_string_equal(contents->license, "");
    assert_string_equal(contents->source, strrchr(folder.path, '/') + 1);
    assert_int_equal(contents->tokenizers[0].vocabulary, VOCABULARY);
    minnow_checkpoint_close(checkpoint);
    folder_remove(&folder);
}

static void tensors_are_where_they_belong(void **state) {
    (void)state;
    struct folder folder = folder_bert();
    struct plan plan = plan_bert("");
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &mean);
    const struct minnow_layer *layers = checkpoint->contents.routes->layers;
    const struct minnow_encoder_block *block = &layers[2].encoder_block;
    const size_t square = HIDDEN * HIDDEN;
    const float *fused = block->query_key_value.weight, *bias = block->query_key_value.bias;
    assert_int_equal(block->query_key_value.outputs, 3 * HIDDEN);
    assert_values(fused, plan_find(&plan, "encoder.layer.1.attention.self.query.weight")->seed, square);
    assert_values(fused + square, plan_find(&plan, "encoder.layer.1.attention.self.key.weight")->seed, square);
    assert_values(fused + 2 * square, plan_find(&plan, "encoder.layer.1.attention.self.value.weight")->seed, square);
    assert_values(bias + HIDDEN, plan_find(&plan, "encoder.layer.1.attention.self.key.bias")->seed, HIDDEN);
    assert_values(block->ffn_up.weight, plan_find(&plan, "encoder.layer.1.intermediate.dense.weight")->seed,
                  INTERMEDIATE * HIDDEN);
    assert_values(block->ffn_down.bias, plan_find(&plan, "encoder.layer.1.output.dense.bias")->seed, HIDDEN);
    assert_values(block->attention_norm.gamma,
                  plan_find(&plan, "encoder.layer.1.attention.output.LayerNorm.weight")->seed, HIDDEN);
    assert_values(block->output_norm.beta, plan_find(&plan, "encoder.layer.1.output.LayerNorm.bias")->seed, HIDDEN);
    assert_values(layers[0].embedding.positions.data, plan_find(&plan, "embeddings.position_embeddings.weight")->seed,
                  POSITIONS * HIDDEN);
    assert_int_equal(layers[0].embedding.types.rows, 2);
    assert_int_equal(block->activation, MINNOW_GELU);
    assert_true(block->output_norm.epsilon == 1e-12f);
    minnow_checkpoint_close(checkpoint);
    folder_remove(&folder);
}

static void assert_same_space(const struct folder *left, const struct folder *right,
                              const struct minnow_checkpoint_options *options, bool same_source) {
    struct minnow_checkpoint *a = open_folder(left, options), *b = open_folder(right, options);
    assert_memory_equal(a->contents.space, b->contents.space, sizeof a->contents.space);
    assert_int_equal(!strcmp(a->contents.source_sha256, b->contents.source_sha256), same_source);
    assert_int_equal(strlen(a->contents.source_sha256), 64);
    minnow_checkpoint_close(a);
    minnow_checkpoint_close(b);
}

static void blocks_may_lack_heads(void **state) {
    (void)state;
    struct folder folder = folder_bert();
    struct plan plan = plan_bert("");
    char config[1024];
    plan_prune_head(&plan);
    plan_write(&plan, &folder, "model.safetensors", "F32");
    snprintf(config, sizeof config, "{\"pruned_heads\":{\"1\":[0]},%s", &BERT_CONFIG[1]);
    folder_write(&folder, "config.json", config);
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &mean);
    const struct minnow_layer *layers = checkpoint->contents.routes->layers;
    const struct minnow_encoder_block *whole = &layers[1].encoder_block, *cut = &layers[2].encoder_block;
    assert_int_equal(whole->heads, 2);
    assert_int_equal(whole->query_key_value.outputs, 3 * HIDDEN);
    assert_int_equal(cut->heads, 1);
    assert_int_equal(cut->query_key_value.outputs, 3 * HIDDEN / 2);
    assert_int_equal(cut->attention_output.inputs, HIDDEN / 2);
    assert_values((const float *)cut->query_key_value.weight + HIDDEN / 2 * HIDDEN,
                  plan_find(&plan, "encoder.layer.1.attention.self.key.weight")->seed, HIDDEN / 2 * HIDDEN);
    minnow_checkpoint_close(checkpoint);
    folder_remove(&folder);
}

static void half_types_give_the_same_space(void **state) {
    (void)state;
    static const char *const types[] = {"F16", "BF16"};
    struct folder reference = folder_bert(), folder = folder_bert();
    struct plan plan = plan_bert("");
    for (size_t i = 0; i < 2; i++) {
        plan_write(&plan, &folder, "model.safetensors", types[i]);
        assert_same_space(&reference, &folder, &mean, false);
    }
    folder_remove(&reference);
    folder_remove(&folder);
}

static void shards_give_the_same_space(void **state) {
    (void)state;
    struct folder reference = folder_bert(), folder = folder_bert();
    struct plan plan = plan_bert("");
    folder_delete(&folder, "model.safetensors");
    plan_write_shards(&plan, &folder);
    assert_same_space(&reference, &folder, &mean, true);
    folder_remove(&reference);
    folder_remove(&folder);
}

static void prefixes_give_the_same_space(void **state) {
    (void)state;
    static const char *const prefixes[] = {"bert.", "0.auto_model.", "model."};
    struct folder reference = folder_bert(), folder = folder_bert();
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        struct plan plan = plan_bert(prefixes[i]);
        plan_write(&plan, &folder, "model.safetensors", "F32");
        assert_same_space(&reference, &folder, &mean, true);
    }
    folder_remove(&reference);
    folder_remove(&folder);
}

static void space_follows_weights_but_not_limits(void **state) {
    (void)state;
    struct folder folder = folder_bert();
    struct minnow_checkpoint_options options = {.pooling = "mean", .max_tokens = 5, .query_prompt = "q: "};
    struct minnow_checkpoint *whole = open_folder(&folder, &mean), *limited = open_folder(&folder, &options);
    assert_int_equal(limited->contents.routes->max_tokens, 5);
    assert_int_equal(limited->contents.routes->layers[0].embedding.positions.rows, 5);
    assert_string_equal(limited->contents.inputs[MINNOW_QUERY].prompt, "q: ");
    assert_memory_equal(whole->contents.space, limited->contents.space, 32);
    struct plan plan = plan_bert("");
    plan_find(&plan, "encoder.layer.1.output.LayerNorm.bias")->seed++;
    plan_write(&plan, &folder, "model.safetensors", "F32");
    struct minnow_checkpoint *changed = open_folder(&folder, &mean);
    assert_memory_not_equal(whole->contents.space, changed->contents.space, 32);
    options = (struct minnow_checkpoint_options){.pooling = "max"};
    struct minnow_checkpoint *pooled = open_folder(&folder, &options);
    assert_int_equal(pooled->contents.routes->layers[3].pool.pooling, MINNOW_POOL_MAX);
    assert_memory_not_equal(pooled->contents.space, changed->contents.space, 32);
    minnow_checkpoint_close(whole);
    minnow_checkpoint_close(limited);
    minnow_checkpoint_close(changed);
    minnow_checkpoint_close(pooled);
    folder_remove(&folder);
}

static void distilbert(void **state) {
    (void)state;
    struct folder folder = folder_bert();
    struct plan plan = plan_distilbert("distilbert.");
    folder_write(&folder, "config.json", DISTILBERT_CONFIG);
    plan_write(&plan, &folder, "model.safetensors", "F32");
    struct minnow_checkpoint *checkpoint = open_folder(&folder, &mean);
    const struct minnow_layer *layers = checkpoint->contents.routes->layers;
    assert_int_equal(layers[0].embedding.types.rows, 0);
    assert_null(layers[0].embedding.types.data);
    const struct minnow_encoder_block *block = &layers[1].encoder_block;
    const float *fused = block->query_key_value.weight;
    assert_values(fused + HIDDEN * HIDDEN,
                  plan_find(&plan, "distilbert.transformer.layer.0.attention.k_lin.weight")->seed, HIDDEN * HIDDEN);
    assert_values(block->attention_norm.gamma,
                  plan_find(&plan, "distilbert.transformer.layer.0.sa_layer_norm.weight")->seed, HIDDEN);
    minnow_checkpoint_close(checkpoint);
    folder_remove(&folder);
}

static void layouts_old_and_new_are_one(void **state) {
    (void)state;
    struct folder old = folder_sentence(false), new = folder_sentence(true);
    struct minnow_checkpoint *checkpoint = open_folder(&old, NULL);
    const struct minnow_route *route = checkpoint->contents.routes;
    assert_int_equal(route->layer_count, 6);
    assert_int_equal(route->dimensions, 4);
    assert_int_equal(route->layers[3].pool.pooling, MINNOW_POOL_CLS);
    assert_int_equal(route->layers[4].kind, MINNOW_LAYER_DENSE);
    assert_int_equal(route->layers[4].dense.activation, MINNOW_TANH);
    assert_int_equal(route->layers[4].dense.linear.outputs, 4);
    assert_values(route->layers[4].dense.linear.bias, 1, 4);
    assert_int_equal(route->layers[5].kind, MINNOW_LAYER_NORMALIZE);
    minnow_checkpoint_close(checkpoint);
    assert_same_space(&old, &new, NULL, true);
    folder_remove(&old);
    folder_remove(&new);
}

static void poolings(void **state) {
    (void)state;
    static const struct {
        const char *config;
        enum minnow_pooling expected;
    } cases[] = {
        {"{\"word_embedding_dimension\":8,\"pooling_mode_max_tokens\":true}", MINNOW_POOL_MAX},
        {"{\"word_embedding_dimension\":8,\"pooling_mode_mean_tokens\":true}", MINNOW_POOL_MEAN},
        {"{\"word_embedding_dimension\":8,\"pooling_mode_mean_tokens\":false}", MINNOW_POOL_MEAN},
        {"{\"embedding_dimension\":8,\"pooling_mode\":\"max\"}", MINNOW_POOL_MAX},
        {"{\"embedding_dimension\":8,\"pooling_mode\":[\"mean\"]}", MINNOW_POOL_MEAN},
        {"{\"pooling_mode\":\"cls\",\"pooling_mode_mean_tokens\":true}", MINNOW_POOL_CLS},
    };
    struct folder folder = folder_sentence(false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        folder_write(&folder, "1_Pooling/config.json", cases[i].config);
        struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
        assert_int_equal(checkpoint->contents.routes->layers[3].pool.pooling, cases[i].expected);
        minnow_checkpoint_close(checkpoint);
    }
    folder_remove(&folder);
}

static void prompts(void **state) {
    (void)state;
    static const struct {
        const char *config, *query, *document;
        enum minnow_similarity similarity;
    } cases[] = {
        {"{\"prompts\":{\"query\":\"query: \",\"passage\":\"passage: \"},\"similarity_fn_name\":\"dot\"}",
         "query: ", "passage: ", MINNOW_DOT},
        {"{\"prompts\":{\"query\":\"q \",\"document\":\"\",\"passage\":\"p \"},\"similarity_fn_name\":\"cosine\"}",
         "q ", "", MINNOW_COSINE},
        {"{\"prompts\":{\"text\":\"t: \"},\"default_prompt_name\":\"text\",\"similarity_fn_name\":null}",
         "t: ", "t: ", MINNOW_COSINE},
        {"{\"prompts\":{\"query\":\"q \"},\"default_prompt_name\":\"query\"}", "q ", "", MINNOW_COSINE},
        {"{\"__version__\":{},\"prompts\":{},\"default_prompt_name\":null}", "", "", MINNOW_COSINE},
    };
    struct folder folder = folder_sentence(true);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        folder_write(&folder, "config_sentence_transformers.json", cases[i].config);
        struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
        assert_string_equal(checkpoint->contents.inputs[MINNOW_QUERY].prompt, cases[i].query);
        assert_string_equal(checkpoint->contents.inputs[MINNOW_DOCUMENT].prompt, cases[i].document);
        assert_int_equal(checkpoint->contents.similarity, cases[i].similarity);
        minnow_checkpoint_close(checkpoint);
    }
    folder_remove(&folder);
}

static void limits(void **state) {
    (void)state;
    static const struct {
        const char *sentence, *tokenizer;
        uint32_t expected;
    } cases[] = {
        {"{\"max_seq_length\":9,\"do_lower_case\":false}", "{\"model_max_length\":7}", 9},
        {"{\"max_seq_length\":512}", "{\"model_max_length\":7}", POSITIONS},
        {"{\"max_seq_length\":null}", "{\"model_max_length\":7}", 7},
        {"{\"max_seq_length\":9,\"tokenizer_args\":{\"model_max_length\":6}}", "{}", 6},
        {"{\"transformer_task\":\"feature-extraction\",\"module_output_name\":\"token_embeddings\",\"modality_config\":"
         "{\"text\":{\"method\":\"forward\",\"method_output_name\":\"last_hidden_state\"}}}",
         "{\"model_max_length\":1000000000000000019884624838656}", POSITIONS},
    };
    struct folder folder = folder_sentence(true);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        folder_write(&folder, "sentence_bert_config.json", cases[i].sentence);
        folder_write(&folder, "tokenizer_config.json", cases[i].tokenizer);
        struct minnow_checkpoint *checkpoint = open_folder(&folder, NULL);
        assert_int_equal(checkpoint->contents.routes->max_tokens, cases[i].expected);
        minnow_checkpoint_close(checkpoint);
    }
    folder_remove(&folder);
}

static void lowercase_is_added_to_a_cased_tokenizer(void **state) {
    (void)state;
    struct folder folder = folder_bert();
    folder_write(&folder, "tokenizer_config.json", "{\"do_lower_case\":false,\"tokenizer_class\":\"BertTokenizer\"}");
    struct minnow_checkpoint *cased = open_folder(&folder, &mean);
    folder_write(&folder, "sentence_bert_config.json", "{\"do_lower_case\":true}");
    struct minnow_checkpoint *lower = open_folder(&folder, &mean);
    assert_int_equal(cased->contents.tokenizers[0].options & MINNOW_TOKENIZER_LOWERCASE, 0);
    assert_int_equal(lower->contents.tokenizers[0].options, cased->contents.tokenizers[0].options | MINNOW_TOKENIZER_LOWERCASE);
    assert_memory_not_equal(cased->contents.space, lower->contents.space, 32);
    minnow_checkpoint_close(cased);
    minnow_checkpoint_close(lower);
    folder_remove(&folder);
}

static void licenses(void **state) {
    (void)state;
    static const struct {
        const char *readme, *license, *name;
    } cases[] = {
        {"---\nlanguage: en\nlicense: apache-2.0\n---\n\n# tiny-model\n", "apache-2.0", "tiny-model"},
        {"---\r\nlicense: \"mit\"\r\n---\r\n# Two words\r\n", "mit", NULL},
        {"---\nlicense:\n- cc-by-4.0\n- mit\n---\n", "cc-by-4.0", NULL},
        {"# heading\nlicense: gpl\n", "", "heading"},
        {"", "", NULL},
        {"---\nlicense: \xff\n---\n# \xc3\n", "", NULL},
    };
    struct folder folder = folder_bert();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        folder_write(&folder, "README.md", cases[i].readme);
        struct minnow_checkpoint *checkpoint = open_folder(&folder, &mean);
        assert_string_equal(checkpoint->contents.license, cases[i].license);
        assert_string_equal(checkpoint->contents.name, cases[i].name ? cases[i].name : strrchr(folder.path, '/') + 1);
        minnow_checkpoint_close(checkpoint);
    }
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bert_without_modules),
        cmocka_unit_test(tensors_are_where_they_belong),
        cmocka_unit_test(blocks_may_lack_heads),
        cmocka_unit_test(half_types_give_the_same_space),
        cmocka_unit_test(shards_give_the_same_space),
        cmocka_unit_test(prefixes_give_the_same_space),
        cmocka_unit_test(space_follows_weights_but_not_limits),
        cmocka_unit_test(distilbert),
        cmocka_unit_test(layouts_old_and_new_are_one),
        cmocka_unit_test(poolings),
        cmocka_unit_test(prompts),
        cmocka_unit_test(limits),
        cmocka_unit_test(lowercase_is_added_to_a_cased_tokenizer),
        cmocka_unit_test(licenses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
