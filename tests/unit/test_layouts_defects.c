/* Checkpoints in the layouts of other trainers that must not open, and what every defect is called. */
#include "convert/checkpoint/checkpoint.h"
#include "tests/unit/layout_folders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

typedef struct folder make_fn(void);

static struct folder dot(void) { return folder_bert_dot(4); }
static struct folder lead(void) { return folder_lead("HFColBertEncoder", false); }
static struct folder unequal_lead(void) { return folder_lead("HFBertEncoder", true); }
static struct folder cross_encoder(void) { return folder_cross_encoder(false, 1); }
static struct folder two_labels(void) { return folder_cross_encoder(false, 2); }
static struct folder three_labels(void) { return folder_cross_encoder(true, 3); }
static struct folder sentence(void) { return folder_sentence(true); }

#define CAT folder_bert_cat
#define COLBERT folder_margin_mse_colbert
#define PRETTR folder_prettr
#define STANFORD folder_stanford_colbert

#define UNMARKED "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\ne\nf\ng\n"
#define UNMASKED "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\nc\nd\n[unused1]\n[unused2]\nf\ng\n"

static const struct defect {
    make_fn *make;
    struct minnow_checkpoint_options options;
    const char *file, *text; /* written over; text NULL: deleted, file NULL: nothing */
    enum minnow_status status;
    const char *parts[4]; /* of the message */
} defects[] = {
    /* What a folder leaves out. */
    {folder_bert, {0}, NULL, NULL, MINNOW_BAD_CHECKPOINT, {"modules.json", "missing", "--pooling cls, mean or max"}},
    {folder_bert, {.pooling = "sum"}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"pooling", "sum", "cls, mean or max"}},
    {folder_bert,
     {.pooling = "cls", .similarity = "l2"},
     NULL,
     NULL,
     MINNOW_INVALID_ARGUMENT,
     {"similarity", "l2", "cosine or dot"}},
    {dot, {.base = "/nonexistent"}, NULL, NULL, MINNOW_IO, {"--base", "/nonexistent/config.json", "No such file"}},
    {dot, {0}, "base/config.json", NULL, MINNOW_BAD_CHECKPOINT, {"base/config.json", "missing", "object"}},
    {dot, {0}, "base/vocab.txt", NULL, MINNOW_BAD_CHECKPOINT, {"tokenizer.json", "vocab.txt"}},
    {dot,
     {0},
     "base/config.json",
     DISTILBERT_CONFIG "x",
     MINNOW_BAD_CHECKPOINT,
     {"base/config.json", "not valid JSON"}},
    {PRETTR, {0}, "vocab.txt", NULL, MINNOW_BAD_CHECKPOINT, {"vocabulary", "\"base\"", "--base"}},
    /* Options. */
    {dot, {.pooling = "cls"}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"--pooling", "no use", "BERT_Dot"}},
    {dot, {.mask_tokens = "after-sep"}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"--mask-tokens", "no use", "BERT_Dot"}},
    {COLBERT, {.join_layer = 2}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"--join-layer", "no use", "ColBERT"}},
    {COLBERT, {.max_tokens = 9}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"--max-tokens", "no use", "ColBERT"}},
    {STANFORD, {.base = "x"}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"--base", "no use", "Stanford"}},
    {sentence, {.base = "x"}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"--base", "no use", "sentence-transformers"}},
    {cross_encoder, {.similarity = "dot"}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"--similarity", "cross-encoder"}},
    {COLBERT,
     {.mask_tokens = "in-front"},
     NULL,
     NULL,
     MINNOW_INVALID_ARGUMENT,
     {"--mask-tokens", "in-front", "before-sep or after-sep"}},
    {PRETTR, {.join_layer = 3}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"config.json", "3 blocks", "2 that it has"}},
    {PRETTR, {0}, NULL, NULL, MINNOW_BAD_CHECKPOINT, {"config.json", "3 blocks", "2 that it has", "--join-layer N"}},
    /* Lengths: 16 positions. */
    {dot, {.query_length = 17}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"query's length", "17", "3 to 16"}},
    {dot, {.document_length = 2}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"document's length", "2", "3 to 16"}},
    {COLBERT, {.query_length = 9}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"query's length", "9", "3 to 8"}},
    {PRETTR,
     {.join_layer = 1, .query_length = 7},
     NULL,
     NULL,
     MINNOW_INVALID_ARGUMENT,
     {"query's length", "7", "3 to 6"}},
    {PRETTR,
     {.join_layer = 1, .query_length = 4, .document_length = 6},
     NULL,
     NULL,
     MINNOW_INVALID_ARGUMENT,
     {"document's length", "6", "3 to 5"}},
    {CAT, {.max_tokens = 4}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"pair's length", "4", "5 to 16"}},
    {CAT, {.max_tokens = 12, .query_length = 13}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"13", "3 to 12"}},
    {STANFORD, {.document_length = 17}, NULL, NULL, MINNOW_INVALID_ARGUMENT, {"document's length", "17", "3 to 16"}},
    /* Tokens. */
    {STANFORD, {0}, "vocab.txt", UNMARKED, MINNOW_BAD_CHECKPOINT, {"vocabulary", "[unused0]"}},
    {lead, {0}, "vocab.txt", UNMARKED, MINNOW_BAD_CHECKPOINT, {"vocabulary", "[unused1]"}},
    {lead, {0}, "vocab.txt", UNMASKED, MINNOW_BAD_CHECKPOINT, {"vocabulary", "[MASK]"}},
    {COLBERT, {0}, "base/vocab.txt", UNMASKED, MINNOW_BAD_CHECKPOINT, {"vocabulary", "[MASK]"}},
    {dot, {0}, "base/vocab.txt", UNMARKED "h\n", MINNOW_BAD_CHECKPOINT, {"vocab_size", "12", "at least 13"}},
    /* Stanford's metadata. */
    {STANFORD, {0}, "artifact.metadata", NULL, MINNOW_BAD_CHECKPOINT, {"artifact.metadata", "missing", "object"}},
    {STANFORD, {0}, "artifact.metadata", "[]", MINNOW_BAD_CHECKPOINT, {"artifact.metadata", "array", "object"}},
    {STANFORD, {0}, "artifact.metadata", "{}", MINNOW_BAD_CHECKPOINT, {"artifact.metadata", "doc_maxlen", "missing"}},
    {STANFORD,
     {0},
     "artifact.metadata",
     "{\"doc_maxlen\":3}",
     MINNOW_BAD_CHECKPOINT,
     {"artifact.metadata", "doc_maxlen", "3", "4 to"}},
    {STANFORD,
     {0},
     "artifact.metadata",
     "{\"doc_maxlen\":9,\"similarity\":\"l2\"}",
     MINNOW_UNSUPPORTED,
     {"artifact.metadata", "similarity", "l2", "cosine"}},
    {STANFORD,
     {0},
     "artifact.metadata",
     "{\"doc_maxlen\":9,\"interaction\":\"flipr\"}",
     MINNOW_UNSUPPORTED,
     {"artifact.metadata", "interaction", "flipr", "colbert"}},
    {STANFORD,
     {0},
     "artifact.metadata",
     "{\"doc_maxlen\":9,\"doc_token_id\":7}",
     MINNOW_BAD_CHECKPOINT,
     {"artifact.metadata", "doc_token_id", "7", "string"}},
    {STANFORD,
     {0},
     "artifact.metadata",
     "{\"doc_maxlen\":9,\"mask_punctuation\":1}",
     MINNOW_BAD_CHECKPOINT,
     {"artifact.metadata", "mask_punctuation", "1"}},
    /* Encoders and heads. */
    {PRETTR,
     {.pooling = "cls"},
     "config.json",
     DISTILBERT_CONFIG,
     MINNOW_UNSUPPORTED,
     {"model.safetensors", "_classification_layer.weight", "architectures", "PreTTR"}},
    {unequal_lead, {0}, NULL, NULL, MINNOW_UNSUPPORTED, {"ctx_model.", "differ", "share weights"}},
    {three_labels, {0}, NULL, NULL, MINNOW_UNSUPPORTED, {"classifier.weight", "3 labels", "one, or two"}},
    {cross_encoder,
     {0},
     "config_sentence_transformers.json",
     "{\"activation_fn\":\"torch.nn.modules.activation.Tanh\"}",
     MINNOW_UNSUPPORTED,
     {"config_sentence_transformers.json", "activation_fn", "Tanh", "Sigmoid"}},
    {two_labels,
     {0},
     "config_sentence_transformers.json",
     "{\"activation_fn\":\"torch.nn.modules.activation.Sigmoid\"}",
     MINNOW_UNSUPPORTED,
     {"activation_fn", "Sigmoid", "Identity", "two labels"}},
    {cross_encoder,
     {0},
     "config_sentence_transformers.json",
     "{\"default_prompt_name\":\"q\",\"prompts\":{\"q\":\"q: \"}}",
     MINNOW_UNSUPPORTED,
     {"config_sentence_transformers.json", "default_prompt_name", "\"q\"", "null"}},
    {cross_encoder,
     {0},
     "config.json",
     "{\"model_type\":\"electra\",\"architectures\":[\"ElectraForSequenceClassification\"]}",
     MINNOW_UNSUPPORTED,
     {"config.json", "model_type", "electra", "\"bert\" or \"distilbert\""}},
    {cross_encoder,
     {0},
     "config.json",
     "{\"model_type\":\"roberta\",\"architectures\":[\"RobertaForSequenceClassification\"]}",
     MINNOW_UNSUPPORTED,
     {"config.json", "model_type", "roberta", "\"bert\" or \"distilbert\""}},
};

static void expect_defect(size_t number) {
    const struct defect *defect = &defects[number];
    struct folder folder = defect->make();
    struct minnow_checkpoint *checkpoint = NULL;
    struct minnow_error error = {0};
    if (defect->file && defect->text) folder_write(&folder, defect->file, defect->text);
    if (defect->file && !defect->text) folder_delete(&folder, defect->file);
    enum minnow_status status = minnow_checkpoint_open(folder.path, &defect->options, &checkpoint, &error);
    if (status != defect->status)
        fail_msg("%zu: status %d, expected %d: %s", number, status, defect->status, error.message);
    assert_null(checkpoint);
    for (int i = 0; i < 4 && defect->parts[i]; i++)
        if (!strstr(error.message, defect->parts[i]))
            fail_msg("%zu: \"%s\" does not say \"%s\"", number, error.message, defect->parts[i]);
    folder_remove(&folder);
}

static void defects_are_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof defects / sizeof *defects; i++) expect_defect(i);
}

/* Each weight of a head is needed, in its shape. */
static void heads_are_checked(void **state) {
    (void)state;
    static const struct {
        make_fn *make;
        bool distilled;
        const char *prefix, *name;
    } heads[] = {
        {CAT, true, "bert_model.", "_classification_layer.weight"}, {COLBERT, true, "bert_model.", "compressor.weight"},
        {PRETTR, true, "", "_classification_layer.weight"},         {STANFORD, false, "bert.", "linear.weight"},
        {cross_encoder, false, "bert.", "bert.pooler.dense.weight"},
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        const struct minnow_checkpoint_options options = {.join_layer = heads[i].make == PRETTR};
        for (unsigned rank = 0; rank < 2; rank++) {
            struct folder folder = heads[i].make();
            struct minnow_checkpoint *checkpoint;
            struct minnow_error error = {0};
            struct plan plan = heads[i].distilled ? plan_distilbert(heads[i].prefix) : plan_bert(heads[i].prefix);
            if (rank) plan_add(&plan, "", heads[i].name, 0, HIDDEN);
            write_plan(&folder, &plan);
            assert_int_equal(minnow_checkpoint_open(folder.path, &options, &checkpoint, &error), MINNOW_BAD_CHECKPOINT);
            if (!strstr(error.message, heads[i].name) || !strstr(error.message, rank ? "[8]" : "missing"))
                fail_msg("%s", error.message);
            folder_remove(&folder);
        }
    }
}

/* A query's [MASK]s and a document behind it need positions. */
static void positions_must_suffice(void **state) {
    (void)state;
    struct folder folder = PRETTR();
    struct plan plan = plan_distilbert("");
    struct planned_tensor *positions = plan_find(&plan, "embeddings.position_embeddings.weight");
    struct minnow_checkpoint *checkpoint;
    struct minnow_error error = {0};
    const struct minnow_checkpoint_options options = {.join_layer = 1};
    snprintf(positions->shape, sizeof positions->shape, "[11,8]");
    positions->count = 11 * HIDDEN;
    plan_add(&plan, "", "_classification_layer.weight", 1, HIDDEN);
    write_plan(&folder, &plan);
    write_config(&folder, DISTILBERT_CONFIG, "\"architectures\":[\"PreTTR\"],\"max_position_embeddings\":11");
    assert_int_equal(minnow_checkpoint_open(folder.path, &options, &checkpoint, &error), MINNOW_BAD_CHECKPOINT);
    if (!strstr(error.message, "positions leave 1 for a query's tokens")) fail_msg("%s", error.message);
    folder_remove(&folder);
}

/* A pair has one score. */
static void heads_give_one_number(void **state) {
    (void)state;
    struct folder folder = CAT();
    struct plan plan = plan_distilbert("bert_model.");
    struct minnow_checkpoint *checkpoint;
    struct minnow_error error = {0};
    plan_linear(&plan, "", "_classification_layer", 2, HIDDEN);
    write_plan(&folder, &plan);
    assert_int_equal(minnow_checkpoint_open(folder.path, NULL, &checkpoint, &error), MINNOW_UNSUPPORTED);
    assert_non_null(strstr(error.message, "2 outputs, expected 1"));
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defects_are_named),
        cmocka_unit_test(heads_are_checked),
        cmocka_unit_test(positions_must_suffice),
        cmocka_unit_test(heads_give_one_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
