/* Tiny checkpoint folders in the layouts of other trainers. */
#ifndef MINNOW_TESTS_LAYOUT_FOLDERS_H
#define MINNOW_TESTS_LAYOUT_FOLDERS_H

#include "tests/unit/checkpoint_folder.h"

/* Ids of the vocabulary that write_marked_tokenizer writes. */
enum { UNKNOWN_ID = 1, CLS_ID = 2, SEP_ID = 3, MASK_ID = 4, A_ID = 5, UNUSED0_ID = 6, FULL_STOP_ID = 10, COMMA_ID = 11 };

static inline void write_marked_tokenizer(const struct folder *folder, const char *subfolder) {
    char name[64];
    snprintf(name, sizeof name, "%svocab.txt", subfolder);
    folder_write(folder, name,
                 "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n[unused0]\n[unused1]\n[unused2]\nb\n.\n,\n");
    snprintf(name, sizeof name, "%stokenizer_config.json", subfolder);
    folder_write(folder, name, "{\"do_lower_case\":true,\"tokenizer_class\":\"BertTokenizer\"}");
}

/* BERT_CONFIG or DISTILBERT_CONFIG with these keys behind the others: the last of equal keys counts. */
static inline void write_config(const struct folder *folder, const char *config, const char *keys) {
    char text[2048];
    snprintf(text, sizeof text, "%.*s,%s}", (int)strlen(config) - 1, config, keys);
    folder_write(folder, "config.json", text);
}

static inline void write_plan(const struct folder *folder, const struct plan *plan) {
    plan_write(plan, folder, "model.safetensors", "F32");
}

/* Of Margin-MSE's authors: a class that names its encoder, and that encoder's config.json and tokenizer in "base". */
static inline struct folder folder_based(const char *class_name, struct plan plan) {
    struct folder folder = folder_create();
    char text[256];
    snprintf(text, sizeof text, "{\"architectures\":[\"%s\"],\"bert_model\":\"distilbert-base-uncased\"}", class_name);
    folder_write(&folder, "config.json", text);
    folder_write(&folder, "base/config.json", DISTILBERT_CONFIG);
    write_marked_tokenizer(&folder, "base/");
    write_plan(&folder, &plan);
    return folder;
}

static inline struct folder folder_bert_dot(unsigned dimensions) {
    struct plan plan = plan_distilbert("bert_model.");
    if (dimensions) plan_linear(&plan, "", "compressor", dimensions, HIDDEN);
    return folder_based("BERT_Dot", plan);
}

static inline struct folder folder_bert_cat(void) {
    struct plan plan = plan_distilbert("bert_model.");
    plan_linear(&plan, "", "_classification_layer", 1, HIDDEN);
    return folder_based("BERT_Cat", plan);
}

static inline struct folder folder_margin_mse_colbert(void) {
    struct plan plan = plan_distilbert("bert_model.");
    plan_linear(&plan, "", "compressor", 4, HIDDEN);
    return folder_based("ColBERT", plan);
}

static inline struct folder folder_prettr(void) {
    struct folder folder = folder_create();
    struct plan plan = plan_distilbert("");
    plan_add(&plan, "", "_classification_layer.weight", 1, HIDDEN);
    write_config(&folder, DISTILBERT_CONFIG, "\"architectures\":[\"PreTTR\"]");
    write_marked_tokenizer(&folder, "");
    write_plan(&folder, &plan);
    return folder;
}

#define METADATA                                                                                                       \
    "{\"query_token_id\":\"[unused0]\",\"doc_token_id\":\"[unused1]\",\"query_maxlen\":8,\"doc_maxlen\":12,"           \
    "\"interaction\":\"colbert\",\"similarity\":\"cosine\",\"mask_punctuation\":true,\"attend_to_mask_tokens\":false}"

static inline struct folder folder_stanford_colbert(void) {
    struct folder folder = folder_create();
    struct plan plan = plan_bert("bert.");
    plan_add(&plan, "", "linear.weight", 4, HIDDEN);
    write_config(&folder, BERT_CONFIG, "\"architectures\":[\"HF_ColBERT\"]");
    folder_write(&folder, "artifact.metadata", METADATA);
    write_marked_tokenizer(&folder, "");
    write_plan(&folder, &plan);
    return folder;
}

/* Both encoders; the document's weights are the query's, but for a difference that is asked for. */
static inline struct folder folder_lead(const char *class_name, bool different) {
    struct folder folder = folder_create();
    struct plan plan = plan_bert("question_model."), other = plan_bert("ctx_model.");
    require(plan.count + other.count <= MOST_TENSORS, "too many tensors");
    for (size_t i = 0; i < other.count; i++) plan.tensors[plan.count++] = other.tensors[i];
    plan.tensors[plan.count - 1].seed += different;
    char keys[128];
    snprintf(keys, sizeof keys, "\"architectures\":[\"%s\"]", class_name);
    write_config(&folder, BERT_CONFIG, keys);
    write_marked_tokenizer(&folder, "");
    write_plan(&folder, &plan);
    return folder;
}

static inline struct folder folder_cross_encoder(bool distilled, unsigned labels) {
    struct folder folder = folder_create();
    struct plan plan = distilled ? plan_distilbert("distilbert.") : plan_bert("bert.");
    plan_linear(&plan, "", distilled ? "pre_classifier" : "bert.pooler.dense", HIDDEN, HIDDEN);
    plan_linear(&plan, "", "classifier", labels, HIDDEN);
    write_config(&folder, distilled ? DISTILBERT_CONFIG : BERT_CONFIG,
                 distilled ? "\"architectures\":[\"DistilBertForSequenceClassification\"]"
                           : "\"architectures\":[\"BertForSequenceClassification\"]");
    write_marked_tokenizer(&folder, "");
    write_plan(&folder, &plan);
    return folder;
}

#endif
