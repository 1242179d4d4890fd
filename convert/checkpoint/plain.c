/* A transformer alone. The folder does not say what becomes of its tokens' states: --pooling does. Vectors of the first
 * token are compared by dot product, as those who publish such folders do (Margin-MSE, TAS-B, coCondenser); pooled ones
 * are normalized, as sentence-transformers would compare them; --similarity says otherwise. */
#include "convert/checkpoint/layouts.h"
#include "convert/checkpoint/modules.h"
#include "convert/checkpoint/sentence_settings.h"
#include "convert/checkpoint/transformer.h"

/* Heads and encoders of other layouts: leaving them out in silence would change what the model says. */
static enum minnow_status check_heads(const struct minnow_tensor_source *source, struct minnow_error *error) {
    static const char *const names[] = {
        "compressor.weight", "linear.weight", "_classification_layer.weight", "classifier.weight",
        "ctx_model.embeddings.word_embeddings.weight",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (minnow_tensor_find(source, names[i]))
            return minnow_fail(error, MINNOW_UNSUPPORTED,
                               "%s: %s: of no use to a transformer alone; expected architectures in config.json to name "
                               "the class that has it (such as BERT_Dot, ColBERT, HF_ColBERT or PreTTR)",
                               source->file, names[i]);
    return MINNOW_OK;
}

static enum minnow_status choose_pooling(const struct minnow_reading *reading, enum minnow_pooling *pooling,
                                         struct minnow_error *error) {
    if (reading->options->pooling) return minnow_pooling_parse(reading->options->pooling, pooling, error);
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "modules.json: missing, so nothing says how tokens become a vector; --pooling cls, mean or max "
                       "does");
}

static enum minnow_status choose_similarity(const struct minnow_reading *reading, enum minnow_pooling pooling,
                                            const struct minnow_sentence_settings *settings,
                                            enum minnow_similarity *similarity, struct minnow_error *error) {
    *similarity = pooling == MINNOW_POOL_CLS ? MINNOW_DOT : settings->similarity;
    if (!reading->options->similarity) return MINNOW_OK;
    return minnow_similarity_parse(reading->options->similarity, similarity, error);
}

static enum minnow_status add_head(struct minnow_reading *reading, struct minnow_transformer *transformer,
                                   enum minnow_pooling pooling, struct minnow_error *error) {
    struct minnow_layer *layer;
    enum minnow_status status =
        minnow_reading_add_layer(reading, &transformer->list, MINNOW_LAYER_POOL, &layer, error);
    if (status) return status;
    layer->pool.pooling = pooling;
    if (reading->contents->similarity == MINNOW_DOT) return MINNOW_OK;
    return minnow_transformer_normalize(reading, transformer, error);
}

static enum minnow_status set_inputs(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                     const struct minnow_sentence_settings *settings, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    if (settings->lowercase)
        reading->contents->tokenizers[transformer->tokenizer].options |= MINNOW_TOKENIZER_LOWERCASE;
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT && !status; role++) {
        uint32_t length = 0;
        status = minnow_reading_choose_length(reading, role, settings->max_tokens, transformer->config.positions,
                                              transformer->config.file, &length, error);
        if (!status)
            status = minnow_reading_set_input(reading, role, transformer->tokenizer, settings->prompts[role], length,
                                              error);
    }
    return status;
}

static enum minnow_status read_all(struct minnow_reading *reading, struct minnow_transformer *transformer,
                                   struct minnow_error *error) {
    struct minnow_sentence_settings settings;
    enum minnow_pooling pooling = MINNOW_POOL_MEAN;
    enum minnow_status status = minnow_transformer_open_whole(reading, transformer, error);
    if (!status) status = check_heads(&transformer->source, error);
    if (!status)
        status = minnow_sentence_settings_read(reading->folder, "", reading->memory, &settings, error);
    if (!status) status = choose_pooling(reading, &pooling, error);
    if (!status) status = choose_similarity(reading, pooling, &settings, &reading->contents->similarity, error);
    if (!status) status = add_head(reading, transformer, pooling, error);
    if (!status) status = set_inputs(reading, transformer, &settings, error);
    if (!status) status = minnow_reading_share_route(reading, &transformer->list, error);
    return status ? status : minnow_truncation_check(&settings, transformer->list.width, error);
}

enum minnow_status minnow_plain_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_transformer transformer;
    enum minnow_status status = read_all(reading, &transformer, error);
    minnow_transformer_close(&transformer);
    return status;
}
