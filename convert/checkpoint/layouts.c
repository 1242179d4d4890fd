#include "convert/checkpoint/layouts.h"

#include <string.h>

/* Margin-MSE's classes are model types as well. */
static bool is_class(const struct minnow_reading *reading, const char *name) {
    const cJSON *type = minnow_json_get(reading->config.root, "model_type");
    return !strcmp(minnow_reading_class(reading), name) || (cJSON_IsString(type) && !strcmp(type->valuestring, name));
}
static bool is_bert_dot(const struct minnow_reading *reading) { return is_class(reading, "BERT_Dot"); }
static bool is_bert_cat(const struct minnow_reading *reading) { return is_class(reading, "BERT_Cat"); }
static bool is_prettr(const struct minnow_reading *reading) { return is_class(reading, "PreTTR"); }
static bool is_lead_colbert(const struct minnow_reading *reading) { return is_class(reading, "HFColBertEncoder"); }
static bool is_lead_encoder(const struct minnow_reading *reading) {
    return is_class(reading, "HFBertEncoder") || is_class(reading, "HFDistilBertEncoder");
}
static bool is_margin_mse_colbert(const struct minnow_reading *reading) { return is_class(reading, "ColBERT"); }
static bool is_stanford_colbert(const struct minnow_reading *reading) {
    return minnow_reading_has_file(reading, "artifact.metadata") || is_class(reading, "HF_ColBERT");
}
static bool is_any(const struct minnow_reading *reading) {
    (void)reading;
    return true;
}

enum {
    TAKES_LENGTHS = MINNOW_TAKES_MAX_TOKENS | MINNOW_TAKES_LENGTHS,
    TAKES_SENTENCE = MINNOW_TAKES_POOLING | MINNOW_TAKES_SIMILARITY | TAKES_LENGTHS,
    TAKES_BASE = MINNOW_TAKES_BASE,
    TAKES_MASKS = MINNOW_TAKES_MASK_TOKENS | MINNOW_TAKES_LENGTHS | TAKES_BASE,
};

/* What is told by more comes before what is told by less. */
static const struct minnow_layout layouts[] = {
    {"Stanford's ColBERT", MINNOW_TAKES_LENGTHS, is_stanford_colbert, minnow_stanford_colbert_read},
    {"BERT_Dot", TAKES_BASE | TAKES_LENGTHS, is_bert_dot, minnow_bert_dot_read},
    {"BERT_Cat", TAKES_BASE | TAKES_LENGTHS, is_bert_cat, minnow_bert_cat_read},
    {"Margin-MSE's ColBERT", TAKES_MASKS, is_margin_mse_colbert, minnow_margin_mse_colbert_read},
    {"PreTTR", TAKES_MASKS | MINNOW_TAKES_JOIN_LAYER, is_prettr, minnow_prettr_read},
    {"LEAD's ColBERT", MINNOW_TAKES_LENGTHS, is_lead_colbert, minnow_lead_colbert_read},
    {"LEAD's encoder", MINNOW_TAKES_LENGTHS, is_lead_encoder, minnow_lead_encoder_read},
    {"a cross-encoder", TAKES_LENGTHS, minnow_cross_encoder_recognizes, minnow_cross_encoder_read},
    {"a run folder of TK", TAKES_LENGTHS, minnow_tk_recognizes, minnow_tk_read_folder},
    {"model2vec", TAKES_LENGTHS, minnow_model2vec_recognizes, minnow_model2vec_read},
    {"sentence-transformers", TAKES_SENTENCE | MINNOW_TAKES_ROUTE, minnow_sentence_recognizes, minnow_sentence_read},
    {"a transformer alone", TAKES_SENTENCE, is_any, minnow_plain_read},
};

const struct minnow_layout *minnow_layout_find(const struct minnow_reading *reading) {
    const struct minnow_layout *layout = layouts;
    while (!layout->recognizes(reading)) layout++;
    return layout;
}

enum minnow_status minnow_layout_check_options(const struct minnow_layout *layout,
                                               const struct minnow_checkpoint_options *options,
                                               struct minnow_error *error) {
    const struct {
        enum minnow_layout_option option;
        const char *name;
        bool given;
    } all[] = {
        {MINNOW_TAKES_POOLING, "pooling", options->pooling != NULL},
        {MINNOW_TAKES_SIMILARITY, "similarity", options->similarity != NULL},
        {MINNOW_TAKES_MAX_TOKENS, "max-tokens", options->max_tokens > 0},
        {MINNOW_TAKES_LENGTHS, "query-length", options->query_length > 0},
        {MINNOW_TAKES_LENGTHS, "document-length", options->document_length > 0},
        {MINNOW_TAKES_BASE, "base", options->base != NULL},
        {MINNOW_TAKES_MASK_TOKENS, "mask-tokens", options->mask_tokens != NULL},
        {MINNOW_TAKES_JOIN_LAYER, "join-layer", options->join_layer > 0},
        {MINNOW_TAKES_ROUTE, "route", options->route != NULL},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].given && !(layout->takes & all[i].option))
            return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "--%s is of no use to this checkpoint (%s)", all[i].name,
                               layout->name);
    return MINNOW_OK;
}
