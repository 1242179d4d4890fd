/* Checkpoint folders that must not open, and what every defect is called. */
#include "convert/checkpoint/checkpoint.h"
#include "tests/unit/checkpoint_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The folder does not open, with this status, and the message has all of the four (NULL: fewer). */
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

/* One file of folder_sentence(true) written over. */
static const struct defect {
    const char *file, *text;
    enum minnow_status status;
    const char *parts[4];
} defects[] = {
    {"config.json",
     "{\"model_type\":\"t5\"}",
     MINNOW_UNSUPPORTED,
     {"config.json", "model_type", "\"t5\"", "\"bert\" or \"distilbert\""}},
    {"config.json", "{\"hidden_size\":8}", MINNOW_UNSUPPORTED, {"config.json", "model_type", "missing", "\"bert\""}},
    {"config.json",
     "{\"model_type\":\"bert\",\"hidden_size\":8.5}",
     MINNOW_BAD_CHECKPOINT,
     {"config.json", "hidden_size", "8.5", "whole number"}},
    {"config.json",
     "{\"model_type\":\"bert\",\"hidden_size\":-8}",
     MINNOW_BAD_CHECKPOINT,
     {"config.json", "hidden_size", "-8", "whole number"}},
    {"config.json",
     "{\"model_type\":\"bert\"}",
     MINNOW_BAD_CHECKPOINT,
     {"config.json", "hidden_size", "missing", "whole number"}},
    {"config.json", "{\"model_type\":\"bert\"", MINNOW_BAD_CHECKPOINT, {"config.json", "not valid JSON at byte"}},
    {"config.json", "[]", MINNOW_BAD_CHECKPOINT, {"config.json", "an array", "expected an object"}},
    {"modules.json", "{}", MINNOW_BAD_CHECKPOINT, {"modules.json", "an object", "array"}},
    {"modules.json",
     "[{\"path\":\"\",\"type\":\"sentence_transformers.models.WordWeights\"}]",
     MINNOW_UNSUPPORTED,
     {"modules.json", "module 0", "models.WordWeights", "Transformer, Pooling"}},
    {"modules.json",
     "[{\"path\":\"\",\"type\":\"my_code.Transformer\"}]",
     MINNOW_UNSUPPORTED,
     {"modules.json", "type", "my_code.Transformer", "sentence_transformers"}},
    {"modules.json",
     "[{\"path\":\"../up\",\"type\":\"sentence_transformers.models.Transformer\"}]",
     MINNOW_BAD_CHECKPOINT,
     {"modules.json", "path", "../up", "folder beside"}},
    {"modules.json",
     "[{\"path\":\"\",\"type\":\"sentence_transformers.models.Transformer\"}]",
     MINNOW_UNSUPPORTED,
     {"modules.json", "1 modules", "behind it, Pooling"}},
    {"modules.json",
     "[{\"path\":\"\",\"type\":\"sentence_transformers.models.Transformer\"},"
     "{\"path\":\"2_Dense\",\"type\":\"sentence_transformers.models.Dense\"}]",
     MINNOW_UNSUPPORTED,
     {"modules.json", "module 1", "Dense", "Pooling"}},
    {"1_Pooling/config.json",
     "{\"pooling_mode\":\"lasttoken\"}",
     MINNOW_UNSUPPORTED,
     {"1_Pooling/config.json", "pooling_mode", "lasttoken", "\"cls\", \"mean\", \"max\""}},
    {"1_Pooling/config.json",
     "{\"pooling_mode\":[\"cls\",\"mean\"]}",
     MINNOW_UNSUPPORTED,
     {"1_Pooling/config.json", "pooling_mode", "several", "one of"}},
    {"1_Pooling/config.json",
     "{\"pooling_mode_weightedmean_tokens\":true}",
     MINNOW_UNSUPPORTED,
     {"1_Pooling/config.json", "pooling_mode_weightedmean_tokens", "true", "cls, mean or max"}},
    {"1_Pooling/config.json",
     "{\"pooling_mode_cls_token\":true,\"pooling_mode_mean_tokens\":true}",
     MINNOW_UNSUPPORTED,
     {"1_Pooling/config.json", "pooling_mode_cls_token", "pooling_mode_mean_tokens", "one mode"}},
    {"1_Pooling/config.json",
     "{\"pooling_mode\":\"cls\",\"include_prompt\":false}",
     MINNOW_UNSUPPORTED,
     {"1_Pooling/config.json", "include_prompt", "false", "expected true"}},
    {"1_Pooling/config.json",
     "{\"pooling_mode\":\"cls\",\"embedding_dimension\":9}",
     MINNOW_BAD_CHECKPOINT,
     {"1_Pooling/config.json", "embedding_dimension", "9", "expected 8"}},
    {"2_Dense/config.json",
     "{\"in_features\":9,\"out_features\":4}",
     MINNOW_BAD_CHECKPOINT,
     {"2_Dense/config.json", "in_features", "9", "expected 8"}},
    {"2_Dense/config.json",
     "{\"in_features\":8,\"out_features\":5}",
     MINNOW_BAD_CHECKPOINT,
     {"2_Dense/model.safetensors", "linear.weight", "[4,8]", "expected [5,8]"}},
    {"2_Dense/config.json",
     "{\"in_features\":8,\"out_features\":4,\"activation_function\":\"torch.nn.modules.activation.SiLU\"}",
     MINNOW_UNSUPPORTED,
     {"2_Dense/config.json", "activation_function", "SiLU", "Identity"}},
    {"2_Dense/config.json",
     "{\"in_features\":8,\"out_features\":4,\"module_input_name\":\"token_embeddings\"}",
     MINNOW_UNSUPPORTED,
     {"2_Dense/config.json", "module_input_name", "token_embeddings", "sentence_embedding"}},
    {"2_Dense/config.json",
     "{\"in_features\":8,\"out_features\":4,\"use_residual\":true}",
     MINNOW_UNSUPPORTED,
     {"2_Dense/config.json", "use_residual", "true", "expected false"}},
    {"3_Normalize/config.json",
     "{\"module_input_name\":\"token_embeddings\"}",
     MINNOW_UNSUPPORTED,
     {"3_Normalize/config.json", "module_input_name", "token_embeddings", "sentence_embedding"}},
    {"config_sentence_transformers.json",
     "{\"model_type\":\"CrossEncoder\"}",
     MINNOW_UNSUPPORTED,
     {"config_sentence_transformers.json", "model_type", "CrossEncoder", "SentenceTransformer"}},
    {"config_sentence_transformers.json",
     "{\"similarity_fn_name\":\"manhattan\"}",
     MINNOW_UNSUPPORTED,
     {"config_sentence_transformers.json", "similarity_fn_name", "manhattan", "cosine"}},
    {"config_sentence_transformers.json",
     "{\"prompts\":{\"query\":5}}",
     MINNOW_BAD_CHECKPOINT,
     {"config_sentence_transformers.json", "query", "5", "string"}},
    {"config_sentence_transformers.json",
     "{\"prompts\":{},\"default_prompt_name\":\"x\"}",
     MINNOW_BAD_CHECKPOINT,
     {"config_sentence_transformers.json", "default_prompt_name", "\"x\"", "prompts"}},
    {"config_sentence_transformers.json",
     "{\"truncate_dim\":2}",
     MINNOW_UNSUPPORTED,
     {"config_sentence_transformers.json", "truncate_dim", "2", "at least 4"}},
    {"sentence_bert_config.json",
     "{\"max_seq_length\":\"x\"}",
     MINNOW_BAD_CHECKPOINT,
     {"sentence_bert_config.json", "max_seq_length", "\"x\"", "whole number"}},
    {"sentence_bert_config.json",
     "{\"query_length\":32}",
     MINNOW_UNSUPPORTED,
     {"sentence_bert_config.json", "query_length", "32", "absent"}},
    {"sentence_bert_config.json",
     "{\"transformer_task\":\"fill-mask\"}",
     MINNOW_UNSUPPORTED,
     {"sentence_bert_config.json", "transformer_task", "fill-mask", "feature-extraction"}},
    {"vocab.txt",
     "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\ne\nf\ng\nh\n",
     MINNOW_BAD_CHECKPOINT,
     {"config.json", "vocab_size", "12", "at least 13"}},
    {"model.safetensors", "", MINNOW_BAD_CHECKPOINT, {"model.safetensors", "empty"}},
    {"model.safetensors", "PK\3\4 not a header at all", MINNOW_BAD_CHECKPOINT, {"model.safetensors", "header length"}},
};

static void defects_are_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof defects / sizeof *defects; i++) {
        struct folder folder = folder_sentence(true);
        folder_write(&folder, defects[i].file, defects[i].text);
        expect_failure(&folder, NULL, defects[i].status, defects[i].parts);
        folder_remove(&folder);
    }
}

/* BERT_CONFIG with one value exchanged. */
static void config_values_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
        enum minnow_status status;
        const char *parts[4];
    } cases[] = {
        {"\"gelu\"", "\"gelu_new\"", MINNOW_UNSUPPORTED, {"config.json", "hidden_act", "gelu_new", "exact"}},
        {"\"absolute\"",
         "\"relative_key\"",
         MINNOW_UNSUPPORTED,
         {"config.json", "position_embedding_type", "relative_key", "absolute"}},
        {"heads\":2", "heads\":3", MINNOW_BAD_CHECKPOINT, {"config.json", "num_attention_heads", "3", "divisor"}},
        {"{\"model_type",
         "{\"pruned_heads\":{\"2\":[0]},\"model_type",
         MINNOW_BAD_CHECKPOINT,
         {"config.json", "pruned_heads", "\"2\"", "0 to 1"}},
        {"{\"model_type",
         "{\"pruned_heads\":{\"1\":[0,1]},\"model_type",
         MINNOW_BAD_CHECKPOINT,
         {"config.json", "pruned_heads of block 1", "fewer", "2 heads"}},
        {"{\"model_type",
         "{\"pruned_heads\":[0],\"model_type",
         MINNOW_BAD_CHECKPOINT,
         {"config.json", "pruned_heads", "expected an object", ""}},
        {"1e-12", "-1", MINNOW_BAD_CHECKPOINT, {"config.json", "layer_norm_eps", "-1", "(0, 1)"}},
        {"layers\":2",
         "layers\":3",
         MINNOW_BAD_CHECKPOINT,
         {"model.safetensors", "encoder.layer.2.attention.self.query.weight", "missing", "[8,8]"}},
        {"layers\":2",
         "layers\":1",
         MINNOW_BAD_CHECKPOINT,
         {"model.safetensors", "encoder.layer.1.attention.self.query.weight", "expected 1 blocks"}},
        {"layers\":2", "layers\":1e9", MINNOW_BAD_CHECKPOINT, {"config.json", "num_hidden_layers", "1000000000"}},
        {"vocab_size\":12",
         "vocab_size\":2000000000",
         MINNOW_BAD_CHECKPOINT,
         {"model.safetensors", "word_embeddings.weight", "[12,8]", "[2000000000,8]"}},
        {"intermediate_size\":16",
         "intermediate_size\":15",
         MINNOW_BAD_CHECKPOINT,
         {"model.safetensors", "encoder.layer.0.intermediate.dense.weight", "[16,8]", "[15,8]"}},
        {"embeddings\":16", "embeddings\":2", MINNOW_BAD_CHECKPOINT, {"config.json", "max_position_embeddings", "2"}},
        {"\"BertModel\"",
         "\"BertForSequenceClassification\"",
         MINNOW_BAD_CHECKPOINT,
         {"model.safetensors", "pooler.dense.weight", "missing", "65536,8]"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct folder folder = folder_bert();
        const char *place = strstr(BERT_CONFIG, cases[i].from);
        assert_non_null(place);
        char text[1024];
        snprintf(text, sizeof text, "%.*s%s%s", (int)(place - BERT_CONFIG), BERT_CONFIG, cases[i].to,
                 place + strlen(cases[i].from));
        folder_write(&folder, "config.json", text);
        expect_failure(&folder, NULL, cases[i].status, cases[i].parts);
        folder_remove(&folder);
    }
}

static void tensors_are_checked(void **state) {
    (void)state;
    struct folder folder = folder_bert();
    struct plan plan = plan_bert("");
    plan_find(&plan, "encoder.layer.1.output.dense.bias")->left_out = true;
    plan_write(&plan, &folder, "model.safetensors", "F32");
    expect_failure(&folder, NULL, MINNOW_BAD_CHECKPOINT,
                   (const char *[4]){"model.safetensors", "encoder.layer.1.output.dense.bias", "missing", "[8]"});
    plan = plan_bert("");
    struct planned_tensor *tensor = plan_find(&plan, "encoder.layer.0.output.dense.weight");
    snprintf(tensor->shape, sizeof tensor->shape, "[16,8]");
    plan_write(&plan, &folder, "model.safetensors", "F32");
    expect_failure(&folder, NULL, MINNOW_BAD_CHECKPOINT,
                   (const char *[4]){"model.safetensors: encoder.layer.0.output.dense.weight: shape is [16,8], "
                                     "expected [8,16]"});
    plan = plan_bert("");
    plan_write(&plan, &folder, "model.safetensors", "I32");
    expect_failure(&folder, NULL, MINNOW_BAD_CHECKPOINT, (const char *[4]){"data_offsets give", "I32"});
    folder_remove(&folder);
}

static void shards_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *index;
        const char *parts[4];
    } cases[] = {
        {"{\"weight_map\":{\"a\":\"../model.safetensors\"}}", {"index.json", "a is", "../model", "same folder"}},
        {"{\"weight_map\":{\"a\":\"..\"}}", {"index.json", "a is", "\"..\"", "same folder"}},
        {"{\"weight_map\":{\"a\":5}}", {"index.json", "a is", "5", "same folder"}},
        {"{\"weight_map\":[]}", {"index.json", "weight_map", "an array", "an object"}},
        {"{}", {"index.json", "weight_map", "missing", "an object"}},
        {"{\"weight_map\":{\"a\":\"gone.safetensors\"}}", {"gone.safetensors", "missing", "index.json"}},
        {"{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\"}}",
         {"index.json", "a: not found in", "model-00001-of-00002.safetensors"}},
    };
    struct folder folder = folder_bert();
    struct plan plan = plan_bert("");
    folder_delete(&folder, "model.safetensors");
    plan_write_shards(&plan, &folder);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        folder_write(&folder, "model.safetensors.index.json", cases[i].index);
        expect_failure(&folder, NULL, MINNOW_BAD_CHECKPOINT, cases[i].parts);
    }
    folder_remove(&folder);
}

static void missing_files_are_named(void **state) {
    (void)state;
    struct folder folder = folder_bert();
    folder_delete(&folder, "model.safetensors");
    expect_failure(&folder, NULL, MINNOW_BAD_CHECKPOINT,
                   (const char *[4]){"model.safetensors: missing", "pytorch_model.bin.index.json",
                                     "best-model.pytorch-state-dict"});
    folder_write(&folder, "pytorch_model.bin", "PK");
    expect_failure(&folder, NULL, MINNOW_BAD_CHECKPOINT,
                   (const char *[4]){"pytorch_model.bin", "no directory", "cut short"});
    folder_delete(&folder, "config.json");
    expect_failure(&folder, NULL, MINNOW_BAD_CHECKPOINT, (const char *[4]){"config.json", "missing"});
    struct folder nowhere = {"/nonexistent/folder"};
    expect_failure(&nowhere, NULL, MINNOW_BAD_CHECKPOINT, (const char *[4]){"config.json", "missing"});
    folder_remove(&folder);
}

static void options_are_checked(void **state) {
    (void)state;
    struct folder folder = folder_sentence(true);
    struct minnow_checkpoint_options options = {.max_tokens = 17};
    expect_failure(&folder, &options, MINNOW_INVALID_ARGUMENT, (const char *[4]){"17", "3 to 16", "config.json"});
    options = (struct minnow_checkpoint_options){.pooling = "sum"};
    expect_failure(&folder, &options, MINNOW_INVALID_ARGUMENT, (const char *[4]){"pooling", "sum", "cls, mean or max"});
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defects_are_named),       cmocka_unit_test(config_values_are_checked),
        cmocka_unit_test(tensors_are_checked),     cmocka_unit_test(shards_are_checked),
        cmocka_unit_test(missing_files_are_named), cmocka_unit_test(options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
