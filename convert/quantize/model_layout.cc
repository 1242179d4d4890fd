/* Each tensor is placed by a statement of its own, in the order in which the layers read them:
 * the order in which C++ evaluates arguments is not fixed. */
#include "convert/quantize/model_layout.h"

#include <string.h>

namespace file = minnow::file;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

static const uint64_t ALIGNMENT = 64;
static const uint32_t FILE_VERSION = 2;

/* Routes that share a module have its tables twice in memory, but with the same bytes. */
bool minnow_layout::find(const void *bytes, size_t size, uint64_t *offset) const {
    for (auto range = placed_.equal_range(size); range.first != range.second; ++range.first) {
        *offset = range.first->second.offset;
        const void *placed = range.first->second.bytes;
        if (placed == bytes || memcmp(placed, bytes, size) == 0) return true;
    }
    return false;
}

file::Tensor minnow_layout::place(const void *bytes, size_t size) {
    uint64_t offset = 0;
    if (!bytes || size == 0) return file::Tensor(0, 0);
    if (find(bytes, size, &offset)) return file::Tensor(offset, size);
    offset = (end_ + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    pieces_.push_back({offset, bytes, size});
    placed_.insert({size, pieces_.back()});
    end_ = offset + size;
    return file::Tensor(offset, size);
}

namespace {

class writer {
  public:
    explicit writer(minnow_layout *layout) : layout_(*layout) {}
    void write(const struct minnow_contents *contents, uint64_t file_size);
    flatbuffers::DetachedBuffer release() { return builder_.Release(); }

  private:
    Offset<file::Tokenizer> tokenizer(const struct minnow_tokenizer *in);
    Offset<file::Linear> linear(const struct minnow_linear *in);
    Offset<file::EmbeddingTable> table(const struct minnow_table *in);
    Offset<file::LayerNorm> norm(const struct minnow_layer_norm *in);
    Offset<void> embedding(const struct minnow_embedding *in);
    Offset<void> encoder_block(const struct minnow_encoder_block *in);
    Offset<void> dense(const struct minnow_dense *in);
    Offset<void> lstm(const struct minnow_lstm *in);
    Offset<void> convolution(const struct minnow_convolution *in);
    Offset<void> kernel_pooling(const struct minnow_kernel_pooling *in);
    Offset<file::Input> input(const struct minnow_input *in);
    Offset<file::Layer> layer(const struct minnow_layer *in);
    Offset<file::Route> route(const struct minnow_route *in);
    Offset<file::Golden> golden(const struct minnow_golden *in);
    Offset<flatbuffers::Vector<uint8_t>> bytes(struct minnow_text in) {
        return builder_.CreateVector(reinterpret_cast<const uint8_t *>(in.bytes), in.size);
    }
    Offset<flatbuffers::String> text(const char *in) { return builder_.CreateString(in ? in : ""); }

    FlatBufferBuilder builder_;
    minnow_layout &layout_;
};

Offset<file::Tokenizer> writer::tokenizer(const struct minnow_tokenizer *in) {
    file::Tensor slots = layout_.place(in->slots, in->slot_count * sizeof *in->slots);
    file::Tensor offsets = layout_.place(in->offsets, (size_t{minnow_tokenizer_texts(in)} + 1) * sizeof *in->offsets);
    file::Tensor text_bytes = layout_.place(in->text, in->text_bytes);
    auto added = builder_.CreateVectorOfStructs(reinterpret_cast<const file::AddedToken *>(in->added), in->added_count);
    auto continuation = text(in->continuation);
    return file::CreateTokenizer(builder_, &text_bytes, &offsets, &slots, in->vocabulary, added, in->options,
                                 in->unknown_id, in->cls_id, in->sep_id, in->pad_id, in->mask_id,
                                 in->max_word_characters, continuation,
                                 static_cast<file::TokenizerKind>(in->kind), in->stop_words);
}

Offset<file::Linear> writer::linear(const struct minnow_linear *in) {
    bool rounded = in->type != MINNOW_WEIGHT_F32, s4 = in->type == MINNOW_WEIGHT_S4;
    size_t outputs = rounded ? MINNOW_PADDED(in->outputs) : in->outputs;
    size_t bytes = s4        ? minnow_packed_s4_bytes(in->outputs, in->inputs)
                   : rounded ? minnow_packed_s8_bytes(in->outputs, in->inputs)
                             : size_t{in->outputs} * in->inputs * sizeof(float);
    file::Tensor multiplier = layout_.place(in->input_multiplier, in->inputs * sizeof(float));
    file::Tensor weight = layout_.place(in->weight, bytes);
    file::Tensor steps =
        layout_.place(s4 ? in->steps : nullptr, minnow_packed_s4_step_bytes(in->outputs, in->inputs));
    file::Tensor scale = layout_.place(rounded ? in->scale : nullptr, outputs * sizeof(float));
    file::Tensor sums = layout_.place(rounded ? in->column_sum : nullptr, outputs * sizeof(int32_t));
    file::Tensor bias = layout_.place(in->bias, outputs * sizeof(float));
    return file::CreateLinear(builder_, in->inputs, in->outputs, static_cast<file::WeightType>(in->type), &weight,
                              &scale, &sums, &bias, &multiplier, in->input_rotation, &steps);
}

Offset<file::EmbeddingTable> writer::table(const struct minnow_table *in) {
    if (in->rows == 0) return 0;
    bool rounded = in->type != MINNOW_WEIGHT_F32, s4 = in->type == MINNOW_WEIGHT_S4;
    size_t groups = MINNOW_GROUPS(in->width);
    size_t row = s4 ? groups * (MINNOW_GROUP / 2) : in->width * (rounded ? sizeof(int8_t) : sizeof(float));
    file::Tensor data = layout_.place(in->data, in->rows * row);
    file::Tensor steps = layout_.place(s4 ? in->steps : nullptr, in->rows * groups);
    file::Tensor scale = layout_.place(rounded ? in->scale : nullptr, in->rows * sizeof(float));
    return file::CreateEmbeddingTable(builder_, in->rows, in->width, static_cast<file::WeightType>(in->type), &data,
                                      &scale, &steps);
}

Offset<file::LayerNorm> writer::norm(const struct minnow_layer_norm *in) {
    if (in->width == 0) return 0;
    file::Tensor gamma = layout_.place(in->gamma, in->width * sizeof(float));
    file::Tensor beta = layout_.place(in->beta, in->width * sizeof(float));
    return file::CreateLayerNorm(builder_, in->width, &gamma, &beta, in->epsilon);
}

Offset<void> writer::embedding(const struct minnow_embedding *in) {
    auto words = table(&in->words);
    auto positions = table(&in->positions);
    auto types = table(&in->types);
    auto normalization = norm(&in->norm);
    return file::CreateEmbedding(builder_, words, positions, types, normalization).Union();
}

Offset<void> writer::encoder_block(const struct minnow_encoder_block *in) {
    auto query_key_value = linear(&in->query_key_value);
    auto attention_output = linear(&in->attention_output);
    auto attention_norm = norm(&in->attention_norm);
    auto ffn_up = linear(&in->ffn_up);
    auto ffn_down = linear(&in->ffn_down);
    auto output_norm = norm(&in->output_norm);
    return file::CreateEncoderBlock(builder_, in->hidden, in->heads, in->intermediate,
                                    static_cast<file::Activation>(in->activation), query_key_value, attention_output,
                                    ffn_up, ffn_down, attention_norm, output_norm)
        .Union();
}

Offset<void> writer::dense(const struct minnow_dense *in) {
    auto weights = linear(&in->linear);
    return file::CreateDense(builder_, weights, static_cast<file::Activation>(in->activation)).Union();
}

Offset<void> writer::lstm(const struct minnow_lstm *in) {
    std::vector<Offset<file::LstmDirection>> directions;
    for (uint32_t i = 0; i < in->direction_count; i++) {
        auto from_input = linear(&in->directions[i].input);
        auto recurrent = linear(&in->directions[i].recurrent);
        directions.push_back(file::CreateLstmDirection(builder_, from_input, recurrent));
    }
    return file::CreateLstm(builder_, in->hidden, builder_.CreateVector(directions)).Union();
}

Offset<void> writer::convolution(const struct minnow_convolution *in) {
    file::Tensor multiplier = layout_.place(in->input_multiplier, MINNOW_PADDED(in->width) * sizeof(float));
    std::vector<Offset<file::ConvolutionBranch>> branches;
    for (uint32_t i = 0; i < in->branch_count; i++) {
        auto weights = linear(&in->branches[i].linear);
        branches.push_back(file::CreateConvolutionBranch(builder_, in->branches[i].taps, weights));
    }
    return file::CreateConvolution(builder_, in->width, static_cast<file::Activation>(in->activation),
                                   builder_.CreateVector(branches), &multiplier, in->input_rotation)
        .Union();
}

Offset<void> writer::kernel_pooling(const struct minnow_kernel_pooling *in) {
    auto mu = builder_.CreateVector(in->mu, in->count);
    auto factor = builder_.CreateVector(in->factor, in->count);
    auto alpha = builder_.CreateVector(in->alpha, in->count);
    auto weight = builder_.CreateVector(in->weight, in->count);
    return file::CreateKernelPooling(builder_, mu, factor, alpha, weight, in->bias).Union();
}

Offset<file::Layer> writer::layer(const struct minnow_layer *in) {
    switch (in->kind) {
    case MINNOW_LAYER_EMBEDDING:
        return file::CreateLayer(builder_, file::LayerBody_Embedding, embedding(&in->embedding));
    case MINNOW_LAYER_ENCODER_BLOCK:
        return file::CreateLayer(builder_, file::LayerBody_EncoderBlock, encoder_block(&in->encoder_block));
    case MINNOW_LAYER_POOL:
        return file::CreateLayer(builder_, file::LayerBody_Pool,
                                 file::CreatePool(builder_, static_cast<file::Pooling>(in->pool.pooling)).Union());
    case MINNOW_LAYER_DENSE:
        return file::CreateLayer(builder_, file::LayerBody_Dense, dense(&in->dense));
    case MINNOW_LAYER_POSITIONS:
        return file::CreateLayer(builder_, file::LayerBody_Positions,
                                 file::CreatePositions(builder_, table(&in->positions.table)).Union());
    case MINNOW_LAYER_KEEP:
        return file::CreateLayer(builder_, file::LayerBody_Keep, file::CreateKeep(builder_).Union());
    case MINNOW_LAYER_MIX:
        return file::CreateLayer(builder_, file::LayerBody_Mix, file::CreateMix(builder_, in->mix.alpha).Union());
    case MINNOW_LAYER_LSTM:
        return file::CreateLayer(builder_, file::LayerBody_Lstm, lstm(&in->lstm));
    case MINNOW_LAYER_CONVOLUTION:
        return file::CreateLayer(builder_, file::LayerBody_Convolution, convolution(&in->convolution));
    case MINNOW_LAYER_KERNEL_POOLING:
        return file::CreateLayer(builder_, file::LayerBody_KernelPooling, kernel_pooling(&in->kernel_pooling));
    case MINNOW_LAYER_COMPARE:
        return file::CreateLayer(builder_, file::LayerBody_Compare, file::CreateCompare(builder_).Union());
    case MINNOW_LAYER_NORM:
        return file::CreateLayer(builder_, file::LayerBody_LayerNorm, norm(&in->norm).Union());
    case MINNOW_LAYER_NORMALIZE:
        break;
    }
    return file::CreateLayer(builder_, file::LayerBody_Normalize, file::CreateNormalize(builder_).Union());
}

Offset<file::Route> writer::route(const struct minnow_route *in) {
    std::vector<Offset<file::Layer>> layers;
    for (uint32_t i = 0; i < in->layer_count; i++) layers.push_back(layer(&in->layers[i]));
    return file::CreateRoute(builder_, builder_.CreateVector(layers), in->max_tokens, in->dimensions);
}

Offset<file::Input> writer::input(const struct minnow_input *in) {
    auto prompt = text(in->prompt);
    auto leading = builder_.CreateVector(in->leading, in->leading_count);
    auto skipped = builder_.CreateVector(in->skipped, in->skipped_count);
    return file::CreateInput(builder_, in->tokenizer, prompt, in->max_tokens, leading, in->trailing, in->mask_count,
                             in->fill_to, in->masks_before_trailing, in->masks_unseen, in->first_position, in->type,
                             skipped, in->max_characters, in->drops_unknown, in->cuts_trailing);
}

Offset<file::Golden> writer::golden(const struct minnow_golden *in) {
    auto first = bytes(in->text), second = bytes(in->document);
    auto ids = builder_.CreateVector(in->ids, in->id_count);
    auto vector = builder_.CreateVector(in->vector, in->vector_size);
    return file::CreateGolden(builder_, first, second, static_cast<uint8_t>(in->role), ids, vector);
}

void writer::write(const struct minnow_contents *in, uint64_t file_size) {
    std::vector<Offset<file::Tokenizer>> tokenizers;
    std::vector<Offset<file::Route>> routes;
    std::vector<Offset<file::Golden>> golden_texts;
    for (uint32_t i = 0; i < in->tokenizer_count; i++) tokenizers.push_back(tokenizer(&in->tokenizers[i]));
    for (uint32_t i = 0; i < in->route_count; i++) routes.push_back(route(&in->routes[i]));
    for (uint32_t i = 0; i < in->golden_count; i++) golden_texts.push_back(golden(&in->golden[i]));
    auto all_tokenizers = builder_.CreateVector(tokenizers);
    auto all_routes = builder_.CreateVector(routes);
    auto all_golden = builder_.CreateVector(golden_texts);
    auto matryoshka = builder_.CreateVector(in->matryoshka, in->matryoshka_count);
    auto query_input = input(&in->inputs[MINNOW_QUERY]), document_input = input(&in->inputs[MINNOW_DOCUMENT]);
    auto name = text(in->name), license = text(in->license), source = text(in->source);
    auto source_sha256 = text(in->source_sha256), converter = text(in->converter);
    auto quantization = text(in->quantization);
    file::Digest digest, space;
    memcpy(&space, in->space, sizeof space);
    auto model = file::CreateModel(builder_, FILE_VERSION, file_size, &digest, all_tokenizers, all_routes,
                                   in->route_of_role[MINNOW_QUERY], in->route_of_role[MINNOW_DOCUMENT],
                                   in->joint_route, query_input, document_input,
                                   static_cast<file::Similarity>(in->similarity), matryoshka, all_golden, name,
                                   license, source, source_sha256, converter, quantization, &space);
    file::FinishSizePrefixedModelBuffer(builder_, model);
}

} // namespace

flatbuffers::DetachedBuffer minnow_build_header(const struct minnow_contents *contents, uint64_t file_size,
                                                minnow_layout *layout) {
    writer writer(layout);
    writer.write(contents, file_size);
    return writer.release();
}
