/* Two models that say the same, tensor by tensor. For cmocka tests. */
#ifndef MINNOW_TESTS_SAME_CONTENTS_H
#define MINNOW_TESTS_SAME_CONTENTS_H

#include "runtime/model/model.h"

static inline void same_bytes(const void *a, const void *b, size_t size) {
    assert_int_equal(a != NULL, b != NULL);
    if (a) assert_memory_equal(a, b, size);
    assert_int_equal((uintptr_t)b % 64, 0);
}

static inline void same_linear(const struct minnow_linear *a, const struct minnow_linear *b) {
    bool s4 = a->type == MINNOW_WEIGHT_S4;
    size_t outputs = a->type == MINNOW_WEIGHT_F32 ? a->outputs : MINNOW_PADDED(a->outputs);
    const size_t bytes[] = {4 * (size_t)a->outputs * a->inputs, minnow_packed_s8_bytes(a->outputs, a->inputs),
                            minnow_packed_s4_bytes(a->outputs, a->inputs)};
    assert_int_equal(a->inputs, b->inputs);
    assert_int_equal(a->outputs, b->outputs);
    assert_int_equal(a->type, b->type);
    same_bytes(a->weight, b->weight, bytes[a->type]);
    same_bytes(a->steps, b->steps, s4 ? minnow_packed_s4_step_bytes(a->outputs, a->inputs) : 0);
    same_bytes(a->scale, b->scale, 4 * outputs);
    same_bytes(a->column_sum, b->column_sum, 4 * outputs);
    same_bytes(a->bias, b->bias, 4 * outputs);
    same_bytes(a->input_multiplier, b->input_multiplier, 4 * (size_t)a->inputs);
    assert_int_equal(a->input_rotation, b->input_rotation);
}

static inline void same_table(const struct minnow_table *a, const struct minnow_table *b) {
    assert_int_equal(a->rows, b->rows);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->type, b->type);
    size_t groups = MINNOW_GROUPS(a->width);
    const size_t row_bytes[] = {4 * (size_t)a->width, a->width, groups * MINNOW_GROUP / 2};
    same_bytes(a->data, b->data, a->rows * row_bytes[a->type]);
    same_bytes(a->steps, b->steps, a->type == MINNOW_WEIGHT_S4 ? a->rows * groups : 0);
    same_bytes(a->scale, b->scale, 4 * (size_t)a->rows);
}

static inline void same_norm(const struct minnow_layer_norm *a, const struct minnow_layer_norm *b) {
    assert_int_equal(a->width, b->width);
    assert_true(a->epsilon == b->epsilon);
    same_bytes(a->gamma, b->gamma, 4 * (size_t)a->width);
    same_bytes(a->beta, b->beta, 4 * (size_t)a->width);
}

static inline void same_block(const struct minnow_encoder_block *a, const struct minnow_encoder_block *b) {
    assert_int_equal(a->hidden, b->hidden);
    assert_int_equal(a->heads, b->heads);
    assert_int_equal(a->intermediate, b->intermediate);
    assert_int_equal(a->activation, b->activation);
    same_linear(&a->query_key_value, &b->query_key_value);
    same_linear(&a->attention_output, &b->attention_output);
    same_linear(&a->ffn_up, &b->ffn_up);
    same_linear(&a->ffn_down, &b->ffn_down);
    same_norm(&a->attention_norm, &b->attention_norm);
    same_norm(&a->output_norm, &b->output_norm);
}

static inline void same_lstm(const struct minnow_lstm *a, const struct minnow_lstm *b) {
    assert_int_equal(a->hidden, b->hidden);
    assert_int_equal(a->direction_count, b->direction_count);
    for (uint32_t i = 0; i < a->direction_count; i++) {
        same_linear(&a->directions[i].input, &b->directions[i].input);
        same_linear(&a->directions[i].recurrent, &b->directions[i].recurrent);
    }
}

static inline void same_convolution(const struct minnow_convolution *a, const struct minnow_convolution *b) {
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->branch_count, b->branch_count);
    assert_int_equal(a->activation, b->activation);
    assert_int_equal(a->input_rotation, b->input_rotation);
    same_bytes(a->input_multiplier, b->input_multiplier, MINNOW_PADDED(a->width) * sizeof *a->input_multiplier);
    for (uint32_t i = 0; i < a->branch_count; i++) {
        assert_int_equal(a->branches[i].taps, b->branches[i].taps);
        same_linear(&a->branches[i].linear, &b->branches[i].linear);
    }
}

static inline void same_kernel_pooling(const struct minnow_kernel_pooling *a, const struct minnow_kernel_pooling *b) {
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->mu, b->mu, a->count * sizeof *a->mu);
    assert_memory_equal(a->factor, b->factor, a->count * sizeof *a->factor);
    assert_memory_equal(a->alpha, b->alpha, a->count * sizeof *a->alpha);
    assert_memory_equal(a->weight, b->weight, a->count * sizeof *a->weight);
    assert_true(a->bias == b->bias);
}

static inline void same_layer(const struct minnow_layer *a, const struct minnow_layer *b) {
    assert_int_equal(a->kind, b->kind);
    switch (a->kind) {
    case MINNOW_LAYER_EMBEDDING:
        same_table(&a->embedding.words, &b->embedding.words);
        same_table(&a->embedding.positions, &b->embedding.positions);
        same_table(&a->embedding.types, &b->embedding.types);
        same_norm(&a->embedding.norm, &b->embedding.norm);
        break;
    case MINNOW_LAYER_ENCODER_BLOCK:
        same_block(&a->encoder_block, &b->encoder_block);
        break;
    case MINNOW_LAYER_POOL:
        assert_int_equal(a->pool.pooling, b->pool.pooling);
        break;
    case MINNOW_LAYER_DENSE:
        same_linear(&a->dense.linear, &b->dense.linear);
        assert_int_equal(a->dense.activation, b->dense.activation);
        break;
    case MINNOW_LAYER_POSITIONS:
        same_table(&a->positions.table, &b->positions.table);
        break;
    case MINNOW_LAYER_MIX:
        assert_true(a->mix.alpha == b->mix.alpha);
        break;
    case MINNOW_LAYER_LSTM:
        same_lstm(&a->lstm, &b->lstm);
        break;
    case MINNOW_LAYER_CONVOLUTION:
        same_convolution(&a->convolution, &b->convolution);
        break;
    case MINNOW_LAYER_KERNEL_POOLING:
        same_kernel_pooling(&a->kernel_pooling, &b->kernel_pooling);
        break;
    case MINNOW_LAYER_NORM:
        same_norm(&a->norm, &b->norm);
        break;
    case MINNOW_LAYER_NORMALIZE:
    case MINNOW_LAYER_KEEP:
    case MINNOW_LAYER_COMPARE:
        break;
    }
}

static inline void same_tokenizer(const struct minnow_tokenizer *a, const struct minnow_tokenizer *b) {
    assert_int_equal(a->vocabulary, b->vocabulary);
    assert_int_equal(a->text_bytes, b->text_bytes);
    assert_int_equal(a->slot_count, b->slot_count);
    assert_int_equal(a->added_count, b->added_count);
    same_bytes(a->text, b->text, a->text_bytes);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->stop_words, b->stop_words);
    same_bytes(a->offsets, b->offsets, 4 * (minnow_tokenizer_texts(a) + (size_t)1));
    same_bytes(a->slots, b->slots, 4 * (size_t)a->slot_count);
    if (a->added_count) assert_memory_equal(a->added, b->added, a->added_count * sizeof *a->added);
    assert_string_equal(a->continuation, b->continuation);
    const uint32_t left[] = {a->options, a->unknown_id,         a->cls_id, a->sep_id, a->pad_id,
                             a->mask_id, a->max_word_characters};
    const uint32_t right[] = {b->options, b->unknown_id,         b->cls_id, b->sep_id, b->pad_id,
                              b->mask_id, b->max_word_characters};
    assert_memory_equal(left, right, sizeof left);
}

static inline void same_golden(const struct minnow_golden *a, const struct minnow_golden *b) {
    assert_int_equal(a->text.size, b->text.size);
    assert_memory_equal(a->text.bytes, b->text.bytes, a->text.size);
    assert_int_equal(a->document.size, b->document.size);
    if (a->document.size) assert_memory_equal(a->document.bytes, b->document.bytes, a->document.size);
    assert_int_equal(a->role, b->role);
    assert_int_equal(a->id_count, b->id_count);
    if (a->id_count) assert_memory_equal(a->ids, b->ids, 4 * (size_t)a->id_count);
    assert_int_equal(a->vector_size, b->vector_size);
    if (a->vector_size) assert_memory_equal(a->vector, b->vector, 4 * (size_t)a->vector_size);
}

static inline void same_input(const struct minnow_input *a, const struct minnow_input *b) {
    const uint32_t left[] = {a->tokenizer,      a->max_tokens,     a->leading_count,         a->trailing,
                             a->mask_count,     a->fill_to,        a->masks_before_trailing, a->masks_unseen,
                             a->first_position, a->type,           a->skipped_count,
                             a->cuts_trailing,  a->max_characters, a->drops_unknown};
    const uint32_t right[] = {b->tokenizer,      b->max_tokens,     b->leading_count,         b->trailing,
                              b->mask_count,     b->fill_to,        b->masks_before_trailing, b->masks_unseen,
                              b->first_position, b->type,           b->skipped_count,
                              b->cuts_trailing,  b->max_characters, b->drops_unknown};
    assert_memory_equal(left, right, sizeof left);
    assert_memory_equal(a->leading, b->leading, a->leading_count * sizeof *a->leading);
    if (a->skipped_count) assert_memory_equal(a->skipped, b->skipped, a->skipped_count * sizeof *a->skipped);
    assert_string_equal(a->prompt, b->prompt);
}

static inline void same_description(const struct minnow_contents *a, const struct minnow_contents *b) {
    const char *const left[] = {a->name,          a->license,   a->source,
                                a->source_sha256, a->converter, a->quantization};
    const char *const right[] = {b->name,          b->license,   b->source,
                                 b->source_sha256, b->converter, b->quantization};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) assert_string_equal(left[i], right[i]);
    assert_int_equal(a->similarity, b->similarity);
    assert_int_equal(a->matryoshka_count, b->matryoshka_count);
    if (a->matryoshka_count) assert_memory_equal(a->matryoshka, b->matryoshka, 4 * a->matryoshka_count);
    assert_memory_equal(a->space, b->space, sizeof a->space);
    assert_memory_equal(a->route_of_role, b->route_of_role, sizeof a->route_of_role);
    assert_int_equal(a->joint_route, b->joint_route);
    for (size_t i = 0; i < 2; i++) same_input(&a->inputs[i], &b->inputs[i]);
}

static inline void same_contents(const struct minnow_contents *a, const struct minnow_contents *b) {
    same_tokenizer(&a->tokenizers[0], &b->tokenizers[0]);
    same_description(a, b);
    assert_int_equal(a->route_count, b->route_count);
    for (uint32_t r = 0; r < a->route_count; r++) {
        assert_int_equal(a->routes[r].max_tokens, b->routes[r].max_tokens);
        assert_int_equal(a->routes[r].dimensions, b->routes[r].dimensions);
        assert_int_equal(a->routes[r].layer_count, b->routes[r].layer_count);
        for (uint32_t i = 0; i < a->routes[r].layer_count; i++)
            same_layer(&a->routes[r].layers[i], &b->routes[r].layers[i]);
    }
    assert_int_equal(a->golden_count, b->golden_count);
    for (uint32_t i = 0; i < a->golden_count; i++) same_golden(&a->golden[i], &b->golden[i]);
}

#endif
