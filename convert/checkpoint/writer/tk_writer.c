/* A run folder of matchmaker with a TK model (tk.c, tk_weights.c): config.yaml, the weights, and AllenNLP's vocabulary,
 * or else tokenizer.json. */
#include "convert/checkpoint/writer/layout_writers.h"

#include <math.h>
#include <stdio.h>

#define EPSILON 1e-5f /* of torch.nn.TransformerEncoderLayer */

enum { NEARBY = 8 };

struct tk {
    struct minnow_table words, positions;
    bool mixes;
    float share;
    const struct minnow_layer *blocks; /* [block_count] */
    uint32_t block_count;
    struct minnow_kernel_pooling kernels;
    const float *sigma; /* [kernels.count] */
};

/* ---- Layers --------------------------------------------------------------------------------- */

static enum minnow_status take_words(struct minnow_layer_cursor *cursor, struct tk *tk, struct minnow_error *error) {
    const struct minnow_layer *layer = minnow_cursor_next(cursor);
    if (!minnow_cursor_is_at(cursor, MINNOW_LAYER_EMBEDDING) || layer->embedding.positions.rows ||
        layer->embedding.types.rows || layer->embedding.norm.width)
        return minnow_cursor_refuse(cursor, "words alone", error);
    tk->words = layer->embedding.words;
    cursor->at++;
    tk->mixes = minnow_cursor_is_at(cursor, MINNOW_LAYER_KEEP);
    cursor->at += tk->mixes;
    enum minnow_status status = minnow_cursor_take(cursor, MINNOW_LAYER_POSITIONS, &layer, error);
    if (!status) tk->positions = layer->positions.table;
    return status;
}

static bool is_alike(const struct minnow_encoder_block *block, const struct minnow_encoder_block *first) {
    return block->activation == MINNOW_RELU && block->heads == first->heads &&
           block->attention_norm.epsilon == EPSILON && block->output_norm.epsilon == EPSILON &&
           block->query_key_value.bias && block->attention_output.bias && block->ffn_up.bias && block->ffn_down.bias;
}

static enum minnow_status take_blocks(struct minnow_layer_cursor *cursor, struct tk *tk, struct minnow_error *error) {
    tk->blocks = minnow_cursor_next(cursor);
    while (minnow_cursor_is_at(cursor, MINNOW_LAYER_ENCODER_BLOCK)) {
        if (!is_alike(&minnow_cursor_next(cursor)->encoder_block, &tk->blocks[0].encoder_block))
            return minnow_cursor_refuse(cursor, "one with biases, ReLU, epsilon 1e-5 and as many heads as those before",
                                        error);
        tk->block_count++;
        cursor->at++;
    }
    return tk->block_count ? MINNOW_OK : minnow_cursor_refuse(cursor, "an encoder block", error);
}

static enum minnow_status take_texts(const struct minnow_writing *writing, struct tk *tk, struct minnow_error *error) {
    struct minnow_layer_cursor cursor;
    const struct minnow_layer *layer;
    enum minnow_status status = minnow_cursor_begin_shared(writing->contents, writing->layout, &cursor, error);
    if (!status) status = take_words(&cursor, tk, error);
    if (!status) status = take_blocks(&cursor, tk, error);
    if (!status && tk->mixes) {
        status = minnow_cursor_take(&cursor, MINNOW_LAYER_MIX, &layer, error);
        if (!status) tk->share = layer->mix.alpha;
    }
    if (!status) status = minnow_cursor_take(&cursor, MINNOW_LAYER_NORMALIZE, &layer, error);
    return status ? status : minnow_cursor_end(&cursor, error);
}

/* The reader squares what is stored: of the numbers around the root, the one that gives the factor's bits. */
static bool find_sigma(float factor, float *sigma) {
    float near = (float)sqrt(-0.5 / (double)factor);
    for (int i = 0; i < NEARBY; i++) near = nextafterf(near, 0);
    for (int i = 0; i <= 2 * NEARBY; i++, near = nextafterf(near, INFINITY)) {
        *sigma = near;
        if (-1 / (2 * near * near) == factor) return true;
    }
    return false;
}

static enum minnow_status take_kernels(const struct minnow_writing *writing, struct tk *tk,
                                       struct minnow_error *error) {
    struct minnow_layer_cursor cursor = {
        .contents = writing->contents, .route = writing->contents->joint_route, .layout = writing->layout};
    const struct minnow_layer *layer = minnow_cursor_next(&cursor);
    const struct minnow_kernel_pooling *kernels = &layer->kernel_pooling;
    float *sigma = minnow_memory_take(writing->memory, kernels->count * sizeof *sigma);
    if (!sigma) return minnow_writing_no_memory(writing, error);
    if (kernels->bias != 0) return minnow_cursor_refuse(&cursor, "one without a bias", error);
    for (uint32_t i = 0; i < kernels->count; i++)
        if (!find_sigma(kernels->factor[i], &sigma[i]))
            return minnow_cursor_refuse(&cursor, "one whose factors are -1 / (2 sigma^2) of f32 numbers", error);
    tk->kernels = *kernels;
    tk->sigma = sigma;
    cursor.at++;
    return minnow_cursor_end(&cursor, error);
}

/* ---- Weights -------------------------------------------------------------------------------- */

static void add_block(struct minnow_tensor_list *list, const struct minnow_encoder_block *block) {
    const struct minnow_linear *joined = &block->query_key_value;
    minnow_tensor_list_add(list, "self_attn.in_proj_weight", joined->weight,
                           (const uint32_t[4]){joined->outputs, joined->inputs});
    minnow_tensor_list_add_vector(list, "self_attn.in_proj_bias", joined->bias, joined->outputs);
    minnow_tensor_list_add_linear(list, "self_attn.out_proj", &block->attention_output);
    minnow_tensor_list_add_linear(list, "linear1", &block->ffn_up);
    minnow_tensor_list_add_linear(list, "linear2", &block->ffn_down);
    minnow_tensor_list_add_norm(list, "norm1", &block->attention_norm);
    minnow_tensor_list_add_norm(list, "norm2", &block->output_norm);
}

static void add_blocks(struct minnow_tensor_list *list, const struct tk *tk) {
    for (uint32_t i = 0; i < tk->block_count; i++) {
        char prefix[64];
        snprintf(prefix, sizeof prefix, "neural_ir_model.contextualizer.layers.%u.", i);
        list->prefix = prefix;
        add_block(list, &tk->blocks[i].encoder_block);
    }
}

/* Rows of a role's texts. */
static void add_positions(struct minnow_tensor_list *list, const struct tk *tk, const char *name,
                          const struct minnow_input *input) {
    const float *rows = (const float *)tk->positions.data + (size_t)input->first_position * tk->positions.width;
    minnow_tensor_list_add(list, name, rows, (const uint32_t[4]){1, input->max_tokens, tk->positions.width});
}

static enum minnow_status put_weights(const struct minnow_writing *writing, const struct tk *tk,
                                      struct minnow_error *error) {
    const struct minnow_kernel_pooling *kernels = &tk->kernels;
    struct minnow_tensor_list list = {.memory = writing->memory};
    minnow_tensor_list_add_table(&list, "word_embeddings.token_embedder_tokens", &tk->words);
    add_blocks(&list, tk);
    list.prefix = "neural_ir_model.";
    add_positions(&list, tk, "positional_features_q", &writing->contents->inputs[MINNOW_QUERY]);
    add_positions(&list, tk, "positional_features_d", &writing->contents->inputs[MINNOW_DOCUMENT]);
    if (tk->mixes) minnow_tensor_list_add_vector(&list, "mixer", &tk->share, 1);
    minnow_tensor_list_add(&list, "mu", kernels->mu, (const uint32_t[4]){1, 1, 1, kernels->count});
    minnow_tensor_list_add(&list, "sigma", tk->sigma, (const uint32_t[4]){1, 1, 1, kernels->count});
    minnow_tensor_list_add(&list, "kernel_alpha_scaler", kernels->alpha, (const uint32_t[4]){1, 1, kernels->count});
    minnow_tensor_list_add(&list, "kernel_bin_weights.weight", kernels->weight,
                           (const uint32_t[4]){1, kernels->count});
    return minnow_writing_put_tensors(writing, "", &list, error);
}

/* ---- The rest ------------------------------------------------------------------------------- */

static enum minnow_status put_config(const struct minnow_writing *writing, const struct tk *tk,
                                     struct minnow_error *error) {
    const struct minnow_input *inputs = writing->contents->inputs;
    const struct minnow_encoder_block *block = &tk->blocks[0].encoder_block;
    const char *mu = "", *sigma = "";
    for (uint32_t i = 0; i < tk->kernels.count && mu && sigma; i++) {
        mu = minnow_writing_name(writing, "%s\n- %.9g", mu, (double)tk->kernels.mu[i]);
        sigma = minnow_writing_name(writing, "%s\n- %.9g", sigma, (double)tk->sigma[i]);
    }
    if (!mu || !sigma) return minnow_writing_no_memory(writing, error);
    return minnow_writing_print(writing, "config.yaml", error,
                                "model: TK\ntoken_embedder_type: embedding\nvocab_directory: vocabulary\n"
                                "tk_att_heads: %u\ntk_att_layer: %u\ntk_att_ff_dim: %u\ntk_mix_hybrid_context: %s\n"
                                "tk_use_diff_posencoding: true\ntk_kernels_mu:%s\ntk_kernels_sigma:%s\n"
                                "max_query_length: %u\nmax_doc_length: %u\n",
                                block->heads, tk->block_count, block->intermediate, tk->mixes ? "true" : "false", mu,
                                sigma, inputs[MINNOW_QUERY].max_tokens, inputs[MINNOW_DOCUMENT].max_tokens);
}

enum minnow_status minnow_tk_write(struct minnow_writing *writing, struct minnow_error *error) {
    const struct minnow_contents *contents = writing->contents;
    struct tk tk = {.mixes = false};
    enum minnow_status status = take_texts(writing, &tk, error);
    if (!status) status = take_kernels(writing, &tk, error);
    if (!status) status = put_config(writing, &tk, error);
    if (!status) status = put_weights(writing, &tk, error);
    if (status) return status;
    minnow_writing_tell_prompts(writing);
    bool words = minnow_tokenizer_of(contents, MINNOW_QUERY)->kind == MINNOW_TOKENIZER_WORDS;
    return minnow_writing_put_tokenizer(writing, words ? "vocabulary" : "", MINNOW_QUERY,
                                        contents->inputs[MINNOW_DOCUMENT].max_tokens, error);
}
