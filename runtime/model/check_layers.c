#include "runtime/model/check_layers.h"

#include <math.h>
#include <stdlib.h>

enum minnow_status minnow_check_finite(const float *numbers, size_t count, const struct minnow_place *place,
                                       const char *name, struct minnow_error *error) {
    if (!numbers) return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%s is missing", name);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%s[%zu] is %s", name, i,
                                  isnan(numbers[i]) ? "NaN" : "infinite");
    return MINNOW_OK;
}

static enum minnow_status check_number(uint32_t found, uint64_t expected, const char *name,
                                       const struct minnow_place *place, struct minnow_error *error) {
    if (found == expected) return MINNOW_OK;
    return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%s is %u, expected %llu", name, found,
                          (unsigned long long)expected);
}

static enum minnow_status check_range(uint32_t found, uint32_t most, const char *name, const struct minnow_place *place,
                                      struct minnow_error *error) {
    if (found >= 1 && found <= most) return MINNOW_OK;
    return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%s is %u, expected 1 to %u", name, found, most);
}

static enum minnow_status check_type(enum minnow_weight_type type, const struct minnow_place *place,
                                     struct minnow_error *error) {
    if ((unsigned)type <= MINNOW_WEIGHT_S4) return MINNOW_OK;
    return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "weight type is %d, expected 0 to %d", (int)type,
                          MINNOW_WEIGHT_S4);
}

static enum minnow_status check_activation(enum minnow_activation activation, const struct minnow_place *place,
                                           struct minnow_error *error) {
    if ((unsigned)activation <= MINNOW_SIGMOID) return MINNOW_OK;
    return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "activation is %d, expected 0 to %d", (int)activation,
                          MINNOW_SIGMOID);
}

/* ---- Linear ---- */

/* Weights in [-127, 127] cannot sum to more; with larger numbers the kernels' int32 could overflow. */
static enum minnow_status check_column_sums(const struct minnow_linear *linear, const struct minnow_place *place,
                                            struct minnow_error *error) {
    int64_t most = 127 * (int64_t)linear->inputs;
    if (!linear->column_sum) return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "column_sum is missing");
    for (size_t i = 0; i < MINNOW_PADDED(linear->outputs); i++)
        if (llabs(linear->column_sum[i]) > most)
            return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "column_sum[%zu] is %d, expected at most %lld", i,
                                  linear->column_sum[i], (long long)most);
    return MINNOW_OK;
}

/* `block` columns are rotated at once, behind a multiplier, which may be NULL. */
static enum minnow_status check_rotation(uint32_t block, const float *multiplier, size_t inputs,
                                         const struct minnow_place *place, struct minnow_error *error) {
    enum minnow_status status =
        multiplier ? minnow_check_finite(multiplier, inputs, place, "input_multiplier", error) : MINNOW_OK;
    if (status != MINNOW_OK || block == 0) return status;
    if (!multiplier) return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "input_rotation without input_multiplier");
    if (block < 16 || block > MINNOW_LARGEST_ROTATION || (block & (block - 1)) != 0 || inputs % block != 0)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place,
                              "input_rotation is %u, expected 0, 16, 32, 64 or 128 that divides %zu inputs", block,
                              inputs);
    return MINNOW_OK;
}

static enum minnow_status check_rounded_linear(const struct minnow_linear *linear, const struct minnow_place *place,
                                          struct minnow_error *error) {
    size_t padded = MINNOW_PADDED(linear->outputs);
    enum minnow_status status = check_range(linear->inputs, MINNOW_MAX_INPUTS, "inputs", place, error);
    if (status == MINNOW_OK) status = minnow_check_finite(linear->scale, padded, place, "scale", error);
    if (status == MINNOW_OK) status = check_column_sums(linear, place, error);
    if (status == MINNOW_OK) status = minnow_check_finite(linear->bias, padded, place, "bias", error);
    if (status == MINNOW_OK)
        status = check_rotation(linear->input_rotation, linear->input_multiplier, linear->inputs, place, error);
    return status;
}

static enum minnow_status check_f32_linear(const struct minnow_linear *linear, const struct minnow_place *place,
                                           struct minnow_error *error) {
    if (linear->input_multiplier || linear->input_rotation)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "input_multiplier is of no use to f32 weights");
    return linear->bias ? minnow_check_finite(linear->bias, linear->outputs, place, "bias", error) : MINNOW_OK;
}

static enum minnow_status check_linear(const struct minnow_linear *linear, uint32_t inputs, uint64_t outputs,
                                       const char *name, const struct minnow_place *layer, struct minnow_error *error) {
    struct minnow_place place = {layer, name, MINNOW_NO_INDEX};
    enum minnow_status status = check_type(linear->type, &place, error);
    if (status == MINNOW_OK) status = check_number(linear->inputs, inputs, "inputs", &place, error);
    if (status == MINNOW_OK) status = check_number(linear->outputs, outputs, "outputs", &place, error);
    if (status == MINNOW_OK) status = check_range(linear->outputs, MINNOW_MAX_WIDTH, "outputs", &place, error);
    if (status != MINNOW_OK) return status;
    if (!linear->weight) return minnow_fail_at(error, MINNOW_BAD_MODEL, &place, "weight is missing");
    if (linear->type == MINNOW_WEIGHT_S4 && !linear->steps)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, &place, "steps are missing");
    return linear->type == MINNOW_WEIGHT_F32 ? check_f32_linear(linear, &place, error)
                                             : check_rounded_linear(linear, &place, error);
}

/* ---- Norm and tables ---- */

static enum minnow_status check_norm(const struct minnow_layer_norm *norm, uint32_t width, const char *name,
                                     const struct minnow_place *layer, struct minnow_error *error) {
    struct minnow_place place = {layer, name, MINNOW_NO_INDEX};
    enum minnow_status status = check_number(norm->width, width, "width", &place, error);
    if (status == MINNOW_OK) status = minnow_check_finite(norm->gamma, width, &place, "gamma", error);
    if (status == MINNOW_OK) status = minnow_check_finite(norm->beta, width, &place, "beta", error);
    if (status == MINNOW_OK && !(isfinite(norm->epsilon) && norm->epsilon > 0))
        return minnow_fail_at(error, MINNOW_BAD_MODEL, &place, "epsilon is %g, expected a positive number",
                              (double)norm->epsilon);
    return status;
}

static enum minnow_status check_table(const struct minnow_table *table, uint32_t width, uint32_t least_rows,
                                      const char *name, const struct minnow_place *layer, struct minnow_error *error) {
    struct minnow_place place = {layer, name, MINNOW_NO_INDEX};
    enum minnow_status status = check_type(table->type, &place, error);
    if (status == MINNOW_OK) status = check_number(table->width, width, "width", &place, error);
    if (status != MINNOW_OK) return status;
    if (table->rows < least_rows)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, &place, "%u rows, expected %u or more", table->rows, least_rows);
    if (!table->data) return minnow_fail_at(error, MINNOW_BAD_MODEL, &place, "data is missing");
    if (table->type == MINNOW_WEIGHT_S4 && !table->steps)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, &place, "steps are missing");
    return table->type == MINNOW_WEIGHT_F32 ? MINNOW_OK
                                            : minnow_check_finite(table->scale, table->rows, &place, "scale", error);
}

/* ---- Layers ---- */

static enum minnow_status check_embedding(const struct minnow_embedding *embedding, const struct minnow_place *place,
                                          const struct minnow_demand *demand, struct minnow_flow *flow,
                                          struct minnow_error *error) {
    uint32_t width = embedding->words.width;
    if (flow->width != 0)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "an embedding, which must be the first layer");
    enum minnow_status status = check_range(width, MINNOW_MAX_WIDTH, "width", place, error);
    if (status == MINNOW_OK) status = check_table(&embedding->words, width, 1, "words", place, error);
    if (status == MINNOW_OK && embedding->positions.rows > 0)
        status = check_table(&embedding->positions, width, demand->positions, "positions", place, error);
    if (status == MINNOW_OK && embedding->types.rows > 0)
        status = check_table(&embedding->types, width, demand->types, "types", place, error);
    if (status == MINNOW_OK && embedding->norm.width > 0)
        status = check_norm(&embedding->norm, width, "norm", place, error);
    flow->width = width;
    return status;
}

static enum minnow_status check_heads(const struct minnow_encoder_block *block, const struct minnow_place *place,
                                      struct minnow_error *error) {
    uint32_t width = minnow_attention_width(block);
    if (width < 1 || width > block->hidden)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "attention is %u wide, expected 1 to %u", width,
                              block->hidden);
    if (block->heads >= 1 && width % block->heads == 0) return MINNOW_OK;
    return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%u heads do not divide a width of %u", block->heads, width);
}

static enum minnow_status check_attention(const struct minnow_encoder_block *block, const struct minnow_place *place,
                                          struct minnow_error *error) {
    uint32_t hidden = block->hidden, width = minnow_attention_width(block);
    enum minnow_status status = check_heads(block, place, error);
    if (status == MINNOW_OK)
        status = check_linear(&block->query_key_value, hidden, 3 * (uint64_t)width, "query_key_value", place, error);
    if (status == MINNOW_OK)
        status = check_linear(&block->attention_output, width, hidden, "attention_output", place, error);
    if (status == MINNOW_OK) status = check_norm(&block->attention_norm, hidden, "attention_norm", place, error);
    return status;
}

static enum minnow_status check_feed_forward(const struct minnow_encoder_block *block, const struct minnow_place *place,
                                             struct minnow_error *error) {
    uint32_t hidden = block->hidden;
    enum minnow_status status = check_activation(block->activation, place, error);
    if (status == MINNOW_OK) status = check_range(block->intermediate, MINNOW_MAX_WIDTH, "intermediate", place, error);
    if (status == MINNOW_OK) status = check_linear(&block->ffn_up, hidden, block->intermediate, "ffn_up", place, error);
    if (status == MINNOW_OK)
        status = check_linear(&block->ffn_down, block->intermediate, hidden, "ffn_down", place, error);
    if (status == MINNOW_OK) status = check_norm(&block->output_norm, hidden, "output_norm", place, error);
    return status;
}

/* `what` works on the rows of tokens. */
static enum minnow_status check_not_pooled(const struct minnow_flow *flow, const char *what,
                                           const struct minnow_place *place, struct minnow_error *error) {
    if (!flow->pooled) return MINNOW_OK;
    return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%s, but the tokens are pooled already", what);
}

static void raise_wide(struct minnow_flow *flow, uint64_t wide) {
    if (wide > flow->wide) flow->wide = wide;
}

static enum minnow_status check_encoder_block(const struct minnow_encoder_block *block,
                                              const struct minnow_place *place, struct minnow_flow *flow,
                                              struct minnow_error *error) {
    enum minnow_status status = check_not_pooled(flow, "an encoder block", place, error);
    if (status == MINNOW_OK) status = check_number(block->hidden, flow->width, "hidden", place, error);
    if (status == MINNOW_OK) status = check_attention(block, place, error);
    if (status == MINNOW_OK) status = check_feed_forward(block, place, error);
    raise_wide(flow, block->intermediate);
    raise_wide(flow, 3 * (uint64_t)block->hidden);
    return status;
}

static enum minnow_status check_pool(const struct minnow_pool *pool, const struct minnow_place *place,
                                     struct minnow_flow *flow, struct minnow_error *error) {
    if (flow->pooled) return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "a second pooling");
    if ((unsigned)pool->pooling > MINNOW_POOL_MAX)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "pooling is %d, expected 0 to %d", (int)pool->pooling,
                              MINNOW_POOL_MAX);
    flow->pooled = true;
    flow->pairs = false;
    return MINNOW_OK;
}

static enum minnow_status check_dense(const struct minnow_dense *dense, const struct minnow_place *place,
                                      struct minnow_flow *flow, struct minnow_error *error) {
    enum minnow_status status = check_activation(dense->activation, place, error);
    if (status == MINNOW_OK)
        status = check_linear(&dense->linear, flow->width, dense->linear.outputs, "linear", place, error);
    flow->width = dense->linear.outputs;
    return status;
}

static enum minnow_status check_positions(const struct minnow_positions *positions, const struct minnow_place *place,
                                          const struct minnow_demand *demand, const struct minnow_flow *flow,
                                          struct minnow_error *error) {
    enum minnow_status status = check_not_pooled(flow, "positions", place, error);
    if (status == MINNOW_OK && flow->pairs)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "positions, but the rows of two texts come in");
    if (status != MINNOW_OK) return status;
    return check_table(&positions->table, flow->width, demand->positions, "table", place, error);
}

static enum minnow_status check_mix(const struct minnow_mix *mix, const struct minnow_place *place,
                                    const struct minnow_flow *flow, struct minnow_error *error) {
    if (flow->kept_width != flow->width)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "rows of width %u are kept (0: none), expected %u",
                              flow->kept_width, flow->width);
    return minnow_check_finite(&mix->alpha, 1, place, "alpha", error);
}

static enum minnow_status check_lstm(const struct minnow_lstm *lstm, const struct minnow_place *place,
                                     struct minnow_flow *flow, struct minnow_error *error) {
    enum minnow_status status = check_not_pooled(flow, "an LSTM", place, error);
    if (status == MINNOW_OK) status = check_range(lstm->direction_count, 2, "directions", place, error);
    if (status == MINNOW_OK) status = check_range(lstm->hidden, MINNOW_MAX_WIDTH / 4, "hidden", place, error);
    for (uint32_t i = 0; i < lstm->direction_count && status == MINNOW_OK; i++) {
        struct minnow_place direction = {place, "directions", i};
        uint64_t gates = 4 * (uint64_t)lstm->hidden;
        status = check_linear(&lstm->directions[i].input, flow->width, gates, "input", &direction, error);
        if (status == MINNOW_OK)
            status = check_linear(&lstm->directions[i].recurrent, lstm->hidden, gates, "recurrent", &direction, error);
    }
    raise_wide(flow, 4 * (uint64_t)lstm->hidden);
    flow->width = lstm->direction_count * lstm->hidden;
    return status;
}

static enum minnow_status check_branch(const struct minnow_convolution *convolution, uint32_t index,
                                       const struct minnow_place *place, struct minnow_error *error) {
    struct minnow_place branch = {place, "branches", index};
    uint32_t taps = convolution->branches[index].taps;
    const struct minnow_linear *linear = &convolution->branches[index].linear;
    if (taps % 2 == 0 || taps > MINNOW_MAX_TAPS)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, &branch, "taps is %u, expected an odd number up to %u", taps,
                              MINNOW_MAX_TAPS);
    uint64_t inputs = taps * (uint64_t)MINNOW_PADDED(convolution->width);
    if (inputs > MINNOW_MAX_INPUTS)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, &branch, "%llu inputs, expected at most %u",
                              (unsigned long long)inputs, MINNOW_MAX_INPUTS);
    if (linear->input_multiplier)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, &branch, "input_multiplier, which is the whole convolution's");
    return check_linear(linear, (uint32_t)inputs, linear->outputs, "linear", &branch, error);
}

static enum minnow_status check_convolution(const struct minnow_convolution *convolution,
                                            const struct minnow_place *place, struct minnow_flow *flow,
                                            struct minnow_error *error) {
    enum minnow_status status = check_not_pooled(flow, "a convolution", place, error);
    if (status == MINNOW_OK) status = check_number(convolution->width, flow->width, "width", place, error);
    if (status == MINNOW_OK)
        status = check_range(convolution->branch_count, MINNOW_MAX_BRANCHES, "branches", place, error);
    if (status == MINNOW_OK) status = check_activation(convolution->activation, place, error);
    if (status == MINNOW_OK)
        status = check_rotation(convolution->input_rotation, convolution->input_multiplier,
                                MINNOW_PADDED(convolution->width), place, error);
    uint64_t outputs = 0;
    for (uint32_t i = 0; i < convolution->branch_count && status == MINNOW_OK; i++) {
        status = check_branch(convolution, i, place, error);
        outputs += convolution->branches[i].linear.outputs;
    }
    if (status != MINNOW_OK) return status;
    if (outputs > MINNOW_MAX_WIDTH)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%llu outputs, limit is %u", (unsigned long long)outputs,
                              MINNOW_MAX_WIDTH);
    flow->width = (uint32_t)outputs;
    return MINNOW_OK;
}

/* Gaussians fall on both sides. */
static enum minnow_status check_factors(const struct minnow_kernel_pooling *pooling, const struct minnow_place *place,
                                        struct minnow_error *error) {
    enum minnow_status status = minnow_check_finite(pooling->factor, pooling->count, place, "factor", error);
    for (uint32_t k = 0; k < pooling->count && status == MINNOW_OK; k++)
        if (pooling->factor[k] > 0)
            return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "factor[%u] is %g, expected at most 0", k,
                                  (double)pooling->factor[k]);
    return status;
}

static enum minnow_status check_kernel_pooling(const struct minnow_kernel_pooling *pooling,
                                               const struct minnow_place *place, struct minnow_flow *flow,
                                               struct minnow_error *error) {
    if (!flow->pairs || flow->pooled)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place,
                              "kernel pooling, which needs the token rows of a query and of a document");
    enum minnow_status status = check_range(pooling->count, MINNOW_MAX_KERNELS, "count", place, error);
    if (status == MINNOW_OK) status = minnow_check_finite(pooling->mu, pooling->count, place, "mu", error);
    if (status == MINNOW_OK) status = check_factors(pooling, place, error);
    if (status == MINNOW_OK) status = minnow_check_finite(pooling->alpha, pooling->count, place, "alpha", error);
    if (status == MINNOW_OK) status = minnow_check_finite(pooling->weight, pooling->count, place, "weight", error);
    if (status == MINNOW_OK) status = minnow_check_finite(&pooling->bias, 1, place, "bias", error);
    flow->width = 1;
    flow->pooled = true;
    flow->pairs = false;
    return status;
}

static enum minnow_status check_compare(const struct minnow_place *place, struct minnow_flow *flow,
                                        struct minnow_error *error) {
    if (!flow->pairs || !flow->pooled || flow->width > MINNOW_MAX_WIDTH / 4)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place,
                              "a comparison, which needs one row of a query and one of a document, of width 1 to %u",
                              MINNOW_MAX_WIDTH / 4);
    flow->width *= 4;
    flow->pairs = false;
    return MINNOW_OK;
}

static enum minnow_status check_kind(const struct minnow_layer *layer, const struct minnow_place *place,
                                     const struct minnow_demand *demand, struct minnow_flow *flow,
                                     struct minnow_error *error) {
    switch (layer->kind) {
    case MINNOW_LAYER_EMBEDDING: return check_embedding(&layer->embedding, place, demand, flow, error);
    case MINNOW_LAYER_ENCODER_BLOCK: return check_encoder_block(&layer->encoder_block, place, flow, error);
    case MINNOW_LAYER_POOL: return check_pool(&layer->pool, place, flow, error);
    case MINNOW_LAYER_DENSE: return check_dense(&layer->dense, place, flow, error);
    case MINNOW_LAYER_NORMALIZE: return MINNOW_OK;
    case MINNOW_LAYER_POSITIONS: return check_positions(&layer->positions, place, demand, flow, error);
    case MINNOW_LAYER_KEEP: flow->kept_width = flow->width; return MINNOW_OK;
    case MINNOW_LAYER_MIX: return check_mix(&layer->mix, place, flow, error);
    case MINNOW_LAYER_LSTM: return check_lstm(&layer->lstm, place, flow, error);
    case MINNOW_LAYER_CONVOLUTION: return check_convolution(&layer->convolution, place, flow, error);
    case MINNOW_LAYER_KERNEL_POOLING: return check_kernel_pooling(&layer->kernel_pooling, place, flow, error);
    case MINNOW_LAYER_COMPARE: return check_compare(place, flow, error);
    case MINNOW_LAYER_NORM: return check_norm(&layer->norm, flow->width, "norm", place, error);
    }
    return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "kind is %d, which is unknown", (int)layer->kind);
}

enum minnow_status minnow_check_layer(const struct minnow_layer *layer, const struct minnow_place *place,
                                      const struct minnow_demand *demand, struct minnow_flow *flow,
                                      struct minnow_error *error) {
    if (flow->width == 0 && layer->kind != MINNOW_LAYER_EMBEDDING)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "the first layer must be an embedding");
    enum minnow_status status = check_kind(layer, place, demand, flow, error);
    if (flow->width > flow->widest) flow->widest = flow->width;
    return status;
}
