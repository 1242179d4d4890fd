#include "convert/checkpoint/writer/chain_writer.h"

#include "convert/checkpoint/reading.h"
#include "convert/checkpoint/text_file.h"
#include "convert/checkpoint/writer/encoder_parts.h"

const char *minnow_chain_add_module(struct minnow_written_chain *chain, const char *name) {
    struct minnow_written_module *module = &chain->modules[chain->count];
    module->name = name;
    module->path = minnow_writing_name(chain->writing, "%s%u_%s", chain->before, chain->count++, name);
    return module->path;
}

static const char *join(const struct minnow_written_chain *chain, const char *subfolder, const char *name) {
    return minnow_join_name(chain->writing->memory, subfolder, name);
}

static uint32_t longest_text(const struct minnow_written_chain *chain) {
    const struct minnow_input *inputs = chain->writing->contents->inputs;
    uint32_t first = inputs[chain->first_role].max_tokens, last = inputs[chain->last_role].max_tokens;
    return first > last ? first : last;
}

static void tell_lengths(const struct minnow_written_chain *chain, uint32_t said) {
    minnow_writing_tell_length(chain->writing, chain->first_role, said);
    minnow_writing_tell_length(chain->writing, chain->last_role, said);
}

/* ---- What begins it ------------------------------------------------------------------------- */

static enum minnow_status write_transformer(struct minnow_written_chain *chain, struct minnow_error *error) {
    const struct minnow_writing *writing = chain->writing;
    struct minnow_tensor_list list = {.memory = writing->memory};
    struct minnow_encoder_parts parts;
    uint32_t longest = longest_text(chain);
    enum minnow_status status = minnow_encoder_take_embedding(writing, &chain->cursor, &parts, error);
    if (!status) status = minnow_encoder_take_blocks(&chain->cursor, &parts, error);
    if (status) return status;
    struct minnow_written_module *module = &chain->modules[chain->count];
    const char *path = minnow_chain_add_module(chain, "Transformer");
    if (!*chain->before) module->path = path = "";
    const char *settings = path ? join(chain, path, "sentence_bert_config.json") : NULL;
    if (!settings) return minnow_writing_no_memory(writing, error);
    minnow_encoder_add_tensors(&list, &parts);
    tell_lengths(chain, longest);
    status = minnow_encoder_put_config(writing, path, &parts, "Model", NULL, "", error);
    if (!status) status = minnow_encoder_put_weights(writing, path, &parts, &list, error);
    if (!status) status = minnow_writing_put_tokenizer(writing, path, chain->first_role, longest, error);
    if (status) return status;
    return minnow_writing_print(writing, settings, error,
                                "{\n  \"max_seq_length\": %u,\n  \"do_lower_case\": false\n}\n", longest);
}

static enum minnow_status put_words(struct minnow_written_chain *chain, const char *path, const char *tensor,
                                    const struct minnow_table *words, struct minnow_error *error) {
    const struct minnow_writing *writing = chain->writing;
    struct minnow_tensor_list list = {.memory = writing->memory};
    minnow_tensor_list_add_table(&list, tensor, words);
    enum minnow_status status = minnow_writing_put_tensors(writing, path, &list, error);
    if (status) return status;
    return minnow_writing_put_tokenizer(writing, path, chain->first_role, longest_text(chain), error);
}

static enum minnow_status write_words(struct minnow_written_chain *chain, const struct minnow_table *words,
                                      struct minnow_error *error) {
    const struct minnow_writing *writing = chain->writing;
    bool whitespace = minnow_tokenizer_of(writing->contents, chain->first_role)->kind == MINNOW_TOKENIZER_WHITESPACE;
    const char *path = minnow_chain_add_module(chain, "WordEmbeddings");
    const char *settings = path ? join(chain, path, "wordembedding_config.json") : NULL;
    if (!settings) return minnow_writing_no_memory(writing, error);
    tell_lengths(chain, longest_text(chain));
    enum minnow_status status = put_words(chain, path, "emb_layer", words, error);
    if (status) return status;
    return minnow_writing_print(writing, settings, error,
                                "{\n  \"tokenizer_class\": \"sentence_transformers.models.tokenizer.%s\",\n"
                                "  \"update_embeddings\": false,\n  \"max_seq_length\": %u\n}\n",
                                whitespace ? "WhitespaceTokenizer.WhitespaceTokenizer"
                                           : "WordTokenizer.TransformersTokenizerWrapper",
                                longest_text(chain));
}

/* It takes the mean itself, and its files say no length. */
static enum minnow_status write_static(struct minnow_written_chain *chain, const struct minnow_table *words,
                                       struct minnow_error *error) {
    enum minnow_status status = minnow_cursor_take_pool(&chain->cursor, MINNOW_POOL_MEAN, error);
    if (status) return status;
    const char *path = minnow_chain_add_module(chain, "StaticEmbedding");
    if (!path) return minnow_writing_no_memory(chain->writing, error);
    tell_lengths(chain, MINNOW_UNLIMITED_TOKENS);
    return put_words(chain, path, "embedding", words, error);
}

/* Word pieces without [CLS] and [SEP] are a StaticEmbedding's. */
static enum minnow_status write_beginning(struct minnow_written_chain *chain, struct minnow_error *error) {
    const struct minnow_contents *contents = chain->writing->contents;
    const struct minnow_layer *layer = minnow_cursor_next(&chain->cursor);
    enum minnow_tokenizer_kind kind = minnow_tokenizer_of(contents, chain->first_role)->kind;
    bool bare = contents->inputs[chain->first_role].trailing == MINNOW_NO_TOKEN;
    if (minnow_encoder_is_next(&chain->cursor)) return write_transformer(chain, error);
    if (!minnow_cursor_is_at(&chain->cursor, MINNOW_LAYER_EMBEDDING) || layer->embedding.positions.rows ||
        layer->embedding.types.rows || layer->embedding.norm.width)
        return minnow_cursor_refuse(&chain->cursor, "a transformer's embedding, or words alone", error);
    if (kind == MINNOW_TOKENIZER_WORDS)
        return minnow_cursor_refuse(&chain->cursor, "words between white space, or word pieces", error);
    chain->cursor.at++;
    if (kind == MINNOW_TOKENIZER_WORDPIECE && bare) return write_static(chain, &layer->embedding.words, error);
    return write_words(chain, &layer->embedding.words, error);
}

/* ---- What follows it ------------------------------------------------------------------------ */

static uint32_t width_of_table(const struct minnow_written_chain *chain) {
    return chain->writing->contents->routes[chain->cursor.route].layers[0].embedding.words.width;
}

/* What comes into the layer before which the cursor stands. */
static uint32_t width_here(const struct minnow_written_chain *chain) {
    const struct minnow_layer *layers = chain->writing->contents->routes[chain->cursor.route].layers;
    uint32_t width = width_of_table(chain);
    for (uint32_t i = 1; i < chain->cursor.at; i++) {
        const struct minnow_layer *layer = &layers[i];
        if (layer->kind == MINNOW_LAYER_DENSE) width = layer->dense.linear.outputs;
        if (layer->kind == MINNOW_LAYER_LSTM) width = layer->lstm.hidden * layer->lstm.direction_count;
        if (layer->kind != MINNOW_LAYER_CONVOLUTION) continue;
        width = 0;
        for (uint32_t b = 0; b < layer->convolution.branch_count; b++)
            width += layer->convolution.branches[b].linear.outputs;
    }
    return width;
}

static const char *flag(bool on) { return on ? "true" : "false"; }

static enum minnow_status write_pooling(struct minnow_written_chain *chain, enum minnow_pooling pooling,
                                        struct minnow_error *error) {
    const char *path = minnow_chain_add_module(chain, "Pooling");
    const char *config = path ? join(chain, path, "config.json") : NULL;
    if (!config) return minnow_writing_no_memory(chain->writing, error);
    return minnow_writing_print(chain->writing, config, error,
                                "{\n  \"word_embedding_dimension\": %u,\n  \"pooling_mode_cls_token\": %s,\n"
                                "  \"pooling_mode_mean_tokens\": %s,\n  \"pooling_mode_max_tokens\": %s,\n"
                                "  \"pooling_mode_mean_sqrt_len_tokens\": false\n}\n",
                                width_here(chain), flag(pooling == MINNOW_POOL_CLS), flag(pooling == MINNOW_POOL_MEAN),
                                flag(pooling == MINNOW_POOL_MAX));
}

static enum minnow_status write_dense(struct minnow_written_chain *chain, const struct minnow_dense *dense,
                                      struct minnow_error *error) {
    static const char *const activations[] = {[MINNOW_IDENTITY] = "linear.Identity",
                                              [MINNOW_GELU] = "activation.GELU",
                                              [MINNOW_RELU] = "activation.ReLU",
                                              [MINNOW_TANH] = "activation.Tanh"};
    struct minnow_tensor_list list = {.memory = chain->writing->memory};
    const char *path = minnow_chain_add_module(chain, "Dense");
    const char *config = path ? join(chain, path, "config.json") : NULL;
    if (!config) return minnow_writing_no_memory(chain->writing, error);
    minnow_tensor_list_add_linear(&list, "linear", &dense->linear);
    enum minnow_status status = minnow_writing_put_tensors(chain->writing, path, &list, error);
    if (status) return status;
    return minnow_writing_print(chain->writing, config, error,
                                "{\n  \"in_features\": %u,\n  \"out_features\": %u,\n  \"bias\": %s,\n"
                                "  \"activation_function\": \"torch.nn.modules.%s\"\n}\n",
                                dense->linear.inputs, dense->linear.outputs, flag(dense->linear.bias),
                                activations[dense->activation]);
}

/* Older programs expect an empty folder, newer ones take this for the same. */
static enum minnow_status write_normalize(struct minnow_written_chain *chain, struct minnow_error *error) {
    const char *path = minnow_chain_add_module(chain, "Normalize");
    const char *config = path ? join(chain, path, "config.json") : NULL;
    if (!config) return minnow_writing_no_memory(chain->writing, error);
    return minnow_writing_print(chain->writing, config, error, "{}\n");
}

/* LSTM and CNN stand before a pooling, Dense and Normalize behind it. */
static enum minnow_status write_next(struct minnow_written_chain *chain, bool *pooled, struct minnow_error *error) {
    const struct minnow_layer *layer = minnow_cursor_next(&chain->cursor);
    enum minnow_status status = MINNOW_OK;
    if (!*pooled && layer->kind == MINNOW_LAYER_LSTM)
        status = minnow_lstm_module_write(chain, &layer->lstm, error);
    else if (!*pooled && layer->kind == MINNOW_LAYER_CONVOLUTION)
        status = minnow_cnn_module_write(chain, &layer->convolution, error);
    else if (!*pooled && layer->kind == MINNOW_LAYER_POOL)
        status = write_pooling(chain, layer->pool.pooling, error);
    else if (*pooled && layer->kind == MINNOW_LAYER_DENSE && layer->dense.activation != MINNOW_SIGMOID)
        status = write_dense(chain, &layer->dense, error);
    else if (*pooled && layer->kind == MINNOW_LAYER_NORMALIZE)
        status = write_normalize(chain, error);
    else
        return minnow_cursor_refuse(&chain->cursor,
                                    *pooled ? "a dense layer (not with a sigmoid) or a normalization"
                                            : "an LSTM, a convolution or a pooling",
                                    error);
    *pooled |= layer->kind == MINNOW_LAYER_POOL;
    chain->cursor.at++;
    return status;
}

enum minnow_status minnow_chain_write(struct minnow_written_chain *chain, struct minnow_error *error) {
    const struct minnow_route *route = &chain->writing->contents->routes[chain->cursor.route];
    chain->modules = minnow_memory_take(chain->writing->memory, route->layer_count * sizeof *chain->modules);
    if (!chain->modules) return minnow_writing_no_memory(chain->writing, error);
    enum minnow_status status = write_beginning(chain, error);
    if (status) return status;
    bool pooled = route->layers[chain->cursor.at - 1].kind == MINNOW_LAYER_POOL;
    while (!status && minnow_cursor_next(&chain->cursor)) status = write_next(chain, &pooled, error);
    return status || pooled ? status : minnow_cursor_refuse(&chain->cursor, "a pooling", error);
}
