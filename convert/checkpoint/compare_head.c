#include "convert/checkpoint/compare_head.h"

#include "convert/checkpoint/weights.h"

#include <string.h>

#define FOLDER "minnow_head"
#define CONFIG FOLDER "/config.json"

static enum minnow_status read_config(const struct minnow_json_file *file, uint32_t *hidden,
                                      struct minnow_error *error) {
    const char *type = "missing";
    enum minnow_status status = minnow_json_text(file, file->root, "type", &type, error);
    if (!status && strcmp(type, "compare"))
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: type is %.80s, expected \"compare\"", file->name, type);
    return status ? status : minnow_json_require_u32(file, "hidden", MINNOW_MAX_INPUTS, hidden, error);
}

static enum minnow_status add_dense(struct minnow_reading *reading, const struct minnow_weights *weights,
                                    const char *name, uint32_t outputs, enum minnow_activation activation,
                                    struct minnow_layer_list *list, struct minnow_error *error) {
    struct minnow_layer *layer;
    enum minnow_status status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_DENSE, &layer, error);
    if (status) return status;
    layer->dense.activation = activation;
    status = minnow_weights_linear(weights, name, outputs, list->width, true, &layer->dense.linear, error);
    list->width = outputs;
    return status;
}

static enum minnow_status add_layers(struct minnow_reading *reading, uint32_t width, uint32_t hidden,
                                     struct minnow_layer_list *list, struct minnow_error *error) {
    struct minnow_tensor_source source;
    struct minnow_layer *layer;
    enum minnow_status status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_COMPARE, &layer, error);
    if (status) return status;
    list->width = 4 * width;
    status = minnow_reading_open_tensors(reading, FOLDER, &source, error);
    if (status) return status;
    struct minnow_weights weights = {&source, reading->memory, ""};
    status = add_dense(reading, &weights, "hidden", hidden, MINNOW_RELU, list, error);
    if (!status) status = add_dense(reading, &weights, "output", 1, MINNOW_IDENTITY, list, error);
    minnow_tensor_source_close(&source);
    return status;
}

enum minnow_status minnow_compare_head_read(struct minnow_reading *reading, uint32_t width,
                                            struct minnow_error *error) {
    struct minnow_json_file file;
    struct minnow_layer_list list = {.width = 0};
    uint32_t hidden = 0;
    enum minnow_status status = minnow_json_open(reading->folder, CONFIG, &file, error);
    if (status || !file.root) return status;
    status = read_config(&file, &hidden, error);
    minnow_json_close(&file);
    if (!status && width > MINNOW_MAX_WIDTH / 4)
        status = minnow_fail(error, MINNOW_UNSUPPORTED, CONFIG ": vectors of %u, limit is %u", width,
                             MINNOW_MAX_WIDTH / 4);
    if (!status) status = add_layers(reading, width, hidden, &list, error);
    if (status) return status;
    reading->contents->similarity = MINNOW_JOINT;
    return minnow_reading_add_route(reading, &list, 2, &reading->contents->joint_route, error);
}
