/* A cross-encoder of transformers: BERT (its pooler, then a classifier) or DistilBERT (a dense layer with ReLU, then a
 * classifier) for sequence classification, with one label. What follows the logit stands where sentence-transformers
 * looks for it, in its newer and its older place. */
#include "convert/checkpoint/writer/encoder_parts.h"
#include "convert/checkpoint/writer/layout_writers.h"

static const char *class_of(enum minnow_activation activation) {
    return activation == MINNOW_SIGMOID ? "torch.nn.modules.activation.Sigmoid" : "torch.nn.modules.linear.Identity";
}

struct head {
    const struct minnow_linear *pooler, *classifier;
    enum minnow_activation activation;
};

static enum minnow_status take_head(struct minnow_layer_cursor *cursor, const struct minnow_encoder_parts *parts,
                                    struct head *head, struct minnow_error *error) {
    enum minnow_activation inner = parts->family == MINNOW_FAMILY_BERT ? MINNOW_TANH : MINNOW_RELU;
    enum minnow_status status = minnow_cursor_take_pool(cursor, MINNOW_POOL_CLS, error);
    if (!status) status = minnow_cursor_take_dense(cursor, inner, 1, &head->pooler, error);
    if (status) return status;
    const struct minnow_layer *layer = minnow_cursor_next(cursor);
    bool sigmoid = minnow_cursor_is_at(cursor, MINNOW_LAYER_DENSE) && layer->dense.activation == MINNOW_SIGMOID;
    head->activation = sigmoid ? MINNOW_SIGMOID : MINNOW_IDENTITY;
    status = minnow_cursor_take_dense(cursor, head->activation, 1, &head->classifier, error);
    return status ? status : minnow_cursor_end(cursor, error);
}

static enum minnow_status put_weights(const struct minnow_writing *writing, const struct minnow_encoder_parts *parts,
                                      const struct head *head, struct minnow_error *error) {
    bool distilled = parts->family == MINNOW_FAMILY_DISTILBERT;
    struct minnow_tensor_list list = {.memory = writing->memory, .prefix = minnow_encoder_family_prefix(parts)};
    minnow_encoder_add_tensors(&list, parts);
    list.prefix = "";
    minnow_tensor_list_add_linear(&list, distilled ? "pre_classifier" : "bert.pooler.dense", head->pooler);
    minnow_tensor_list_add_linear(&list, "classifier", head->classifier);
    return minnow_encoder_put_weights(writing, "", parts, &list, error);
}

static enum minnow_status put_config(const struct minnow_writing *writing, const struct minnow_encoder_parts *parts,
                                     const struct head *head, struct minnow_error *error) {
    const char *activation = class_of(head->activation);
    const char *more = minnow_writing_name(writing,
                                           "  \"id2label\": {\"0\": \"LABEL_0\"},\n  \"label2id\": {\"LABEL_0\": 0},\n"
                                           "  \"sentence_transformers\": {\"activation_fn\": \"%s\"},\n"
                                           "  \"sbert_ce_default_activation_function\": \"%s\",\n",
                                           activation, activation);
    if (!more) return minnow_writing_no_memory(writing, error);
    return minnow_encoder_put_config(writing, "", parts, "ForSequenceClassification", NULL, more, error);
}

/* A role's own limit counts [CLS] and [SEP], as if the text stood alone (joined.h). */
static void tell_lengths(struct minnow_writing *writing, uint32_t longest) {
    minnow_writing_tell_length(writing, MINNOW_QUERY, longest);
    minnow_writing_tell_length(writing, MINNOW_DOCUMENT, longest);
    if (writing->told.document_length) writing->told.document_length++;
}

enum minnow_status minnow_cross_encoder_write(struct minnow_writing *writing, struct minnow_error *error) {
    struct minnow_layer_cursor cursor = {
        .contents = writing->contents, .route = writing->contents->joint_route, .layout = writing->layout};
    uint32_t longest = minnow_joint_route(writing->contents)->max_tokens;
    struct minnow_encoder_parts parts;
    struct head head = {0};
    enum minnow_status status = minnow_encoder_take_embedding(writing, &cursor, &parts, error);
    if (!status) status = minnow_encoder_take_blocks(&cursor, &parts, error);
    if (!status) status = take_head(&cursor, &parts, &head, error);
    if (!status) status = put_config(writing, &parts, &head, error);
    if (!status) status = put_weights(writing, &parts, &head, error);
    tell_lengths(writing, longest);
    minnow_writing_tell_prompts(writing);
    return status ? status : minnow_writing_put_tokenizer(writing, "", MINNOW_QUERY, longest, error);
}
