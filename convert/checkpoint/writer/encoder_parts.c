#include "convert/checkpoint/writer/encoder_parts.h"

#include <stdio.h>
#include <string.h>

#include "convert/blas.h"
#include "convert/checkpoint/factors.h"
#include "convert/checkpoint/text_file.h"

#define DISTILBERT_EPSILON 1e-12f /* fixed in its program */

/* ---- The embedding ------------------------------------------------------------------------- */

enum { FACTORED_LAYERS = 4 };

/* Words of a first factor, the second one, positions, norm. */
static bool factors_are_next(const struct minnow_layer_cursor *cursor) {
    static const enum minnow_layer_kind kinds[FACTORED_LAYERS] = {MINNOW_LAYER_EMBEDDING, MINNOW_LAYER_DENSE,
                                                                  MINNOW_LAYER_POSITIONS, MINNOW_LAYER_NORM};
    struct minnow_layer_cursor ahead = *cursor;
    for (int i = 0; i < FACTORED_LAYERS; i++, ahead.at++)
        if (!minnow_cursor_is_at(&ahead, kinds[i])) return false;
    const struct minnow_layer *layers = minnow_cursor_next(cursor);
    const struct minnow_embedding *embedding = &layers[0].embedding;
    return !embedding->positions.rows && !embedding->types.rows && !embedding->norm.width &&
           layers[1].dense.activation == MINNOW_IDENTITY && !layers[1].dense.linear.bias;
}

static bool embedding_is_next(const struct minnow_layer_cursor *cursor) {
    const struct minnow_layer *layer = minnow_cursor_next(cursor);
    return minnow_cursor_is_at(cursor, MINNOW_LAYER_EMBEDDING) && layer->embedding.positions.rows &&
           layer->embedding.norm.width;
}

bool minnow_encoder_is_next(const struct minnow_layer_cursor *cursor) {
    return embedding_is_next(cursor) || factors_are_next(cursor);
}

/* The types' row 0 is part of the positions already: -0 leaves every number as it is, 0 and -0 too. */
static enum minnow_status multiply_out(const struct minnow_writing *writing, struct minnow_encoder_parts *parts,
                                       struct minnow_error *error) {
    const struct minnow_table *words = parts->word_factors;
    uint32_t rows = words->rows, rank = words->width, hidden = parts->embedding.positions.width;
    float *product = minnow_memory_take(writing->memory, (size_t)rows * hidden * sizeof *product);
    float *types = minnow_memory_take(writing->memory, 2 * (size_t)hidden * sizeof *types);
    if (!product || !types) return minnow_writing_no_memory(writing, error);
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)hidden, (int)rank, 1, words->data,
                         (int)rank, parts->word_projection, (int)rank, 0, product, (int)hidden);
    for (size_t i = 0; i < 2 * (size_t)hidden; i++) types[i] = -0.0f;
    parts->embedding.words = (struct minnow_table){.rows = rows, .width = hidden, .data = product};
    parts->embedding.types = (struct minnow_table){.rows = 2, .width = hidden, .data = types};
    return MINNOW_OK;
}

static enum minnow_status take_factors(const struct minnow_writing *writing, struct minnow_layer_cursor *cursor,
                                       struct minnow_encoder_parts *parts, struct minnow_error *error) {
    const struct minnow_layer *layers = minnow_cursor_next(cursor);
    parts->word_factors = &layers[0].embedding.words;
    parts->word_projection = layers[1].dense.linear.weight;
    parts->embedding.positions = layers[2].positions.table;
    parts->embedding.norm = layers[3].norm;
    parts->family = MINNOW_FAMILY_BERT;
    cursor->at += FACTORED_LAYERS;
    return multiply_out(writing, parts, error);
}

enum minnow_status minnow_encoder_take_embedding(const struct minnow_writing *writing,
                                                 struct minnow_layer_cursor *cursor, struct minnow_encoder_parts *parts,
                                                 struct minnow_error *error) {
    const struct minnow_layer *layer = minnow_cursor_next(cursor);
    *parts = (struct minnow_encoder_parts){0};
    parts->blocks = minnow_memory_take(writing->memory, MINNOW_MAX_LAYERS * sizeof(void *));
    if (!parts->blocks) return minnow_writing_no_memory(writing, error);
    if (factors_are_next(cursor)) return take_factors(writing, cursor, parts, error);
    if (!embedding_is_next(cursor))
        return minnow_cursor_refuse(cursor, "an embedding with positions and a norm", error);
    parts->embedding = layer->embedding;
    parts->family = layer->embedding.types.rows ? MINNOW_FAMILY_BERT : MINNOW_FAMILY_DISTILBERT;
    if (parts->family == MINNOW_FAMILY_DISTILBERT && layer->embedding.norm.epsilon != DISTILBERT_EPSILON)
        return minnow_cursor_refuse(cursor, "one with epsilon 1e-12, as tokens have no types (DistilBERT's)", error);
    cursor->at++;
    return MINNOW_OK;
}

/* ---- Blocks -------------------------------------------------------------------------------- */

static const char *activation_name(enum minnow_activation activation) {
    static const char *const names[] = {
        [MINNOW_IDENTITY] = NULL, [MINNOW_GELU] = "gelu", [MINNOW_RELU] = "relu", [MINNOW_TANH] = "tanh"};
    return activation < sizeof names / sizeof *names ? names[activation] : NULL;
}

static uint32_t head_width(const struct minnow_encoder_block *block) {
    return minnow_attention_width(block) / block->heads;
}

static bool is_alike(const struct minnow_encoder_parts *parts, const struct minnow_encoder_block *block) {
    const struct minnow_encoder_block *first = parts->block_count ? parts->blocks[0] : block;
    float epsilon = parts->embedding.norm.epsilon;
    return block->hidden == parts->embedding.words.width && block->hidden % head_width(block) == 0 &&
           head_width(block) == head_width(first) && block->intermediate == first->intermediate &&
           block->activation == first->activation && block->attention_norm.epsilon == epsilon &&
           block->output_norm.epsilon == epsilon && activation_name(block->activation) && block->query_key_value.bias &&
           block->attention_output.bias && block->ffn_up.bias && block->ffn_down.bias;
}

enum minnow_status minnow_encoder_take_blocks(struct minnow_layer_cursor *cursor, struct minnow_encoder_parts *parts,
                                              struct minnow_error *error) {
    while (minnow_cursor_is_at(cursor, MINNOW_LAYER_ENCODER_BLOCK)) {
        const struct minnow_encoder_block *block = &minnow_cursor_next(cursor)->encoder_block;
        if (parts->block_count == MINNOW_MAX_LAYERS || !is_alike(parts, block))
            return minnow_cursor_refuse(cursor,
                                        "one with biases, GELU, ReLU or tanh, and the width (its heads', too), "
                                        "activation and epsilon of those before it",
                                        error);
        parts->blocks[parts->block_count++] = block;
        cursor->at++;
    }
    return parts->block_count ? MINNOW_OK : minnow_cursor_refuse(cursor, "an encoder block", error);
}

/* ---- Tensors ------------------------------------------------------------------------------- */

const char *minnow_encoder_family_prefix(const struct minnow_encoder_parts *parts) {
    return minnow_encoder_names[parts->family].prefix;
}

static void add_embedding(struct minnow_tensor_list *list, const struct minnow_embedding *embedding) {
    minnow_tensor_list_add_table(list, "embeddings.word_embeddings", &embedding->words);
    minnow_tensor_list_add_table(list, "embeddings.position_embeddings", &embedding->positions);
    if (embedding->types.rows)
        minnow_tensor_list_add_table(list, "embeddings.token_type_embeddings", &embedding->types);
    minnow_tensor_list_add_norm(list, "embeddings.LayerNorm", &embedding->norm);
}

/* Query, key and value lie one below the other. */
static void add_projections(struct minnow_tensor_list *list, const struct minnow_encoder_names *names,
                            const struct minnow_linear *joined) {
    uint32_t outputs = joined->outputs / 3;
    for (size_t i = 0; i < 3; i++) {
        struct minnow_linear part = {.inputs = joined->inputs, .outputs = outputs};
        part.weight = (const float *)joined->weight + i * outputs * joined->inputs;
        part.bias = joined->bias + i * outputs;
        minnow_tensor_list_add_linear(list, names->projections[i], &part);
    }
}

static void add_block(struct minnow_tensor_list *list, const struct minnow_encoder_names *names,
                      const struct minnow_encoder_block *block) {
    add_projections(list, names, &block->query_key_value);
    minnow_tensor_list_add_linear(list, names->attention_output, &block->attention_output);
    minnow_tensor_list_add_norm(list, names->attention_norm, &block->attention_norm);
    minnow_tensor_list_add_linear(list, names->up, &block->ffn_up);
    minnow_tensor_list_add_linear(list, names->down, &block->ffn_down);
    minnow_tensor_list_add_norm(list, names->output_norm, &block->output_norm);
}

void minnow_encoder_add_tensors(struct minnow_tensor_list *list, const struct minnow_encoder_parts *parts) {
    const struct minnow_encoder_names *names = &minnow_encoder_names[parts->family];
    const char *before = list->prefix ? list->prefix : "";
    add_embedding(list, &parts->embedding);
    for (uint32_t i = 0; i < parts->block_count; i++) {
        char block[64], prefix[128];
        snprintf(block, sizeof block, names->block, i);
        snprintf(prefix, sizeof prefix, "%s%s", before, block);
        list->prefix = prefix;
        add_block(list, names, parts->blocks[i]);
        list->prefix = before;
    }
}

enum minnow_status minnow_encoder_put_weights(const struct minnow_writing *writing, const char *subfolder,
                                              const struct minnow_encoder_parts *parts,
                                              const struct minnow_tensor_list *list, struct minnow_error *error) {
    const struct minnow_table *words = parts->word_factors;
    struct minnow_tensor_list factors = {.memory = writing->memory};
    enum minnow_status status = minnow_writing_put_tensors(writing, subfolder, list, error);
    if (status || !words) return status;
    minnow_tensor_list_add(&factors, "word_factors", words->data, (const uint32_t[4]){words->rows, words->width});
    minnow_tensor_list_add(&factors, "word_projection", parts->word_projection,
                           (const uint32_t[4]){parts->embedding.positions.width, words->width});
    return minnow_writing_put_tensor_file(writing, subfolder, MINNOW_FACTORS_FILE, &factors, error);
}

/* ---- config.json --------------------------------------------------------------------------- */

/* Appends to a text in the writing's memory; NULL: out of memory, then or before. */
static const char *append(const struct minnow_writing *writing, const char *text, const char *more) {
    return text && more ? minnow_writing_name(writing, "%s%s", text, more) : NULL;
}

/* Heads that a block lacks, as if they had been its last ones; "" where none lacks any. */
static const char *pruned_heads(const struct minnow_writing *writing, const struct minnow_encoder_parts *parts,
                                uint32_t heads) {
    const char *text = "";
    for (uint32_t i = 0; i < parts->block_count; i++) {
        uint32_t kept = parts->blocks[i]->heads;
        if (kept == heads) continue;
        text = append(writing, text, minnow_writing_name(writing, "%s\"%u\": [", *text ? "], " : "", i));
        for (uint32_t h = kept; text && h < heads; h++)
            text = append(writing, text, minnow_writing_name(writing, "%s%u", h > kept ? ", " : "", h));
        if (!text) return NULL;
    }
    return *text ? minnow_writing_name(writing, "  \"pruned_heads\": {%s]},\n", text) : text;
}

enum minnow_status minnow_encoder_put_config(const struct minnow_writing *writing, const char *subfolder,
                                             const struct minnow_encoder_parts *parts, const char *ending,
                                             const char *architecture, const char *more, struct minnow_error *error) {
    const struct minnow_encoder_names *names = &minnow_encoder_names[parts->family];
    const struct minnow_embedding *embedding = &parts->embedding;
    const struct minnow_encoder_block *block = parts->blocks[0];
    const char *file = minnow_join_name(writing->memory, subfolder, "config.json");
    const char *own = minnow_writing_name(writing, "%s%s", names->class_name, ending);
    const char *types = "";
    if (parts->family == MINNOW_FAMILY_BERT)
        types = minnow_writing_name(writing, "  \"type_vocab_size\": %u,\n  \"layer_norm_eps\": %.9g,\n",
                                    embedding->types.rows, (double)embedding->norm.epsilon);
    uint32_t padding = minnow_tokenizer_of(writing->contents, MINNOW_DOCUMENT)->pad_id;
    uint32_t heads = block->hidden / head_width(block);
    const char *pruned = pruned_heads(writing, parts, heads);
    if (!file || !own || !types || !pruned) return minnow_writing_no_memory(writing, error);
    return minnow_writing_print(writing, file, error,
                                "{\n  \"architectures\": [\"%s\"],\n  \"model_type\": \"%s\",\n  \"%s\": %u,\n"
                                "  \"%s\": %u,\n  \"%s\": %u,\n  \"%s\": %u,\n  \"%s\": \"%s\",\n%s%s%s"
                                "  \"pad_token_id\": %u,\n  \"max_position_embeddings\": %u,\n"
                                "  \"vocab_size\": %u,\n  \"dtype\": \"float32\"\n}\n",
                                architecture ? architecture : own, names->model_type, names->hidden, block->hidden,
                                names->layers, parts->block_count, names->heads, heads, names->intermediate,
                                block->intermediate, names->activation, activation_name(block->activation), types,
                                pruned, more, padding == MINNOW_NO_TOKEN ? 0 : padding, embedding->positions.rows,
                                embedding->words.rows);
}
