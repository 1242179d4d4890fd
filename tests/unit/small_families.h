/* A small model of every family of students. */
#ifndef MINNOW_TESTS_SMALL_FAMILIES_H
#define MINNOW_TESTS_SMALL_FAMILIES_H

#include "tests/unit/small_model.h"

enum small_family {
    SMALL_BI_ENCODER,
    SMALL_LATE_INTERACTION, /* ColBERT */
    SMALL_CROSS_ENCODER,    /* BERT_CAT */
    SMALL_JOINED_LATE,      /* PreTTR */
    SMALL_KERNEL_POOLING,   /* TK */
    SMALL_LSTM,
    SMALL_CONVOLUTION,
    SMALL_STATIC,
    SMALL_COMPARED, /* a small perceptron on [u; v; |u - v|; u * v] */
    SMALL_FACTORED, /* a bi-encoder whose word table is a product of two factors, whose last block has fewer heads */
    SMALL_FAMILIES
};

static const char *const small_family_names[SMALL_FAMILIES] = {
    "bi-encoder",  "late interaction", "cross-encoder", "joined late", "kernel pooling", "LSTM",
    "convolution", "static",           "compared",      "factored"};

/* No width of theirs is a multiple of MINNOW_LANES either. */
enum { RECURRENT = 10, BRANCHES = 3, KERNELS = 5, DOCUMENT_POSITION = 20, RANK = 12, NARROW = 10 };

/* ---- Layers ---- */

static inline struct minnow_layer *add_layer(struct small_model *model, uint32_t route, enum minnow_layer_kind kind) {
    struct minnow_layer *layer = &model->layers[route][model->routes[route].layer_count++];
    if (model->routes[route].layer_count > MAX_SMALL_LAYERS) abort();
    layer->kind = kind;
    return layer;
}

/* `positions`: rows of their table; 0: none. */
static inline void add_embedding(struct small_model *model, uint32_t route, uint32_t positions, bool norm) {
    struct minnow_embedding *embedding = &add_layer(model, route, MINNOW_LAYER_EMBEDDING)->embedding;
    embedding->words = make_table(model, model->contents.tokenizers[0].vocabulary, model->type);
    if (positions) embedding->positions = make_table(model, positions, model->type);
    if (positions) embedding->types = make_table(model, 2, MINNOW_WEIGHT_F32);
    if (norm) embedding->norm = make_norm(model);
}

static inline void add_block(struct small_model *model, uint32_t route) {
    add_layer(model, route, MINNOW_LAYER_ENCODER_BLOCK)->encoder_block = make_block(model);
}

/* Attention is narrower than the rows. */
static inline void add_narrow_block(struct small_model *model, uint32_t route) {
    struct minnow_encoder_block *block = &add_layer(model, route, MINNOW_LAYER_ENCODER_BLOCK)->encoder_block;
    *block = make_block(model);
    block->heads = 2;
    block->query_key_value = make_linear(model, HIDDEN, 3 * NARROW);
    block->attention_output = make_linear(model, NARROW, HIDDEN);
}

static inline void add_pool(struct small_model *model, uint32_t route, enum minnow_pooling pooling) {
    add_layer(model, route, MINNOW_LAYER_POOL)->pool.pooling = pooling;
}

static inline void add_dense(struct small_model *model, uint32_t route, uint32_t inputs, uint32_t outputs,
                             enum minnow_activation activation) {
    add_layer(model, route, MINNOW_LAYER_DENSE)->dense =
        (struct minnow_dense){make_linear(model, inputs, outputs), activation};
}

static inline void add_lstm(struct small_model *model, uint32_t route, uint32_t inputs, uint32_t directions) {
    struct minnow_lstm *lstm = &add_layer(model, route, MINNOW_LAYER_LSTM)->lstm;
    *lstm = (struct minnow_lstm){.hidden = RECURRENT, .direction_count = directions};
    for (uint32_t i = 0; i < directions; i++) {
        lstm->directions[i].input = make_linear(model, inputs, 4 * RECURRENT);
        lstm->directions[i].recurrent = make_linear(model, RECURRENT, 4 * RECURRENT);
    }
}

/* Weights of the padding are not 0 here: nothing but 0 may meet them. */
static inline struct minnow_linear make_window(struct small_model *model, uint32_t taps, uint32_t width,
                                               uint32_t outputs) {
    struct minnow_linear linear = make_linear(model, taps * (uint32_t)MINNOW_PADDED(width), outputs);
    linear.input_multiplier = NULL;
    linear.input_rotation = 0;
    return linear;
}

/* Out: 10, 12, 9 wide, side by side. */
static inline void add_convolution(struct small_model *model, uint32_t route, uint32_t width) {
    static const uint32_t outputs[BRANCHES] = {10, 12, 9};
    struct minnow_convolution *convolution = &add_layer(model, route, MINNOW_LAYER_CONVOLUTION)->convolution;
    *convolution =
        (struct minnow_convolution){.width = width, .branch_count = BRANCHES, .activation = MINNOW_RELU};
    for (uint32_t i = 0; i < BRANCHES; i++) {
        convolution->branches[i].taps = 2 * i + 1;
        convolution->branches[i].linear = make_window(model, 2 * i + 1, width, outputs[i]);
    }
    if (model->type == MINNOW_WEIGHT_F32) return;
    convolution->input_multiplier = random_floats(model, MINNOW_PADDED(width), 1, 0.5f);
    convolution->input_rotation = 32;
}

static inline void add_kernel_pooling(struct small_model *model, uint32_t route) {
    static const float mu[KERNELS] = {1, 0.7f, 0.3f, -0.1f, -0.5f}, factor[KERNELS] = {-50, -50, -5, -5, -0.5f};
    struct minnow_kernel_pooling *pooling = &add_layer(model, route, MINNOW_LAYER_KERNEL_POOLING)->kernel_pooling;
    float *centers = random_floats(model, KERNELS, 0, 0), *factors = random_floats(model, KERNELS, 0, 0);
    memcpy(centers, mu, sizeof mu);
    memcpy(factors, factor, sizeof factor);
    *pooling = (struct minnow_kernel_pooling){.count = KERNELS, .mu = centers, .factor = factors, .bias = 0.125f};
    pooling->alpha = random_floats(model, KERNELS, 1, 0.5f);
    pooling->weight = random_floats(model, KERNELS, 0, 0.2f);
}

static inline void add_positions(struct small_model *model, uint32_t route, uint32_t rows) {
    add_layer(model, route, MINNOW_LAYER_POSITIONS)->positions.table = make_table(model, rows, model->type);
}

/* ---- Families ---- */

static inline void end_route(struct small_model *model, uint32_t route, uint32_t max_tokens, uint32_t dimensions) {
    model->routes[route].layers = model->layers[route];
    model->routes[route].max_tokens = max_tokens;
    model->routes[route].dimensions = dimensions;
}

/* Both roles take route 0; `joint`: route 1 follows. */
static inline void set_roles(struct small_model *model, enum minnow_similarity similarity) {
    bool joint = similarity == MINNOW_JOINT;
    model->contents.similarity = similarity;
    model->contents.route_count = joint ? 2 : 1;
    if (joint) model->contents.joint_route = 1;
}

/* Nothing is put around a text, so that an empty one has no token. */
static inline void set_plain_inputs(struct small_model *model) {
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++)
        model->contents.inputs[role] =
            (struct minnow_input){.prompt = "", .max_tokens = MAX_TOKENS, .trailing = MINNOW_NO_TOKEN};
}

/* Words between white space; the last three are stop words. */
static inline void split_at_spaces(struct small_model *model) {
    struct minnow_tokenizer *tokenizer = &model->contents.tokenizers[0];
    uint32_t *slots = take(model, tokenizer->slot_count * sizeof *slots);
    tokenizer->kind = MINNOW_TOKENIZER_WHITESPACE;
    tokenizer->options = MINNOW_TOKENIZER_LOWERCASE;
    tokenizer->vocabulary -= 3;
    tokenizer->stop_words = 3;
    tokenizer->added = NULL;
    tokenizer->added_count = 0;
    tokenizer->unknown_id = MINNOW_NO_TOKEN;
    minnow_tokenizer_fill_slots(tokenizer, slots);
}

/* Markers behind [CLS], queries filled with [MASK] that nobody sees, punctuation skipped in documents. */
static inline void make_late_interaction(struct small_model *model) {
    static const uint32_t punctuation[] = {9, 12};
    add_embedding(model, 0, MAX_TOKENS, true);
    add_block(model, 0);
    add_block(model, 0);
    add_dense(model, 0, HIDDEN, DIMENSIONS, MINNOW_IDENTITY);
    add_layer(model, 0, MINNOW_LAYER_NORMALIZE);
    end_route(model, 0, MAX_TOKENS, DIMENSIONS);
    set_roles(model, MINNOW_MAXSIM);
    model->contents.inputs[MINNOW_QUERY] = (struct minnow_input){.prompt = "",
                                                                 .max_tokens = MAX_TOKENS - 4,
                                                                 .leading = {2, 14},
                                                                 .leading_count = 2,
                                                                 .trailing = 3,
                                                                 .fill_to = MAX_TOKENS - 6,
                                                                 .masks_unseen = true};
    model->contents.inputs[MINNOW_DOCUMENT] = (struct minnow_input){.prompt = "",
                                                                    .max_tokens = MAX_TOKENS,
                                                                    .leading = {2, 15},
                                                                    .leading_count = 2,
                                                                    .trailing = 3,
                                                                    .skipped = punctuation,
                                                                    .skipped_count = 2};
}

static inline void make_cross_encoder(struct small_model *model) {
    add_embedding(model, 0, 2 * MAX_TOKENS, true);
    add_block(model, 0);
    add_block(model, 0);
    add_pool(model, 0, MINNOW_POOL_CLS);
    add_dense(model, 0, HIDDEN, HIDDEN, MINNOW_TANH);
    add_dense(model, 0, HIDDEN, 1, MINNOW_SIGMOID);
    end_route(model, 0, 2 * MAX_TOKENS, 1);
    model->contents.similarity = MINNOW_JOINT;
    model->contents.route_count = 1;
    model->contents.joint_route = 0;
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        model->contents.route_of_role[role] = MINNOW_NO_ROUTE;
        model->contents.inputs[role] = (struct minnow_input){
            .prompt = "", .max_tokens = MAX_TOKENS, .trailing = 3, .type = role == MINNOW_DOCUMENT};
    }
    model->contents.inputs[MINNOW_QUERY].leading_count = 1;
    model->contents.inputs[MINNOW_QUERY].leading[0] = 2;
}

/* Documents stand behind the longest query. */
static inline void make_joined_late(struct small_model *model) {
    add_embedding(model, 0, 2 * MAX_TOKENS, true);
    add_block(model, 0);
    end_route(model, 0, MAX_TOKENS, HIDDEN);
    add_block(model, 1);
    add_pool(model, 1, MINNOW_POOL_CLS);
    add_dense(model, 1, HIDDEN, 1, MINNOW_IDENTITY);
    end_route(model, 1, 2 * MAX_TOKENS, 1);
    set_roles(model, MINNOW_JOINT);
    model->contents.inputs[MINNOW_QUERY] = (struct minnow_input){.prompt = "",
                                                                 .max_tokens = MAX_TOKENS,
                                                                 .leading = {2},
                                                                 .leading_count = 1,
                                                                 .trailing = 3,
                                                                 .mask_count = 3,
                                                                 .masks_before_trailing = true};
    model->contents.inputs[MINNOW_DOCUMENT] = (struct minnow_input){
        .prompt = "", .max_tokens = MAX_TOKENS, .trailing = 3, .first_position = MAX_TOKENS};
}

static inline void make_kernel_pooling(struct small_model *model) {
    model->contents.tokenizers[0].kind = MINNOW_TOKENIZER_WORDS;
    add_embedding(model, 0, 0, false);
    add_layer(model, 0, MINNOW_LAYER_KEEP);
    add_positions(model, 0, DOCUMENT_POSITION + MAX_TOKENS);
    add_block(model, 0);
    add_layer(model, 0, MINNOW_LAYER_MIX)->mix.alpha = 0.375f;
    add_layer(model, 0, MINNOW_LAYER_NORMALIZE);
    end_route(model, 0, MAX_TOKENS, HIDDEN);
    add_kernel_pooling(model, 1);
    end_route(model, 1, 2 * MAX_TOKENS, 1);
    set_roles(model, MINNOW_JOINT);
    set_plain_inputs(model);
    model->contents.inputs[MINNOW_DOCUMENT].first_position = DOCUMENT_POSITION;
}

/* Two layers, the first in both directions. */
static inline void make_recurrent(struct small_model *model) {
    add_embedding(model, 0, 0, false);
    add_lstm(model, 0, HIDDEN, 2);
    add_lstm(model, 0, 2 * RECURRENT, 1);
    add_pool(model, 0, MINNOW_POOL_MAX);
    add_dense(model, 0, RECURRENT, DIMENSIONS, MINNOW_IDENTITY);
    end_route(model, 0, MAX_TOKENS, DIMENSIONS);
    set_roles(model, MINNOW_COSINE);
    set_plain_inputs(model);
}

static inline void make_convolutional(struct small_model *model) {
    split_at_spaces(model);
    add_embedding(model, 0, 0, false);
    add_convolution(model, 0, HIDDEN);
    add_convolution(model, 0, 31);
    add_pool(model, 0, MINNOW_POOL_MAX);
    end_route(model, 0, MAX_TOKENS, 31);
    set_roles(model, MINNOW_DOT);
    set_plain_inputs(model);
}

static inline void make_static(struct small_model *model) {
    add_embedding(model, 0, 0, false);
    add_pool(model, 0, MINNOW_POOL_MEAN);
    add_layer(model, 0, MINNOW_LAYER_NORMALIZE);
    end_route(model, 0, MAX_TOKENS, HIDDEN);
    set_roles(model, MINNOW_COSINE);
    set_plain_inputs(model);
}

static inline void make_compared(struct small_model *model) {
    add_embedding(model, 0, 0, false);
    add_lstm(model, 0, HIDDEN, 2);
    add_pool(model, 0, MINNOW_POOL_MEAN);
    end_route(model, 0, MAX_TOKENS, 2 * RECURRENT);
    add_layer(model, 1, MINNOW_LAYER_COMPARE);
    add_dense(model, 1, 8 * RECURRENT, 12, MINNOW_RELU);
    add_dense(model, 1, 12, 1, MINNOW_IDENTITY);
    end_route(model, 1, 2, 1);
    set_roles(model, MINNOW_JOINT);
    set_plain_inputs(model);
    model->contents.inputs[MINNOW_DOCUMENT].max_characters = 60;
    model->contents.inputs[MINNOW_DOCUMENT].drops_unknown = true;
}

/* Words of RANK, wider by a matrix; positions and norm follow it. */
static inline void make_factored(struct small_model *model) {
    add_layer(model, 0, MINNOW_LAYER_EMBEDDING)->embedding.words =
        make_table_of(model, model->contents.tokenizers[0].vocabulary, RANK, model->type);
    add_dense(model, 0, RANK, HIDDEN, MINNOW_IDENTITY);
    if (model->type == MINNOW_WEIGHT_F32) model->layers[0][1].dense.linear.bias = NULL;
    add_positions(model, 0, MAX_TOKENS);
    add_layer(model, 0, MINNOW_LAYER_NORM)->norm = make_norm(model);
    add_block(model, 0);
    add_narrow_block(model, 0);
    add_pool(model, 0, MINNOW_POOL_MEAN);
    add_layer(model, 0, MINNOW_LAYER_NORMALIZE);
    end_route(model, 0, MAX_TOKENS, HIDDEN);
    set_roles(model, MINNOW_COSINE);
    make_input(model, MINNOW_QUERY, "a ");
    make_input(model, MINNOW_DOCUMENT, "");
}

/* Free with small_model_free. */
static inline struct small_model *small_family_make(enum small_family family, enum minnow_weight_type type) {
    if (family == SMALL_BI_ENCODER) return small_model_make(type, 2);
    struct small_model *model = small_model_begin(type);
    switch (family) {
    case SMALL_LATE_INTERACTION: make_late_interaction(model); break;
    case SMALL_CROSS_ENCODER: make_cross_encoder(model); break;
    case SMALL_JOINED_LATE: make_joined_late(model); break;
    case SMALL_KERNEL_POOLING: make_kernel_pooling(model); break;
    case SMALL_LSTM: make_recurrent(model); break;
    case SMALL_CONVOLUTION: make_convolutional(model); break;
    case SMALL_STATIC: make_static(model); break;
    case SMALL_COMPARED: make_compared(model); break;
    case SMALL_FACTORED: make_factored(model); break;
    case SMALL_BI_ENCODER:
    case SMALL_FAMILIES: abort();
    }
    return model;
}

#endif
