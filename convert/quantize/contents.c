/* Every layer of every route to its s8 or s4 form. */
#include <string.h>

#include "convert/quantize/quantize.h"
#include "convert/quantize/sequence.h"

struct quantizer {
    const struct minnow_quantization *options;
    const struct minnow_contents *contents;
    struct minnow_memory *memory;
    struct minnow_error *error;
};

static enum minnow_status no_memory(const struct quantizer *q) {
    return minnow_fail(q->error, MINNOW_OUT_OF_MEMORY, "quantized layers");
}

static enum minnow_status quantize_linear(const struct quantizer *q, const struct minnow_linear *linear,
                                          struct minnow_linear *out) {
    return minnow_quantize_linear(linear, minnow_calibration_find(q->options->calibration, linear), q->memory, out,
                                  q->error);
}

static enum minnow_status quantize_block(const struct quantizer *q, const struct minnow_encoder_block *block,
                                         struct minnow_encoder_block *out) {
    enum minnow_status status = quantize_linear(q, &block->query_key_value, &out->query_key_value);
    if (status == MINNOW_OK) status = quantize_linear(q, &block->attention_output, &out->attention_output);
    if (status == MINNOW_OK) status = quantize_linear(q, &block->ffn_up, &out->ffn_up);
    if (status == MINNOW_OK) status = quantize_linear(q, &block->ffn_down, &out->ffn_down);
    return status;
}

static enum minnow_status quantize_embedding(const struct quantizer *q, const struct minnow_embedding *embedding,
                                             struct minnow_embedding *out) {
    enum minnow_status status = q->options->weights == MINNOW_WEIGHT_S4
                                    ? minnow_quantize_table_s4(&embedding->words, q->memory, &out->words, q->error)
                                    : minnow_quantize_table(&embedding->words, q->memory, &out->words, q->error);
    if (status == MINNOW_OK)
        status = minnow_quantize_table(&embedding->positions, q->memory, &out->positions, q->error);
    return status; /* the types' table has two rows: nothing to gain */
}

static enum minnow_status quantize_lstm(const struct quantizer *q, const struct minnow_lstm *lstm,
                                        struct minnow_lstm *out) {
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; i < lstm->direction_count && status == MINNOW_OK; i++) {
        status = quantize_linear(q, &lstm->directions[i].input, &out->directions[i].input);
        if (status == MINNOW_OK)
            status = quantize_linear(q, &lstm->directions[i].recurrent, &out->directions[i].recurrent);
    }
    return status;
}

static enum minnow_status quantize_convolution(const struct quantizer *q, const struct minnow_convolution *convolution,
                                               struct minnow_convolution *out) {
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; i < convolution->branch_count && status == MINNOW_OK; i++) {
        struct minnow_linear *linear = &out->branches[i].linear;
        status = quantize_linear(q, &convolution->branches[i].linear, linear);
        out->input_multiplier = linear->input_multiplier; /* the same of all */
        out->input_rotation = linear->input_rotation;
        linear->input_multiplier = NULL;
        linear->input_rotation = 0;
    }
    return status;
}

static enum minnow_status quantize_layer(const struct quantizer *q, const struct minnow_layer *layer,
                                         struct minnow_layer *out) {
    *out = *layer;
    switch (layer->kind) {
    case MINNOW_LAYER_EMBEDDING: return quantize_embedding(q, &layer->embedding, &out->embedding);
    case MINNOW_LAYER_ENCODER_BLOCK:
        if (q->options->weights == MINNOW_WEIGHT_S4) return MINNOW_OK; /* all of a route's together */
        return quantize_block(q, &layer->encoder_block, &out->encoder_block);
    case MINNOW_LAYER_DENSE: return quantize_linear(q, &layer->dense.linear, &out->dense.linear);
    case MINNOW_LAYER_POSITIONS:
        return minnow_quantize_table(&layer->positions.table, q->memory, &out->positions.table, q->error);
    case MINNOW_LAYER_LSTM: return quantize_lstm(q, &layer->lstm, &out->lstm);
    case MINNOW_LAYER_CONVOLUTION: return quantize_convolution(q, &layer->convolution, &out->convolution);
    case MINNOW_LAYER_POOL:
    case MINNOW_LAYER_NORMALIZE:
    case MINNOW_LAYER_KEEP:
    case MINNOW_LAYER_MIX:
    case MINNOW_LAYER_NORM:
    case MINNOW_LAYER_KERNEL_POOLING: /* few numbers that sums of logarithms meet: they stay f32 */
    case MINNOW_LAYER_COMPARE: break;
    }
    return MINNOW_OK;
}

static enum minnow_status quantize_blocks_s4(const struct quantizer *q, const struct minnow_route *route,
                                             struct minnow_layer *layers) {
    const struct minnow_quantization *options = q->options;
    bool document = route == &q->contents->routes[q->contents->route_of_role[MINNOW_DOCUMENT]];
    struct minnow_sequence sequence = {.contents = q->contents,
                                       .route = route,
                                       .role = document ? MINNOW_DOCUMENT : MINNOW_QUERY,
                                       .kernels = options->kernels,
                                       .texts = options->texts,
                                       .text_count = options->text_count,
                                       .calibration = options->calibration,
                                       .progress = options->progress,
                                       .memory = q->memory,
                                       .error = q->error};
    return minnow_quantize_sequence(&sequence, layers);
}

static enum minnow_status quantize_route(const struct quantizer *q, const struct minnow_route *route,
                                         struct minnow_route *out) {
    struct minnow_layer *layers = minnow_memory_take(q->memory, route->layer_count * sizeof *layers);
    if (!layers) return no_memory(q);
    *out = *route;
    out->layers = layers;
    for (uint32_t i = 0; i < route->layer_count; i++) {
        enum minnow_status status = quantize_layer(q, &route->layers[i], &layers[i]);
        if (status != MINNOW_OK) return minnow_fail_within(q->error, status, "layers.%u", i);
    }
    return q->options->weights == MINNOW_WEIGHT_S4 ? quantize_blocks_s4(q, route, layers) : MINNOW_OK;
}

enum minnow_status minnow_quantize_contents(const struct minnow_contents *contents,
                                            const struct minnow_quantization *quantization,
                                            struct minnow_memory *memory, struct minnow_contents *out,
                                            struct minnow_error *error) {
    struct quantizer q = {quantization, contents, memory, error};
    struct minnow_route *routes = minnow_memory_take(memory, contents->route_count * sizeof *routes);
    if (!routes) return no_memory(&q);
    if (quantization->weights == MINNOW_WEIGHT_S4 &&
        (contents->similarity == MINNOW_JOINT || contents->similarity == MINNOW_MAXSIM))
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "4-bit weights are for models of one vector a text; --weights s8 suits this one");
    *out = *contents;
    out->routes = routes;
    for (uint32_t r = 0; r < contents->route_count; r++) {
        enum minnow_status status = quantize_route(&q, &contents->routes[r], &routes[r]);
        if (status != MINNOW_OK) return status;
    }
    return MINNOW_OK;
}
