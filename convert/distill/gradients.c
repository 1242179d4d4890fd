#include "convert/distill/gradients.h"

struct making {
    struct minnow_gradients *gradients;
    size_t next; /* no parameter in a layer is before this one */
};

static size_t parameter_of(struct making *making, const struct minnow_weights *weights) {
    const struct minnow_parameter *parameters = making->gradients->network->parameters;
    size_t i = weights->in_layer ? making->next : 0;
    while (weights->in_layer ? !parameters[i].in_layer : parameters[i].value != weights->data) i++;
    if (weights->in_layer) making->next = i + 1;
    return i;
}

/* Weights are replaced by gradients; for numbers in the layer the layer's own copy becomes the gradient. */
static float *replace(void *context, const struct minnow_weights *weights) {
    struct making *making = context;
    size_t parameter = parameter_of(making, weights);
    if (weights->in_layer) {
        making->gradients->values[parameter] = minnow_writable(weights->data);
        making->gradients->values[parameter][0] = 0;
    }
    return making->gradients->values[parameter];
}

static bool take_values(const struct minnow_network *network, struct minnow_memory *memory,
                        struct minnow_gradients *gradients) {
    gradients->values = minnow_memory_take(memory, network->parameter_count * sizeof *gradients->values);
    gradients->touched = minnow_memory_take(memory, network->parameter_count * sizeof *gradients->touched);
    if (!gradients->values || !gradients->touched) return false;
    for (size_t i = 0; i < network->parameter_count; i++) {
        const struct minnow_parameter *parameter = &network->parameters[i];
        gradients->values[i] = minnow_memory_take(memory, parameter->count * sizeof(float));
        if (!gradients->values[i]) return false;
        if (!parameter->row_width) continue;
        size_t rows = parameter->count / parameter->row_width;
        gradients->touched[i].rows = minnow_memory_take(memory, rows * sizeof(uint32_t));
        gradients->touched[i].marks = minnow_memory_take(memory, rows);
        if (!gradients->touched[i].rows || !gradients->touched[i].marks) return false;
    }
    return true;
}

enum minnow_status minnow_gradients_create(const struct minnow_network *network, struct minnow_memory *memory,
                                           struct minnow_gradients *gradients, struct minnow_error *error) {
    struct making making = {.gradients = gradients};
    *gradients = (struct minnow_gradients){.network = network};
    if (!minnow_shape_copy(&network->contents, memory, &gradients->shape) || !take_values(network, memory, gradients))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "gradients");
    for (uint32_t r = 0; r < network->contents.route_count; r++)
        for (uint32_t i = 0; !minnow_shape_repeats(&gradients->shape, r) && i < gradients->shape.routes[r].layer_count;
             i++)
            minnow_visit_weights(&gradients->shape.layers[r][i], replace, &making);
    return MINNOW_OK;
}

struct minnow_touched *minnow_gradients_touched(const struct minnow_gradients *gradients, const float *table) {
    for (size_t i = 0; i < gradients->network->parameter_count; i++)
        if (gradients->values[i] == table) return &gradients->touched[i];
    return NULL;
}
