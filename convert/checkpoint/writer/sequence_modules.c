/* LSTM and CNN of sentence-transformers. */
#include "convert/checkpoint/text_file.h"
#include "convert/checkpoint/writer/chain_writer.h"

#include <stdio.h>

/* ---- LSTM ----------------------------------------------------------------------------------- */

/* PyTorch adds two biases; -0 is what any number, 0 and -0 too, is the same with. */
static const float *no_bias(const struct minnow_writing *writing, uint32_t count) {
    float *zeros = minnow_memory_take(writing->memory, count * sizeof *zeros);
    for (uint32_t i = 0; zeros && i < count; i++) zeros[i] = -0.0f;
    return zeros;
}

static void add_direction(struct minnow_tensor_list *list, const struct minnow_lstm_direction *direction,
                          const char *suffix, const float *zeros) {
    const struct minnow_linear *input = &direction->input, *recurrent = &direction->recurrent;
    const float *const values[4] = {input->weight, recurrent->weight, input->bias ? input->bias : zeros,
                                    recurrent->bias ? recurrent->bias : zeros};
    const uint32_t columns[4] = {input->inputs, recurrent->inputs, 0, 0};
    static const char *const names[4] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
    for (int i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s%s", names[i], suffix);
        minnow_tensor_list_add(list, name, values[i], (const uint32_t[4]){input->outputs, columns[i]});
    }
}

enum minnow_status minnow_lstm_module_write(struct minnow_written_chain *chain, const struct minnow_lstm *lstm,
                                            struct minnow_error *error) {
    static const char *const suffixes[2] = {"_l0", "_l0_reverse"};
    const struct minnow_writing *writing = chain->writing;
    struct minnow_tensor_list list = {.memory = writing->memory, .prefix = "encoder."};
    const char *path = minnow_chain_add_module(chain, "LSTM");
    const char *config = path ? minnow_join_name(writing->memory, path, "lstm_config.json") : NULL;
    const float *zeros = no_bias(writing, 4 * lstm->hidden);
    if (!config || !zeros) return minnow_writing_no_memory(writing, error);
    for (uint32_t i = 0; i < lstm->direction_count; i++) add_direction(&list, &lstm->directions[i], suffixes[i], zeros);
    enum minnow_status status = minnow_writing_put_tensors(writing, path, &list, error);
    if (status) return status;
    return minnow_writing_print(writing, config, error,
                                "{\n  \"word_embedding_dimension\": %u,\n  \"hidden_dim\": %u,\n  \"num_layers\": 1,\n"
                                "  \"dropout\": 0,\n  \"bidirectional\": %s\n}\n",
                                lstm->directions[0].input.inputs, lstm->hidden,
                                lstm->direction_count == 2 ? "true" : "false");
}

/* ---- CNN ------------------------------------------------------------------------------------ */

static bool is_written(const struct minnow_convolution *convolution) {
    bool fine = convolution->activation == MINNOW_IDENTITY || convolution->activation == MINNOW_RELU;
    for (uint32_t i = 0; i < convolution->branch_count; i++) {
        const struct minnow_linear *linear = &convolution->branches[i].linear;
        fine &= linear->bias && linear->outputs == convolution->branches[0].linear.outputs;
    }
    return fine;
}

/* [outputs][taps][padded inputs] as [outputs][inputs][taps]. */
static const float *transpose(const struct minnow_writing *writing, const struct minnow_convolution_branch *branch,
                              uint32_t width) {
    const float *in = branch->linear.weight;
    size_t taps = branch->taps, padded = MINNOW_PADDED(width), outputs = branch->linear.outputs;
    float *out = minnow_memory_take(writing->memory, outputs * width * taps * sizeof *out);
    for (size_t o = 0; out && o < outputs; o++)
        for (size_t i = 0; i < width; i++)
            for (size_t k = 0; k < taps; k++) out[(o * width + i) * taps + k] = in[(o * taps + k) * padded + i];
    return out;
}

static void add_branch(struct minnow_tensor_list *list, const struct minnow_writing *writing,
                       const struct minnow_convolution *convolution, uint32_t number) {
    const struct minnow_convolution_branch *branch = &convolution->branches[number];
    const float *weight = transpose(writing, branch, convolution->width);
    char name[32];
    list->failed |= !weight;
    snprintf(name, sizeof name, "convs.%u.weight", number);
    minnow_tensor_list_add(list, name, weight,
                           (const uint32_t[4]){branch->linear.outputs, convolution->width, branch->taps});
    snprintf(name, sizeof name, "convs.%u.bias", number);
    minnow_tensor_list_add_vector(list, name, branch->linear.bias, branch->linear.outputs);
}

static enum minnow_status put_cnn_config(const struct minnow_writing *writing, const char *config,
                                         const struct minnow_convolution *convolution, struct minnow_error *error) {
    const char *taps = "", *strides = "";
    for (uint32_t i = 0; i < convolution->branch_count && taps && strides; i++) {
        taps = minnow_writing_name(writing, "%s%s%u", taps, i ? ", " : "", convolution->branches[i].taps);
        strides = minnow_writing_name(writing, "%s%s1", strides, i ? ", " : "");
    }
    if (!taps || !strides) return minnow_writing_no_memory(writing, error);
    const char *activation = convolution->activation == MINNOW_RELU ? ",\n  \"activation\": \"relu\"" : "";
    return minnow_writing_print(writing, config, error,
                                "{\n  \"in_word_embedding_dimension\": %u,\n  \"out_channels\": %u,\n"
                                "  \"kernel_sizes\": [%s],\n  \"stride_sizes\": [%s]%s\n}\n",
                                convolution->width, convolution->branches[0].linear.outputs, taps, strides, activation);
}

enum minnow_status minnow_cnn_module_write(struct minnow_written_chain *chain,
                                           const struct minnow_convolution *convolution, struct minnow_error *error) {
    const struct minnow_writing *writing = chain->writing;
    struct minnow_tensor_list list = {.memory = writing->memory};
    if (!is_written(convolution))
        return minnow_cursor_refuse(&chain->cursor,
                                    "one of branches with biases and equally many outputs, with ReLU or no activation",
                                    error);
    const char *path = minnow_chain_add_module(chain, "CNN");
    const char *config = path ? minnow_join_name(writing->memory, path, "cnn_config.json") : NULL;
    if (!config) return minnow_writing_no_memory(writing, error);
    for (uint32_t i = 0; i < convolution->branch_count; i++) add_branch(&list, writing, convolution, i);
    enum minnow_status status = minnow_writing_put_tensors(writing, path, &list, error);
    return status ? status : put_cnn_config(writing, config, convolution, error);
}
