/* Checkpoints of students, pairs and TK that must not open, and what every defect is called. */
#include "convert/checkpoint/checkpoint.h"
#include "tests/unit/module_folders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct folder folder_plain_words(void) { return folder_words(NULL, TABLE); }

/* The folder does not open, with this status, and the message has all of the parts (NULL: fewer). */
static void expect_failure(const struct folder *folder, const struct minnow_checkpoint_options *options,
                           enum minnow_status expected, const char *const parts[4]) {
    struct minnow_checkpoint *checkpoint = NULL;
    struct minnow_error error = {0};
    enum minnow_status status = minnow_checkpoint_open(folder->path, options, &checkpoint, &error);
    if (status != expected) fail_msg("status %d, expected %d: %s", status, expected, error.message);
    assert_null(checkpoint);
    for (int i = 0; i < 4 && parts[i]; i++)
        if (!strstr(error.message, parts[i])) fail_msg("\"%s\" does not say \"%s\"", error.message, parts[i]);
}

#define WORD_FILE "0_WordEmbeddings/wordembedding_config.json"
#define VOCABULARY_FILE "0_WordEmbeddings/whitespacetokenizer_config.json"
#define LSTM_FILE "1_Layer/lstm_config.json"
#define CNN_FILE "1_Layer/cnn_config.json"
#define TK_WORDS "vocabulary/tokens.txt"
#define BAD MINNOW_BAD_CHECKPOINT
#define UNSUPPORTED MINNOW_UNSUPPORTED

/* One file of a folder written over; text NULL: deleted. */
static const struct defect {
    struct folder (*make)(void);
    const char *file, *text;
    enum minnow_status status;
    const char *parts[4];
} defects[] = {
    {folder_plain_words, WORD_FILE, NULL, BAD, {WORD_FILE, "missing", "an object"}},
    {folder_plain_words, WORD_FILE, "{}", UNSUPPORTED, {WORD_FILE, "tokenizer_class", "WhitespaceTokenizer"}},
    {folder_plain_words, WORD_FILE, "{\"tokenizer_class\":\"sentence_transformers.models.PhraseTokenizer\"}",
     UNSUPPORTED, {WORD_FILE, "PhraseTokenizer", "TransformersTokenizerWrapper"}},
    {folder_plain_words, WORD_FILE, "{\"tokenizer_class\":\"x.WhitespaceTokenizer\",\"max_seq_length\":0}", BAD,
     {WORD_FILE, "max_seq_length", "0"}},
    {folder_plain_words, VOCABULARY_FILE, NULL, BAD, {"whitespacetokenizer_config.json", "missing", "words"}},
    {folder_plain_words, VOCABULARY_FILE, "{\"vocab\":7}", BAD, {"vocab", "7", "array of strings"}},
    {folder_plain_words, VOCABULARY_FILE, "{\"vocab\":[\"a\",7]}", BAD, {"vocab", "7", "array of strings"}},
    {folder_plain_words, VOCABULARY_FILE, "{\"vocab\":[\"a\"],\"stop_words\":[[]]}", BAD,
     {"stop_words", "an array", "array of strings"}},
    {folder_plain_words, VOCABULARY_FILE, "{\"vocab\":[]}", BAD, {"0 tokens"}},
    {folder_plain_words, VOCABULARY_FILE, "{\"vocab\":[\"a\",\"b\",\"a\"]}", BAD, {"tokens 0 and 2", "\"a\""}},
    {folder_plain_words, VOCABULARY_FILE, "{\"vocab\":[\"a\"],\"do_lower_case\":1}", BAD, {"do_lower_case"}},
    {folder_plain_words, VOCABULARY_FILE, "{\"vocab\":[\"\\u0000\"]}", UNSUPPORTED, {"NUL"}},
    {folder_plain_words, VOCABULARY_FILE, "{\"vocab\":[\"\xff\"]}", BAD, {"not valid UTF-8"}},
    {folder_plain_words, VOCABULARY_FILE, "{\"vocab\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\"]}", BAD,
     {"6", "expected at least 7"}},
    {folder_lstm, LSTM_FILE, NULL, BAD, {LSTM_FILE, "missing"}},
    {folder_lstm, LSTM_FILE, "{\"embedding_dimension\":8}", BAD, {LSTM_FILE, "hidden_dim is missing"}},
    {folder_lstm, LSTM_FILE, "{\"hidden_dim\":3}", BAD, {LSTM_FILE, "word_embedding_dimension is missing"}},
    {folder_lstm, LSTM_FILE, "{\"embedding_dimension\":9,\"hidden_dim\":3}", BAD, {LSTM_FILE, "9", "expected 8"}},
    {folder_lstm, LSTM_FILE, "{\"embedding_dimension\":8,\"hidden_dim\":3,\"num_layers\":3}", BAD,
     {"encoder.weight_ih_l2", "missing"}},
    {folder_lstm, LSTM_FILE, "{\"embedding_dimension\":8,\"hidden_dim\":4}", BAD,
     {"encoder.weight_ih_l0", "[12,8]", "expected [16,8]"}},
    {folder_lstm, "2_Pooling/config.json", "{\"embedding_dimension\":3,\"pooling_mode\":\"max\"}", BAD,
     {"2_Pooling/config.json", "3", "expected 6"}},
    {folder_cnn, CNN_FILE, NULL, BAD, {CNN_FILE, "missing"}},
    {folder_cnn, CNN_FILE, "{\"in_embedding_dimension\":8,\"out_channels\":5,\"kernel_sizes\":[2,3]}", UNSUPPORTED,
     {CNN_FILE, "kernel_sizes[0]", "2", "odd number"}},
    {folder_cnn, CNN_FILE, "{\"in_embedding_dimension\":8,\"out_channels\":5,\"kernel_sizes\":[]}", UNSUPPORTED,
     {CNN_FILE, "kernel_sizes", "1 to 8"}},
    {folder_cnn, CNN_FILE,
     "{\"in_embedding_dimension\":8,\"out_channels\":5,\"kernel_sizes\":[1,3],\"stride_sizes\":[1,2]}", UNSUPPORTED,
     {CNN_FILE, "stride_sizes", "2", "expected 1"}},
    {folder_cnn, CNN_FILE,
     "{\"in_embedding_dimension\":8,\"out_channels\":5,\"kernel_sizes\":[1,3],\"activation\":\"swish\"}", UNSUPPORTED,
     {CNN_FILE, "activation", "swish", "relu"}},
    {folder_cnn, CNN_FILE, "{\"in_embedding_dimension\":8,\"out_channels\":5,\"kernel_sizes\":[1,5]}", BAD,
     {"convs.1.weight", "[5,8,3]", "expected [5,8,5]"}},
    {folder_cnn, CNN_FILE, "{\"in_embedding_dimension\":8,\"out_channels\":5,\"kernel_sizes\":[1,3,5]}", BAD,
     {"convs.2.weight", "missing"}},
    {folder_cnn, "modules.json",
     "[{\"path\":\"0_WordEmbeddings\",\"type\":" CLASS("WordEmbeddings") "},{\"path\":\"2_Pooling\",\"type\":"
     CLASS("Pooling") "},{\"path\":\"1_Layer\",\"type\":" CLASS("CNN") "}]", BAD, {"2_Pooling", "10", "expected 8"}},
    {folder_static, "tokenizer.json", NULL, BAD, {"tokenizer.json"}},
    {folder_static, "tokenizer.json", "{\"truncation\":{\"max_length\":0}}", BAD, {"max_length", "0"}},
    {folder_static, "modules.json",
     "[{\"path\":\".\",\"type\":" CLASS("StaticEmbedding") "},{\"path\":\"\",\"type\":" CLASS("Pooling") "}]",
     UNSUPPORTED, {"module 1", "Pooling", "Dense, Normalize"}},
    {folder_static, "minnow_head/config.json", "{\"type\":\"bilinear\"}", UNSUPPORTED,
     {"minnow_head/config.json", "bilinear", "compare"}},
    {folder_static, "minnow_head/config.json", "{\"type\":\"compare\"}", BAD, {"minnow_head/config.json", "hidden"}},
    {folder_static, "minnow_head/config.json", "{\"type\":\"compare\",\"hidden\":3}", BAD,
     {"minnow_head/model.safetensors", "missing"}},
    {folder_model2vec, "config.json", "{\"model_type\":\"model2vec\",\"max_length\":0}", BAD, {"max_length", "0"}},
    {folder_model2vec, "config.json", "{\"model_type\":\"model2vec\",\"normalize\":2}", BAD, {"normalize", "2"}},
    {folder_router, "router_config.json", "[]", BAD, {"router_config.json", "an array", "an object"}},
    {folder_router, "router_config.json", "{\"structure\":{\"image\":[],\"audio\":[]}}", UNSUPPORTED,
     {"router_config.json", "image, audio", "query"}},
    {folder_router, "router_config.json", "{\"structure\":{\"query\":[\"../x\"]}}", BAD, {"\"../x\"", "folder"}},
    {folder_router, "router_config.json", "{\"types\":{},\"structure\":{\"query\":[\"x\"]}}", UNSUPPORTED,
     {"router_config.json: x", "type is missing"}},
    {folder_router, "router_config.json",
     "{\"types\":{\"x\":" CLASS("Router") "},\"structure\":{\"query\":[\"x\"]}}", UNSUPPORTED, {"router within"}},
    {folder_router, "router_config.json",
     "{\"types\":{\"query_0_StaticEmbedding\":" CLASS("StaticEmbedding") "},\"structure\":{\"query\":["
     "\"query_0_StaticEmbedding\"],\"document\":[]}}", UNSUPPORTED, {"Normalize", "Transformer"}},
    {folder_router, "modules.json",
     "[{\"path\":\"\",\"type\":" CLASS("Router") "},{\"path\":\"\",\"type\":" CLASS("Router") "}]", UNSUPPORTED,
     {"module 1", "second router"}},
    {folder_tk, "config.yaml", "model: [", BAD, {"config.yaml", "not valid YAML", "line"}},
    {folder_tk, "config.yaml", "- a\n", BAD, {"config.yaml: line 1", "a list", "names"}},
    {folder_tk, "config.yaml", "TK\n", BAD, {"config.yaml: line 1", "a value alone", "names"}},
    {folder_tk, "config.yaml", "", UNSUPPORTED, {"config.yaml", "model is missing"}},
    {folder_tk, "config.yaml", "model: TK\na: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n", BAD,
     {"config.yaml: line 2", "too deep"}},
    {folder_tk, "config.yaml", "model: TKL\n", UNSUPPORTED, {"config.yaml", "model", "TKL", "TK"}},
    {folder_tk, "config.yaml", "model: TK\ntoken_embedder_type: bert_embedding\n", UNSUPPORTED,
     {"token_embedder_type", "bert_embedding", "embedding"}},
    {folder_tk, "config.yaml", "model: TK\ntoken_embedder_type: embedding\n", BAD,
     {"tk_att_heads is missing", "nothing else"}},
    {folder_tk, "config.yaml", "model: TK\ntoken_embedder_type: embedding\ntk_att_heads: two\n", BAD,
     {"tk_att_heads", "two", "whole number"}},
    {folder_tk, "config.yaml", "model: TK\ntoken_embedder_type: embedding\ntk_att_heads: 3\ntk_att_layer: 1\n", BAD,
     {"tk_att_heads is 3", "divisor", "8"}},
    {folder_tk, "config.yaml", "model: TK\ntoken_embedder_type: embedding\ntk_att_heads: 2\ntk_att_layer: 2\n", BAD,
     {"contextualizer.layers.1", "missing"}},
    {folder_tk, "config.yaml",
     "model: TK\ntoken_embedder_type: embedding\ntk_att_heads: 2\ntk_att_layer: 1\ntk_mix_hybrid_context: maybe\n",
     BAD, {"tk_mix_hybrid_context", "maybe", "true or false"}},
    {folder_tk, TK_WORDS, NULL, BAD, {"tokens.txt", "words"}},
    {folder_tk, TK_WORDS, "fish\nriver\n", BAD, {"tokens.txt", "@@UNKNOWN@@"}},
    {folder_tk, TK_WORDS, "@@UNKNOWN@@\na\na\n", BAD, {"tokens 2 and 3"}},
    {folder_tk, TK_WORDS, "@@UNKNOWN@@\na\nb\nc\nd\ne\n", BAD, {"6 rows", "expected 7"}},
};

static void defects_are_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof defects / sizeof *defects; i++) {
        struct folder folder = defects[i].make();
        if (defects[i].text)
            folder_write(&folder, defects[i].file, defects[i].text);
        else
            folder_delete(&folder, defects[i].file);
        expect_failure(&folder, NULL, defects[i].status, defects[i].parts);
        folder_remove(&folder);
    }
}

/* ---- Tensors ------------------------------------------------------------------------------ */

static void expect_without(struct folder (*make)(void), struct plan plan, const char *file, const char *tensor) {
    struct folder folder = make();
    const char *const parts[4] = {tensor, "missing"};
    plan_find(&plan, tensor)->left_out = true;
    plan_write(&plan, &folder, file, "F32");
    expect_failure(&folder, NULL, MINNOW_BAD_CHECKPOINT, parts);
    folder_remove(&folder);
}

static void missing_tensors(void **state) {
    (void)state;
    struct plan plans[] = {plan_lstm(), plan_cnn(), plan_tk()};
    struct folder (*const makers[])(void) = {folder_lstm, folder_cnn, folder_tk};
    static const char *const files[] = {"1_Layer/model.safetensors", "1_Layer/model.safetensors", "model.safetensors"};
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < plans[k].count; i++)
            expect_without(makers[k], plans[k], files[k], plans[k].tensors[i].name);
}

static void older_tk(void **state) {
    (void)state;
    struct folder folder = folder_tk();
    struct plan plan = plan_tk();
    plan_add(&plan, TK_PREFIX, "dense_comb.weight", 1, 2);
    plan_write(&plan, &folder, "model.safetensors", "F32");
    expect_failure(&folder, NULL, MINNOW_UNSUPPORTED, (const char *[4]){"dense_comb", "first version"});
    folder_remove(&folder);
}

static void wrong_tk_shapes(void **state) {
    (void)state;
    static const struct {
        const char *tensor, *shape;
        const char *parts[4];
    } shapes[] = {
        {TK_PREFIX "sigma", "[2]", {"sigma", "expected 3 values"}},
        {TK_PREFIX "kernel_bin_weights.weight", "[1,2]", {"kernel_bin_weights", "expected 3 values"}},
        {TK_PREFIX "mixer", "[0]", {"mixer", "expected 1 values"}},
        {TK_PREFIX "positional_features_d", "[1,5,7]", {"positional_features_d", "35 values", "rows of 8"}},
        {"word_embeddings.token_embedder_tokens.weight", "[48]", {"token_embedder_tokens", "rows"}},
        {TK_BLOCK "linear2.weight", "[8,5]", {"linear2", "[8,5]", "expected [8,6]"}},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct folder folder = folder_tk();
        struct plan plan = plan_tk();
        struct planned_tensor *tensor = plan_find(&plan, shapes[i].tensor);
        unsigned sizes[3] = {1, 1, 1};
        snprintf(tensor->shape, sizeof tensor->shape, "%s", shapes[i].shape);
        sscanf(shapes[i].shape, "[%u,%u,%u]", &sizes[0], &sizes[1], &sizes[2]);
        tensor->count = (size_t)sizes[0] * sizes[1] * sizes[2];
        plan_write(&plan, &folder, "model.safetensors", "F32");
        expect_failure(&folder, NULL, MINNOW_BAD_CHECKPOINT, shapes[i].parts);
        folder_remove(&folder);
    }
}

static void expect_table_failure(const struct raw_tensor *tensors, size_t count, const char *const parts[4]) {
    struct folder folder = folder_model2vec();
    write_raw(&folder, "model.safetensors", tensors, count);
    expect_failure(&folder, NULL, MINNOW_BAD_CHECKPOINT, parts);
    folder_remove(&folder);
}

static void wrong_shared_rows(void **state) {
    (void)state;
    static const float rows[6] = {1, 2, 3, 4, 5, 6};
    static const int64_t outside[WORDS] = {0, 1, 2, 0, 0, 0}, negative[WORDS] = {0, -1, 0, 0, 0, 0}, few[3] = {0, 1, 0};
    const struct raw_tensor table = {"embeddings", "F32", "[2,3]", rows, sizeof rows};
    const struct raw_tensor flat = {"embeddings", "F32", "[6]", rows, sizeof rows};
    const struct raw_tensor factors = {"weights", "F32", "[6]", rows, sizeof rows};
    const struct raw_tensor beyond = {"mapping", "I64", "[6]", outside, sizeof outside};
    const struct raw_tensor below = {"mapping", "I64", "[6]", negative, sizeof negative};
    const struct raw_tensor shorter = {"mapping", "I64", "[3]", few, sizeof few};
    expect_table_failure((struct raw_tensor[]){table, beyond}, 2,
                         (const char *[4]){"mapping", "value 2 is 2", "0 to 1"});
    expect_table_failure((struct raw_tensor[]){table, below}, 2,
                         (const char *[4]){"mapping", "value 1 is -1", "0 to 1"});
    expect_table_failure((struct raw_tensor[]){table, shorter}, 2,
                         (const char *[4]){"3 tokens", "expected 6", "tokenizer.json"});
    expect_table_failure((struct raw_tensor[]){table, shorter, factors}, 3,
                         (const char *[4]){"weights", "[6]", "3 to 3"});
    expect_table_failure((struct raw_tensor[]){flat}, 1, (const char *[4]){"embeddings", "[6]", "rows"});
    expect_table_failure((struct raw_tensor[]){factors}, 1, (const char *[4]){"embedding.weight", "missing"});
}

/* ---- Options ------------------------------------------------------------------------------ */

static void routes_that_are_not_there(void **state) {
    (void)state;
    const struct minnow_checkpoint_options route = {.route = "query"}, odd = {.route = "both"};
    struct folder folder = folder_static();
    expect_failure(&folder, &route, MINNOW_INVALID_ARGUMENT, (const char *[4]){"--route", "queries and documents"});
    folder_remove(&folder);
    folder = folder_tk();
    expect_failure(&folder, &route, MINNOW_INVALID_ARGUMENT, (const char *[4]){"--route", "TK"});
    folder_remove(&folder);
    folder = folder_router();
    expect_failure(&folder, &odd, MINNOW_INVALID_ARGUMENT, (const char *[4]){"both", "query or document"});
    folder_remove(&folder);
}

static void vectors_that_do_not_fit(void **state) {
    (void)state;
    struct folder folder = folder_router();
    struct plan plan = {0};
    plan_add(&plan, "", "embedding.weight", WORDS, TABLE + 1);
    plan_write(&plan, &folder, "query_0_StaticEmbedding/model.safetensors", "F32");
    expect_failure(&folder, NULL, MINNOW_BAD_CHECKPOINT, (const char *[4]){"queries", "9 dimensions", "documents 8"});
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defects_are_named), cmocka_unit_test(missing_tensors),
        cmocka_unit_test(older_tk),          cmocka_unit_test(wrong_tk_shapes),
        cmocka_unit_test(wrong_shared_rows), cmocka_unit_test(routes_that_are_not_there),
        cmocka_unit_test(vectors_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
