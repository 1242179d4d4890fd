/* A small model made by hand: a bi-encoder, every kind of table, weights of a random generator. One route, or a second
 * one that shares the words. The other families are small_families.h's. */
#ifndef MINNOW_TESTS_SMALL_MODEL_H
#define MINNOW_TESTS_SMALL_MODEL_H

#include <stdlib.h>
#include <string.h>

#include "convert/golden.h"
#include "convert/memory.h"
#include "runtime/model/model.h"

/* No width is a multiple of MINNOW_LANES: the padding is used. */
enum { HIDDEN = 24, HEADS = 3, INTERMEDIATE = 40, DIMENSIONS = 20, MAX_TOKENS = 18, MAX_SMALL_LAYERS = 10 };

struct small_model {
    struct minnow_memory *memory;
    enum minnow_weight_type type;
    uint32_t random;
    struct minnow_contents contents;
    struct minnow_route routes[MINNOW_MAX_ROUTES];
    struct minnow_layer layers[MINNOW_MAX_ROUTES][MAX_SMALL_LAYERS];
};

static inline void *take(struct small_model *model, size_t size) {
    void *memory = minnow_memory_take(model->memory, size);
    if (!memory) abort();
    return memory;
}

static inline uint32_t small_random(struct small_model *model) {
    model->random = model->random * 1664525u + 1013904223u;
    return model->random >> 8;
}

/* Around `middle`, less than `spread` away. */
static inline float *random_floats(struct small_model *model, size_t count, float middle, float spread) {
    float *numbers = take(model, MINNOW_PADDED(count) * sizeof *numbers);
    for (size_t i = 0; i < count; i++) numbers[i] = middle + spread * ((float)small_random(model) / 8388608.0f - 1.0f);
    return numbers;
}

static inline int8_t *random_weights(struct small_model *model, size_t count) {
    int8_t *weights = take(model, count);
    for (size_t i = 0; i < count; i++) weights[i] = (int8_t)((int)(small_random(model) % 255) - 127);
    return weights;
}

/* Returns the weights, [outputs][inputs]. */
static inline const int8_t *fill_s8_weights(struct small_model *model, struct minnow_linear *linear) {
    int8_t *plain = random_weights(model, (size_t)linear->outputs * linear->inputs);
    int8_t *packed = take(model, minnow_packed_s8_bytes(linear->outputs, linear->inputs));
    minnow_pack_s8(plain, linear->outputs, linear->inputs, packed);
    linear->weight = packed;
    return plain;
}

/* The weight of a code, as kernels.h has it. */
static inline int8_t s4_weight(int code, int step) { return (int8_t)((code - 7 - (step >> 4 & 1)) * (step & 15)); }

static inline const int8_t *fill_s4_weights(struct small_model *model, struct minnow_linear *linear) {
    size_t outputs = linear->outputs, inputs = linear->inputs, groups = MINNOW_GROUPS(inputs);
    int8_t *plain = take(model, outputs * inputs);
    uint8_t *codes = take(model, outputs * inputs), *packed = take(model, minnow_packed_s4_bytes(outputs, inputs));
    const uint8_t *steps = (const uint8_t *)random_weights(model, outputs * groups);
    uint8_t *packed_steps = take(model, minnow_packed_s4_step_bytes(outputs, inputs));
    for (size_t i = 0; i < outputs * inputs; i++) {
        codes[i] = (uint8_t)(small_random(model) & 15);
        plain[i] = s4_weight(codes[i], steps[i / inputs * groups + i % inputs / MINNOW_GROUP]);
    }
    minnow_pack_s4(codes, steps, outputs, inputs, packed, packed_steps);
    linear->weight = packed;
    linear->steps = packed_steps;
    return plain;
}

static inline void fill_rounded_linear(struct small_model *model, struct minnow_linear *linear) {
    const int8_t *plain =
        linear->type == MINNOW_WEIGHT_S4 ? fill_s4_weights(model, linear) : fill_s8_weights(model, linear);
    int32_t *sums = take(model, MINNOW_PADDED(linear->outputs) * sizeof *sums);
    for (size_t o = 0; o < linear->outputs; o++)
        for (size_t i = 0; i < linear->inputs; i++) sums[o] += plain[o * linear->inputs + i];
    linear->column_sum = sums;
    linear->scale = random_floats(model, linear->outputs, 0.002f, 0.001f);
    linear->input_multiplier = random_floats(model, linear->inputs, 1.0f, 0.5f);
    linear->input_rotation = linear->inputs % 16 == 0 ? 16 : 0;
}

static inline struct minnow_linear make_linear(struct small_model *model, uint32_t inputs, uint32_t outputs) {
    struct minnow_linear linear = {.inputs = inputs, .outputs = outputs, .type = model->type};
    if (model->type == MINNOW_WEIGHT_F32)
        linear.weight = random_floats(model, (size_t)inputs * outputs, 0, 0.3f);
    else
        fill_rounded_linear(model, &linear);
    linear.bias = random_floats(model, outputs, 0, 0.1f);
    return linear;
}

static inline struct minnow_table make_table_of(struct small_model *model, uint32_t rows, uint32_t width,
                                                enum minnow_weight_type type) {
    struct minnow_table table = {.rows = rows, .width = width, .type = type};
    if (type == MINNOW_WEIGHT_F32) {
        table.data = random_floats(model, (size_t)rows * width, 0, 1);
        return table;
    }
    bool s4 = type == MINNOW_WEIGHT_S4;
    table.data = random_weights(model, rows * (s4 ? MINNOW_GROUPS(width) * MINNOW_GROUP / 2 : width));
    if (s4) table.steps = (const uint8_t *)random_weights(model, rows * MINNOW_GROUPS(width));
    table.scale = random_floats(model, rows, 0.01f, 0.005f);
    return table;
}

/* Rows of HIDDEN. */
static inline struct minnow_table make_table(struct small_model *model, uint32_t rows, enum minnow_weight_type type) {
    return make_table_of(model, rows, HIDDEN, type);
}

static inline struct minnow_layer_norm make_norm(struct small_model *model) {
    struct minnow_layer_norm norm = {.width = HIDDEN, .epsilon = 1e-12f};
    norm.gamma = random_floats(model, HIDDEN, 1, 0.2f);
    norm.beta = random_floats(model, HIDDEN, 0, 0.2f);
    return norm;
}

static inline struct minnow_encoder_block make_block(struct small_model *model) {
    struct minnow_encoder_block block = {
        .hidden = HIDDEN, .heads = HEADS, .intermediate = INTERMEDIATE, .activation = MINNOW_GELU};
    block.query_key_value = make_linear(model, HIDDEN, 3 * HIDDEN);
    block.attention_output = make_linear(model, HIDDEN, HIDDEN);
    block.ffn_up = make_linear(model, HIDDEN, INTERMEDIATE);
    block.ffn_down = make_linear(model, INTERMEDIATE, HIDDEN);
    block.attention_norm = make_norm(model);
    block.output_norm = make_norm(model);
    return block;
}

static inline void make_tokenizer(struct small_model *model) {
    static const char *const tokens[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "fish",  "river", "##s",
                                         "water", "a",     "of",    "the",   "?",      "##ing", "東",    "é"};
    enum { VOCABULARY = sizeof tokens / sizeof *tokens };
    static const struct minnow_added_token added[] = {{4, 0, 1, 0}, {0, 0, 0, 0}};
    uint32_t *offsets = take(model, (VOCABULARY + 1) * sizeof *offsets);
    uint32_t *slots = take(model, minnow_tokenizer_slot_count(VOCABULARY) * sizeof *slots);
    char *text = take(model, 16 * VOCABULARY);
    for (uint32_t i = 0; i < VOCABULARY; i++) {
        size_t size = strlen(tokens[i]);
        memcpy(text + offsets[i], tokens[i], size);
        offsets[i + 1] = offsets[i] + (uint32_t)size;
    }
    model->contents.tokenizer_count = 1;
    model->contents.tokenizers[0] = (struct minnow_tokenizer){.text = text,
                                                          .offsets = offsets,
                                                          .vocabulary = VOCABULARY,
                                                          .text_bytes = offsets[VOCABULARY],
                                                          .added = added,
                                                          .added_count = 2,
                                                          .options = 15,
                                                          .unknown_id = 1,
                                                          .cls_id = 2,
                                                          .sep_id = 3,
                                                          .pad_id = 0,
                                                          .mask_id = 4,
                                                          .max_word_characters = 100,
                                                          .continuation = "##"};
    minnow_tokenizer_fill_slots(&model->contents.tokenizers[0], slots);
}

static inline void make_big_route(struct small_model *model) {
    struct minnow_layer *layers = model->layers[0];
    struct minnow_embedding *embedding = &layers[0].embedding;
    layers[0].kind = MINNOW_LAYER_EMBEDDING;
    embedding->words = make_table(model, model->contents.tokenizers[0].vocabulary, model->type);
    embedding->positions = make_table(model, MAX_TOKENS, model->type);
    embedding->types = make_table(model, 2, MINNOW_WEIGHT_F32);
    embedding->norm = make_norm(model);
    layers[1] = (struct minnow_layer){.kind = MINNOW_LAYER_ENCODER_BLOCK, .encoder_block = make_block(model)};
    layers[2] = (struct minnow_layer){.kind = MINNOW_LAYER_ENCODER_BLOCK, .encoder_block = make_block(model)};
    layers[3] = (struct minnow_layer){.kind = MINNOW_LAYER_POOL, .pool = {MINNOW_POOL_CLS}};
    layers[4].kind = MINNOW_LAYER_DENSE;
    layers[4].dense = (struct minnow_dense){make_linear(model, HIDDEN, DIMENSIONS), MINNOW_TANH};
    layers[5].kind = MINNOW_LAYER_NORMALIZE;
    model->routes[0] = (struct minnow_route){layers, 6, MAX_TOKENS, DIMENSIONS};
}

/* The words of the big route, their mean, one dense layer. */
static inline void make_small_route(struct small_model *model) {
    struct minnow_layer *layers = model->layers[1];
    layers[0].kind = MINNOW_LAYER_EMBEDDING;
    layers[0].embedding.words = model->layers[0][0].embedding.words;
    layers[1] = (struct minnow_layer){.kind = MINNOW_LAYER_POOL, .pool = {MINNOW_POOL_MEAN}};
    layers[2].kind = MINNOW_LAYER_DENSE;
    layers[2].dense = (struct minnow_dense){make_linear(model, HIDDEN, DIMENSIONS), MINNOW_IDENTITY};
    layers[3].kind = MINNOW_LAYER_NORMALIZE;
    model->routes[1] = (struct minnow_route){layers, 4, MAX_TOKENS - 6, DIMENSIONS};
}

static inline void make_input(struct small_model *model, enum minnow_role role, const char *prompt) {
    const struct minnow_tokenizer *tokenizer = &model->contents.tokenizers[0];
    model->contents.inputs[role] =
        (struct minnow_input){.prompt = prompt,
                              .max_tokens = model->routes[model->contents.route_of_role[role]].max_tokens,
                              .leading = {tokenizer->cls_id},
                              .leading_count = 1,
                              .trailing = tokenizer->sep_id};
}

static inline void make_description(struct small_model *model) {
    struct minnow_contents *contents = &model->contents;
    contents->name = "small";
    contents->license = "CC0";
    contents->source = "a test";
    contents->source_sha256 = "00";
    contents->converter = "by hand";
    contents->quantization = "{}";
    for (size_t i = 0; i < sizeof contents->space; i++) contents->space[i] = (uint8_t)(3 * i);
}

static inline enum minnow_status make_golden(struct small_model *model, struct minnow_error *error) {
    struct minnow_contents *contents = &model->contents;
    struct minnow_model *opened;
    enum minnow_status status = minnow_model_open_contents(contents, NULL, &opened, error);
    if (status != MINNOW_OK) return status;
    status = minnow_make_golden(opened, model->memory, &contents->golden, &contents->golden_count, error);
    minnow_model_close(opened);
    return status;
}

/* A tokenizer and a description; routes are still to come. Free with small_model_free. */
static inline struct small_model *small_model_begin(enum minnow_weight_type type) {
    struct small_model *model = calloc(1, sizeof *model);
    if (!model || !(model->memory = minnow_memory_create())) abort();
    model->type = type;
    model->random = 1;
    model->contents.routes = model->routes;
    model->contents.joint_route = MINNOW_NO_ROUTE;
    make_tokenizer(model);
    make_description(model);
    return model;
}

/* Two routes: queries go through the small one. */
static inline struct small_model *small_model_make(enum minnow_weight_type type, uint32_t routes) {
    static const uint32_t sizes[] = {4, 8, DIMENSIONS};
    struct small_model *model = small_model_begin(type);
    make_big_route(model);
    if (routes == 2) make_small_route(model);
    model->contents.route_count = routes;
    model->contents.route_of_role[MINNOW_QUERY] = routes - 1;
    model->contents.similarity = MINNOW_DOT;
    model->contents.matryoshka = sizes;
    model->contents.matryoshka_count = 3;
    make_input(model, MINNOW_QUERY, "a: ");
    make_input(model, MINNOW_DOCUMENT, "");
    return model;
}

static inline void small_model_free(struct small_model *model) {
    minnow_memory_free(model->memory);
    free(model);
}

#endif
