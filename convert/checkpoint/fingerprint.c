#include "convert/checkpoint/fingerprint.h"

#include <stdio.h>
#include <string.h>

static void add_u32(SHA2_CTX *context, uint32_t value) {
    const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
    SHA256Update(context, bytes, sizeof bytes);
}

/* Sizes go before what they count, so that no two descriptions share their bytes. */
static void add_bytes(SHA2_CTX *context, const void *bytes, size_t size) {
    add_u32(context, (uint32_t)size);
    SHA256Update(context, bytes, size);
}

static void add_text(SHA2_CTX *context, const char *text) { add_bytes(context, text, strlen(text)); }

static void add_values(SHA2_CTX *context, const float *values, size_t count) {
    if (values) SHA256Update(context, (const uint8_t *)values, count * sizeof *values);
}

static void add_float(SHA2_CTX *context, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    add_u32(context, bits);
}

static void add_table(SHA2_CTX *context, const struct minnow_table *table) {
    add_u32(context, table->rows);
    add_u32(context, table->width);
    add_values(context, table->data, (size_t)table->rows * table->width);
}

static void add_linear(SHA2_CTX *context, const struct minnow_linear *linear) {
    add_u32(context, linear->outputs);
    add_u32(context, linear->inputs);
    add_u32(context, linear->bias != NULL);
    add_values(context, linear->weight, (size_t)linear->outputs * linear->inputs);
    add_values(context, linear->bias, linear->outputs);
}

static void add_norm(SHA2_CTX *context, const struct minnow_layer_norm *norm) {
    add_u32(context, norm->width);
    add_float(context, norm->epsilon);
    add_values(context, norm->gamma, norm->width);
    add_values(context, norm->beta, norm->width);
}

static void add_embedding(SHA2_CTX *context, const struct minnow_embedding *embedding) {
    add_table(context, &embedding->words);
    add_table(context, &embedding->positions);
    add_table(context, &embedding->types);
    add_norm(context, &embedding->norm);
}

static void add_block(SHA2_CTX *context, const struct minnow_encoder_block *block) {
    add_u32(context, block->hidden);
    add_u32(context, block->heads);
    add_u32(context, block->intermediate);
    add_u32(context, block->activation);
    add_linear(context, &block->query_key_value);
    add_linear(context, &block->attention_output);
    add_norm(context, &block->attention_norm);
    add_linear(context, &block->ffn_up);
    add_linear(context, &block->ffn_down);
    add_norm(context, &block->output_norm);
}

static void add_lstm(SHA2_CTX *context, const struct minnow_lstm *lstm) {
    add_u32(context, lstm->hidden);
    add_u32(context, lstm->direction_count);
    for (uint32_t i = 0; i < lstm->direction_count; i++) {
        add_linear(context, &lstm->directions[i].input);
        add_linear(context, &lstm->directions[i].recurrent);
    }
}

static void add_convolution(SHA2_CTX *context, const struct minnow_convolution *convolution) {
    add_u32(context, convolution->width);
    add_u32(context, convolution->activation);
    add_u32(context, convolution->branch_count);
    for (uint32_t i = 0; i < convolution->branch_count; i++) {
        add_u32(context, convolution->branches[i].taps);
        add_linear(context, &convolution->branches[i].linear);
    }
}

static void add_kernel_pooling(SHA2_CTX *context, const struct minnow_kernel_pooling *pooling) {
    add_u32(context, pooling->count);
    add_values(context, pooling->mu, pooling->count);
    add_values(context, pooling->factor, pooling->count);
    add_values(context, pooling->alpha, pooling->count);
    add_values(context, pooling->weight, pooling->count);
    add_float(context, pooling->bias);
}

static void add_layer(SHA2_CTX *context, const struct minnow_layer *layer) {
    add_u32(context, layer->kind);
    switch (layer->kind) {
    case MINNOW_LAYER_EMBEDDING:
        add_embedding(context, &layer->embedding);
        break;
    case MINNOW_LAYER_ENCODER_BLOCK:
        add_block(context, &layer->encoder_block);
        break;
    case MINNOW_LAYER_POOL:
        add_u32(context, layer->pool.pooling);
        break;
    case MINNOW_LAYER_DENSE:
        add_linear(context, &layer->dense.linear);
        add_u32(context, layer->dense.activation);
        break;
    case MINNOW_LAYER_POSITIONS:
        add_table(context, &layer->positions.table);
        break;
    case MINNOW_LAYER_MIX:
        add_float(context, layer->mix.alpha);
        break;
    case MINNOW_LAYER_LSTM:
        add_lstm(context, &layer->lstm);
        break;
    case MINNOW_LAYER_CONVOLUTION:
        add_convolution(context, &layer->convolution);
        break;
    case MINNOW_LAYER_KERNEL_POOLING:
        add_kernel_pooling(context, &layer->kernel_pooling);
        break;
    case MINNOW_LAYER_NORM:
        add_norm(context, &layer->norm);
        break;
    case MINNOW_LAYER_NORMALIZE:
    case MINNOW_LAYER_KEEP:
    case MINNOW_LAYER_COMPARE:
        break;
    }
}

static void add_token_text(SHA2_CTX *context, const struct minnow_tokenizer *tokenizer, uint32_t id) {
    add_bytes(context, tokenizer->text + tokenizer->offsets[id], tokenizer->offsets[id + 1] - tokenizer->offsets[id]);
}

/* What tokenizers of whole words have beside. */
static void add_words(SHA2_CTX *context, const struct minnow_tokenizer *tokenizer) {
    add_u32(context, tokenizer->kind);
    add_u32(context, tokenizer->stop_words);
    for (uint32_t i = 0; i < tokenizer->stop_words; i++) add_token_text(context, tokenizer, tokenizer->vocabulary + i);
}

/* Added tokens, padding and mask are left out: files of the same tokenizer differ in listing them. */
static void add_tokenizer(SHA2_CTX *context, const struct minnow_tokenizer *tokenizer) {
    add_u32(context, tokenizer->vocabulary);
    for (uint32_t i = 0; i < tokenizer->vocabulary; i++) add_token_text(context, tokenizer, i);
    add_u32(context, tokenizer->options);
    add_u32(context, tokenizer->unknown_id);
    add_u32(context, tokenizer->cls_id);
    add_u32(context, tokenizer->sep_id);
    add_u32(context, tokenizer->max_word_characters);
    add_text(context, tokenizer->continuation);
    if (tokenizer->kind != MINNOW_TOKENIZER_WORDPIECE) add_words(context, tokenizer);
}

static void add_route(SHA2_CTX *context, const struct minnow_route *route) {
    add_u32(context, route->layer_count);
    for (uint32_t i = 0; i < route->layer_count; i++) add_layer(context, &route->layers[i]);
}

static void add_routes(SHA2_CTX *context, const struct minnow_contents *contents) {
    const struct minnow_route *document = minnow_route_of(contents, MINNOW_DOCUMENT);
    if (document) add_route(context, document);
    if (contents->similarity != MINNOW_JOINT) return;
    const struct minnow_route *query = minnow_route_of(contents, MINNOW_QUERY);
    if (query && query != document) add_route(context, query);
    add_route(context, minnow_joint_route(contents));
}

/* Nothing for the plain [CLS] text [SEP], so that a list of layers and a tokenizer are the whole of most spaces. */
static void add_input(SHA2_CTX *context, const struct minnow_input *input, const struct minnow_tokenizer *tokenizer) {
    bool plain = input->leading_count == 1 && input->leading[0] == tokenizer->cls_id &&
                 input->trailing == tokenizer->sep_id && !input->mask_count && !input->fill_to &&
                 !input->cuts_trailing && !input->first_position && !input->type && !input->skipped_count &&
                 !input->drops_unknown;
    if (plain) return;
    add_u32(context, input->leading_count);
    for (uint32_t i = 0; i < input->leading_count; i++) add_u32(context, input->leading[i]);
    add_u32(context, input->trailing);
    add_u32(context, input->mask_count);
    add_u32(context, input->fill_to);
    add_u32(context, input->masks_before_trailing);
    add_u32(context, input->masks_unseen);
    add_u32(context, input->cuts_trailing);
    add_u32(context, input->drops_unknown);
    add_u32(context, input->first_position);
    add_u32(context, input->type);
    add_u32(context, input->skipped_count);
    for (uint32_t i = 0; i < input->skipped_count; i++) add_u32(context, input->skipped[i]);
}

void minnow_fingerprint_space(const struct minnow_contents *contents, uint8_t digest[32]) {
    const struct minnow_tokenizer *tokenizer = minnow_tokenizer_of(contents, MINNOW_DOCUMENT);
    SHA2_CTX context;
    SHA256Init(&context);
    add_text(&context, "minnow space 1");
    add_tokenizer(&context, tokenizer);
    add_routes(&context, contents);
    add_input(&context, &contents->inputs[MINNOW_DOCUMENT], tokenizer);
    SHA256Final(digest, &context);
}

void minnow_fingerprint_layer(const struct minnow_layer *layer, uint8_t digest[32]) {
    SHA2_CTX context;
    SHA256Init(&context);
    add_layer(&context, layer);
    SHA256Final(digest, &context);
}

void minnow_fingerprint_add_source(SHA2_CTX *context, const struct minnow_tensor_source *source) {
    for (size_t i = 0; i < source->count; i++)
        SHA256Update(context, source->tensors[i].bytes, (size_t)source->tensors[i].size);
}

void minnow_fingerprint_hex(SHA2_CTX *context, char hex[MINNOW_HEX_BYTES]) {
    uint8_t digest[32];
    SHA256Final(digest, context);
    for (size_t i = 0; i < sizeof digest; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}
