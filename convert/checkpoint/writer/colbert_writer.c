/* ColBERT: as Stanford publishes it where vectors are normalized, as Margin-MSE's authors do where they are not
 * (colbert_stanford.c, colbert_margin_mse.c). */
#include "convert/checkpoint/masks.h"
#include "convert/checkpoint/writer/encoder_parts.h"
#include "convert/checkpoint/writer/layout_writers.h"
#include "runtime/tokenizer/parts.h"

struct colbert {
    struct minnow_encoder_parts parts;
    const struct minnow_linear *linear;
};

/* bias: as minnow_cursor_take_dense has it. */
static enum minnow_status take_layers(const struct minnow_writing *writing, int bias, bool normalizes,
                                      struct colbert *colbert, struct minnow_error *error) {
    struct minnow_layer_cursor cursor;
    const struct minnow_layer *layer;
    enum minnow_status status = minnow_cursor_begin_shared(writing->contents, writing->layout, &cursor, error);
    if (!status) status = minnow_encoder_take_embedding(writing, &cursor, &colbert->parts, error);
    if (!status) status = minnow_encoder_take_blocks(&cursor, &colbert->parts, error);
    if (!status) status = minnow_cursor_take_dense(&cursor, MINNOW_IDENTITY, bias, &colbert->linear, error);
    if (!status && normalizes) status = minnow_cursor_take(&cursor, MINNOW_LAYER_NORMALIZE, &layer, error);
    return status ? status : minnow_cursor_end(&cursor, error);
}

static enum minnow_status put_weights(const struct minnow_writing *writing, const struct colbert *colbert,
                                      const char *prefix, const char *name, struct minnow_error *error) {
    struct minnow_tensor_list list = {.memory = writing->memory, .prefix = prefix};
    minnow_encoder_add_tensors(&list, &colbert->parts);
    list.prefix = "";
    minnow_tensor_list_add_linear(&list, name, colbert->linear);
    return minnow_encoder_put_weights(writing, "", &colbert->parts, &list, error);
}

static uint32_t longest_text(const struct minnow_contents *contents) {
    uint32_t query = contents->inputs[MINNOW_QUERY].max_tokens;
    uint32_t document = contents->inputs[MINNOW_DOCUMENT].max_tokens;
    return query > document ? query : document;
}

/* ---- Stanford's ----------------------------------------------------------------------------- */

static const char *quote_marker(const struct minnow_writing *writing, enum minnow_role role) {
    const struct minnow_tokenizer *tokenizer = minnow_tokenizer_of(writing->contents, role);
    struct minnow_token_text token = minnow_token_text(tokenizer, writing->contents->inputs[role].leading[1]);
    const char *text = minnow_memory_copy_text(writing->memory, token.bytes, token.size);
    return text ? minnow_writing_quote(writing, text) : NULL;
}

static enum minnow_status put_metadata(const struct minnow_writing *writing, const struct colbert *colbert,
                                       struct minnow_error *error) {
    const struct minnow_input *query = &writing->contents->inputs[MINNOW_QUERY];
    const struct minnow_input *document = &writing->contents->inputs[MINNOW_DOCUMENT];
    const char *query_marker = quote_marker(writing, MINNOW_QUERY);
    const char *document_marker = quote_marker(writing, MINNOW_DOCUMENT);
    if (!query_marker || !document_marker) return minnow_writing_no_memory(writing, error);
    return minnow_writing_print(
        writing, "artifact.metadata", error,
        "{\n  \"query_token_id\": %s,\n  \"doc_token_id\": %s,\n"
        "  \"query_token\": \"[Q]\",\n  \"doc_token\": \"[D]\",\n"
        "  \"query_maxlen\": %u,\n  \"doc_maxlen\": %u,\n  \"dim\": %u,\n  \"similarity\": \"cosine\",\n"
        "  \"interaction\": \"colbert\",\n  \"attend_to_mask_tokens\": %s,\n  \"mask_punctuation\": %s\n}\n",
        query_marker, document_marker, query->max_tokens, document->max_tokens, colbert->linear->outputs,
        query->masks_unseen ? "false" : "true", document->skipped_count ? "true" : "false");
}

enum minnow_status minnow_stanford_colbert_write(struct minnow_writing *writing, struct minnow_error *error) {
    struct colbert colbert;
    enum minnow_status status = take_layers(writing, 0, true, &colbert, error);
    if (status) return status;
    minnow_writing_tell_prompts(writing);
    status = minnow_encoder_put_config(writing, "", &colbert.parts, "", "HF_ColBERT", "", error);
    if (!status)
        status = put_weights(writing, &colbert, minnow_encoder_family_prefix(&colbert.parts), "linear", error);
    if (!status) status = put_metadata(writing, &colbert, error);
    return status ? status
                  : minnow_writing_put_tokenizer(writing, "", MINNOW_QUERY, longest_text(writing->contents), error);
}

/* ---- Margin-MSE's --------------------------------------------------------------------------- */

/* A query's length is that without its [MASK]s. */
static void tell(struct minnow_writing *writing) {
    const struct minnow_input *query = &writing->contents->inputs[MINNOW_QUERY];
    writing->told.query_length = query->max_tokens > MINNOW_QUERY_MASKS ? query->max_tokens - MINNOW_QUERY_MASKS : 0;
    writing->told.document_length = writing->contents->inputs[MINNOW_DOCUMENT].max_tokens;
    writing->told.mask_tokens = query->masks_before_trailing ? "before-sep" : "after-sep";
    minnow_writing_tell_prompts(writing);
}

/* Its config.json holds no encoder's: that of the model it began as is expected in "base". */
enum minnow_status minnow_margin_mse_colbert_write(struct minnow_writing *writing, struct minnow_error *error) {
    struct colbert colbert;
    enum minnow_status status = take_layers(writing, -1, false, &colbert, error);
    if (status) return status;
    tell(writing);
    status = minnow_writing_print(writing, "config.json", error,
                                  "{\n  \"architectures\": [\"ColBERT\"],\n  \"model_type\": \"ColBERT\",\n"
                                  "  \"bert_model\": \"base\",\n  \"compression_dim\": %u\n}\n",
                                  colbert.linear->outputs);
    if (!status) status = minnow_encoder_put_config(writing, "base", &colbert.parts, "Model", NULL, "", error);
    if (!status) status = put_weights(writing, &colbert, "bert_model.", "compressor", error);
    return status ? status
                  : minnow_writing_put_tokenizer(writing, "", MINNOW_QUERY, longest_text(writing->contents), error);
}
