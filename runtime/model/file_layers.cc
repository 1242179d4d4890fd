/* The layers of a model file. Shapes are only as checked as sizes of tensors need it; whether they
 * fit together is minnow_contents_check's. */
#include <inttypes.h>

#include "runtime/model/file_reader.h"

namespace file = minnow::file;

static bool fail_unknown(struct minnow_reader *reader, const struct minnow_place *place, const char *what,
                         unsigned found) {
    reader->status =
        minnow_fail_at(reader->error, MINNOW_UNSUPPORTED, place, "%s %u is not known to this version", what, found);
    return false;
}

static bool read_type(struct minnow_reader *reader, const struct minnow_place *place, file::WeightType in,
                      enum minnow_weight_type *out) {
    switch (in) {
    case file::WeightType_F32:
        *out = MINNOW_WEIGHT_F32;
        return true;
    case file::WeightType_S8:
        *out = MINNOW_WEIGHT_S8;
        return true;
    case file::WeightType_S4:
        *out = MINNOW_WEIGHT_S4;
        return true;
    }
    return fail_unknown(reader, place, "weight type", in);
}

static bool read_activation(struct minnow_reader *reader, const struct minnow_place *place, file::Activation in,
                            enum minnow_activation *out) {
    switch (in) {
    case file::Activation_Identity:
        *out = MINNOW_IDENTITY;
        return true;
    case file::Activation_Gelu:
        *out = MINNOW_GELU;
        return true;
    case file::Activation_Relu:
        *out = MINNOW_RELU;
        return true;
    case file::Activation_Tanh:
        *out = MINNOW_TANH;
        return true;
    case file::Activation_Sigmoid:
        *out = MINNOW_SIGMOID;
        return true;
    }
    return fail_unknown(reader, place, "activation", in);
}

static bool read_pooling(struct minnow_reader *reader, const struct minnow_place *place, file::Pooling in,
                         enum minnow_pooling *out) {
    switch (in) {
    case file::Pooling_Cls:
        *out = MINNOW_POOL_CLS;
        return true;
    case file::Pooling_Mean:
        *out = MINNOW_POOL_MEAN;
        return true;
    case file::Pooling_Max:
        *out = MINNOW_POOL_MAX;
        return true;
    }
    return fail_unknown(reader, place, "pooling", in);
}

/* Within these limits no size of a tensor overflows, on 32 bits either. */
static bool check_shape(struct minnow_reader *reader, const struct minnow_place *place,
                        const struct minnow_linear *linear) {
    uint32_t most = linear->type == MINNOW_WEIGHT_F32 ? MINNOW_MAX_WIDTH : MINNOW_MAX_INPUTS;
    if (linear->inputs <= most && linear->outputs <= MINNOW_MAX_WIDTH) return true;
    reader->status = minnow_fail_at(reader->error, MINNOW_BAD_MODEL, place,
                                    "%" PRIu32 " inputs and %" PRIu32 " outputs, limits are %" PRIu32 " and %u",
                                    linear->inputs, linear->outputs, most, MINNOW_MAX_WIDTH);
    return false;
}

static bool read_f32_linear(struct minnow_reader *reader, const struct minnow_place *place, const file::Linear *in,
                            struct minnow_linear *out) {
    const float *weight = nullptr;
    uint64_t count = uint64_t{out->inputs} * out->outputs;
    bool good = minnow_read_array(reader, place, "weight", in->weight(), count, &weight) &&
                minnow_read_optional_array(reader, place, "bias", in->bias(), out->outputs, &out->bias);
    out->weight = weight;
    return good;
}

static bool read_packed(struct minnow_reader *reader, const struct minnow_place *place, const file::Linear *in,
                        struct minnow_linear *out) {
    uint32_t outputs = out->outputs, inputs = out->inputs;
    if (out->type == MINNOW_WEIGHT_S8)
        return minnow_read_tensor(reader, place, "weight", in->weight(), minnow_packed_s8_bytes(outputs, inputs),
                                  &out->weight);
    return minnow_read_tensor(reader, place, "weight", in->weight(), minnow_packed_s4_bytes(outputs, inputs),
                              &out->weight) &&
           minnow_read_array(reader, place, "steps", in->steps(), minnow_packed_s4_step_bytes(outputs, inputs),
                             &out->steps);
}

static bool read_rounded_linear(struct minnow_reader *reader, const struct minnow_place *place, const file::Linear *in,
                                struct minnow_linear *out) {
    uint64_t padded = MINNOW_PADDED(out->outputs);
    out->input_rotation = in->input_rotation();
    return read_packed(reader, place, in, out) &&
           minnow_read_array(reader, place, "scale", in->scale(), padded, &out->scale) &&
           minnow_read_array(reader, place, "column_sum", in->column_sum(), padded, &out->column_sum) &&
           minnow_read_array(reader, place, "bias", in->bias(), padded, &out->bias) &&
           minnow_read_optional_array(reader, place, "input_multiplier", in->input_multiplier(), out->inputs,
                                      &out->input_multiplier);
}

static bool read_linear(struct minnow_reader *reader, const struct minnow_place *layer, const char *name,
                        const file::Linear *in, struct minnow_linear *out) {
    struct minnow_place place = {layer, name, MINNOW_NO_INDEX};
    out->inputs = in->inputs();
    out->outputs = in->outputs();
    if (!read_type(reader, &place, in->type(), &out->type) || !check_shape(reader, &place, out)) return false;
    return out->type == MINNOW_WEIGHT_F32 ? read_f32_linear(reader, &place, in, out)
                                          : read_rounded_linear(reader, &place, in, out);
}

static uint64_t row_bytes(const struct minnow_table *table) {
    switch (table->type) {
    case MINNOW_WEIGHT_F32:
        return table->width * sizeof(float);
    case MINNOW_WEIGHT_S4:
        return MINNOW_GROUPS(table->width) * (MINNOW_GROUP / 2);
    case MINNOW_WEIGHT_S8:
        break;
    }
    return table->width;
}

static bool read_table(struct minnow_reader *reader, const struct minnow_place *layer, const char *name,
                       const file::EmbeddingTable *in, struct minnow_table *out) {
    struct minnow_place place = {layer, name, MINNOW_NO_INDEX};
    if (!in) return true;
    out->rows = in->rows();
    out->width = in->width();
    if (!read_type(reader, &place, in->type(), &out->type)) return false;
    if (out->width > MINNOW_MAX_WIDTH) {
        reader->status = minnow_fail_at(reader->error, MINNOW_BAD_MODEL, &place, "width is %" PRIu32 ", limit is %u",
                                        out->width, MINNOW_MAX_WIDTH);
        return false;
    }
    uint64_t steps = out->rows * uint64_t{MINNOW_GROUPS(out->width)};
    return minnow_read_tensor(reader, &place, "data", in->data(), out->rows * row_bytes(out), &out->data) &&
           (out->type != MINNOW_WEIGHT_S4 ||
            minnow_read_array(reader, &place, "steps", in->steps(), steps, &out->steps)) &&
           (out->type == MINNOW_WEIGHT_F32 ||
            minnow_read_array(reader, &place, "scale", in->scale(), out->rows, &out->scale));
}

static bool read_norm(struct minnow_reader *reader, const struct minnow_place *layer, const char *name,
                      const file::LayerNorm *in, struct minnow_layer_norm *out) {
    struct minnow_place place = {layer, name, MINNOW_NO_INDEX};
    if (!in) return true;
    out->width = in->width();
    out->epsilon = in->epsilon();
    return minnow_read_array(reader, &place, "gamma", in->gamma(), out->width, &out->gamma) &&
           minnow_read_array(reader, &place, "beta", in->beta(), out->width, &out->beta);
}

static bool read_embedding(struct minnow_reader *reader, const struct minnow_place *place, const file::Embedding *in,
                           struct minnow_embedding *out) {
    return read_table(reader, place, "words", in->words(), &out->words) &&
           read_table(reader, place, "positions", in->positions(), &out->positions) &&
           read_table(reader, place, "types", in->types(), &out->types) &&
           read_norm(reader, place, "norm", in->norm(), &out->norm);
}

static bool read_encoder_block(struct minnow_reader *reader, const struct minnow_place *place,
                               const file::EncoderBlock *in, struct minnow_encoder_block *out) {
    out->hidden = in->hidden();
    out->heads = in->heads();
    out->intermediate = in->intermediate();
    return read_activation(reader, place, in->activation(), &out->activation) &&
           read_linear(reader, place, "query_key_value", in->query_key_value(), &out->query_key_value) &&
           read_linear(reader, place, "attention_output", in->attention_output(), &out->attention_output) &&
           read_norm(reader, place, "attention_norm", in->attention_norm(), &out->attention_norm) &&
           read_linear(reader, place, "ffn_up", in->ffn_up(), &out->ffn_up) &&
           read_linear(reader, place, "ffn_down", in->ffn_down(), &out->ffn_down) &&
           read_norm(reader, place, "output_norm", in->output_norm(), &out->output_norm);
}

static bool check_count(struct minnow_reader *reader, const struct minnow_place *place, const char *what,
                        uint32_t found, uint32_t most) {
    if (found >= 1 && found <= most) return true;
    reader->status = minnow_fail_at(reader->error, MINNOW_BAD_MODEL, place,
                                    "%" PRIu32 " %s, expected 1 to %" PRIu32, found, what, most);
    return false;
}

static bool read_lstm(struct minnow_reader *reader, const struct minnow_place *place, const file::Lstm *in,
                      struct minnow_lstm *out) {
    out->hidden = in->hidden();
    out->direction_count = in->directions()->size();
    if (!check_count(reader, place, "directions", out->direction_count, 2)) return false;
    for (uint32_t i = 0; i < out->direction_count; i++) {
        struct minnow_place direction = {place, "directions", i};
        const file::LstmDirection *from = in->directions()->Get(i);
        if (!read_linear(reader, &direction, "input", from->input(), &out->directions[i].input) ||
            !read_linear(reader, &direction, "recurrent", from->recurrent(), &out->directions[i].recurrent))
            return false;
    }
    return true;
}

static bool read_convolution(struct minnow_reader *reader, const struct minnow_place *place,
                             const file::Convolution *in, struct minnow_convolution *out) {
    out->width = in->width();
    out->branch_count = in->branches()->size();
    if (!check_count(reader, place, "branches", out->branch_count, MINNOW_MAX_BRANCHES) ||
        !read_activation(reader, place, in->activation(), &out->activation) ||
        !minnow_read_optional_array(reader, place, "input_multiplier", in->input_multiplier(),
                                    MINNOW_PADDED(out->width), &out->input_multiplier))
        return false;
    out->input_rotation = in->input_rotation();
    for (uint32_t i = 0; i < out->branch_count; i++) {
        struct minnow_place branch = {place, "branches", i};
        out->branches[i].taps = in->branches()->Get(i)->taps();
        if (!read_linear(reader, &branch, "linear", in->branches()->Get(i)->linear(), &out->branches[i].linear))
            return false;
    }
    return true;
}

static bool read_kernel_pooling(struct minnow_reader *reader, const struct minnow_place *place,
                                const file::KernelPooling *in, struct minnow_kernel_pooling *out) {
    out->count = in->mu()->size();
    out->mu = in->mu()->data();
    out->factor = in->factor()->data();
    out->alpha = in->alpha()->data();
    out->weight = in->weight()->data();
    out->bias = in->bias();
    if (in->factor()->size() == out->count && in->alpha()->size() == out->count && in->weight()->size() == out->count)
        return check_count(reader, place, "kernels", out->count, MINNOW_MAX_KERNELS);
    reader->status = minnow_fail_at(reader->error, MINNOW_BAD_MODEL, place,
                                    "%" PRIu32 " mu, %" PRIu32 " factors, %" PRIu32 " alpha, %" PRIu32
                                    " weights, expected as many of each",
                                    out->count, in->factor()->size(), in->alpha()->size(), in->weight()->size());
    return false;
}

bool minnow_read_layer(struct minnow_reader *reader, const struct minnow_place *place, const file::Layer *in,
                       struct minnow_layer *out) {
    switch (in->body_type()) {
    case file::LayerBody_Embedding:
        out->kind = MINNOW_LAYER_EMBEDDING;
        return read_embedding(reader, place, in->body_as_Embedding(), &out->embedding);
    case file::LayerBody_EncoderBlock:
        out->kind = MINNOW_LAYER_ENCODER_BLOCK;
        return read_encoder_block(reader, place, in->body_as_EncoderBlock(), &out->encoder_block);
    case file::LayerBody_Pool:
        out->kind = MINNOW_LAYER_POOL;
        return read_pooling(reader, place, in->body_as_Pool()->pooling(), &out->pool.pooling);
    case file::LayerBody_Dense:
        out->kind = MINNOW_LAYER_DENSE;
        return read_activation(reader, place, in->body_as_Dense()->activation(), &out->dense.activation) &&
               read_linear(reader, place, "linear", in->body_as_Dense()->linear(), &out->dense.linear);
    case file::LayerBody_Normalize:
        out->kind = MINNOW_LAYER_NORMALIZE;
        return true;
    case file::LayerBody_Positions:
        out->kind = MINNOW_LAYER_POSITIONS;
        return read_table(reader, place, "table", in->body_as_Positions()->table(), &out->positions.table);
    case file::LayerBody_Keep:
        out->kind = MINNOW_LAYER_KEEP;
        return true;
    case file::LayerBody_Mix:
        out->kind = MINNOW_LAYER_MIX;
        out->mix.alpha = in->body_as_Mix()->alpha();
        return true;
    case file::LayerBody_Lstm:
        out->kind = MINNOW_LAYER_LSTM;
        return read_lstm(reader, place, in->body_as_Lstm(), &out->lstm);
    case file::LayerBody_Convolution:
        out->kind = MINNOW_LAYER_CONVOLUTION;
        return read_convolution(reader, place, in->body_as_Convolution(), &out->convolution);
    case file::LayerBody_KernelPooling:
        out->kind = MINNOW_LAYER_KERNEL_POOLING;
        return read_kernel_pooling(reader, place, in->body_as_KernelPooling(), &out->kernel_pooling);
    case file::LayerBody_Compare:
        out->kind = MINNOW_LAYER_COMPARE;
        return true;
    case file::LayerBody_LayerNorm:
        out->kind = MINNOW_LAYER_NORM;
        return read_norm(reader, place, "norm", in->body_as_LayerNorm(), &out->norm);
    case file::LayerBody_NONE:
        break;
    }
    return fail_unknown(reader, place, "layer kind", in->body_type());
}
